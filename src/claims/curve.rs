//! One figure out of a trial's learning curve: the metric's value at the point that a claim asks for.

use crate::bundle::series::{Axis, Point};
use crate::config::{At, Better, Metric};

/// The value of `metric` at a point of a curve; `None` where there is no such point, or the metric was not measured
/// there, and NaN where it was and is no number.
///
/// Where a metric was best is not known once one of its values is no number: that might have been any. The figure is
/// then NaN, too, and the trial counts as one that diverged, even if later values are numbers again.
///
/// The last point of another program's curve has the last value of every metric, so that is what is read there.
pub fn value_at(curve: &[Point], metric: Metric, at: At) -> Option<f64> {
    match at {
        At::Last => curve.last()?.measured(metric),
        At::MeanOfLast(points) => mean_of_last(curve, metric, points),
        At::Best(by) => match best(curve, by)? {
            Best::At(point) => point.measured(metric),
            Best::Unknown => Some(f64::NAN),
        },
        At::Epoch(epoch) => point_at(curve, Axis::Epoch, epoch)?.measured(metric),
        At::Step(step) => point_at(curve, Axis::Step, step)?.measured(metric),
    }
}

/// Over the last so many points at which it was measured; `None` where there are not as many.
fn mean_of_last(curve: &[Point], metric: Metric, points: u64) -> Option<f64> {
    let points = usize::try_from(points).ok().filter(|&points| points > 0)?;
    let last: Vec<f64> = curve.iter().rev().filter_map(|point| point.measured(metric)).take(points).collect();
    // In the curve's order, whose sum has the same bits everywhere.
    (last.len() == points).then(|| last.iter().rev().sum::<f64>() / points as f64)
}

enum Best<'a> {
    At(&'a Point),
    /// A value is no number.
    Unknown,
}

/// Where `by` is best, the first of equals; `None` where it was never measured.
fn best(curve: &[Point], by: Metric) -> Option<Best<'_>> {
    let is_better = |value: f64, than: f64| match by.better() {
        Some(Better::Higher) => value > than,
        Some(Better::Lower) => value < than,
        None => false,
    };
    let mut best: Option<(&Point, f64)> = None;
    for point in curve {
        let Some(value) = point.measured(by) else { continue };
        if value.is_nan() {
            return Some(Best::Unknown);
        }
        if best.is_none_or(|(_, than)| is_better(value, than)) {
            best = Some((point, value));
        }
    }
    best.map(|(point, _)| Best::At(point))
}

fn point_at(curve: &[Point], axis: Axis, at: u64) -> Option<&Point> {
    curve.iter().find(|point| point.axis == axis && point.at == at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::native::{TRAIN_LOSS, VAL_ACCURACY, VAL_LOSS};

    const NAN: f64 = f64::NAN;

    /// A curve of (validation loss, validation accuracy), epoch by epoch.
    fn curve(values: &[(f64, f64)]) -> Vec<Point> {
        let point = |(epoch, (loss, accuracy)): (u32, &(f64, f64))| {
            Point::of_epoch(epoch, [("val_loss", *loss), ("val_accuracy", *accuracy)])
        };
        (1..).zip(values).map(point).collect()
    }

    /// The loss is least at epoch 2, the accuracy highest at epochs 3 and 4.
    fn peaked() -> Vec<Point> {
        curve(&[(2.0, 0.25), (0.5, 0.5), (0.75, 0.75), (1.0, 0.75), (1.5, 0.125)])
    }

    #[test]
    fn the_best_goes_by_the_direction_of_the_metric() {
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Best(VAL_ACCURACY)), Some(0.75));
        assert_eq!(value_at(&peaked(), VAL_LOSS, At::Best(VAL_LOSS)), Some(0.5));
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Last), Some(0.125));
    }

    #[test]
    fn a_metric_is_read_where_another_was_best_and_of_equals_at_the_first() {
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Best(VAL_LOSS)), Some(0.5));
        // Epochs 3 and 4 have the same accuracy; the loss at epoch 3 is 0.75.
        assert_eq!(value_at(&peaked(), VAL_LOSS, At::Best(VAL_ACCURACY)), Some(0.75));
        let equal = curve(&[(1.0, 0.1), (1.0, 0.2), (1.0, 0.3)]);
        assert_eq!(value_at(&equal, VAL_ACCURACY, At::Best(VAL_LOSS)), Some(0.1));
    }

    #[test]
    fn the_mean_over_the_last_points_needs_as_many_of_them() {
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::MeanOfLast(3)), Some((0.75 + 0.75 + 0.125) / 3.0));
        assert_eq!(value_at(&peaked(), VAL_LOSS, At::MeanOfLast(1)), Some(1.5));
        assert_eq!(value_at(&peaked(), VAL_LOSS, At::MeanOfLast(6)), None);
        assert!(value_at(&curve(&[(1.0, 0.5), (NAN, 0.5)]), VAL_LOSS, At::MeanOfLast(2)).unwrap().is_nan());
    }

    #[test]
    fn a_place_is_exactly_that_one_on_its_own_axis() {
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Epoch(2)), Some(0.5));
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Epoch(6)), None);
        assert_eq!(value_at(&peaked(), VAL_ACCURACY, At::Step(2)), None);
        let name = || "val_loss".parse().unwrap();
        let steps: Vec<Point> =
            [(100, 1.5), (250, 1.25)].map(|(at, loss)| Point::new(Axis::Step, at, [(name(), loss)])).into();
        assert_eq!(value_at(&steps, VAL_LOSS, At::Step(250)), Some(1.25));
        assert_eq!(value_at(&steps, VAL_LOSS, At::Step(200)), None);
        assert_eq!(value_at(&steps, VAL_LOSS, At::Epoch(250)), None);
    }

    #[test]
    fn what_was_not_measured_there_is_missing() {
        assert_eq!(value_at(&peaked(), TRAIN_LOSS, At::Best(VAL_LOSS)), None);
        assert_eq!(value_at(&peaked(), VAL_LOSS, At::Best(TRAIN_LOSS)), None);
        assert_eq!(value_at(&[], VAL_LOSS, At::Best(VAL_LOSS)), None);
        assert_eq!(value_at(&[], VAL_LOSS, At::Last), None);
    }

    #[test]
    fn one_value_that_is_no_number_leaves_the_best_unknown() {
        let lost = curve(&[(2.0, 0.25), (NAN, 0.5), (0.5, 0.75)]);
        let is_nan = |metric, at| value_at(&lost, metric, at).unwrap().is_nan();
        assert!(is_nan(VAL_LOSS, At::Best(VAL_LOSS)));
        assert!(is_nan(VAL_ACCURACY, At::Best(VAL_LOSS)));
        assert!(is_nan(VAL_LOSS, At::Epoch(2)));
        assert_eq!(value_at(&lost, VAL_ACCURACY, At::Best(VAL_ACCURACY)), Some(0.75));
        assert_eq!(value_at(&lost, VAL_LOSS, At::Epoch(3)), Some(0.5));
    }
}
