//! An author's conclusions: shown with the data's figures while their verdicts stand, and never any longer.

use super::text;
use crate::config::{Conclusion, Verdict};
use crate::report::{Rendered, render, sample};

fn concluding(says: &str, presumed: Verdict) -> Rendered {
    let (mut evidence, judged) = sample::complete();
    let when = [("does_not_train".parse().unwrap(), presumed)];
    evidence.experiment.conclusions = vec![Conclusion { says: says.to_owned(), when: when.into() }];
    render(&evidence, &judged).unwrap()
}

// Means of the figures that the sample is made of, by hand: (0.7432 + 0.7511 + 0.7590) / 3, (0.7820 + 0.7795 + 0.7931) / 3;
// the interval is the verdict's own.
#[test]
fn a_conclusion_has_its_figures_from_the_data() {
    let says = "With both {bn_dropout.val_accuracy}, without dropout {bn.val_accuracy}: {dropout_helps:interval}, or {dropout_helps:size}.";
    let rendered = concluding(says, Verdict::Supported);
    let expected = "With both 75.11%, without dropout 78.49%: −3.38 points (−4.95 to −1.81 points), or 3.38 points.";
    for path in ["index.html", "report.md", "summary.md"] {
        assert!(text(&rendered, path).contains(expected), "{path}");
    }
    let results: serde_json::Value = serde_json::from_str(&text(&rendered, "results.json")).unwrap();
    let stated = &results["conclusions"]["stated"][0];
    assert_eq!((&stated["says"], &stated["stands"]), (&expected.into(), &true.into()));
    assert_eq!(stated["figures"][2]["estimate"], -0.0338);
}

#[test]
fn a_conclusion_falls_with_its_verdict_and_the_page_says_why() {
    let rendered = concluding("Dropout is {bn.val_accuracy}.", Verdict::Refuted);
    let says = "A conclusion of this experiment no longer stands: “Dropout is 78.49%.” It presumes that claim 1 is refuted, \
                which is supported now.";
    for path in ["index.html", "report.md", "summary.md"] {
        assert!(text(&rendered, path).contains(says), "{path}");
    }
    let page = text(&rendered, "index.html");
    assert!(!page.contains("<p>Dropout is"), "it is not said");
    assert!(page.contains("stay at chance. Guessing gives 10.00%."), "sentences made from the findings are");
}

#[test]
fn a_conclusion_about_a_figure_that_there_is_none_of_falls() {
    let rendered = concluding("It gains {gain}.", Verdict::Supported);
    assert!(
        text(&rendered, "index.html")
            .contains("“It gains ….” It presumes that there is a figure for gain, and there is none.")
    );
}
