//! How much hangs on a claim's bound: over which bounds its verdict would be the same.

use super::reading::Reading;
use crate::claims::{Judged, Reason};
use crate::config::{Bound, Test, Verdict};
use crate::report::language::say;
use crate::stats::Interval;

/// Over which bounds the verdict stays what it is; `None` where it does not rest on an interval and a bound.
///
/// Of an equivalence the middle is kept and its margin varied.
pub fn holds_for(judged: &Judged) -> Option<String> {
    let bound = match &judged.claim.test {
        Test::Level { bound, .. } | Test::Difference { bound, .. } | Test::Ratio { bound, .. } => bound,
        Test::Trend { .. } => return None,
    };
    let rests_on_it = matches!(judged.reason, None | Some(Reason::IntervalCrossesBound));
    let interval = judged.interval.filter(|_| rests_on_it)?;
    let reading = Reading::of(&judged.claim.test);
    let (verdict, show) = (judged.verdict, |value: f64| reading.show(value));
    Some(match (*bound, verdict) {
        (Bound::Above { .. }, Verdict::Supported) | (Bound::Below { .. }, Verdict::Refuted) => {
            say!("bounds-below", value = show(interval.lower))
        }
        (Bound::Above { .. }, Verdict::Refuted) | (Bound::Below { .. }, Verdict::Supported) => {
            say!("bounds-above", value = show(interval.upper))
        }
        (Bound::Above { .. } | Bound::Below { .. }, Verdict::Inconclusive) => {
            say!("bounds-between", range = reading.span(&interval))
        }
        (Bound::Within { around, .. }, verdict) => {
            let [nearest, farthest] = distances(&interval, around);
            match verdict {
                Verdict::Supported => say!("margins-above", value = reading.margin(farthest)),
                Verdict::Refuted => say!("margins-below", value = reading.margin(nearest)),
                Verdict::Inconclusive => {
                    say!("margins-between", lower = reading.margin(nearest), upper = reading.margin(farthest))
                }
            }
        }
    })
}

/// From `around` to the nearest and to the farthest point of the interval.
fn distances(interval: &Interval, around: f64) -> [f64; 2] {
    let [one, other] = [interval.lower - around, interval.upper - around].map(f64::abs);
    let nearest = if interval.contains(around) { 0.0 } else { one.min(other) };
    [nearest, one.max(other)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{VariantId, native};
    use crate::report::sample::claims::{claim, found};

    fn text(bound: Bound, verdict: Verdict, interval: (f64, f64)) -> String {
        let of: VariantId = "bn".parse().unwrap();
        let test = Test::Level { metric: native::VAL_ACCURACY, of, bound };
        let claim = claim("c", "S.");
        let reason = (verdict == Verdict::Inconclusive).then_some(Reason::IntervalCrossesBound);
        holds_for(&Judged { reason, ..found(claim, test, verdict, (0.39, interval)) }).unwrap()
    }

    #[test]
    fn a_verdict_stays_for_all_bounds_that_its_interval_does_not_touch() {
        let (above, below) = (Bound::Above { value: 0.15 }, Bound::Below { value: 0.45 });
        let interval = (0.328, 0.456);
        assert_eq!(text(above, Verdict::Supported, interval), "for any bound below 32.80%");
        assert_eq!(text(Bound::Above { value: 0.5 }, Verdict::Refuted, interval), "for any bound above 45.60%");
        assert_eq!(text(Bound::Below { value: 0.5 }, Verdict::Supported, interval), "for any bound above 45.60%");
        assert_eq!(text(Bound::Below { value: 0.3 }, Verdict::Refuted, interval), "for any bound below 32.80%");
        assert_eq!(text(below, Verdict::Inconclusive, interval), "for any bound from 32.80% to 45.60%");
    }

    #[test]
    fn of_an_equivalence_it_is_the_margin_that_may_vary() {
        let within = |around, margin| Bound::Within { around, margin };
        let interval = (0.328, 0.456);
        let supported = text(within(0.4, 0.1), Verdict::Supported, interval);
        assert_eq!(supported, "for any margin above 7.20 points");
        assert_eq!(text(within(0.3, 0.02), Verdict::Refuted, interval), "for any margin below 2.80 points");
        let open = text(within(0.3, 0.05), Verdict::Inconclusive, interval);
        assert_eq!(open, "for any margin from 2.80 points to 15.60 points");
        let around = text(within(0.4, 0.05), Verdict::Inconclusive, interval);
        assert_eq!(around, "for any margin from 0.00 points to 7.20 points");
    }
}
