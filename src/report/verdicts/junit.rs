//! `junit.xml`: one test case for each claim, for CI systems that show JUnit reports.
//!
//! A claim without the verdict it must have is a failure; any other that stays inconclusive is skipped; the rest pass.
//! Written by hand: five elements, one escape function. The form is the one Jenkins and GitLab read.

use super::{view, words};
use crate::claims::Judged;
use crate::config::{ExperimentId, Verdict};
use crate::report::text::plain;

pub fn xml(experiment: &ExperimentId, judged: &[Judged]) -> String {
    let outcomes: Vec<_> = judged.iter().map(Outcome::of).collect();
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        outcomes.len(),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    );
    let cases: String =
        judged.iter().zip(&outcomes).map(|(judged, outcome)| case(experiment, judged, outcome)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"retrial\" {totals}>\n\
         <testsuite name=\"{}\" {totals}>\n{cases}</testsuite>\n</testsuites>\n",
        escape(experiment.as_str()),
    )
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl Outcome {
    fn of(judged: &Judged) -> Self {
        match judged.claim.must {
            Some(must) if must == judged.verdict => Self::Passed,
            Some(must) => Self::Failed(format!("must be {}, but is {}", words::verdict(must), view::finding(judged))),
            None if judged.verdict == Verdict::Inconclusive => Self::Skipped(view::finding(judged)),
            None => Self::Passed,
        }
    }
}

fn case(experiment: &ExperimentId, judged: &Judged, outcome: &Outcome) -> String {
    let name = escape(&format!("{}: {}", judged.claim.id, judged.claim.says));
    let result = match outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed(message) => format!("<failure type=\"verdict\" message=\"{}\"/>\n", escape(message)),
        Outcome::Skipped(message) => format!("<skipped message=\"{}\"/>\n", escape(message)),
    };
    format!(
        "<testcase classname=\"{}\" name=\"{name}\">\n{result}<system-out>{}</system-out>\n</testcase>\n",
        escape(experiment.as_str()),
        escape(&view::finding(judged)),
    )
}

/// For text and for attributes in double quotes. [`plain`] has dropped what XML 1.0 does not allow at all.
fn escape(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
