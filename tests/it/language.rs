//! Reports in another language.

use crate::support::Place;

#[test]
fn a_bundle_keeps_the_language_of_its_report_until_another_is_asked_for() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out", "--lang", "zh-Hant"]);
    let (page, data) = (place.read("out/index.html"), place.read("out/results.json"));
    assert!(page.contains("<html lang=\"zh-Hant\">"));
    place.succeed(&["verify", "out", "--tier", "report"]);
    place.succeed(&["report", "out"]);
    assert_eq!(place.read("out/index.html"), page);
    place.succeed(&["report", "out", "--lang", "en"]);
    assert!(place.read("out/index.html").contains("<html lang=\"en\">"));
    assert_eq!(place.read("out/results.json"), data, "files for programs do not change with the language");
    assert!(!place.path("out/rendering.json").exists());
    place.succeed(&["verify", "out", "--tier", "report"]);
}

#[test]
fn texts_of_ones_own_make_a_language_and_what_is_none_is_refused() {
    let place = Place::with_tiny();
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "out", "--lang", "fr"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("no texts in `fr`") && stderr.contains("en, zh-Hant"), "{stderr}");
    assert!(!place.path("out").exists(), "nothing was trained for it");
    place.write("mine/fr.ftl", "fate-at-chance = au niveau du hasard\n");
    place.succeed(&["run", "tiny.yaml", "--out", "out", "--lang", "fr", "--templates", "mine"]);
    assert!(place.read("out/index.html").contains("<html lang=\"fr\">"));
    place.succeed(&["verify", "out", "--tier", "report"]);
    place.write("mine/fr.ftl", "fate-at-chance = { }\n");
    let (code, _, stderr) = place.run(&["report", "out", "--templates", "mine"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("fr.ftl, line 1"), "{stderr}");
}
