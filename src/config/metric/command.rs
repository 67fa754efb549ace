//! What every program that performs a trial leaves, whatever it prints.

use super::{Better, Kind, Metric, Role, Spec, Unit};

const fn cost(name: &'static str, unit: Unit) -> Spec {
    let better = Some(Better::Lower);
    Spec {
        name,
        label: None,
        unit,
        better,
        chance: None,
        least: 0.0,
        most: f64::INFINITY,
        kind: Kind::Cost,
        role: Role::None,
    }
}

/// From the start of the program to its end.
pub const WALL_TIME: Metric = {
    static SPEC: Spec = cost("wall_time", Unit::Seconds);
    Metric(&SPEC)
};

/// Of the program and all that it started, at the same time.
pub const PEAK_MEMORY: Metric = {
    static SPEC: Spec = cost("peak_memory", Unit::Bytes);
    Metric(&SPEC)
};

pub const ALL: &[Metric] = &[WALL_TIME, PEAK_MEMORY];
