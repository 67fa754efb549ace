//! How large every layer's output is.

use super::{Bench, IMAGES, finite};
use crate::bundle::probe::{LayerFigure, Signal};
use crate::model::{Network, Pass};

/// Root mean squares in training and in evaluation mode, over the first images.
pub(super) fn signal(model: &Network, bench: &Bench<'_>) -> Signal {
    let measure = |pass: Pass| {
        let mut pass = pass.observing();
        model.forward(bench.images(bench.first(IMAGES)), &mut pass);
        let figure = |observed: &crate::model::Observation| LayerFigure {
            layer: observed.layer.to_string(),
            value: finite(observed.rms),
        };
        pass.observations().iter().map(figure).collect()
    };
    Signal { training: measure(bench.first_step()), evaluation: measure(bench.evaluation()) }
}
