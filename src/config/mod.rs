//! Experiment files: YAML in, a resolved [`Experiment`] out.
//!
//! Raw types (what the file says) and resolved types (what runs) are different; only resolved ones leave this module.
//! Every error names file, line and column, shows the line, and says what was meant.

mod experiment;
mod values;

pub use experiment::{
    Augment, DataSource, DataSpec, Decay, Dropout, DropoutKind, DropoutPlace, Experiment, Initializer, ModelSpec, Norm,
    PerClass, PixelRange, Recipe, Reported, Schedule, Source, Variant,
};
pub use values::{ExperimentId, InvalidValue, Rate, Seed, Slug, VariantId};
