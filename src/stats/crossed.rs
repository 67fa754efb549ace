//! A mean over two crossed samples: every seed's network sees the same test images, and both could have been others.

use super::Interval;
use super::quantile;

/// The mean of a table of outcomes, and how much of its variance is either sample's.
///
/// With mean squares of a two-way layout without replication (rows R, columns C, rest E) the mean of r rows and c columns
/// has the variance (R + max(C - E, 0)) / rc where rows and columns are random: readers and cases in the analysis of
/// Dorfman, Berbaum and Metz (1992), seeds and images here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossedMean {
    pub mean: f64,
    /// Variance of the mean that further rows would lower: R / rc, that of a mean of independent rows.
    of_rows: f64,
    /// What the columns add: max(C - E, 0) / rc.
    of_columns: f64,
    rows: usize,
}

impl CrossedMean {
    /// Of rows of equal length; values are counted in whole numbers, so that nothing is rounded on the way to the squares.
    ///
    /// `None` for fewer than two rows or columns, and for rows of different lengths.
    pub fn of(table: &[Vec<i8>]) -> Option<Self> {
        let (r, c) = (table.len(), table.first()?.len());
        if r < 2 || c < 2 || table.iter().any(|row| row.len() != c) {
            return None;
        }
        let square = |value: i64| i128::from(value) * i128::from(value);
        let row_sums: Vec<i64> = table.iter().map(|row| row.iter().map(|&value| i64::from(value)).sum()).collect();
        let mut column_sums = vec![0i64; c];
        for row in table {
            for (sum, &value) in column_sums.iter_mut().zip(row) {
                *sum += i64::from(value);
            }
        }
        let total: i64 = row_sums.iter().sum();
        let of_values: i128 = table.iter().flatten().map(|&value| square(value.into())).sum();
        let of_rows: i128 = row_sums.iter().copied().map(square).sum();
        let of_columns: i128 = column_sums.iter().copied().map(square).sum();
        // Sums of squares, all times r c.
        let (rows, columns) = (r as i128, c as i128);
        let between_rows = rows * of_rows - square(total);
        let between_columns = columns * of_columns - square(total);
        let rest = rows * columns * of_values - square(total) - between_rows - between_columns;
        let cells = (r * c) as f64;
        let mean_square = |sum: i128, freedom: usize| sum as f64 / cells / freedom as f64;
        let (row, column) = (mean_square(between_rows, r - 1), mean_square(between_columns, c - 1));
        let error = mean_square(rest, (r - 1) * (c - 1));
        Some(Self {
            mean: total as f64 / cells,
            of_rows: row / cells,
            of_columns: (column - error).max(0.0) / cells,
            rows: r,
        })
    }

    /// Interval for other rows and other columns of the same kind: mean ± t · sqrt(variance), with the degrees of freedom
    /// (r - 1) · (1 + columns' part / rows' part)² of Hillis (2007, Statistics in Medicine 26).
    ///
    /// `None` for a confidence outside (0, 1).
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let freedom = (self.rows - 1) as f64 * (1.0 + self.of_columns / self.of_rows).powi(2);
        // Rows that all agree tell nothing of rows; the columns are many.
        let critical =
            if freedom < 1e6 { quantile::student(confidence, freedom) } else { quantile::normal(confidence) }?;
        let half_width = critical * (self.of_rows + self.of_columns).sqrt();
        Some(Interval { lower: self.mean - half_width, upper: self.mean + half_width })
    }

    /// The part of the mean's variance that no further row would lower, in [0, 1]; `None` without any variance.
    pub fn share_of_columns(&self) -> Option<f64> {
        let whole = self.of_rows + self.of_columns;
        (whole > 0.0).then(|| self.of_columns / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student_t_interval;
    use proptest::prelude::*;

    fn table(rows: &[&[i8]]) -> Vec<Vec<i8>> {
        rows.iter().map(|row| row.to_vec()).collect()
    }

    // statsmodels 0.14: anova_lm(ols("x ~ C(row) + C(column)").fit()) gives the mean squares; scipy.stats.t.ppf(0.975, df).
    #[test]
    fn means_of_two_samples_agree_with_statsmodels() {
        for (rows, (mean, share, lower, upper)) in FIXTURES {
            let found = CrossedMean::of(&table(rows)).unwrap();
            let interval = found.interval(0.95).unwrap();
            let close =
                |found: f64, expected: f64| assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
            close(found.mean, mean);
            close(found.share_of_columns().unwrap(), share);
            close(interval.lower, lower);
            close(interval.upper, upper);
        }
    }

    /// Outcomes, and mean, columns' share and interval.
    type Fixture = (&'static [&'static [i8]], (f64, f64, f64, f64));
    const FIXTURES: [Fixture; 3] = [
        (
            &[
                &[0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1],
                &[1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 1],
                &[1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0],
            ],
            (0.4722222222222222, 0.7659574468085112, 0.3558292946806033, 0.5886151497638411),
        ),
        (
            &[
                &[0, 0, 1, 0, 1, 1, 1, 1, 1, 0],
                &[0, 0, 0, 1, 1, 0, 1, 1, 1, 1],
                &[0, 0, 1, 0, 1, 1, 1, 1, 1, 0],
                &[0, 0, 1, 0, 1, 0, 1, 1, 1, 0],
            ],
            (0.575, 0.9604685212298683, 0.3284014758926555, 0.8215985241073445),
        ),
        (
            &[
                &[1, 0, 0, 0, -1, 1, -1, 0, 0, 0, 0, 0, 0, 0],
                &[-1, -1, 1, 1, 0, 0, 0, -1, 0, 0, 1, -1, 0, 1],
                &[-1, -1, 1, 0, 0, 0, -1, 0, -1, 0, 1, 0, -1, 0],
            ],
            (-0.07142857142857142, 0.5185185185185185, -0.3058368436611871, 0.16297970080404423),
        ),
    ];

    #[test]
    fn rows_that_agree_leave_the_columns_alone() {
        let found = CrossedMean::of(&table(&[&[1, 0, 1, 1], &[1, 0, 1, 1], &[1, 0, 1, 1]])).unwrap();
        assert_eq!(found.share_of_columns(), Some(1.0));
        // NumPy: 0.75 -+ 1.959963985 * std([1, 0, 1, 1], ddof=1) / 2.
        let interval = found.interval(0.95).unwrap();
        assert!((interval.lower - 0.260009).abs() < 1e-6 && (interval.upper - 1.239991).abs() < 1e-6, "{interval:?}");
        let constant = CrossedMean::of(&table(&[&[1, 1], &[1, 1]])).unwrap();
        assert_eq!((constant.share_of_columns(), constant.mean), (None, 1.0));
        assert_eq!(constant.interval(0.95), Some(Interval { lower: 1.0, upper: 1.0 }));
    }

    #[test]
    fn one_row_one_column_and_ragged_rows_have_none() {
        for rows in [&[][..], &[&[1, 0][..]], &[&[1], &[0]], &[&[1, 0], &[1]]] {
            assert_eq!(CrossedMean::of(&table(rows)), None, "{rows:?}");
        }
        assert_eq!(CrossedMean::of(&table(&[&[1, 0], &[1, 1]])).unwrap().interval(1.0), None);
    }

    fn outcomes() -> impl Strategy<Value = Vec<Vec<i8>>> {
        (2_usize..6, 2_usize..40)
            .prop_flat_map(|(r, c)| proptest::collection::vec(proptest::collection::vec(-1_i8..=1, c), r))
    }

    proptest! {
        #[test]
        fn other_columns_never_make_a_mean_better_known(table in outcomes()) {
            let found = CrossedMean::of(&table).unwrap();
            let means: Vec<f64> =
                table.iter().map(|row| row.iter().map(|&x| f64::from(x)).sum::<f64>() / row.len() as f64).collect();
            let of_rows = student_t_interval(&means, 0.95).unwrap();
            let of_both = found.interval(0.95).unwrap();
            prop_assert!((found.mean - (of_rows.lower + of_rows.upper) / 2.0).abs() < 1e-9);
            if found.of_columns == 0.0 {
                prop_assert!((of_both.lower - of_rows.lower).abs() < 1e-9);
            }
            prop_assert!(found.share_of_columns().is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
    }
}
