//! From figures to verdicts.

use std::cmp::Ordering;

use super::comparison::{Comparison, agreeing};
use super::images::Images;
use super::looks;
use super::measure;
use super::region::Region;
use super::registration::status;
use super::scale::from_judged;
use super::table::{Pairs, Quantity, Table};
use super::verdict::{Correction, Counted, Judged, Reason, Registration, Sample, Step};
use crate::bundle::evidence::Evidence;
use crate::config::{Bound, Claim, Direction, Metric, Role, Scale, Test, Trainer, Variant, VariantId, Verdict};
use crate::random::{Address, Stream};
use crate::stats::{
    Interval, bootstrap_interval, holm, interquartile_mean, probability_of_superiority, stratified_bootstrap_interval,
};

/// Of the intervals of a probability of superiority and of an interquartile mean.
const RESAMPLES: u32 = 2000;
/// Below it the middle half is the whole.
const FEWEST_QUARTERED: usize = 4;

/// Every claim of the experiment with its verdict, in the experiment's order.
pub fn judge(evidence: &Evidence) -> Vec<Judged> {
    let mut judged = judge_table(&evidence.experiment.claims, &measure::table(evidence));
    for judged in &mut judged {
        // Figures that were taken over existed before any claim about them could be written down.
        let is_import = |variant: &Variant| matches!(variant.trainer, Trainer::Import { .. });
        let named = judged.claim.test.variants();
        let existed = evidence.experiment.variants.iter().any(|of| is_import(of) && named.contains(&&of.id));
        let record = evidence.registration.as_ref().filter(|_| !existed);
        judged.registration = status(record, &judged.claim);
    }
    judged
}

/// [`judge`] for figures that are already at hand; nothing is known of when the claims were written down.
///
/// Holm's correction (Holm 1979) is over all of `claims` that have a p-value.
pub fn judge_table(claims: &[Claim], table: &Table) -> Vec<Judged> {
    let mut judged: Vec<Judged> = claims.iter().map(|claim| judge_claim(claim, table)).collect();
    let p_values: Vec<f64> = judged.iter().filter_map(|judged| judged.p_value).collect();
    let with_p_value = judged.iter_mut().filter(|judged| judged.p_value.is_some());
    for (judged, p_value) in with_p_value.zip(holm(&p_values)) {
        let holds = p_value < 1.0 - judged.claim.confidence;
        let verdict = if holds { judged.verdict } else { Verdict::Inconclusive };
        judged.corrected = Some(Correction { p_value, verdict });
    }
    judged
}

/// One comparison, before it is put into a reader's terms.
struct Finding {
    sample: Sample,
    region: Region,
    comparison: Option<Comparison>,
    verdict: Verdict,
    reason: Option<Reason>,
    /// In ascending order, on the scale judged on.
    values: Vec<f64>,
    /// Of a comparison, the values of both sides.
    sides: Option<[Vec<f64>; 2]>,
}

impl Finding {
    fn of(values: &[f64], sample: Sample, region: Region, confidence: f64, test_images: Option<u64>) -> Self {
        let comparison = Comparison::of(values, &region, confidence, test_images);
        let of_rounds = sample.counted == Counted::Rounds;
        let reason = match comparison {
            None if of_rounds => Some(Reason::NotMeasured),
            None => Some(Reason::NoValues),
            // Not even refuted: that would support the opposite claim.
            Some(_) if sample.diverged > 0 => Some(Reason::Diverged),
            Some(Comparison { interval: None, .. }) if of_rounds => Some(Reason::OneRound),
            Some(Comparison { interval: None, .. }) => Some(Reason::OneSeed),
            Some(Comparison { verdict: Verdict::Inconclusive, .. }) => Some(Reason::IntervalCrossesBound),
            Some(_) => None,
        };
        let verdict = match (reason, comparison) {
            (None, Some(comparison)) => comparison.verdict,
            _ => Verdict::Inconclusive,
        };
        Self { sample, region, comparison, verdict, reason, values: values.to_vec(), sides: None }
    }

    fn of_level(table: &Table, quantity: Quantity, of: &VariantId, bound: &Bound, confidence: f64) -> Self {
        let metric = quantity.metric;
        let column = table.column(quantity, of);
        let test_images = table.test_images.filter(|_| metric.role() == Role::TestAccuracy);
        Self::of(&column.values, column.sample, Region::of_level(metric, bound), confidence, test_images)
    }

    fn of_difference(
        table: &Table,
        quantity: Quantity,
        [of, minus]: [&VariantId; 2],
        region: Region,
        confidence: f64,
    ) -> Self {
        Self::of_pairs(table.pairs(quantity, of, minus), region, confidence)
    }

    fn of_pairs(pairs: Pairs, region: Region, confidence: f64) -> Self {
        Self {
            sides: Some([pairs.of, pairs.minus]),
            ..Self::of(&pairs.differences, pairs.sample, region, confidence, None)
        }
    }

    /// In a reader's terms: `show` takes a value and its interval from the scale judged on to where they are read.
    fn judged(self, claim: &Claim, show: impl Fn(f64) -> f64) -> Judged {
        let comparison = self.comparison.as_ref();
        let crosses = self.reason == Some(Reason::IntervalCrossesBound);
        let quartered = Some(self.values.as_slice())
            .filter(|values| values.len() >= FEWEST_QUARTERED && self.sample.counted == Counted::Seeds);
        let span = |interval: Interval| Interval { lower: show(interval.lower), upper: show(interval.upper) };
        Judged {
            claim: claim.clone(),
            verdict: self.verdict,
            reason: self.reason,
            sample: self.sample,
            step: None,
            estimate: comparison.map(|comparison| show(comparison.mean)),
            interval: comparison.and_then(|comparison| comparison.interval).map(span),
            effect_size: comparison.and_then(Comparison::effect_size),
            probability_of_superiority: self
                .sides
                .as_ref()
                .and_then(|[of, minus]| probability_of_superiority(of, minus)),
            superiority_interval: self.sides.as_ref().and_then(|sides| superiority_interval(sides, claim.confidence)),
            interquartile_mean: quartered.and_then(interquartile_mean).map(&show),
            interquartile_interval: quartered
                .and_then(|values| interquartile_interval(values, claim.confidence))
                .map(span),
            images: None,
            minimum_detectable_effect: comparison.and_then(Comparison::minimum_detectable_effect),
            seeds_to_settle: comparison.filter(|_| crosses).and_then(Comparison::seeds_to_settle),
            p_value: self.p_value(),
            corrected: None,
            registration: Registration::Unknown,
            look: None,
        }
    }

    fn p_value(&self) -> Option<f64> {
        self.comparison.and_then(|comparison| comparison.p_value)
    }

    /// What the interval says, whatever else speaks against saying it.
    fn interval_verdict(&self) -> Verdict {
        self.comparison.map_or(Verdict::Inconclusive, |comparison| comparison.verdict)
    }

    /// Orders the steps of a trend, the one that is nearest to failing first.
    fn nearness(&self, other: &Self) -> Ordering {
        let rank = |finding: &Self| match finding.verdict {
            Verdict::Refuted => 0,
            Verdict::Inconclusive => 1,
            Verdict::Supported => 2,
        };
        let margin = |finding: &Self| {
            let interval = finding.comparison.and_then(|comparison| comparison.interval);
            interval.map_or(f64::NEG_INFINITY, |interval| finding.region.margin(&interval))
        };
        rank(self).cmp(&rank(other)).then_with(|| margin(self).total_cmp(&margin(other)))
    }
}

fn superiority_interval([of, minus]: &[Vec<f64>; 2], confidence: f64) -> Option<Interval> {
    let address = Address { seed: 0, stream: Stream::Bootstrap, epoch: 3, step: 0, layer: 0 };
    let superiority = |[of, minus]: [&[f64]; 2]| probability_of_superiority(of, minus);
    stratified_bootstrap_interval([of, minus], superiority, confidence, RESAMPLES, address)
}

fn interquartile_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let address = Address { seed: 0, stream: Stream::Bootstrap, epoch: 4, step: 0, layer: 0 };
    bootstrap_interval(values, interquartile_mean, confidence, RESAMPLES, address)
}

fn judge_claim(claim: &Claim, table: &Table) -> Judged {
    let of_seeds = Counted::of(claim.test.metric()) == Counted::Seeds;
    match table.settle.as_ref().filter(|_| of_seeds) {
        Some(settle) => looks::judge(claim, table, settle),
        None => Outcome::of(claim, table, claim.confidence).judged(claim),
    }
}

/// What all values of a table say of a claim.
pub(super) struct Outcome {
    /// Of a trend, that of its step nearest to failing.
    finding: Finding,
    step: Option<Step>,
    p_value: Option<f64>,
    images: Option<Images>,
}

impl Outcome {
    /// `confidence` is that of the interval, which may be higher than the claim's.
    pub fn of(claim: &Claim, table: &Table, confidence: f64) -> Self {
        let quantity = Quantity::of(claim);
        let finding = match &claim.test {
            Test::Level { of, bound, .. } => Finding::of_level(table, quantity, of, bound, confidence),
            Test::Difference { of, minus, bound, .. } => {
                let region = Region::of_difference(quantity.metric, bound);
                Finding::of_difference(table, quantity, [of, minus], region, confidence)
            }
            Test::Ratio { of, over, bound, .. } => {
                Finding::of_pairs(table.ratios(quantity, of, over), Region::of_ratio(bound), confidence)
            }
            Test::Trend { along, direction, .. } => {
                return Self::of_trend(quantity, along, *direction, table, confidence);
            }
        };
        let images = Images::of(table, quantity, &claim.test, claim.confidence);
        Self { p_value: finding.p_value(), finding, step: None, images }
    }

    pub fn verdict(&self) -> Verdict {
        self.finding.verdict
    }

    pub fn reason(&self) -> Option<Reason> {
        self.finding.reason
    }

    pub fn p_value(&self) -> Option<f64> {
        self.p_value
    }

    pub fn judged(self, claim: &Claim) -> Judged {
        let metric = claim.test.metric();
        let judged = match &claim.test {
            Test::Level { .. } => self.finding.judged(claim, |value| show_level(metric, value)),
            Test::Difference { .. } | Test::Trend { .. } => {
                self.finding.judged(claim, |value| show_difference(metric, value))
            }
            Test::Ratio { .. } => self.finding.judged(claim, |value| from_judged(Scale::Log10, value)),
        };
        Judged { step: self.step, p_value: self.p_value, images: self.images, ..judged }
    }

    /// Every step must lie in the claimed direction; one that lies in the other refutes the whole. Each step's error is an
    /// equal share of the whole's (Bonferroni), so that both hold at the whole's confidence.
    fn of_trend(quantity: Quantity, along: &[VariantId], direction: Direction, table: &Table, whole: f64) -> Self {
        let shares = along.len().saturating_sub(1).max(1) as f64;
        let confidence = 1.0 - (1.0 - whole) / shares;
        let region = Region::of_step(direction);
        let steps: Vec<(Step, Finding)> = along
            .windows(2)
            .filter_map(|pair| pair.first().zip(pair.last()))
            .map(|(from, to)| {
                let finding = Finding::of_difference(table, quantity, [to, from], region, confidence);
                (Step { from: from.clone(), to: to.clone() }, finding)
            })
            .collect();
        let nearest = (0..steps.len()).min_by(|&one, &other| steps[one].1.nearness(&steps[other].1));
        let p_value = nearest.and_then(|nearest| trend_p_value(&steps, &steps[nearest].1, shares, whole));
        match nearest.and_then(|nearest| steps.into_iter().nth(nearest)) {
            Some((step, finding)) => Self { finding, step: Some(step), p_value, images: None },
            // Fewer than two variants: no experiment file gets here, but a bundle written by hand might.
            None => {
                let finding = Finding::of(&[], Sample::default(), region, confidence, None);
                Self { finding, step: None, p_value: None, images: None }
            }
        }
    }
}

fn show_level(metric: Metric, value: f64) -> f64 {
    let levels = metric.levels();
    // An interval of a quantity that cannot leave its range loses no coverage by being cut to it.
    from_judged(metric.scale(), value).clamp(*levels.start(), *levels.end())
}

/// Differences of logarithms are read as what they are: decades.
fn show_difference(metric: Metric, value: f64) -> f64 {
    let differences = metric.differences();
    value.clamp(*differences.start(), *differences.end())
}

/// The smallest p-value of the steps that went the other way, or the largest of all where none did, times the number of
/// steps; `None` where `nearest` has none.
fn trend_p_value(steps: &[(Step, Finding)], nearest: &Finding, shares: f64, confidence: f64) -> Option<f64> {
    nearest.p_value()?;
    let went_the_other_way =
        |finding: &&Finding| finding.comparison.is_some_and(|comparison| finding.region.depth(comparison.mean) < 0.0);
    let findings = || steps.iter().map(|(_, finding)| finding);
    let refuting = findings().filter(went_the_other_way).filter_map(Finding::p_value).reduce(f64::min);
    let p_value = refuting.or_else(|| findings().filter_map(Finding::p_value).reduce(f64::max))?;
    Some(agreeing((p_value * shares).min(1.0), nearest.interval_verdict(), confidence))
}
