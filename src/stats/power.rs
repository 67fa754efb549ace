//! What a t test of so many values can see, and how many it needs to see what is there.
//!
//! Only rejections towards the true side count: a claim "above the bound" that is rejected because the mean came out
//! below is no success. The textbook power of the two-sided test adds that other tail, which matters only where the
//! power is small.

use super::quantile::{student, to_nine_decimals};

/// The largest sample considered here.
const MOST_VALUES: u32 = 10_000;

/// Probability that the two-sided one-sample t test at level 1 - `confidence` of `n` values rejects towards the true
/// side when the true mean is `effect` standard deviations away from the bound, on either side: a tail of the
/// noncentral t distribution, P(T > t) with n - 1 degrees of freedom and noncentrality |effect| · sqrt(n)
/// (Cohen 1988, Statistical Power Analysis, chapter 2). Rounded to nine decimals; at confidences below 0.85 and thousands
/// of values the eighth may be off by two, as the critical value is.
///
/// `None` for an effect not finite, n outside 2..=10,000 or a confidence outside (0, 1).
pub fn t_test_power(effect: f64, n: usize, confidence: f64) -> Option<f64> {
    let test = effect.is_finite().then(|| Test::new(n, confidence))??;
    Some(test.power(test.noncentrality(effect)))
}

/// The smallest distance of the true mean from the bound, in the unit of `sd`, that [`t_test_power`] says `n` values
/// with standard deviation `sd` show with probability `power`. It is 0 where `sd` is 0, and where chance alone reaches
/// `power`, that is, up to (1 - confidence) / 2.
///
/// `None` for an sd negative or not finite, n outside 2..=10,000, or a confidence or power outside (0, 1).
pub fn minimum_detectable_effect(sd: f64, n: usize, confidence: f64, power: f64) -> Option<f64> {
    if !is_spread(sd) || !is_probability(power) {
        return None;
    }
    let test = Test::new(n, confidence)?;
    Some(test.noncentrality_with(power) / (n as f64).sqrt() * sd)
}

/// The smallest number of values, from 2, with which [`t_test_power`] says that a mean `distance` away from the bound
/// is told from it with probability `power`, for values with standard deviation `sd`. It is 2 where `sd` is 0.
///
/// `None` when `distance` is 0, when more than 10,000 would be needed, for an sd negative or anything not finite, or
/// for a confidence or power outside (0, 1).
pub fn sample_size(distance: f64, sd: f64, confidence: f64, power: f64) -> Option<u32> {
    if distance == 0.0 || !distance.is_finite() || !is_spread(sd) || !is_probability(power) {
        return None;
    }
    let suffices = |n: u32| {
        let test = Test::new(n as usize, confidence)?;
        Some(test.power(test.noncentrality(distance / sd)) >= power)
    };
    if suffices(2)? {
        return Some(2);
    }
    // Power rises with n.
    let (mut too_few, mut enough) = (2, MOST_VALUES);
    if !suffices(enough)? {
        return None;
    }
    while enough - too_few > 1 {
        let middle = too_few.midpoint(enough);
        if suffices(middle)? {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}

fn is_spread(sd: f64) -> bool {
    sd >= 0.0 && sd.is_finite()
}

fn is_probability(power: f64) -> bool {
    power > 0.0 && power < 1.0
}

/// Standard normals and chi variables are this close to their centre but for a probability of 1e-17 (for chi by
/// Gaussian concentration: the length of a normal vector is 1-Lipschitz).
const REACH: f64 = 9.0;

/// A two-sided t test of n values, to be integrated over s, the ratio of sample to true standard deviation.
struct Test {
    root_n: f64,
    freedom: f64,
    critical: f64,
    /// Where s lies.
    range: (f64, f64),
    /// Integral of the density below.
    mass: f64,
}

impl Test {
    fn new(n: usize, confidence: f64) -> Option<Self> {
        let n = u32::try_from(n).ok().filter(|n| (2..=MOST_VALUES).contains(n))?;
        let freedom = f64::from(n - 1);
        // Above 0, as it is divided by.
        let critical = student(confidence, freedom)?.max(1e-9);
        let reach = REACH / freedom.sqrt();
        let range = ((1.0 - reach).max(0.0), 1.0 + reach);
        let unscaled = Self { root_n: f64::from(n).sqrt(), freedom, critical, range, mass: 1.0 };
        let mass = integral(range, |s| unscaled.density(s));
        critical.is_finite().then_some(Self { mass, ..unscaled })
    }

    fn noncentrality(&self, effect: f64) -> f64 {
        effect.abs() * self.root_n
    }

    /// Density of s, a chi variable by the root of its degrees of freedom, up to a factor.
    fn density(&self, s: f64) -> f64 {
        libm::exp((self.freedom - 1.0) * libm::log(s) - 0.5 * self.freedom * (s * s - 1.0))
    }

    fn power(&self, noncentrality: f64) -> f64 {
        to_nine_decimals(self.unrounded_power(noncentrality)).clamp(0.0, 1.0)
    }

    /// P((Z + noncentrality) / s > critical): given s, the normal probability of exceeding critical · s, averaged
    /// over s (Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 31).
    fn unrounded_power(&self, noncentrality: f64) -> f64 {
        let (least, most) = self.range;
        // Below the first the test is certain to reject, above the second it never does. Between them the normal
        // probability, and everywhere the density, changes little over a REACH-th of the piece.
        let rejects_up_to = |z: f64| ((noncentrality + z) / self.critical).clamp(least, most);
        let (certainly, possibly) = (rejects_up_to(-REACH), rejects_up_to(REACH));
        let rejects = |s: f64| self.density(s) * normal_cdf(noncentrality - self.critical * s);
        let certain = integral((least, certainly), |s| self.density(s));
        (certain + integral((certainly, possibly), rejects)) / self.mass
    }

    /// The least noncentrality with this power; the inverse of [`Self::unrounded_power`], by bisection.
    fn noncentrality_with(&self, power: f64) -> f64 {
        // Nearer to 1 the integral's own error decides.
        let reached = |noncentrality: f64| self.unrounded_power(noncentrality) >= power.min(1.0 - 1e-9);
        if reached(0.0) {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, 1.0);
        while !reached(high) {
            (low, high) = (high, 2.0 * high);
        }
        while high - low > 1e-11 * high {
            let middle = 0.5 * (low + high);
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        to_nine_decimals(high)
    }
}

/// P(Z <= z) for a standard normal Z.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Gauss's three-point rule on equal pieces. It leaves out the ends, as the density's logarithm has a pole at 0.
fn integral((from, to): (f64, f64), function: impl Fn(f64) -> f64) -> f64 {
    const PIECES: u32 = 256;
    if from == to {
        return 0.0;
    }
    let half = (to - from) / f64::from(2 * PIECES);
    let node = half * 0.6_f64.sqrt();
    let piece = |index: u32| {
        let middle = from + half * f64::from(2 * index + 1);
        5.0 * function(middle - node) + 8.0 * function(middle) + 5.0 * function(middle + node)
    };
    (0..PIECES).map(piece).sum::<f64>() * half / 9.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // SciPy 1.17.1, t = scipy.stats.t.ppf((1 + confidence) / 2, n - 1):
    // scipy.stats.nct.sf(t, n - 1, effect * sqrt(n)). The same to nine decimals from statsmodels 0.15.0:
    // TTestPower().power(effect, n, (1 - confidence) / 2, alternative='larger').
    const POWERS: [(f64, usize, f64, f64); 13] = [
        (1.0, 5, 0.95, 0.4013202851995053),
        (2.0, 3, 0.95, 0.47074770619294315),
        (5.0, 2, 0.95, 0.4209614091494973),
        (0.5, 34, 0.95, 0.8077766855149762),
        (0.5, 5, 0.90, 0.23899517090352962),
        (0.3, 3, 0.99, 0.010628830618149716),
        (20.0, 2, 0.99, 0.3431526287187118),
        (0.02, 10_000, 0.95, 0.5158912200725223),
        (0.05, 10_000, 0.99, 0.9923107617282784),
        (3.0, 4, 0.999, 0.11983450657619114),
        (0.1, 2, 0.90, 0.059316107375559875),
        (0.8, 200, 0.95, 1.0),
        (1000.0, 2, 0.9999, 0.17579832724806402),
    ];

    #[test]
    fn powers_agree_with_the_noncentral_t_of_scipy() {
        for (effect, n, confidence, expected) in POWERS {
            for effect in [effect, -effect] {
                let found = t_test_power(effect, n, confidence).unwrap();
                assert!((found - expected).abs() < 2e-9, "({effect}, {n}, {confidence}): {found} is not {expected}");
            }
        }
    }

    #[test]
    fn the_two_sided_power_of_statsmodels_is_ours_and_the_wrong_tail() {
        // statsmodels 0.15.0: TTestPower().power(effect, n, 1 - confidence, alternative='two-sided');
        // SciPy 1.17.1: scipy.stats.nct.cdf(-t, n - 1, effect * sqrt(n)), t as above.
        const WRONG_TAILS: [(f64, usize, f64, f64, f64); 4] = [
            (0.1, 2, 0.9, 0.10098191540471405, 0.04166580802915428),
            (0.5, 5, 0.9, 0.24359395679120058, 0.0045987858876711295),
            (0.3, 3, 0.99, 0.012656065642361445, 0.002027235024211768),
            (1.0, 5, 0.95, 0.4013899173717953, 6.963217229007126e-05),
        ];
        for (effect, n, confidence, two_sided, wrong_tail) in WRONG_TAILS {
            let found = t_test_power(effect, n, confidence).unwrap();
            assert!((found + wrong_tail - two_sided).abs() < 2e-9, "({effect}, {n}, {confidence})");
        }
    }

    #[test]
    fn without_an_effect_half_the_level_is_rejected_towards_either_side() {
        for confidence in [0.5, 0.9, 0.95, 0.99, 0.999] {
            for n in [2, 3, 5, 100, 10_000] {
                let found = t_test_power(0.0, n, confidence).unwrap();
                assert!((found - (1.0 - confidence) / 2.0).abs() < 2e-9, "{found} for {n} at {confidence}");
            }
        }
    }

    #[test]
    fn sample_sizes_agree_with_statsmodels() {
        // statsmodels 0.15.0: ceil(TTestPower().solve_power(distance, None, (1 - confidence) / 2, power,
        // alternative='larger')); the last, which it cannot solve, from SciPy's nct as above for n = 2.
        for (distance, confidence, power, expected) in [
            (0.5, 0.95, 0.8, 34),
            (1.0, 0.95, 0.8, 10),
            (0.1, 0.95, 0.9, 1053),
            (2.0, 0.99, 0.9, 8),
            (3.0, 0.90, 0.8, 3),
            (10.0, 0.95, 0.8, 3),
            (100.0, 0.95, 0.8, 2),
        ] {
            assert_eq!(sample_size(distance, 1.0, confidence, power), Some(expected), "distance {distance}");
        }
    }

    #[test]
    fn minimum_detectable_effects_agree_with_scipy() {
        // SciPy 1.17.1: scipy.optimize.brentq over the effect of the power above, written as the integral of
        // norm.sf(t * x / sqrt(n - 1) - effect * sqrt(n)) * chi.pdf(x, n - 1) by scipy.integrate.quad.
        // statsmodels 0.15.0, TTestPower().solve_power(None, n, (1 - confidence) / 2, power, alternative='larger'),
        // agrees to the seven digits it solves to.
        for (n, confidence, power, expected) in [
            (5, 0.95, 0.8, 1.6819972822157137),
            (3, 0.95, 0.8, 3.2640435498199203),
            (10, 0.99, 0.9, 1.5097344855954622),
            (30, 0.90, 0.5, 0.3075118252694074),
            (2, 0.95, 0.8, 11.54988843588235),
        ] {
            let found = minimum_detectable_effect(0.25, n, confidence, power).unwrap();
            assert!((found / 0.25 - expected).abs() < 2e-8, "{n}: {} is not {expected}", found / 0.25);
        }
    }

    #[test]
    fn without_spread_two_values_show_any_distance() {
        assert_eq!(minimum_detectable_effect(0.0, 3, 0.95, 0.8), Some(0.0));
        assert_eq!(sample_size(0.1, 0.0, 0.95, 0.8), Some(2));
        assert_eq!(sample_size(1e308, 1e-308, 0.95, 0.8), Some(2));
    }

    #[test]
    fn no_distance_and_one_too_small_cannot_be_shown() {
        assert_eq!(sample_size(0.0, 1.0, 0.95, 0.8), None);
        assert_eq!(sample_size(0.0, 0.0, 0.95, 0.8), None);
        assert_eq!(sample_size(0.01, 1.0, 0.95, 0.8), None);
    }

    #[test]
    fn what_chance_alone_reaches_needs_no_distance() {
        assert_eq!(minimum_detectable_effect(1.0, 5, 0.95, 0.02), Some(0.0));
    }

    #[test]
    fn a_power_next_to_one_is_answered() {
        assert!(minimum_detectable_effect(1.0, 2, 0.99, 1.0 - f64::EPSILON).unwrap().is_finite());
        assert!(sample_size(1.0, 1.0, 0.99, 1.0 - f64::EPSILON).is_some());
    }

    #[test]
    fn impossible_questions_have_no_answer() {
        for nonsense in [f64::NAN, f64::INFINITY] {
            assert_eq!(t_test_power(nonsense, 5, 0.95), None);
            assert_eq!(minimum_detectable_effect(nonsense, 5, 0.95, 0.8), None);
            assert_eq!(sample_size(nonsense, 1.0, 0.95, 0.8), None);
            assert_eq!(sample_size(1.0, nonsense, 0.95, 0.8), None);
        }
        for n in [0, 1, 10_001, usize::MAX] {
            assert_eq!(t_test_power(1.0, n, 0.95), None);
            assert_eq!(minimum_detectable_effect(1.0, n, 0.95, 0.8), None);
        }
        for outside in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!(t_test_power(1.0, 5, outside), None);
            assert_eq!(minimum_detectable_effect(1.0, 5, outside, 0.8), None);
            assert_eq!(minimum_detectable_effect(1.0, 5, 0.95, outside), None);
            assert_eq!(sample_size(1.0, 1.0, outside, 0.8), None);
            assert_eq!(sample_size(1.0, 1.0, 0.95, outside), None);
        }
        assert_eq!(minimum_detectable_effect(-1.0, 5, 0.95, 0.8), None);
        assert_eq!(sample_size(1.0, -1.0, 0.95, 0.8), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn power_rises_with_effect_and_n_and_falls_with_confidence(
            effect in 0.0_f64..5.0, more in 0.01_f64..2.0, n in 2_usize..200, confidence in 0.5_f64..0.99,
        ) {
            let power = t_test_power(effect, n, confidence).unwrap();
            prop_assert!((0.0..=1.0).contains(&power));
            // Next to 1 the nine decimals no longer tell.
            let rises = |to: f64| to > power || (power > 0.999999 && to == power);
            prop_assert!(rises(t_test_power(effect + more, n, confidence).unwrap()));
            prop_assert!(effect < 0.01 || rises(t_test_power(effect, n + 1, confidence).unwrap()));
            prop_assert!(t_test_power(effect, n, confidence + 0.005).unwrap() <= power);
        }

        #[test]
        fn the_minimum_detectable_effect_has_the_power_asked_for(
            sd in 1e-4_f64..1e4, n in 2_usize..300, confidence in 0.8_f64..0.995, power in 0.2_f64..0.99,
        ) {
            let distance = minimum_detectable_effect(sd, n, confidence, power).unwrap();
            let found = t_test_power(distance / sd, n, confidence).unwrap();
            prop_assert!((found - power).abs() < 5e-9, "{found} is not {power}");
        }

        #[test]
        fn the_sample_size_is_the_smallest_that_reaches_the_power(
            distance in 0.06_f64..5.0, sd in 0.5_f64..2.0, confidence in 0.8_f64..0.995, power in 0.2_f64..0.99,
        ) {
            let n = sample_size(-distance, sd, confidence, power).unwrap() as usize;
            prop_assert!(t_test_power(distance / sd, n, confidence).unwrap() >= power);
            prop_assert!(n == 2 || t_test_power(distance / sd, n - 1, confidence).unwrap() < power);
        }
    }
}
