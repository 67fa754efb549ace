//! When a round does not count as quiet: others were at work on the same cores, or the GPU held itself back.

use crate::bundle::throughput::{Round, Strain};

/// Share of the cores in use that others may take before a round is marked.
const TOLERATED: f64 = 0.1;

/// Whether others took cores that the measurement needed, on a machine of `cores` of which it used `threads`.
pub fn is_loaded(strain: &Strain, cores: u32, threads: u32) -> bool {
    let (cores, threads) = (f64::from(cores), f64::from(threads));
    let needed_elsewhere = strain.others_cores.unwrap_or(0.0) - (cores - threads).max(0.0);
    let taken = needed_elsewhere.max(0.0) + strain.stolen_cores.unwrap_or(0.0);
    taken > TOLERATED * threads || strain.gpu_processes.is_some_and(|others| others > 0)
}

/// Whether the GPU held its clocks back.
pub fn is_throttled(strain: &Strain) -> bool {
    !strain.throttled.is_empty()
}

/// Whether the samples of a round are to be read with care.
pub fn was_strained(round: &Round, cores: u32, threads: u32) -> bool {
    is_loaded(&round.strain, cores, threads) || is_throttled(&round.strain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strain(others: f64, stolen: f64) -> Strain {
        Strain { others_cores: Some(others), stolen_cores: Some(stolen), ..Strain::default() }
    }

    #[test]
    fn background_load_on_cores_that_are_needed_is_marked() {
        assert!(!is_loaded(&strain(0.1, 0.0), 2, 2), "a twentieth of the machine");
        assert!(is_loaded(&strain(1.0, 0.0), 2, 2), "half the machine");
        assert!(is_loaded(&strain(0.0, 0.5), 2, 2), "withheld by the host");
        assert!(is_loaded(&strain(0.15, 0.15), 2, 2), "both together");
    }

    #[test]
    fn load_on_idle_cores_is_not() {
        assert!(!is_loaded(&strain(1.0, 0.0), 4, 2));
        assert!(is_loaded(&strain(2.5, 0.0), 4, 2));
    }

    #[test]
    fn other_processes_on_the_gpu_and_throttling_are_marked() {
        assert!(is_loaded(&Strain { gpu_processes: Some(1), ..Strain::default() }, 8, 1));
        let hot = Strain { throttled: vec!["SW_THERMAL_SLOWDOWN".to_owned()], ..Strain::default() };
        assert!(is_throttled(&hot) && !is_loaded(&hot, 8, 1));
        assert!(was_strained(&Round { samples: vec![], strain: hot }, 8, 1));
    }

    #[test]
    fn what_the_system_does_not_tell_is_no_load() {
        assert!(!is_loaded(&Strain::default(), 2, 2));
    }
}
