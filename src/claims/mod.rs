//! Claims put to the evidence: each gets a verdict, the interval it rests on, and what would settle it if it is open.
//!
//! Pure functions of plain data; what is claimed is in [`crate::config`]. A verdict is what an interval over seeds says:
//! wholly inside the claimed region is supported, wholly outside refuted, anything else inconclusive. A trial that
//! diverged, failed or is missing is counted beside the verdict, never left out in silence. How fast a variant is was
//! measured in rounds and not in trials, and is judged over these in the same way.

mod comparison;
mod curve;
mod images;
mod judge;
mod looks;
mod measure;
mod region;
mod registration;
mod rounds;
mod scale;
mod score;
pub mod settle;
mod table;
#[cfg(test)]
mod tests;
mod verdict;

pub use images::{Discordant, Images};
pub use judge::{judge, judge_table};
pub use measure::{ending, table};
pub use registration::{ChangedAfterwards, changed_afterwards, register, start_over, status};
pub use table::{Ending, Quantity, Table, Trial};
pub use verdict::{Correction, Counted, Judged, Look, Reason, Registration, Sample, Step};

/// The claims that did not get the verdict they must have, in the order given.
///
/// The verdict counts as it is, before the correction for several claims: each claim was written down to stand by itself.
pub fn gate(judged: &[Judged]) -> Vec<&Judged> {
    judged.iter().filter(|judged| judged.claim.must.is_some_and(|must| must != judged.verdict)).collect()
}
