//! What a few numbers say about what they were drawn from: estimates with intervals, paired differences, proportions.
//!
//! Pure functions of plain numbers. Where the data allow no interval, none is returned: nothing is invented from one value.
//! Quantiles are rounded (see `quantile`), so that results are the same bits on every machine.

pub mod binomial;
pub mod estimate;
pub mod paired;
mod quantile;

pub use binomial::wilson_interval;
pub use estimate::{Estimate, Interval, mean, prediction_interval, sample_sd, student_t_interval};
pub use paired::paired_differences;
