//! Looking at growing samples more than once without losing the level: how much of the error each look may spend.
//!
//! An error-spending function (Lan and DeMets 1983) says what share of the whole may be spent by the time that a part of
//! all planned values is there. Each look tests at the share that became free since the look before it. The shares add
//! up to one, so that by Boole's inequality the chance of an error at any of the looks is at most that of the whole,
//! however the looks depend on each other: this holds for every test that keeps its level at each single look. Group
//! sequential designs that know the joint distribution of the looks (Pocock 1977, O'Brien and Fleming 1979) get a little
//! more out of the same values; for a mean with unknown spread, an interval widened by a proportion, or a trend of several
//! steps there is none to know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the error is spent as values come in; `t` is the part of all planned values that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// ln(1 + (e - 1) t), near Pocock's design: early looks may decide almost as easily as late ones.
    Pocock,
    /// t (Kim and DeMets 1987, with exponent 1).
    Linear,
    /// t² (Kim and DeMets 1987): most is kept for later, and what is far from its bound still ends early.
    #[default]
    Quadratic,
    /// t³ (Kim and DeMets 1987), near O'Brien and Fleming's design: early looks decide only what is beyond doubt.
    Cubic,
}

impl Spending {
    /// The share of the error that may be spent by `t` in [0, 1]; 0 at 0 and 1 at 1.
    fn spent(self, t: f64) -> f64 {
        match self {
            // libm's, so that results have the same bits on every machine.
            Self::Pocock => libm::log1p((std::f64::consts::E - 1.0) * t),
            Self::Linear => t,
            Self::Quadratic => t * t,
            Self::Cubic => t * t * t,
        }
    }

    /// The share of the error for each look, at these numbers of values in ascending order. They are positive and add up
    /// to one. Empty for no looks.
    pub fn shares(self, looks: &[u32]) -> Vec<f64> {
        let Some(&all) = looks.last() else { return vec![] };
        let spent = |values: u32| self.spent(f64::from(values) / f64::from(all));
        let before = std::iter::once(0.0).chain(looks.iter().map(|&values| spent(values)));
        before.zip(looks).map(|(before, &values)| spent(values) - before).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKS: [u32; 5] = [3, 5, 8, 13, 20];
    const ALL: [Spending; 4] = [Spending::Pocock, Spending::Linear, Spending::Quadratic, Spending::Cubic];

    #[test]
    fn shares_are_those_of_the_formulas() {
        // NumPy 2: numpy.diff(f(numpy.array([0, 3, 5, 8, 13, 20]) / 20)) for f = log(1 + (e - 1) * t), t, t**2, t**3.
        let expected = [
            [0.22931826786902, 0.12805575163977, 0.16576314410280, 0.22680764917202, 0.25005518721640],
            [0.15, 0.1, 0.15, 0.25, 0.35],
            [0.0225, 0.04, 0.0975, 0.2625, 0.5775],
            [0.003375, 0.01225, 0.048375, 0.210625, 0.725375],
        ];
        for (rule, expected) in ALL.into_iter().zip(expected) {
            let found = rule.shares(&LOOKS);
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn one_look_has_all_of_it_and_no_look_has_nothing() {
        for rule in ALL {
            assert_eq!(rule.shares(&[7]), [1.0]);
            assert!(rule.shares(&[]).is_empty());
        }
    }
}
