//! What changed about the rules when there were results: said on the page, next to the verdicts.

use crate::bundle::record::RegistrationRecord;
use crate::claims::changed_afterwards;
use crate::report::language::say;
use crate::report::text::{list, quoted};

/// One sentence for each thing that changed after the first result; none where nothing did or nothing is known.
pub fn changes(record: Option<&RegistrationRecord>) -> Vec<String> {
    let changed = record.map(changed_afterwards).unwrap_or_default();
    let mut sentences = vec![];
    if changed.seeds {
        sentences.push(say!("changes-seeds"));
    }
    if changed.results {
        sentences.push(say!("changes-results"));
    }
    if changed.looks {
        sentences.push(say!("changes-looks"));
    }
    if changed.analysis {
        sentences.push(say!("changes-analysis"));
    }
    let withdrawn: Vec<_> = changed.withdrawn.iter().map(|id| quoted(id.as_str())).collect();
    if !withdrawn.is_empty() {
        sentences.push(say!("changes-withdrawn", n = withdrawn.len(), claims = list(&withdrawn)));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::record::RegistrationEntry;
    use crate::config::{ClaimId, Seed};
    use crate::provenance::Digest;

    fn entry(finished_trials: u32, seeds: &[u64], claims: &[&str]) -> RegistrationEntry {
        RegistrationEntry {
            finished_trials,
            seeds: [("bn".parse().unwrap(), seeds.iter().copied().map(Seed).collect())].into(),
            settle: None,
            started_over: false,
            claims: claims.iter().map(|id| (id.parse::<ClaimId>().unwrap(), Digest::of_bytes(id.as_bytes()))).collect(),
            analysis: Digest::of_bytes(b"analysis"),
        }
    }

    fn changes_of(entries: Vec<RegistrationEntry>) -> Vec<String> {
        changes(Some(&RegistrationRecord { schema: 1, entries }))
    }

    #[test]
    fn nothing_is_said_where_nothing_changed_or_nothing_is_known() {
        assert!(changes(None).is_empty());
        assert!(changes_of(vec![entry(0, &[1], &["a"])]).is_empty());
        assert!(changes_of(vec![entry(3, &[1], &["a"]), entry(3, &[2], &[])]).is_empty());
    }

    #[test]
    fn more_seeds_and_withdrawn_claims_are_named() {
        let changes = changes_of(vec![entry(0, &[1], &["a", "b"]), entry(2, &[1, 2], &["a"])]);
        assert_eq!(changes.len(), 2);
        assert!(changes[0].contains("seeds"));
        assert_eq!(changes[1], "Claim “b” was written down and then withdrawn when results existed.");
    }
}
