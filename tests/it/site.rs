//! A folder of bundles as a web site.

use crate::support::Place;

#[test]
fn a_site_has_every_bundle_and_follows_what_is_there() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "reports/tiny"]);
    place.succeed(&["run", "tiny.yaml", "--out", "reports/earlier/tiny"]);
    let stdout = place.succeed(&["site", "reports"]);
    assert!(stdout.contains("2 reports"), "{stdout}");
    let index = place.read("reports/index.html");
    for bundle in ["tiny", "earlier/tiny"] {
        assert!(place.path(&format!("reports/{bundle}/index.html")).exists());
        assert!(index.replace("&#x2f;", "/").contains(&format!("href=\"{bundle}/index.html\"")), "{bundle}");
    }
    assert!(place.read("reports/history/tiny.html").contains("the same bits"));
    let again = index;
    place.succeed(&["site", "reports"]);
    assert_eq!(place.read("reports/index.html"), again, "the same bundles give the same bytes");
    place.succeed(&["verify", "reports/tiny", "--tier", "report"]);

    std::fs::remove_dir_all(place.path("reports/tiny")).unwrap();
    std::fs::remove_dir_all(place.path("reports/earlier")).unwrap();
    place.succeed(&["site", "reports"]);
    assert!(place.read("reports/index.html").contains("There is no report here yet"));
    assert!(!place.path("reports/history/tiny.html").exists());
}

#[test]
fn somebody_elses_index_is_not_overwritten() {
    let place = Place::new();
    place.write("reports/index.html", "<p>mine");
    let (code, _, stderr) = place.run(&["site", "reports"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("was not made by"), "{stderr}");
    assert_eq!(place.read("reports/index.html"), "<p>mine");
}
