//! `--gate`: names the claims that do not have the verdict that they must have, and published results that differ.
//!
//! Within GitHub Actions each is an annotation of the job as well, in the form of a workflow command on standard output.

use super::against::Publication;
use super::events::Event;
use super::exit::Exit;
use super::output::{errln, print_command};
use super::summary::in_word;
use super::visible;
use crate::bundle::comparison::ComparisonRecord;
use crate::bundle::record::DatasetRecord;
use crate::claims::{self, Judged};
use crate::config::{Experiment, Leakage, Verdict};
use crate::data::DataError;
use crate::report::comparison;

/// Names every claim that is not what it must be, and, with a publication that was asked for, results that did not come out
/// again: on standard error in words, or as events where that is JSON.
pub fn gate(judged: &[Judged], compared: Option<(&Publication, &ComparisonRecord)>, is_json: bool) -> Exit {
    let unmet = claims::gate(judged);
    for Judged { claim, verdict, .. } in &unmet {
        let must = claim.must.unwrap_or(Verdict::Supported);
        let title = format!("Claim {} is {} and must be {}", claim.id, in_word(*verdict), in_word(must));
        let event = Event::ClaimNotMet { claim: &claim.id, says: &claim.says, verdict: *verdict, must };
        tell(&event, &title, &claim.says, is_json);
    }
    let differing = compared.filter(|(publication, record)| publication.is_asked && !record.agrees());
    if let Some((publication, record)) = differing {
        let against = publication.bundle.root();
        let title = format!("The results published in {} do not come out again", against.display());
        tell(&Event::NotReproduced { against, record }, &title, &comparison::in_words(record), is_json);
    }
    match (unmet.is_empty(), differing) {
        (false, _) => Exit::ClaimsNotMet,
        (true, Some(_)) => Exit::Disagreement,
        (true, None) => Exit::Success,
    }
}

/// What the experiment insists on of its images.
///
/// # Errors
/// When test images are training images, and it wants none of that.
pub fn gate_images(experiment: &Experiment, images: Option<&DatasetRecord>) -> Result<(), DataError> {
    let insists = experiment.data.as_ref().is_some_and(|data| data.leakage == Leakage::Fail);
    let across = images.and_then(|images| images.duplicates).map_or(0, |found| found.across);
    if insists && across > 0 { Err(DataError::Leakage { across }) } else { Ok(()) }
}

fn tell(event: &Event<'_>, title: &str, message: &str, is_json: bool) {
    if is_json {
        event.emit();
    } else if let Some(text) = event.in_words() {
        errln!("{text}");
    }
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        print_command(&annotation(&visible::text(title), &visible::text(message)));
    }
}

/// A workflow command that shows an error at the job, escaped as the runner unescapes it
/// (`escapeData` and `escapeProperty` in actions/toolkit, packages/core/src/command.ts).
fn annotation(title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::error title={}::{}", property(title), data(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts and their escaped forms from the tests of GitHub's own implementation:
    /// actions/toolkit, packages/core/__tests__/command.test.ts, "command escapes message" and "command escapes property".
    #[test]
    fn annotations_are_escaped_as_github_escapes_them() {
        let message = "percent % percent % cr \r cr \r lf \n lf \n";
        let escaped_message = "percent %25 percent %25 cr %0D cr %0D lf %0A lf %0A";
        let property = "percent % percent % cr \r cr \r lf \n lf \n colon : colon : comma , comma ,";
        let escaped_property =
            "percent %25 percent %25 cr %0D cr %0D lf %0A lf %0A colon %3A colon %3A comma %2C comma %2C";
        assert_eq!(annotation(property, message), format!("::error title={escaped_property}::{escaped_message}"));
    }

    #[test]
    fn an_escape_in_the_text_itself_is_not_taken_for_one() {
        assert_eq!(annotation("%3A", "%0A::error::x"), "::error title=%253A::%250A::error::x");
    }
}
