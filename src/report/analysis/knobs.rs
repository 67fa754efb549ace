//! A variant's settings in words, and what exactly sets two variants apart.
//!
//! Only two variants that differ in a single setting say something about that setting.

use crate::config::{
    Augment, Decay, Dropout, DropoutKind, DropoutPlace, Initializer, ModelSpec, Norm, Optimizer, Param, Params,
    PixelRange, Precision, Recipe, Trainer, Variant,
};
use crate::report::language::{known_message, say};
use crate::report::text::plain;

/// One setting in which two variants differ, with the words for either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub knob: String,
    pub minuend: String,
    pub subtrahend: String,
}

/// Every setting in which two variants differ. Dropout of some rate against no dropout is one difference, not one for
/// each thing that can be said about dropout; so is normalisation against none.
pub fn differences(minuend: &Variant, subtrahend: &Variant) -> Vec<Difference> {
    let mut found = vec![];
    match (&minuend.trainer, &subtrahend.trainer) {
        (Trainer::Native(one), Trainer::Native(other)) => {
            compare_models(&one.model, &other.model, &mut found);
            let recipes = recipe_in_words(&one.train).into_iter().zip(recipe_in_words(&other.train));
            for ((knob, left), (_, right)) in recipes {
                compare(&mut found, knob, left, right);
            }
        }
        (one, other) => compare_params(one, other, &mut found),
    }
    found
}

/// The setting that says who performs the trials.
pub const PERFORMER: &str = "trainer";

/// Parameters by name; who performs the trials, and with which command, is a setting as well.
fn compare_params(one: &Trainer, other: &Trainer, found: &mut Vec<Difference>) {
    match (one, other) {
        (Trainer::Command { command: one, .. }, Trainer::Command { command: other, .. }) if one == other => {}
        (Trainer::Import { import: one, .. }, Trainer::Import { import: other, .. }) if one == other => {}
        (one, other) => compare(found, PERFORMER, performer(one), performer(other)),
    }
    let none = Params::new();
    let (one, other) = (one.params().unwrap_or(&none), other.params().unwrap_or(&none));
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    let value =
        |params: &Params, name: &String| params.get(name).map_or_else(|| say!("value-none"), ToString::to_string);
    for name in names {
        compare(found, name, value(one, name), value(other, name));
    }
}

/// Who performs a variant's trials.
fn performer(trainer: &Trainer) -> String {
    match trainer {
        Trainer::Native(_) => say!("trainer-native"),
        Trainer::Command { command, .. } => say!("trainer-command", command = plain(&command.command.join(" "))),
        Trainer::Import { import, .. } => say!("trainer-import", path = plain(&import.path)),
    }
}

/// A variant in words, one setting after the other.
pub fn settings_in_words(trainer: &Trainer) -> Vec<String> {
    match trainer {
        Trainer::Native(network) => model_in_words(&network.model),
        Trainer::Command { params, .. } | Trainer::Import { params, .. } => {
            let param = |(name, value): (&String, &Param)| {
                say!("page-labelled", label = plain(name), value = plain(&value.to_string()))
            };
            params.iter().map(param).chain([performer(trainer)]).collect()
        }
    }
}

fn compare_models(left: &ModelSpec, right: &ModelSpec, found: &mut Vec<Difference>) {
    if left.layers != right.layers {
        let (minuend, subtrahend) = (network(left), network(right));
        found.push(Difference { knob: "network".to_owned(), minuend, subtrahend });
    }
    let in_words = |model: &ModelSpec| model.dropout.map(|dropout| dropout_in_words(dropout, model));
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
            if one.place != other.place {
                let (minuend, subtrahend) = (dropout_place(one.place, left), dropout_place(other.place, right));
                found.push(Difference { knob: "dropout place".to_owned(), minuend, subtrahend });
            }
            if let (Some(one), Some(other)) = (one.block_size, other.block_size) {
                compare(found, "dropout block size", one, other);
            }
        }
        _ => {
            let or_none = |dropout: Option<String>| dropout.unwrap_or_else(|| say!("value-none"));
            compare(found, "dropout", or_none(in_words(left)), or_none(in_words(right)));
        }
    }
    compare(found, "initialiser", initializer(left.initializer), initializer(right.initializer));
    compare(found, "width", left.width, right.width);
}

fn compare<T: ToString + PartialEq>(found: &mut Vec<Difference>, knob: &str, minuend: T, subtrahend: T) {
    if minuend != subtrahend {
        let knob = knob.to_owned();
        found.push(Difference { knob, minuend: minuend.to_string(), subtrahend: subtrahend.to_string() });
    }
}

/// Whether the minuend reads better as the one side: the variant that has the thing, minus the one that has not.
pub fn has_feature_other_lacks(variant: &Variant, other: &Variant) -> bool {
    let normalised = |v: &Variant| v.native().is_some_and(|network| network.model.norm != Norm::None);
    let dropped = |v: &Variant| v.native().is_some_and(|network| network.model.dropout.is_some());
    (normalised(variant) && !normalised(other)) || (dropped(variant) && !dropped(other))
}

/// The name of a setting, as [`Difference`] and [`recipe_in_words`] have it, in the language that is being spoken.
pub fn setting_in_words(knob: &str) -> String {
    // A parameter is called what its file calls it.
    known_message(&format!("setting-{}", knob.replace(' ', "-"))).unwrap_or_else(|| plain(knob))
}

/// The network in words, one setting after the other.
fn model_in_words(model: &ModelSpec) -> Vec<String> {
    let norm = match model.norm {
        Norm::None => say!("model-no-norm"),
        Norm::Batch { momentum, epsilon } => {
            say!("model-batch-norm", momentum = momentum.to_string(), epsilon = epsilon.to_string())
        }
        Norm::Group { groups, epsilon } => {
            say!("model-group-norm", groups = groups.to_string(), epsilon = epsilon.to_string())
        }
    };
    let in_words = |dropout| dropout_in_words(dropout, model);
    let dropout = model.dropout.map_or_else(|| say!("model-no-dropout"), in_words);
    let start = say!("model-initialiser", initialiser = initializer(model.initializer));
    let width = say!("model-width", width = model.width.to_string());
    vec![network(model), norm, dropout, start, width]
}

/// What the network is called.
fn network(model: &ModelSpec) -> String {
    model.network_name().map_or_else(|| say!("model-own-layers"), plain)
}

/// The training recipe as (setting, words), always in the same order; [`setting_in_words`] translates the settings.
pub fn recipe_in_words(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let Augment { horizontal_flip, crop_padding } = recipe.augment;
    let flip = if horizontal_flip { say!("value-on") } else { say!("value-off") };
    let padding = || say!("value-padding", pixels = crop_padding.to_string());
    let crop = if crop_padding > 0 { padding() } else { say!("value-off") };
    vec![
        ("number of epochs", recipe.epochs.to_string()),
        ("batch size", recipe.batch_size.to_string()),
        ("image size", say!("value-image-size", side = recipe.image_size.to_string())),
        ("pixel range", pixel_range(recipe.pixels).to_owned()),
        ("optimizer", optimizer(recipe.optimizer)),
        ("learning rate", recipe.learning_rate.to_string()),
        ("momentum", recipe.momentum.to_string()),
        ("weight decay", recipe.weight_decay.to_string()),
        ("label smoothing", recipe.label_smoothing.to_string()),
        ("warm-up", say!("value-warm-up", epochs = recipe.schedule.warmup_epochs.to_string())),
        ("learning-rate decay", decay(recipe.schedule.decay)),
        ("horizontal flip", flip),
        ("random crop", crop),
        ("precision", precision(recipe.precision).to_owned()),
    ]
}

fn optimizer(optimizer: Optimizer) -> String {
    match optimizer {
        Optimizer::Sgd { nesterov: false } => "SGD".to_owned(),
        Optimizer::Sgd { nesterov: true } => say!("value-nesterov"),
        Optimizer::Rmsprop { rho, epsilon } => format!("RMSprop (ρ {rho}, ε {epsilon})"),
        Optimizer::Adam { beta_1, beta_2, epsilon } => format!("Adam (β₁ {beta_1}, β₂ {beta_2}, ε {epsilon})"),
        Optimizer::Adamw { beta_1, beta_2, epsilon } => format!("AdamW (β₁ {beta_1}, β₂ {beta_2}, ε {epsilon})"),
    }
}

fn norm_kind(norm: Norm) -> String {
    say!(match norm {
        Norm::None => "value-none",
        Norm::Batch { .. } => "value-batch-norm",
        Norm::Group { .. } => "value-group-norm",
    })
}

fn dropout_in_words(dropout: Dropout, model: &ModelSpec) -> String {
    let (kind, place) = (dropout_kind(dropout.kind), dropout_place(dropout.place, model));
    let rate = dropout.rate.get().to_string();
    match dropout.block_size {
        Some(size) => say!("value-dropout-of-size", kind = kind, side = size.to_string(), rate = rate, place = place),
        None => say!("value-dropout", kind = kind, rate = rate, place = place),
    }
}

fn dropout_kind(kind: DropoutKind) -> String {
    say!(match kind {
        DropoutKind::Element => "dropout-element",
        DropoutKind::Channel => "dropout-channel",
        DropoutKind::Block => "dropout-block",
    })
}

/// The activations of MobileNetV2 are ReLU6; those of other networks may be of several kinds.
fn dropout_place(place: DropoutPlace, model: &ModelSpec) -> String {
    say!(match place {
        DropoutPlace::Activation if model.layers.is_some() => "dropout-after-any-activations",
        DropoutPlace::Norm if model.layers.is_some() => "dropout-behind-any-norms",
        DropoutPlace::Activation => "dropout-after-activations",
        DropoutPlace::Head => "dropout-before-classifier",
        DropoutPlace::Convolution => "dropout-before-convolutions",
        DropoutPlace::Norm => "dropout-behind-norms",
    })
}

fn initializer(initializer: Initializer) -> String {
    say!(match initializer {
        Initializer::Keras => "initialiser-keras",
        Initializer::Glorot => "initialiser-glorot",
        Initializer::He => "initialiser-he",
        Initializer::Pytorch => "initialiser-pytorch",
    })
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
        Decay::Constant => say!("value-none"),
        Decay::Step { every_epochs, factor } => {
            say!("value-decay-by-steps", factor = factor.to_string(), epochs = every_epochs.to_string())
        }
        Decay::Cosine { final_factor } => say!("value-decay-by-cosine", factor = final_factor.to_string()),
    }
}
