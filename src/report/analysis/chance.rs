//! What guessing would score, and whether a variant did better than that.
//!
//! Chance is the accuracy of always naming the most frequent class of the test set: 1/classes where classes are balanced.
//! "At chance" is a positive finding here, not a failure to show the opposite: the whole interval must lie low.

use serde::Serialize;

use crate::bundle::record::DatasetRecord;
use crate::config::{Better, Metric, Unit};
use crate::report::language::say;
use crate::stats::{Estimate, Interval, student_t_interval, wilson_interval};

/// What a network that learned nothing scores on a data set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chance {
    /// Accuracy of always naming the most frequent test class.
    pub accuracy: f64,
    /// An interval wholly below this accuracy counts as "at chance".
    pub ceiling: f64,
    /// Cross-entropy of giving every class the same probability, ln(classes), in nats.
    /// `None`, as what follows, where the experiment gives chance and no images say more.
    pub uniform_loss: Option<f64>,
    pub classes: Option<usize>,
    pub test_images: Option<u64>,
}

impl Chance {
    /// `None` for a data set without classes or test images.
    pub fn of(dataset: &DatasetRecord) -> Option<Self> {
        let classes = dataset.classes.len();
        let test_images: u64 = dataset.test.iter().sum();
        let most_frequent = *dataset.test.iter().max()?;
        if classes == 0 || test_images == 0 {
            return None;
        }
        let accuracy = most_frequent as f64 / test_images as f64;
        Some(Self {
            accuracy,
            ceiling: ceiling(accuracy),
            uniform_loss: Some(uniform_loss(classes)),
            classes: Some(classes),
            test_images: Some(test_images),
        })
    }

    /// As the experiment gives it, for a metric of which more is better and 1 is all.
    pub fn declared(metric: Metric) -> Option<Self> {
        let is_share = metric.unit() == Unit::Fraction && metric.better() == Some(Better::Higher);
        let accuracy = metric.chance().filter(|_| is_share)?;
        Some(Self { accuracy, ceiling: ceiling(accuracy), uniform_loss: None, classes: None, test_images: None })
    }
}

/// Half as much again as chance, or a tenth of the way from chance to perfect, whichever is lower: 0.15 for ten balanced
/// classes, 0.55 for two.
fn ceiling(chance: f64) -> f64 {
    chance + (chance / 2.0).min((1.0 - chance) / 10.0)
}

/// Rounded, because the last bit of `ln` differs between maths libraries and a report has the same bytes everywhere.
fn uniform_loss(classes: usize) -> f64 {
    ((classes as f64).ln() * 1e9).round() / 1e9
}

/// Which sources of chance the interval of a judgement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Student-t interval over seeds, widened to Wilson's interval of the mean accuracy on the finite test set.
    SeedsAndTestSet,
    /// Student-t interval over seeds, where nothing is known of a test set.
    Seeds,
    /// One seed: Wilson's interval of its accuracy on the finite test set, blind to variation between seeds.
    TestSetOnly,
}

impl Basis {
    pub fn in_words(self) -> String {
        say!(match self {
            Self::SeedsAndTestSet => "basis-seeds-and-test-set",
            Self::Seeds => "basis-seeds",
            Self::TestSetOnly => "basis-test-set-only",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies wholly above chance.
    AboveChance,
    /// The interval reaches down to chance and lies wholly below the ceiling.
    AtChance,
    /// The interval holds both chance and accuracies well above it.
    Inconclusive,
}

/// A variant's accuracy held against chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judgement {
    pub verdict: Verdict,
    pub interval: Interval,
    pub basis: Basis,
}

impl Judgement {
    /// `None` when there are no accuracies.
    pub fn of(accuracies: &[f64], chance: &Chance, confidence: f64) -> Option<Self> {
        let mean = Estimate::over(accuracies, confidence)?.mean;
        let of_test_set = chance.test_images.and_then(|images| wilson_interval(mean, images, confidence));
        let (interval, basis) = match (student_t_interval(accuracies, confidence), of_test_set) {
            // All seeds see the same test images, so more seeds do not shrink what the test set leaves open.
            (Some(over_seeds), Some(of_test_set)) => {
                (over_seeds.hull(&of_test_set).cut_to(&Interval { lower: 0.0, upper: 1.0 }), Basis::SeedsAndTestSet)
            }
            (Some(over_seeds), None) => (over_seeds.cut_to(&Interval { lower: 0.0, upper: 1.0 }), Basis::Seeds),
            (None, Some(of_test_set)) => (of_test_set, Basis::TestSetOnly),
            (None, None) => return None,
        };
        Some(Self { verdict: verdict(interval, chance), interval, basis })
    }
}

fn verdict(interval: Interval, chance: &Chance) -> Verdict {
    if interval.lower > chance.accuracy {
        Verdict::AboveChance
    } else if interval.upper < chance.ceiling {
        Verdict::AtChance
    } else {
        Verdict::Inconclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Digest;

    fn dataset(test: &[u64]) -> DatasetRecord {
        DatasetRecord {
            schema: 1,
            description: String::new(),
            classes: test.iter().map(u64::to_string).collect(),
            image: [32, 32],
            train: test.to_vec(),
            test: test.to_vec(),
            digest: Digest::of_bytes(b""),
            archive: None,
            conversions: Default::default(),
            duplicates: None,
        }
    }

    fn verdict_of(accuracies: &[f64], per_class: u64) -> Verdict {
        let chance = Chance::of(&dataset(&[per_class; 10])).unwrap();
        Judgement::of(accuracies, &chance, 0.95).unwrap().verdict
    }

    #[test]
    fn chance_of_balanced_classes_is_one_over_their_number() {
        let chance = Chance::of(&dataset(&[1000; 10])).unwrap();
        assert_eq!((chance.accuracy, chance.classes, chance.test_images), (0.1, Some(10), Some(10_000)));
        assert!((chance.ceiling - 0.15).abs() < 1e-12);
        assert!((chance.uniform_loss.unwrap() - std::f64::consts::LN_10).abs() < 1e-9);
    }

    #[test]
    fn chance_of_uneven_classes_is_the_share_of_the_largest() {
        let chance = Chance::of(&dataset(&[60, 40])).unwrap();
        assert_eq!(chance.accuracy, 0.6);
        assert!((chance.ceiling - 0.64).abs() < 1e-12);
    }

    #[test]
    fn a_data_set_without_test_images_has_no_chance_level() {
        assert_eq!(Chance::of(&dataset(&[])), None);
        assert_eq!(Chance::of(&dataset(&[0, 0])), None);
    }

    #[test]
    fn seeds_that_all_name_one_class_are_at_chance() {
        assert_eq!(verdict_of(&[0.1, 0.1, 0.1], 1000), Verdict::AtChance);
    }

    #[test]
    fn a_hair_above_chance_at_every_seed_is_still_what_a_finite_test_set_gives() {
        assert_eq!(verdict_of(&[0.1003, 0.1002, 0.1004], 1000), Verdict::AtChance);
    }

    #[test]
    fn accuracies_far_from_chance_are_above_it() {
        assert_eq!(verdict_of(&[0.75, 0.74, 0.76], 1000), Verdict::AboveChance);
    }

    #[test]
    fn two_seeds_far_apart_are_inconclusive() {
        assert_eq!(verdict_of(&[0.75, 0.10], 1000), Verdict::Inconclusive);
    }

    #[test]
    fn one_seed_is_judged_by_the_test_set_alone() {
        let chance = Chance::of(&dataset(&[1000; 10])).unwrap();
        let judgement = Judgement::of(&[0.1], &chance, 0.95).unwrap();
        assert_eq!((judgement.verdict, judgement.basis), (Verdict::AtChance, Basis::TestSetOnly));
        assert_eq!(verdict_of(&[0.7511], 1000), Verdict::AboveChance);
    }

    #[test]
    fn ten_test_images_settle_nothing_near_chance() {
        assert_eq!(verdict_of(&[0.1], 1), Verdict::Inconclusive);
    }
}
