//! A variant's settings in words, and what exactly sets two variants apart.
//!
//! Only two variants that differ in a single setting say something about that setting.

use crate::config::{
    Augment, Decay, Dropout, DropoutKind, DropoutPlace, Initializer, ModelSpec, Norm, PixelRange, Precision, Recipe,
    Variant,
};

/// One setting in which two variants differ, with the words for either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub knob: &'static str,
    pub minuend: String,
    pub subtrahend: String,
}

/// Every setting in which two variants differ. Dropout of some rate against no dropout is one difference, not one for
/// each thing that can be said about dropout; so is normalisation against none.
pub fn differences(minuend: &Variant, subtrahend: &Variant) -> Vec<Difference> {
    let mut found = vec![];
    compare_models(&minuend.model, &subtrahend.model, &mut found);
    let recipes = recipe_in_words(&minuend.train).into_iter().zip(recipe_in_words(&subtrahend.train));
    for ((knob, left), (_, right)) in recipes {
        compare(&mut found, knob, left, right);
    }
    found
}

fn compare_models(left: &ModelSpec, right: &ModelSpec, found: &mut Vec<Difference>) {
    match (left.norm, right.norm) {
        (Norm::Batch { momentum, epsilon }, Norm::Batch { momentum: other_momentum, epsilon: other_epsilon }) => {
            compare(found, "normalisation momentum", momentum, other_momentum);
            compare(found, "normalisation epsilon", epsilon, other_epsilon);
        }
        (Norm::Group { groups, epsilon }, Norm::Group { groups: other_groups, epsilon: other_epsilon }) => {
            compare(found, "normalisation groups", groups, other_groups);
            compare(found, "normalisation epsilon", epsilon, other_epsilon);
        }
        (one, other) => compare(found, "normalisation", norm_kind(one), norm_kind(other)),
    }
    match (left.dropout, right.dropout) {
        (Some(one), Some(other)) => {
            compare(found, "dropout rate", one.rate.get(), other.rate.get());
            compare(found, "dropout kind", dropout_kind(one.kind), dropout_kind(other.kind));
            compare(found, "dropout place", dropout_place(one.place), dropout_place(other.place));
            if let (Some(one), Some(other)) = (one.block_size, other.block_size) {
                compare(found, "dropout block size", one, other);
            }
        }
        (one, other) => compare(found, "dropout", dropout_or_none(one), dropout_or_none(other)),
    }
    compare(found, "initialiser", initializer(left.initializer), initializer(right.initializer));
    compare(found, "width", left.width, right.width);
}

fn compare<T: ToString + PartialEq>(found: &mut Vec<Difference>, knob: &'static str, minuend: T, subtrahend: T) {
    if minuend != subtrahend {
        found.push(Difference { knob, minuend: minuend.to_string(), subtrahend: subtrahend.to_string() });
    }
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
        Norm::Group { groups, epsilon } => format!("group normalisation ({groups} groups, ε {epsilon})"),
    };
    let dropout = model.dropout.map_or_else(|| "no dropout".to_owned(), dropout_in_words);
    vec![norm, dropout, format!("{} initialiser", initializer(model.initializer)), format!("width {}", model.width)]
}

/// The training recipe as (setting, words), always in the same order.
pub fn recipe_in_words(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let Augment { horizontal_flip, crop_padding } = recipe.augment;
    let flip = if horizontal_flip { "on" } else { "off" };
    let crop = if crop_padding > 0 { format!("padding {crop_padding}") } else { "off".to_owned() };
    vec![
        ("number of epochs", recipe.epochs.to_string()),
        ("batch size", recipe.batch_size.to_string()),
        ("image size", format!("{0}×{0} pixels", recipe.image_size)),
        ("pixel range", pixel_range(recipe.pixels).to_owned()),
        ("learning rate", recipe.learning_rate.to_string()),
        ("momentum", recipe.momentum.to_string()),
        ("weight decay", recipe.weight_decay.to_string()),
        ("warm-up", format!("{} epochs", recipe.schedule.warmup_epochs)),
        ("learning-rate decay", decay(recipe.schedule.decay)),
        ("horizontal flip", flip.to_owned()),
        ("random crop", crop),
        ("precision", precision(recipe.precision).to_owned()),
    ]
}

fn norm_kind(norm: Norm) -> &'static str {
    match norm {
        Norm::None => "none",
        Norm::Batch { .. } => "batch normalisation",
        Norm::Group { .. } => "group normalisation",
    }
}

fn dropout_or_none(dropout: Option<Dropout>) -> String {
    dropout.map_or_else(|| "none".to_owned(), dropout_in_words)
}

fn dropout_in_words(dropout: Dropout) -> String {
    let size = dropout.block_size.map(|size| format!(" of {size}×{size} pixels")).unwrap_or_default();
    format!("{} dropout{size} {} {}", dropout_kind(dropout.kind), dropout.rate.get(), dropout_place(dropout.place))
}

fn dropout_kind(kind: DropoutKind) -> &'static str {
    match kind {
        DropoutKind::Element => "element-wise",
        DropoutKind::Channel => "channel-wise",
        DropoutKind::Block => "block-wise",
    }
}

fn dropout_place(place: DropoutPlace) -> &'static str {
    match place {
        DropoutPlace::Activation => "after every ReLU6",
        DropoutPlace::Head => "before the classifier",
        DropoutPlace::Convolution => "before every convolution but the first",
        DropoutPlace::Norm => "between normalisation and ReLU6",
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

fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Fp32 => "fp32",
        Precision::Tf32 => "tf32",
        Precision::Bf16 => "bf16",
    }
}

fn decay(decay: Decay) -> String {
    match decay {
        Decay::Constant => "none".to_owned(),
        Decay::Step { every_epochs, factor } => format!("× {factor} every {every_epochs} epochs"),
        Decay::Cosine { final_factor } => format!("cosine to × {final_factor}"),
    }
}
