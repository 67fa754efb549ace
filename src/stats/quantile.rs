//! Two-sided critical values of the normal and Student's t distributions.
//!
//! They rest on `ln` and `exp`, whose last bits differ between maths libraries. Rounded to nine decimals here, they are
//! equal everywhere, and all that follows from them is exactly rounded IEEE 754 arithmetic. So a report rendered on
//! another machine has the same bytes.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The z with P(|Z| <= z) = `confidence` for a standard normal Z; `None` unless `confidence` is in (0, 1).
pub(super) fn normal(confidence: f64) -> Option<f64> {
    upper_tail(confidence).map(|p| to_nine_decimals(Normal::standard().inverse_cdf(p)))
}

/// The t with P(|T| <= t) = `confidence` for Student's T with `freedom` degrees of freedom, whole or not; `None` where there is none.
pub(super) fn student(confidence: f64, freedom: f64) -> Option<f64> {
    let p = upper_tail(confidence)?;
    let distribution = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(to_nine_decimals(distribution.inverse_cdf(p)))
}

fn upper_tail(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some((1.0 + confidence) / 2.0)
}

/// Digits past the ninth decimal are the maths library's, not the data's.
pub(super) fn to_nine_decimals(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    // SciPy 1.17.1: scipy.stats.t.ppf((1 + confidence) / 2, freedom).
    const STUDENT: [(f64, f64, f64); 10] = [
        (0.90, 1.0, 6.313751514675037),
        (0.95, 1.0, 12.706204736174694),
        (0.99, 1.0, 63.656741162871526),
        (0.95, 2.0, 4.302652729749462),
        (0.99, 3.0, 5.840909309733355),
        (0.95, 4.0, 2.7764451051977934),
        (0.90, 9.0, 1.833112932656237),
        (0.99, 29.0, 2.756385903670605),
        (0.95, 99.0, 1.9842169515864174),
        (0.95, 4.2, 2.7250727225923743),
    ];

    #[test]
    fn critical_values_of_student_agree_with_scipy() {
        for (confidence, freedom, expected) in STUDENT {
            let found = student(confidence, freedom).unwrap();
            assert!((found - expected).abs() < 2e-9, "t({confidence}, {freedom}) = {found}, SciPy says {expected}");
        }
    }

    #[test]
    fn critical_values_of_the_normal_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.norm.ppf([0.95, 0.975, 0.995]).
        for (confidence, expected) in
            [(0.90, 1.6448536269514722), (0.95, 1.959963984540054), (0.99, 2.5758293035489004)]
        {
            assert!((normal(confidence).unwrap() - expected).abs() < 2e-9);
        }
    }

    #[test]
    fn a_confidence_outside_zero_to_one_and_no_freedom_have_no_critical_value() {
        for confidence in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
            assert_eq!(normal(confidence), None);
            assert_eq!(student(confidence, 3.0), None);
        }
        assert_eq!(student(0.95, 0.0), None);
    }
}
