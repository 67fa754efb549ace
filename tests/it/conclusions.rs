//! An author's conclusions, from the experiment file to the page and into a README.

use std::fs;
use std::path::Path;

use crate::support::{Place, TINY};

/// Without normalisation the tiny network stays at chance, 0.1, whatever the seed.
const CLAIMS: &str = "\
claims:
  - {id: stays, says: It stays at chance., test: {metric: val_accuracy, of: dropped, below: 0.5}}
";
const CONCLUSION: &str = "\
conclusions:
  - {says: 'It stays at {dropped.val_accuracy}.', when: {stays: supported}}
";

#[test]
fn conclusions_make_no_trial_due_and_can_be_changed_without_running_anything() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}"));
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    let (trial, registration) =
        (place.read("out/trials/dropped/seed-1/trial.json"), place.read("out/registration.json"));
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}{CONCLUSION}"));
    assert!(place.succeed(&["plan", "tiny.yaml", "--out", "out"]).contains("0 of 4 trials to run"));

    place.succeed(&["report", "out", "--config", "tiny.yaml"]);
    assert!(place.read("out/index.html").contains("<p>It stays at 10.00%.</p>"));
    assert_eq!(place.read("out/trials/dropped/seed-1/trial.json"), trial);
    assert_eq!(place.read("out/registration.json"), registration);
    place.succeed(&["verify", "out", "--tier", "report"]);
    place.succeed(&["report", "out"]);
    assert!(place.read("out/index.html").contains("<p>It stays at 10.00%.</p>"), "the bundle keeps them");

    // Claims were registered; they are not words that can be changed.
    place.write("tiny.yaml", format!("{TINY}{}{CONCLUSION}", CLAIMS.replace("below: 0.5", "below: 0.05")));
    let before = place.read("out/index.html");
    let (code, _, stderr) = place.run(&["report", "out", "--config", "tiny.yaml"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("claim `stays` is not the one that was put to the test"), "{stderr}");
    assert_eq!(place.read("out/index.html"), before);
}

#[test]
fn what_came_out_stands_in_a_readme_between_two_lines_and_nothing_else_of_it_changes() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}{CONCLUSION}"));
    place.succeed(&["run", "tiny.yaml", "--out", "reports/tiny"]);
    place.write("README.md", "# Mine\n\nnothing\n");
    let (code, _, stderr) = place.run(&["report", "reports/tiny", "--readme", "README.md"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("<!-- retrial: what came out -->"), "{stderr}");

    place.write("README.md", "# Mine\n\n<!-- retrial: what came out -->\nold\n<!-- /retrial -->\n\nThe end.\n");
    place.succeed(&["report", "reports/tiny", "--readme", "README.md"]);
    let readme = place.read("README.md");
    assert!(readme.starts_with("# Mine\n\n<!-- retrial: what came out -->\nIt stays at 10.00%.\n"), "{readme}");
    assert!(readme.ends_with("<!-- /retrial -->\n\nThe end.\n") && !readme.contains("old"), "{readme}");
    assert!(readme.contains("](<reports/tiny/plots/final-accuracy.svg>)"), "{readme}");
    place.succeed(&["report", "reports/tiny", "--readme", "README.md"]);
    assert_eq!(place.read("README.md"), readme, "the same data give the same text");

    place.write("elsewhere/README.md", &readme);
    let (code, _, stderr) = place.run(&["report", "reports/tiny", "--readme", "elsewhere/README.md"]);
    assert_eq!(code, 3, "{stderr}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn this_repositorys_readme_says_what_its_committed_report_says() {
    let place = Place::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&here.join("reports/article-cpu"), &place.path("reports/article-cpu"));
    let readme = fs::read_to_string(here.join("README.md")).unwrap();
    place.write("README.md", &readme);
    place.succeed(&["report", "reports/article-cpu", "--readme", "README.md"]);
    assert_eq!(place.read("README.md"), readme, "run `retrial report reports/article-cpu --readme README.md`");
}
