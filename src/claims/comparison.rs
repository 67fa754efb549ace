//! The values of a sample held against a region: an interval, a p-value that agrees with it, and the power to tell.

use super::region::Region;
use super::score::OneSided;
use crate::config::Verdict;
use crate::stats::{
    Interval, mean, minimum_detectable_effect, sample_sd, sample_size, student_t_interval, wilson_interval,
};

/// Power of the minimum detectable effect and of the number of seeds that would settle a claim (Cohen's convention).
const POWER: f64 = 0.8;

/// On the scale that is judged on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub mean: f64,
    /// `None` for a single value.
    pub interval: Option<Interval>,
    /// Inconclusive without an interval.
    pub verdict: Verdict,
    pub p_value: Option<f64>,
    values: usize,
    /// `None` where it is unknown or zero.
    sd: Option<f64>,
    /// Of the mean, from the edge of the region; `None` where that has none.
    depth: Option<f64>,
    confidence: f64,
    /// Inconclusive, and not by the test images alone: what they leave open, no number of seeds can settle.
    can_be_settled: bool,
}

impl Comparison {
    /// `test_images` is for a mean accuracy: its interval is widened to Wilson's, because all seeds see the same test
    /// images, so that equal accuracies at every seed do not make a finite test set exact.
    ///
    /// `None` when there are no values, or one is not finite.
    pub fn of(values: &[f64], region: &Region, confidence: f64, test_images: Option<u64>) -> Option<Self> {
        let mean = mean(values)?;
        let sd = sample_sd(values).filter(|&sd| sd > 0.0);
        let over_seeds = student_t_interval(values, confidence);
        let over_images = test_images.and_then(|images| wilson_interval(mean, images, confidence));
        let interval = over_seeds.map(|seeds| over_images.map_or(seeds, |images| seeds.hull(&images)));
        let verdict = interval.map_or(Verdict::Inconclusive, |interval| region.verdict(&interval));
        let p_value = interval.and_then(|_| p_value(values, region, mean, test_images));
        let depth = Some(region.depth(mean)).filter(|depth| depth.is_finite());
        let open_anyway = over_images.is_some_and(|images| region.verdict(&images) == Verdict::Inconclusive);
        Some(Self {
            mean,
            interval,
            verdict,
            p_value: p_value.map(|p| agreeing(p, verdict, confidence)),
            values: values.len(),
            sd,
            depth,
            confidence,
            can_be_settled: interval.is_some() && verdict == Verdict::Inconclusive && !open_anyway,
        })
    }

    /// Distance of the mean from the edge in standard deviations, negative outside of the region.
    pub fn effect_size(&self) -> Option<f64> {
        self.depth.zip(self.sd).map(|(depth, sd)| depth / sd)
    }

    pub fn minimum_detectable_effect(&self) -> Option<f64> {
        minimum_detectable_effect(self.sd?, self.values, self.confidence, POWER)
    }

    pub fn seeds_to_settle(&self) -> Option<u32> {
        let (depth, sd) = self.depth.zip(self.sd).filter(|&(depth, _)| self.can_be_settled && depth != 0.0)?;
        sample_size(depth.abs(), sd, self.confidence, POWER)
    }
}

fn p_value(values: &[f64], region: &Region, mean: f64, test_images: Option<u64>) -> Option<f64> {
    let images = test_images.filter(|&images| images > 0 && (0.0..=1.0).contains(&mean));
    region.p_value(|edge| {
        let over_seeds = OneSided::of_mean(values, edge)?;
        Some(match images {
            // The hull excludes an edge where both of its intervals do.
            Some(images) => over_seeds.weaker(OneSided::of_proportion(mean, images, edge)),
            None => over_seeds,
        })
    })
}

/// `p` on the side of 1 - confidence where the interval puts it. Both come from the same test, but intervals rest on
/// rounded critical values, so the two could differ in the ninth decimal.
pub fn agreeing(p: f64, verdict: Verdict, confidence: f64) -> f64 {
    let alpha = 1.0 - confidence;
    match verdict {
        Verdict::Supported | Verdict::Refuted => p.min(alpha.next_down()),
        Verdict::Inconclusive => p.max(alpha),
    }
}
