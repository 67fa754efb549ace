//! Pages from templates of one's own.

use crate::support::Place;

#[test]
fn a_replaced_template_is_used_kept_in_the_bundle_and_checked_with_it() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    let original = place.read("out/summary.md");
    place.write("mine/summary.md.j2", "# {{ report.title }}\n{{ report.counts.completed }} trials, in our own words\n");
    place.write("mine/style.css", "body { color: rebeccapurple }\n");
    place.succeed(&["report", "out", "--templates", "mine"]);
    assert_eq!(place.read("out/summary.md"), "# A tiny experiment\n4 trials, in our own words\n");
    assert!(place.read("out/index.html").contains("rebeccapurple"));
    let stdout = place.succeed(&["verify", "out", "--tier", "report"]);
    assert!(stdout.contains("templates of its own: style.css, summary.md.j2"), "{stdout}");
    place.succeed(&["report", "out"]);
    assert!(place.read("out/summary.md").contains("our own words"), "a bundle keeps its templates");
    place.write("none/.keep", "");
    place.succeed(&["report", "out", "--templates", "none"]);
    assert_eq!(place.read("out/summary.md"), original);
    assert!(!place.path("out/templates").exists());
}

#[test]
fn a_template_that_does_not_work_is_named_with_its_line_and_the_pages_stay() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    let page = place.read("out/index.html");
    for (text, line, reason) in [
        ("<p>\n{{ report.titel }}\n", 2, "undefined"),
        ("\n\n{% if report.title %}\n", 3, "unexpected end of input"),
        ("{{ report.title|shout }}", 1, "shout"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}", 1, "fuel"),
    ] {
        place.write("mine/variant.html.j2", text);
        let (code, _, stderr) = place.run(&["report", "out", "--templates", "mine"]);
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains(&format!("variant.html.j2, line {line}")) && stderr.contains(reason), "{stderr}");
        assert_eq!(place.read("out/index.html"), page);
        assert!(!place.path("out/templates").exists(), "what does not work is not kept");
    }
}

#[test]
fn a_misspelt_template_is_refused_with_the_names_there_are() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    place.write("mine/repport.html.j2", "");
    let (code, _, stderr) = place.run(&["report", "out", "--templates", "mine"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("`repport.html.j2` is no template") && stderr.contains("report.html.j2, pages"),
        "{stderr}"
    );
    assert!(!place.path("out/templates").exists(), "nothing is changed");
}
