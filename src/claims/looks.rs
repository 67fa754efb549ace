//! Claims judged at the looks that an experiment has registered, each at its share of the claim's error.

use super::comparison::agreeing;
use super::judge::Outcome;
use super::table::Table;
use super::verdict::{Judged, Look, Reason};
use crate::config::{Claim, Settle, Verdict};

/// The verdict of the first look that settles the claim, or of the last that is complete. A look rests on the first of the
/// planned seeds, as many as it has of each variant, whatever others have a result by then; without every trial of these
/// there is no look.
///
/// Its interval and p-value are those of a test that spends the look's share of the error, so that all looks together keep
/// the claim's confidence. The p-value is the smallest over the looks taken, each divided by its look's share: the least
/// error that the claim could have been given to be settled by now.
pub(super) fn judge(claim: &Claim, table: &Table, settle: &Settle) -> Judged {
    match taken(claim, table, settle) {
        Some(Taken { outcome, p_value, look }) => Judged { p_value, look: Some(look), ..outcome.judged(claim) },
        None => {
            let share = settle.shares().first().copied().unwrap_or(1.0);
            let judged = Outcome::of(claim, table, 1.0 - (1.0 - claim.confidence) * share).judged(claim);
            Judged {
                verdict: Verdict::Inconclusive,
                reason: Some(Reason::BeforeFirstLook),
                seeds_to_settle: None,
                p_value: None,
                ..judged
            }
        }
    }
}

/// The look that a verdict is of.
pub(super) struct Taken {
    outcome: Outcome,
    p_value: Option<f64>,
    look: Look,
}

impl Taken {
    #[cfg(test)]
    pub fn verdict(&self) -> Verdict {
        self.outcome.verdict()
    }
}

/// `None` before the first.
pub(super) fn taken(claim: &Claim, table: &Table, settle: &Settle) -> Option<Taken> {
    let error = 1.0 - claim.confidence;
    let (of, variants) = (settle.looks.len(), claim.test.variants());
    let mut last: Option<Taken> = None;
    for (number, (&seeds, share)) in (1..).zip(settle.looks.iter().zip(settle.shares())) {
        if !variants.iter().all(|variant| table.is_complete(variant, seeds as usize)) {
            break;
        }
        let confidence = 1.0 - error * share;
        let outcome = Outcome::of(claim, &table.first(seeds as usize, &variants), confidence);
        let before = last.as_ref().and_then(|last| last.p_value);
        let here = outcome.p_value().map(|p| (p / share).min(1.0));
        let least = [before, here].into_iter().flatten().reduce(f64::min);
        // Rounding does not make a p-value and a verdict disagree; diverged trials keep a verdict open whatever p is.
        let has_diverged = outcome.reason() == Some(Reason::Diverged);
        let agreed = |p: f64| if has_diverged { p } else { agreeing(p, outcome.verdict(), claim.confidence) };
        let p_value = least.map(agreed);
        let is_settled = outcome.verdict() != Verdict::Inconclusive;
        last = Some(Taken { outcome, p_value, look: Look { number, of, seeds, confidence } });
        if is_settled {
            break;
        }
    }
    last
}
