//! A variant's settings in words, and what exactly sets two variants apart.
//!
//! Only two variants that differ in a single setting say something about that setting.

use crate::config::{
    Augment, Decay, Dropout, DropoutKind, DropoutPlace, Initializer, ModelSpec, Norm, PixelRange, Recipe, Variant,
};

/// One setting in which two variants differ, with the words for either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub knob: &'static str,
    pub minuend: String,
    pub subtrahend: String,
}

/// Every setting in which two variants differ. Parts of a setting that one side does not have at all do not count apart:
/// dropout of some rate against no dropout is one difference.
pub fn differences(minuend: &Variant, subtrahend: &Variant) -> Vec<Difference> {
    let (left, right) = (settings(minuend), settings(subtrahend));
    let value = |side: &[Setting], knob| side.iter().find(|setting| setting.knob == knob).map(|s| s.words.clone());
    left.iter()
        .filter_map(|setting| {
            let other = value(&right, setting.knob)?;
            (other != setting.words).then(|| Difference {
                knob: setting.knob,
                minuend: setting.words.clone(),
                subtrahend: other,
            })
        })
        .collect()
}

/// Whether the minuend reads better as the one side: the variant that has the thing, minus the one that has not.
pub fn has_feature_other_lacks(variant: &Variant, other: &Variant) -> bool {
    let normalised = |v: &Variant| v.model.norm != Norm::None;
    let dropped = |v: &Variant| v.model.dropout.is_some();
    (normalised(variant) && !normalised(other)) || (dropped(variant) && !dropped(other))
}

/// The network in words, one setting after the other.
pub fn model_in_words(model: &ModelSpec) -> Vec<String> {
    let norm = match model.norm {
        Norm::None => "no normalisation".to_owned(),
        Norm::Batch { momentum, epsilon } => format!("batch normalisation (momentum {momentum}, ε {epsilon})"),
    };
    let dropout = match model.dropout {
        None => "no dropout".to_owned(),
        Some(dropout) => dropout_in_words(dropout),
    };
    vec![norm, dropout, format!("{} initialiser", initializer(model.initializer)), format!("width {}", model.width)]
}

/// The training recipe as (setting, words).
pub fn recipe_in_words(recipe: &Recipe) -> Vec<(&'static str, String)> {
    recipe_settings(recipe).into_iter().map(|setting| (setting.knob, setting.words)).collect()
}

struct Setting {
    knob: &'static str,
    words: String,
}

fn setting(knob: &'static str, words: impl ToString) -> Setting {
    Setting { knob, words: words.to_string() }
}

fn settings(variant: &Variant) -> Vec<Setting> {
    let model = &variant.model;
    let mut all = vec![];
    match model.norm {
        Norm::None => all.push(setting("normalisation", "none")),
        Norm::Batch { momentum, epsilon } => all.extend([
            setting("normalisation", "batch normalisation"),
            setting("normalisation momentum", momentum),
            setting("normalisation epsilon", epsilon),
        ]),
    }
    match model.dropout {
        None => all.push(setting("dropout", "none")),
        Some(Dropout { rate, kind, place }) => all.extend([
            setting("dropout rate", rate.get()),
            setting("dropout kind", dropout_kind(kind)),
            setting("dropout place", dropout_place(place)),
        ]),
    }
    all.push(setting("initialiser", initializer(model.initializer)));
    all.push(setting("width", model.width));
    all.extend(recipe_settings(&variant.train));
    all
}

fn recipe_settings(recipe: &Recipe) -> Vec<Setting> {
    let Augment { horizontal_flip, crop_padding } = recipe.augment;
    vec![
        setting("epochs", recipe.epochs),
        setting("batch size", recipe.batch_size),
        setting("image size", format!("{0}×{0} pixels", recipe.image_size)),
        setting("pixel range", pixel_range(recipe.pixels)),
        setting("learning rate", recipe.learning_rate),
        setting("momentum", recipe.momentum),
        setting("weight decay", recipe.weight_decay),
        setting("warm-up", format!("{} epochs", recipe.schedule.warmup_epochs)),
        setting("learning-rate decay", decay(recipe.schedule.decay)),
        setting("horizontal flip", if horizontal_flip { "on" } else { "off" }),
        setting("random crop", if crop_padding > 0 { format!("padding {crop_padding}") } else { "off".to_owned() }),
    ]
}

fn dropout_in_words(dropout: Dropout) -> String {
    format!("{} dropout {} {}", dropout_kind(dropout.kind), dropout.rate.get(), dropout_place(dropout.place))
}

fn dropout_kind(kind: DropoutKind) -> &'static str {
    match kind {
        DropoutKind::Element => "element-wise",
        DropoutKind::Channel => "channel-wise",
    }
}

fn dropout_place(place: DropoutPlace) -> &'static str {
    match place {
        DropoutPlace::Activation => "after every ReLU6",
        DropoutPlace::Head => "before the classifier",
    }
}

fn initializer(initializer: Initializer) -> &'static str {
    match initializer {
        Initializer::Keras => "Keras",
        Initializer::Glorot => "Glorot (true fans)",
        Initializer::He => "He",
    }
}

fn pixel_range(range: PixelRange) -> &'static str {
    match range {
        PixelRange::Unit => "[0, 1]",
        PixelRange::Signed => "[−1, 1]",
        PixelRange::Raw => "[0, 255]",
    }
}

fn decay(decay: Decay) -> String {
    match decay {
        Decay::Constant => "none".to_owned(),
        Decay::Step { every_epochs, factor } => format!("× {factor} every {every_epochs} epochs"),
        Decay::Cosine { final_factor } => format!("cosine to × {final_factor}"),
    }
}
