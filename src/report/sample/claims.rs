//! Claims and verdicts made up for tests, about the two by two variants: one of every verdict and every oddity.

use crate::bundle::evidence::Evidence;
use crate::claims::{Correction, Discordant, Images, Judged, Reason, Registration, Sample};
use crate::config::{At, Bound, Claim, Direction, Reported, Seed, Test, VariantId, Verdict, native};
use crate::stats::Interval;

/// Six claims as they could be judged on three seeds.
pub fn judged() -> Vec<Judged> {
    vec![
        Judged {
            effect_size: Some(28.4),
            corrected: Some(Correction { p_value: 0.002, verdict: Verdict::Supported }),
            p_value: Some(0.0004),
            registration: Registration::Before,
            minimum_detectable_effect: Some(0.0029),
            ..found(
                Claim {
                    quote: Some("完全訓練不起來".to_owned()),
                    because: None,
                    must: Some(Verdict::Supported),
                    ..claim("does_not_train", "The network does not train when dropout replaces batch normalisation.")
                },
                Test::Level {
                    metric: native::VAL_ACCURACY,
                    of: id("dropout_only"),
                    bound: Bound::Below { value: 0.15 },
                },
                Verdict::Supported,
                (0.1, (0.0943, 0.106)),
            )
        },
        Judged {
            probability_of_superiority: Some(0.0),
            images: Some(Images {
                images: 10_000,
                share: Some(0.127),
                interval: Interval { lower: -0.0502, upper: -0.0174 },
                discordant: vec![
                    Discordant { seed: Seed(1), only_of: 412, only_minus: 731, p_value: 0.0 },
                    Discordant { seed: Seed(2), only_of: 601, only_minus: 655, p_value: 0.1349 },
                ],
            }),
            p_value: Some(0.011),
            corrected: Some(Correction { p_value: 0.055, verdict: Verdict::Inconclusive }),
            effect_size: Some(-5.37),
            registration: Registration::Changed,
            ..found(
                claim("dropout_helps", "Dropout after batch normalisation improves validation accuracy."),
                Test::Difference {
                    metric: native::VAL_ACCURACY,
                    of: id("bn_dropout"),
                    minus: id("bn"),
                    bound: Bound::Above { value: 0.0 },
                },
                Verdict::Refuted,
                (-0.0338, (-0.0495, -0.0181)),
            )
        },
        Judged {
            reason: Some(Reason::IntervalCrossesBound),
            seeds_to_settle: Some(11),
            interquartile_mean: Some(0.7432),
            interquartile_interval: Some(Interval { lower: 0.7391, upper: 0.7502 }),
            minimum_detectable_effect: Some(0.021),
            p_value: Some(0.31),
            registration: Registration::Before,
            ..found(
                Claim {
                    must: Some(Verdict::Supported),
                    ..claim("reaches_75", "With both, validation accuracy is within one point of 75.11%.")
                },
                Test::Level {
                    metric: native::VAL_ACCURACY,
                    of: id("bn_dropout"),
                    bound: Bound::Within { around: 0.7511, margin: 0.01 },
                },
                Verdict::Inconclusive,
                (0.7511, (0.7315, 0.7707)),
            )
        },
        Judged {
            registration: Registration::Added,
            ..found(
                claim("signal_fades", "Without batch normalisation no signal reaches the classifier."),
                Test::Level { metric: native::SIGNAL_INITIAL, of: id("plain"), bound: Bound::Below { value: 1e-6 } },
                Verdict::Supported,
                (3.2e-9, (1.1e-9, 9.4e-9)),
            )
        },
        Judged {
            ..found(
                claim("gradient_falls", "The gradient falls with every step away from batch normalisation."),
                Test::Trend {
                    metric: native::GRADIENT_INITIAL,
                    along: vec![id("bn"), id("bn_dropout"), id("plain")],
                    direction: Direction::Decreasing,
                },
                Verdict::Supported,
                (-4.1, (-4.6, -3.6)),
            )
        },
        Judged {
            verdict: Verdict::Inconclusive,
            reason: Some(Reason::NoValues),
            estimate: None,
            interval: None,
            sample: Sample { seeds: 0, planned: 3, diverged: 1, failed: 1, missing: 1, ..Sample::default() },
            ..found(
                claim("gain", "Estimating statistics anew recovers accuracy."),
                Test::Level {
                    metric: native::REESTIMATION_GAIN,
                    of: id("bn_dropout"),
                    bound: Bound::Above { value: 0.0 },
                },
                Verdict::Inconclusive,
                (0.0, (0.0, 0.0)),
            )
        },
    ]
}

/// The same evidence, whose experiment makes the claims of `judged`.
pub fn claiming(mut evidence: Evidence, judged: &[Judged]) -> Evidence {
    evidence.experiment.claims = judged.iter().map(|judged| judged.claim.clone()).collect();
    evidence
}

/// A claim with placeholders for what [`found`] fills in.
pub fn claim(name: &str, says: &str) -> Claim {
    Claim {
        id: name.parse().unwrap(),
        quote: None,
        because: None,
        says: says.to_owned(),
        reported: Reported::default().resolved(&native::REPORTED),
        must: None,
        confidence: 0.95,
        at: At::Last,
        test: Test::Level { metric: native::VAL_ACCURACY, of: id("none"), bound: Bound::Above { value: 0.0 } },
    }
}

/// Judged on three seeds, none of which diverged.
pub fn found(claim: Claim, test: Test, verdict: Verdict, (estimate, (lower, upper)): (f64, (f64, f64))) -> Judged {
    Judged {
        claim: Claim { test, ..claim },
        verdict,
        reason: None,
        step: None,
        sample: Sample { seeds: 3, planned: 3, ..Sample::default() },
        estimate: Some(estimate),
        interval: Some(Interval { lower, upper }),
        effect_size: None,
        probability_of_superiority: None,
        superiority_interval: None,
        interquartile_mean: None,
        interquartile_interval: None,
        images: None,
        minimum_detectable_effect: None,
        seeds_to_settle: None,
        p_value: None,
        corrected: None,
        registration: Registration::Unknown,
        look: None,
    }
}

fn id(name: &str) -> VariantId {
    name.parse().unwrap()
}
