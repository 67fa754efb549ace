//! What was shown about repeating a variant's trials. Shown, never assumed: a program that was run once may or may not
//! give the same figures again.

use super::VariantResult;
use crate::bundle::record::{KeyParts, TrialRecord};
use crate::report::language::say;
use crate::report::text::{counted, magnitude};

/// Of the trials of a variant that somebody else than this program performed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// Each was run once.
    Once,
    /// Each was run at least so often, and figures differed by at most so much of themselves.
    Repeated { runs: u32, difference: f64 },
    /// Nobody ran them here.
    Reported,
}

impl Level {
    /// `None` for a variant of this program's own, whose level its self-test shows, and where nothing finished.
    pub fn of(result: &VariantResult) -> Option<Self> {
        let levels = result.trials.iter().filter_map(|trial| Self::of_trial(trial.record?));
        levels.reduce(|one, other| match (one, other) {
            (Self::Repeated { runs, difference }, Self::Repeated { runs: others, difference: another }) => {
                Self::Repeated { runs: runs.min(others), difference: difference.max(another) }
            }
            (Self::Reported, _) | (_, Self::Reported) => Self::Reported,
            _ => Self::Once,
        })
    }

    fn of_trial(record: &TrialRecord) -> Option<Self> {
        match (&record.key.parts, &record.command) {
            (KeyParts::Native(_), _) => None,
            (KeyParts::Import(_), _) => Some(Self::Reported),
            (KeyParts::Command(_), command) => {
                let repeated = command.as_ref().and_then(|command| command.repeated);
                Some(repeated.map_or(Self::Once, |repeated| Self::Repeated {
                    runs: repeated.runs,
                    difference: repeated.difference,
                }))
            }
        }
    }

    pub fn in_words(self) -> String {
        match self {
            Self::Once => say!("level-once"),
            Self::Repeated { runs, difference: 0.0 } => say!("level-bitwise", runs = counted(runs as usize, "run")),
            Self::Repeated { runs, difference } => {
                say!("level-tolerance", runs = counted(runs as usize, "run"), share = magnitude(difference))
            }
            Self::Reported => say!("level-reported"),
        }
    }
}
