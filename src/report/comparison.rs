//! A run beside the publication of the same experiment, in words: for its page, its summary and the terminal.

use super::language::say;
use super::text::{clauses, counted, list, plain};
use super::verdicts::words;
use crate::bundle::comparison::{ChangedVerdict, ComparisonRecord, TrialId};

/// What became of the published trials and verdicts: one clause each.
pub fn in_words(record: &ComparisonRecord) -> String {
    let mut parts = Vec::new();
    if record.experiment_changes > 0 {
        let places = counted(record.experiment_changes, "place");
        parts.push(say!("comparison-experiment", places = places));
    }
    let published = counted(record.published, "trial");
    parts.push(say!("comparison-bits", n = record.same, same = record.same.to_string(), published = published));
    if record.compared < record.published {
        let absent = record.published - record.compared;
        parts.push(say!("comparison-absent", n = absent, absent = absent.to_string()));
    }
    // Anybody may have written the record: its numbers need not add up.
    let others = record.compared.saturating_sub(record.same).saturating_sub(record.not_reproduced.len());
    if others > 0 {
        let reasons = list(&record.reasons.iter().map(|reason| plain(reason)).collect::<Vec<_>>());
        parts.push(say!("comparison-others", n = others, others = others.to_string(), reasons = reasons));
    }
    if !record.not_reproduced.is_empty() {
        let name = |TrialId { variant, seed }: &TrialId| format!("{variant}/{seed}");
        let names: Vec<String> = record.not_reproduced.iter().map(name).collect();
        parts.push(say!("comparison-not-reproduced", names = list(&names)));
    }
    if record.same < record.compared && record.figures > 0 {
        let (n, figures) = (record.differing_figures, counted(record.figures, "figure"));
        parts.push(say!("comparison-figures", n = n, differing = n.to_string(), figures = figures));
    }
    if record.verdicts > 0 {
        let same = record.verdicts.saturating_sub(record.changed_verdicts.len());
        let all = counted(record.verdicts, "verdict");
        parts.push(say!("comparison-verdicts", n = same, same = same.to_string(), all = all));
    }
    let changed = |ChangedVerdict { claim, published, here }: &ChangedVerdict| {
        let (before, now) = (words::verdict(*published), words::verdict(*here));
        say!("comparison-verdict-changed", claim = claim.to_string(), before = before, now = now)
    };
    parts.extend(record.changed_verdicts.iter().map(changed));
    clauses(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Digest;

    #[test]
    fn a_record_whose_numbers_do_not_add_up_is_put_into_words_all_the_same() {
        let trial = |seed| TrialId { variant: "bn".parse().unwrap(), seed: crate::config::Seed(seed) };
        let record = ComparisonRecord {
            schema: 1,
            publication: Digest::of_bytes(b""),
            experiment_changes: 0,
            published: 1,
            compared: 2,
            same: 2,
            not_reproduced: vec![trial(1), trial(2)],
            reasons: Vec::new(),
            figures: 0,
            differing_figures: 0,
            verdicts: 0,
            changed_verdicts: Vec::new(),
            results_differ: true,
        };
        let words = in_words(&record);
        assert_eq!(
            words,
            "2 of 1 trial have the published bits; not reproduced, under the same conditions another result: bn/1 and bn/2"
        );
    }
}
