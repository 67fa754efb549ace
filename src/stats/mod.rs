//! What a few numbers say about what they were drawn from: estimates with intervals, paired differences, proportions,
//! tests, and what a test of so many values could have seen.
//!
//! Pure functions of plain numbers. Where the data allow no interval, none is returned: nothing is invented from one
//! value.
//! Whatever rests on the system's `ln` and `exp` is rounded (see `quantile`) and the rest uses `libm`, so that results
//! are the same bits on every machine.

pub mod binomial;
pub mod bootstrap;
pub mod crossed;
pub mod estimate;
pub mod logarithmic;
pub mod multiple;
pub mod paired;
pub mod power;
mod quantile;
pub mod robust;
pub mod rounds;
pub mod spending;
pub mod student;

pub use binomial::{mcnemar_p_value, wilson_interval};
pub use bootstrap::{bootstrap_interval, stratified_bootstrap_interval};
pub use crossed::CrossedMean;
pub use estimate::{Estimate, Interval, mean, prediction_interval, sample_sd, student_t_interval};
pub use logarithmic::{geometric_mean, log_t_interval};
pub use multiple::holm;
pub use paired::paired_differences;
pub use power::{minimum_detectable_effect, sample_size, t_test_power};
pub use robust::{interquartile_mean, probability_of_superiority};
pub use spending::Spending;
pub use student::{TTest, t_test, welch_p_value};
