//! `--gate`: names the claims that do not have the verdict that they must have.
//!
//! Within GitHub Actions each is an annotation of the job as well, in the form of a workflow command on standard output.

use super::events::Event;
use super::exit::Exit;
use super::summary::in_word;
use crate::claims::{self, Judged};
use crate::config::Verdict;

/// Names every claim that is not what it must be: on standard error in words, or as an event where that is JSON.
pub fn gate(judged: &[Judged], is_json: bool) -> Exit {
    let unmet = claims::gate(judged);
    let is_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    for Judged { claim, verdict, .. } in &unmet {
        let must = claim.must.unwrap_or(Verdict::Supported);
        let event = Event::ClaimNotMet { claim: &claim.id, says: &claim.says, verdict: *verdict, must };
        if is_json {
            event.emit();
        } else if let Some(text) = event.in_words() {
            eprintln!("{text}");
        }
        if is_github {
            let title = format!("Claim {} is {} and must be {}", claim.id, in_word(*verdict), in_word(must));
            println!("{}", annotation(&title, &claim.says));
        }
    }
    if unmet.is_empty() { Exit::Success } else { Exit::ClaimsNotMet }
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
