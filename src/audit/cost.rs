//! What training trials again will take, told before it is begun.

/// A trial that is to be trained again, or its first steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Again {
    /// Steps that will be trained.
    pub steps: u64,
    /// Steps of the whole trial.
    pub recorded_steps: u64,
    pub images_per_step: u64,
    /// How long the whole trial took where it was made, in seconds, if that was written down.
    pub recorded_seconds: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Training images that the trials go through.
    pub images: u64,
    /// Going by how long the trials took where they were made; `None` where nothing says that.
    pub seconds: Option<f64>,
}

impl Cost {
    /// Of all of these, one after the other. Those of which nothing is written down go by their images, at the mean rate of
    /// the others.
    pub fn of(trials: &[Again]) -> Self {
        let images: u64 = trials.iter().map(Again::images).fold(0, u64::saturating_add);
        let (mut seconds, mut images_then) = (0.0, 0.0);
        for trial in trials {
            if let Some(recorded) = trial.usable_seconds() {
                seconds += recorded;
                images_then += trial.recorded_images();
            }
        }
        let mean_rate = (images_then > 0.0).then(|| seconds / images_then);
        let seconds_of = |trial: &Again| {
            let own = trial.usable_seconds().map(|seconds| seconds / trial.recorded_images());
            Some(own.or(mean_rate)? * trial.images() as f64)
        };
        Self { images, seconds: mean_rate.and_then(|_| trials.iter().map(seconds_of).sum()) }
    }

    pub fn in_words(self) -> String {
        let images = format!("about {} training images", self.images);
        match self.seconds {
            Some(seconds) => format!("{images}, {} where they were made", time_in_words(seconds)),
            None => format!("{images}, and nothing says how long they took"),
        }
    }
}

impl Again {
    fn images(&self) -> u64 {
        self.steps.saturating_mul(self.images_per_step)
    }

    fn recorded_images(&self) -> f64 {
        self.recorded_steps as f64 * self.images_per_step as f64
    }

    fn usable_seconds(&self) -> Option<f64> {
        let is_usable = |seconds: &f64| seconds.is_finite() && *seconds > 0.0 && self.recorded_images() > 0.0;
        self.recorded_seconds.filter(is_usable)
    }
}

pub fn time_in_words(seconds: f64) -> String {
    match seconds {
        ..1.0 => "less than a second".to_owned(),
        ..120.0 => format!("about {seconds:.0} s"),
        ..7200.0 => format!("about {:.0} min", seconds / 60.0),
        _ => format!("about {:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(steps: u64, recorded_seconds: Option<f64>) -> Again {
        Again { steps, recorded_steps: 1000, images_per_step: 16, recorded_seconds }
    }

    #[test]
    fn a_part_of_a_trial_costs_that_part_of_its_time() {
        // Hand arithmetic: 1000 of 1000 steps in 50 s, 100 of 1000 in 20 s; 1100 steps of 16 images.
        let cost = Cost::of(&[trial(1000, Some(50.0)), trial(100, Some(20.0))]);
        assert_eq!((cost.images, cost.seconds), (17_600, Some(52.0)));
        assert_eq!(cost.in_words(), "about 17600 training images, about 52 s where they were made");
    }

    #[test]
    fn a_trial_without_a_usable_time_goes_by_its_images() {
        // 30 s for 1000 steps of 16 images, so as much for 500 steps of twice as many.
        for unusable in [None, Some(0.0), Some(-3.0), Some(f64::NAN), Some(f64::INFINITY)] {
            let unknown = Again { images_per_step: 32, ..trial(500, unusable) };
            let seconds = Cost::of(&[trial(1000, Some(30.0)), unknown]).seconds.unwrap();
            assert!((seconds - 60.0).abs() < 1e-9, "{unusable:?}: {seconds}");
            let alone = Cost::of(&[unknown]);
            assert_eq!((alone.images, alone.seconds), (16_000, None));
            assert!(alone.in_words().ends_with("nothing says how long they took"), "{}", alone.in_words());
        }
        assert_eq!(Cost::of(&[]).seconds, None);
    }

    #[test]
    fn times_are_told_in_a_unit_that_fits() {
        let told = [0.2, 1.0, 119.0, 180.0, 9000.0].map(time_in_words);
        assert_eq!(told, ["less than a second", "about 1 s", "about 119 s", "about 3 min", "about 2.5 h"]);
    }
}
