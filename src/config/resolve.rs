//! Raw settings to resolved ones: shared settings merged into each variant, defaults filled in.
//!
//! Expects settings that `check` found nothing wrong with; refuses what only shows after merging.

use std::path::PathBuf;

use super::check::{Problem, device};
use super::conclusion::check_measurable;
use super::experiment::{
    Augment, DataSource, DataSpec, Decay, Dropout, DropoutKind, DropoutPlace, Experiment, Fit, Initializer, ModelSpec,
    Norm, Optimizer, PerClass, PixelRange, Recipe, Schedule, Throughput, Variant, Whence, metrics_of,
};
use super::location::KeyPath;
use super::metric::{Metrics, native};
use super::network::raw::RawLayer;
use super::network::{Graph, GraphError, Layer, Preset, layers_of};
use super::raw::{
    DecayKind, Framework, NormKind, OptimizerKind, RawAugment, RawData, RawDecay, RawDropout, RawExperiment, RawModel,
    RawNorm, RawOptimizer, RawPerClass, RawSchedule, RawThroughput, RawTrain, RawVariant, SourceKind,
};
use super::raw_trainer::{RawTrainer, TrainerName};
use super::resolve_claims::resolve_claims;
use super::shorthand::{Seeds, Shorthand};
use super::trainer::{Native, Params, Trainer};
use super::trainers::{Found, refuse_foreign_groups, refuse_missing_images, refuse_missing_params, resolve_trainer};
use super::values::{Rate, Seed, Slug};

// Keras's `BatchNormalization`.
const BATCH_NORM_MOMENTUM: f64 = 0.99;
const BATCH_NORM_EPSILON: f64 = 1e-3;

// Every layer of MobileNetV2 has a multiple of 8 channels, and so have most networks.
const GROUPS: u32 = 8;
// The paper's 7 is for maps of 28 pixels; most maps here are smaller.
pub(super) const BLOCK_SIZE: u32 = 3;

// Keras's default batch; the article's input size; and the learning rate that its losses suggest (see `RawTrain`).
const BATCH_SIZE: u32 = 32;
const IMAGE_SIZE: u32 = 224;
const LEARNING_RATE: f64 = 0.1;

const STEP_EXAMPLE: &str = "{kind: step, every_epochs: 30, factor: 0.1}";

const CONFIDENCE: f64 = 0.95;
const SYNTHETIC_SEED: u64 = 1;
const SYNTHETIC_PER_CLASS: (u32, u32) = (400, 100);

/// `file_stem` names an experiment that has no `id`.
pub(super) fn resolve(raw: RawExperiment, file_stem: &str) -> Result<Experiment, Problem> {
    let root = KeyPath::root();
    let invalid_name =
        |error| Problem::at_value(root.clone(), format!("the file's name gives no id: {error}"), "add `id:`");
    let id = raw.id.clone().map_or_else(|| file_stem.parse().map_err(invalid_name), Ok)?;
    if let Some(problem) = device(&root.key("id"), &id) {
        return Err(problem);
    }
    let own_trainer: Vec<bool> = raw.variants.iter().map(|variant| variant.trainer.is_some()).collect();
    let natives = || raw.variants.iter().filter(|variant| is_native(variant, &raw));
    let has_native = natives().next().is_some();
    if has_native && raw.data.is_none() {
        return Err(Problem::missing_key(&root, "data", "`data:`; it has no default"));
    }
    if has_native && raw.train.epochs.is_none() && natives().all(|variant| variant.train.epochs.is_none()) {
        return Err(Problem::missing_key(
            &root.key("train"),
            "epochs",
            "`epochs:`, the number of passes over the training images",
        ));
    }
    let seeds = resolve_seeds(raw.seeds);
    let at = root.key("variants");
    let mut variants: Vec<Variant> = Vec::new();
    let shared = Shared {
        model: &raw.model,
        train: &raw.train,
        trainer: raw.trainer.as_ref(),
        params: &raw.params,
        seeds: &seeds,
        image_sizes: match &raw.throughput {
            Some(Shorthand::Full(throughput)) => throughput.image_sizes.as_deref().unwrap_or_default(),
            _ => &[],
        },
    };
    for (i, variant) in raw.variants.into_iter().enumerate() {
        let variant = resolve_variant(variant, &shared, &at.index(i))?;
        refuse_twin(&variants, &variant, &at)?;
        variants.push(variant);
    }
    let confidence = raw.confidence.unwrap_or(CONFIDENCE);
    let data = raw.data.map(|data| resolve_data(data, &root.key("data"))).transpose()?;
    let metrics = metrics_of(&variants, &raw.metrics);
    for (i, variant) in variants.iter().enumerate() {
        if let Trainer::Command { command, .. } = &variant.trainer {
            let at = trainer_place(own_trainer[i], i);
            refuse_foreign_groups(command, &metrics, &at)?;
            if data.is_none() {
                refuse_missing_images(command, &at)?;
            }
        }
    }
    let claims = resolve_claims(raw.claims, &variants, &metrics, confidence, &root.key("claims"))?;
    check_measurable(&raw.conclusions, &variants, &metrics, &root.key("conclusions"))?;
    Ok(Experiment {
        id,
        title: raw.title,
        question: raw.question,
        source: raw.source,
        license: raw.license,
        data,
        confidence,
        seeds,
        settle: raw.settle,
        variants,
        metrics,
        throughput: resolve_throughput(raw.throughput),
        claims,
        conclusions: raw.conclusions,
        deviations: raw.deviations,
        whence: Whence::default(),
    })
}

/// What the trials of the experiment may leave, before it is resolved.
pub(super) fn metrics(raw: &RawExperiment) -> Metrics {
    let has_native = raw.variants.iter().any(|variant| is_native(variant, raw));
    let is_command = |trainer: &Shorthand<TrainerName, RawTrainer>| {
        matches!(trainer, Shorthand::Full(RawTrainer { command: Some(_), .. }))
    };
    let mut trainers = raw.trainer.iter().chain(raw.variants.iter().filter_map(|variant| variant.trainer.as_ref()));
    Metrics::new(has_native, trainers.any(is_command), &raw.metrics)
}

pub(super) fn is_native(variant: &RawVariant, raw: &RawExperiment) -> bool {
    matches!(variant.trainer.as_ref().or(raw.trainer.as_ref()), None | Some(Shorthand::Short(TrainerName::Native)))
}

/// A variant's own trainer, or that which all share.
fn trainer_place(is_own: bool, variant: usize) -> KeyPath {
    let root = KeyPath::root();
    if is_own { root.key("variants").index(variant).key("trainer") } else { root.key("trainer") }
}

/// What variants share.
struct Shared<'a> {
    model: &'a RawModel,
    train: &'a RawTrain,
    trainer: Option<&'a Shorthand<TrainerName, RawTrainer>>,
    params: &'a Params,
    seeds: &'a [Seed],
    /// Sides at which throughput is measured, too.
    image_sizes: &'a [u32],
}

/// Layers must be a network at every size of images that there will be; a preset's are at no fault.
fn refuse_misfit(
    (model, is_listed): (&ModelSpec, bool),
    size: u32,
    at: &KeyPath,
    size_at: KeyPath,
) -> Result<(), Problem> {
    // Shapes do not depend on how many classes there are.
    let Err(GraphError { at: below, message, help }) = Graph::new(model, 2, size as usize) else { return Ok(()) };
    let place = if is_listed { at.key("layers").append(&below) } else { size_at };
    Err(Problem::at_value(place, message, help))
}

/// Two variants that train the same network in the same way would be one trial under two names.
fn refuse_twin(earlier: &[Variant], variant: &Variant, at: &KeyPath) -> Result<(), Problem> {
    let same = |other: &Variant| other.trainer == variant.trainer;
    let Some(twin) = earlier.iter().position(same) else { return Ok(()) };
    let (what, keys) = match variant.trainer {
        Trainer::Native(_) => ("network and recipe", "`model` or `train`"),
        // Which rows are a variant's, or what such a command does, is told by its id.
        Trainer::Command { ref command, .. } if command.asks_for_variant() => return Ok(()),
        Trainer::Import { .. } => return Ok(()),
        Trainer::Command { .. } => ("command and parameters", "`params`"),
    };
    let message = format!("variants `{}` and `{}` are the same {what}", earlier[twin].id, variant.id);
    let help = format!("change {keys} in one of them, or remove it: more seeds, not copies, show the spread");
    let problem = Problem::at_value(at.index(earlier.len()).key("id"), message, help);
    Err(Problem { first: Some(at.index(twin).key("id")), ..problem })
}

fn resolve_seeds(raw: Seeds) -> Vec<Seed> {
    match raw {
        Seeds::Count(count) => (1..=u64::from(count)).map(Seed).collect(),
        Seeds::List(list) => list,
    }
}

fn resolve_variant(raw: RawVariant, shared: &Shared<'_>, at: &KeyPath) -> Result<Variant, Problem> {
    let seeds = raw.seeds.map_or_else(|| shared.seeds.to_vec(), resolve_seeds);
    let label = raw.label.unwrap_or_else(|| raw.id.to_string());
    let own = raw.trainer.is_some();
    let place = if own { at.key("trainer") } else { KeyPath::root().key("trainer") };
    let (trainer, usual) = match raw.trainer.as_ref().or(shared.trainer) {
        None | Some(Shorthand::Short(TrainerName::Native)) => {
            if !raw.params.is_empty() {
                let message = format!("variant `{}` has `params`, which its network does not know", raw.id);
                let help = "set `model` and `train`, or name the `trainer` whose command asks for them";
                return Err(Problem::at_key(at.key("params"), message, help));
            }
            let has_own_network = raw.model.has_network();
            let network_at = if has_own_network { at.clone() } else { KeyPath::root() }.key("model");
            let merged = raw.model.or(shared.model);
            let is_listed = merged.layers.is_some();
            let model = resolve_model(merged, &raw.id, at, &network_at)?;
            let size_at = if raw.train.image_size.is_some() { at.clone() } else { KeyPath::root() };
            let train = resolve_recipe(raw.train.or(shared.train), &raw.id, at)?;
            refuse_misfit((&model, is_listed), train.image_size, &network_at, size_at.key("train").key("image_size"))?;
            for (index, size) in shared.image_sizes.iter().enumerate() {
                let size_at = KeyPath::root().key("throughput").key("image_sizes").index(index);
                refuse_misfit((&model, is_listed), *size, &network_at, size_at)?;
            }
            (Trainer::Native(Native { model, train }), &native::REPORTED[..])
        }
        Some(Shorthand::Full(trainer)) => {
            for (key, given) in [("model", raw.model.is_given()), ("train", raw.train.is_given())] {
                if given {
                    let message = format!("variant `{}` has a `{key}`, which its trainer does not know", raw.id);
                    return Err(Problem::at_key(at.key(key), message, "say it with `params`, or remove it"));
                }
            }
            let mut params = shared.params.clone();
            params.extend(raw.params);
            let trainer = match resolve_trainer(trainer, &place)? {
                Found::Command(command) => {
                    refuse_missing_params(&command, &params, raw.id.as_str(), &place)?;
                    Trainer::Command { command, params }
                }
                Found::Import(import) => Trainer::Import { import, params },
            };
            (trainer, &[][..])
        }
    };
    let reported = raw.reported.resolved(usual);
    Ok(Variant { id: raw.id, label, description: raw.description, seeds, trainer, reported })
}

/// `at` is the variant's place, `network_at` that of the model whose network it has.
fn resolve_model(raw: RawModel, id: &Slug, at: &KeyPath, network_at: &KeyPath) -> Result<ModelSpec, Problem> {
    let (name, layers) = resolve_network(raw.preset, raw.depth, raw.layers, network_at)?;
    let spec = ModelSpec {
        name: layers.is_some().then_some(raw.name.or(name)).flatten(),
        layers,
        norm: resolve_norm(raw.norm.map_or(NormKind::Batch.into(), Shorthand::into_full)),
        dropout: resolve_dropout(raw.dropout, id, at)?,
        initializer: raw.initializer.unwrap_or(Initializer::Keras),
        width: raw.width.unwrap_or(1.0),
    };
    let Some(layers) = &spec.layers else { return Ok(spec) };
    if let Some(Dropout { place, .. }) = spec.dropout
        && !Graph::has_place(layers, place)
    {
        let (where_, word) = match place {
            DropoutPlace::Activation => ("after every activation", "act"),
            DropoutPlace::Norm => ("after every normalisation", "norm"),
            DropoutPlace::Convolution | DropoutPlace::Head => ("before every convolution but the first", "conv"),
        };
        let message = format!("variant `{id}` drops {where_}, and its network has none");
        let help = format!("use another `place`, or put `{word}` into the network");
        return Err(Problem::at_value(at.key("model").key("dropout"), message, help));
    }
    if !Graph::has_norm(layers) {
        return match raw.norm.map(Shorthand::into_full) {
            Some(RawNorm { kind: NormKind::Batch | NormKind::Group, .. }) => {
                let message = format!("variant `{id}` has a `norm`, and its network has no place for it");
                let help = "put `- norm` where it belongs into `layers`, or leave out `norm`";
                Err(Problem::at_value(at.key("model").key("norm"), message, help))
            }
            _ => Ok(ModelSpec { norm: Norm::None, ..spec }),
        };
    }
    Ok(spec)
}

/// A network's name and layers; neither for the default.
fn resolve_network(
    preset: Option<Preset>,
    depth: Option<u32>,
    layers: Option<Vec<RawLayer>>,
    at: &KeyPath,
) -> Result<(Option<String>, Option<Vec<Layer>>), Problem> {
    if let Some(layers) = layers {
        if let Some(preset) = preset {
            let message = format!("`{at}` has both `layers` and the preset `{preset}`");
            return Err(Problem::at_key(at.key("preset"), message, "leave out one of the two"));
        }
        if depth.is_some() {
            let help = "repeat layers as often as you like, with `repeat`";
            return Err(Problem::at_key(at.key("depth"), "`depth` is a preset's, and here are `layers`", help));
        }
        let layers = layers_of(layers).map_err(|reason| Problem::at_value(at.key("layers"), reason, ""))?;
        return Ok((None, Some(layers)));
    }
    let preset = preset.unwrap_or(Preset::MobilenetV2);
    if depth.is_some() && !preset.has_depth() {
        let message = format!("`{preset}` has one depth");
        return Err(Problem::at_key(at.key("depth"), message, "leave out `depth`, or use `vgg` or `resnet`"));
    }
    let network = preset.network(depth).map_err(|depths| {
        let message = format!("there is no `{preset}` of this depth");
        Problem::at_value(at.key("depth"), message, format!("use {depths}"))
    })?;
    Ok(network.map_or((None, None), |(name, layers)| (Some(name), Some(layers))))
}

fn resolve_dropout(
    raw: Option<Shorthand<Rate, RawDropout>>,
    id: &Slug,
    at: &KeyPath,
) -> Result<Option<Dropout>, Problem> {
    let at = at.key("model").key("dropout");
    match raw.map(Shorthand::into_full) {
        None => Ok(None),
        Some(RawDropout { rate: Some(rate), kind, place, block_size }) => {
            let kind = kind.unwrap_or(DropoutKind::Element);
            let place = place.unwrap_or(DropoutPlace::Activation);
            let block_size = (kind == DropoutKind::Block).then(|| block_size.unwrap_or(BLOCK_SIZE));
            if kind == DropoutKind::Block && place == DropoutPlace::Head {
                let message = format!("variant `{id}` drops blocks of the pooled features, which have no neighbours");
                let help = "use `kind: element` with `place: head`, or another place";
                return Err(Problem::at_value(at, message, help));
            }
            Ok(Some(Dropout { rate, kind, place, block_size }).filter(|dropout| !dropout.rate.is_zero()))
        }
        Some(RawDropout { rate: None, .. }) => {
            let message = format!("variant `{id}` describes a dropout without a `rate`");
            Err(Problem::at_key(at, message, "add `rate:` to its `dropout`"))
        }
    }
}

pub(super) fn resolve_norm(norm: RawNorm) -> Norm {
    match norm.kind {
        NormKind::None => Norm::None,
        NormKind::Batch => Norm::Batch {
            momentum: norm.momentum.unwrap_or(BATCH_NORM_MOMENTUM),
            epsilon: norm.epsilon.unwrap_or(BATCH_NORM_EPSILON),
        },
        NormKind::Group => {
            Norm::Group { groups: norm.groups.unwrap_or(GROUPS), epsilon: norm.epsilon.unwrap_or(BATCH_NORM_EPSILON) }
        }
    }
}

/// Keras 3's defaults, or PyTorch 2's.
fn resolve_optimizer(raw: RawOptimizer) -> Optimizer {
    let framework = raw.defaults.unwrap_or_default();
    let of = |keras: f64, pytorch: f64| match framework {
        Framework::Keras => keras,
        Framework::Pytorch => pytorch,
    };
    let epsilon = raw.epsilon.unwrap_or(of(1e-7, 1e-8));
    let (beta_1, beta_2) = (raw.beta_1.unwrap_or(0.9), raw.beta_2.unwrap_or(0.999));
    match raw.kind {
        OptimizerKind::Sgd => Optimizer::Sgd { nesterov: raw.nesterov.unwrap_or(false) },
        OptimizerKind::Rmsprop => Optimizer::Rmsprop { rho: raw.rho.unwrap_or(of(0.9, 0.99)), epsilon },
        OptimizerKind::Adam => Optimizer::Adam { beta_1, beta_2, epsilon },
        OptimizerKind::Adamw => Optimizer::Adamw { beta_1, beta_2, epsilon },
    }
}

/// Learning rate and weight decay where a file gives none.
fn usual_steps(raw: RawOptimizer) -> (f64, f64) {
    match (raw.kind, raw.defaults.unwrap_or_default()) {
        (OptimizerKind::Sgd, _) => (LEARNING_RATE, 0.0),
        (OptimizerKind::Rmsprop, Framework::Pytorch) => (0.01, 0.0),
        (OptimizerKind::Rmsprop, Framework::Keras) | (OptimizerKind::Adam, _) => (0.001, 0.0),
        (OptimizerKind::Adamw, Framework::Keras) => (0.001, 0.004),
        (OptimizerKind::Adamw, Framework::Pytorch) => (0.001, 0.01),
    }
}

fn resolve_recipe(raw: RawTrain, id: &Slug, at: &KeyPath) -> Result<Recipe, Problem> {
    let at = at.key("train");
    let Some(epochs) = raw.epochs else {
        let help = "set `epochs:` in the `train` that all variants share, or in this variant's own";
        return Err(Problem::at_key(at, format!("variant `{id}` has no `epochs`"), help));
    };
    let schedule = raw.schedule.unwrap_or_default();
    let warmup_epochs = schedule.warmup_epochs.unwrap_or(0);
    if warmup_epochs > epochs {
        let message = format!("variant `{id}` warms up for {warmup_epochs} epochs but trains for {epochs}");
        let help = "lower `warmup_epochs` or raise `epochs`";
        return Err(Problem::at_value(at.key("schedule").key("warmup_epochs"), message, help));
    }
    let decay = schedule.decay.map_or(DecayKind::Constant.into(), Shorthand::into_full);
    let decay = resolve_decay(decay, &at.key("schedule").key("decay"))?;
    let augment = raw.augment.unwrap_or_default();
    let optimizer = raw.optimizer.map_or(OptimizerKind::Sgd.into(), Shorthand::into_full);
    let (learning_rate, weight_decay) = usual_steps(optimizer);
    let momentum = raw.momentum.unwrap_or(0.0);
    if momentum > 0.0 && matches!(optimizer.kind, OptimizerKind::Adam | OptimizerKind::Adamw) {
        let message = format!("variant `{id}` has a `momentum`, which its optimizer has in `beta_1`");
        return Err(Problem::at_value(at.key("momentum"), message, "leave out `momentum`, or set `beta_1`"));
    }
    if momentum == 0.0 && optimizer.nesterov == Some(true) {
        let message = format!("variant `{id}` looks ahead with `nesterov`, and has no momentum");
        return Err(Problem::at_value(at.key("optimizer").key("nesterov"), message, "set `momentum`, such as 0.9"));
    }
    Ok(Recipe {
        epochs,
        batch_size: raw.batch_size.unwrap_or(BATCH_SIZE),
        image_size: raw.image_size.unwrap_or(IMAGE_SIZE),
        pixels: raw.pixels.unwrap_or(PixelRange::Unit),
        optimizer: resolve_optimizer(optimizer),
        learning_rate: raw.learning_rate.unwrap_or(learning_rate),
        momentum,
        weight_decay: raw.weight_decay.unwrap_or(weight_decay),
        label_smoothing: raw.label_smoothing.unwrap_or(0.0),
        schedule: Schedule { warmup_epochs, decay },
        augment: Augment {
            horizontal_flip: augment.horizontal_flip.unwrap_or(false),
            crop_padding: augment.crop_padding.unwrap_or(0),
        },
        precision: raw.precision.unwrap_or_default(),
    })
}

/// `at` is the decay's own place. `check` asks for it too, where that place is known better than after merging.
pub(super) fn resolve_decay(raw: RawDecay, at: &KeyPath) -> Result<Decay, Problem> {
    let missing = |key| Problem::missing_key(at, key, format!("`{key}:`, e.g. `{STEP_EXAMPLE}`"));
    Ok(match raw.kind {
        DecayKind::Constant => Decay::Constant,
        DecayKind::Cosine => Decay::Cosine { final_factor: raw.final_factor.unwrap_or(0.0) },
        DecayKind::Step => Decay::Step {
            every_epochs: raw.every_epochs.ok_or_else(|| missing("every_epochs"))?,
            factor: raw.factor.ok_or_else(|| missing("factor"))?,
        },
    })
}

fn resolve_data(raw: RawData, at: &KeyPath) -> Result<DataSpec, Problem> {
    let per_class = raw.per_class.map_or(RawPerClass { train: None, test: None }, Shorthand::into_full);
    let mut per_class = PerClass { train: per_class.train, test: per_class.test };
    let path = raw.path.map(PathBuf::from);
    let source = match raw.source {
        SourceKind::Synthetic => {
            let (train, test) = SYNTHETIC_PER_CLASS;
            per_class.train.get_or_insert(train);
            per_class.test.get_or_insert(test);
            DataSource::Synthetic { seed: raw.seed.unwrap_or(SYNTHETIC_SEED) }
        }
        SourceKind::Cifar10 => DataSource::Cifar10 { path },
        SourceKind::Cifar100 => {
            let help = "`path:`, the folder or archive `cifar-100-binary`";
            DataSource::Cifar100 { path: path.ok_or_else(|| Problem::missing_key(at, "path", help))? }
        }
        SourceKind::Idx => {
            let help = "`path:`, the folder that holds `train-images-idx3-ubyte` and its like";
            DataSource::Idx { path: path.ok_or_else(|| Problem::missing_key(at, "path", help))? }
        }
        SourceKind::Images => {
            let help = "`path:`, the folder or archive that holds `train/<class>/` and `test/<class>/`";
            let fit = raw.fit.map(Shorthand::into_full);
            DataSource::Images {
                path: path.ok_or_else(|| Problem::missing_key(at, "path", help))?,
                fit: fit.map(|fit| Fit { resize: fit.resize, crop: fit.crop.unwrap_or(fit.resize) }),
            }
        }
    };
    Ok(DataSpec { source, per_class, leakage: raw.leakage.unwrap_or_default() })
}

/// `None` where it is not to be measured.
pub(super) fn resolve_throughput(raw: Option<Shorthand<bool, RawThroughput>>) -> Option<Throughput> {
    let (raw, default) = (raw.map(Shorthand::into_full).unwrap_or_default(), Throughput::default());
    raw.enabled.unwrap_or(true).then(|| Throughput {
        batch_sizes: raw.batch_sizes,
        image_sizes: raw.image_sizes.unwrap_or(default.image_sizes),
        rounds: raw.rounds.unwrap_or(default.rounds),
        seconds: raw.seconds.unwrap_or(default.seconds),
        budget: raw.budget.unwrap_or(default.budget),
    })
}

impl RawModel {
    fn is_given(&self) -> bool {
        let Self { preset: _, depth: _, layers: _, name, norm, dropout, initializer, width } = self;
        let knobs = norm.is_some() || dropout.is_some() || initializer.is_some() || width.is_some();
        self.has_network() || name.is_some() || knobs
    }

    /// Whether it says which network, and not only something about it.
    fn has_network(&self) -> bool {
        self.preset.is_some() || self.depth.is_some() || self.layers.is_some()
    }

    fn or(self, shared: &Self) -> Self {
        // A depth is that of the preset beside it.
        let network = match (self.preset, self.layers, self.depth) {
            (None, None, None) => (shared.preset, shared.layers.clone(), shared.depth),
            (None, None, depth) => (shared.preset, shared.layers.clone(), depth),
            own => own,
        };
        let (preset, layers, depth) = network;
        Self {
            preset,
            depth,
            layers,
            name: self.name.or_else(|| shared.name.clone()),
            norm: self.norm.or(shared.norm),
            dropout: merge(
                self.dropout.map(Shorthand::into_full),
                shared.dropout.map(Shorthand::into_full),
                |own, shared| RawDropout {
                    rate: own.rate.or(shared.rate),
                    kind: own.kind.or(shared.kind),
                    place: own.place.or(shared.place),
                    block_size: own.block_size.or(shared.block_size),
                },
            )
            .map(Shorthand::Full),
            initializer: self.initializer.or(shared.initializer),
            width: self.width.or(shared.width),
        }
    }
}

impl RawTrain {
    fn is_given(&self) -> bool {
        let Self {
            epochs,
            batch_size,
            image_size,
            pixels,
            optimizer,
            learning_rate,
            momentum,
            weight_decay,
            label_smoothing,
            schedule,
            augment,
            precision,
        } = self;
        let numbers = [learning_rate, momentum, weight_decay, label_smoothing].iter().any(|number| number.is_some());
        let sizes = [epochs, batch_size, image_size].iter().any(|size| size.is_some());
        let others = pixels.is_some() || schedule.is_some() || augment.is_some() || precision.is_some();
        numbers || sizes || others || optimizer.is_some()
    }

    fn or(self, shared: &Self) -> Self {
        Self {
            epochs: self.epochs.or(shared.epochs),
            batch_size: self.batch_size.or(shared.batch_size),
            image_size: self.image_size.or(shared.image_size),
            pixels: self.pixels.or(shared.pixels),
            optimizer: self.optimizer.or(shared.optimizer),
            learning_rate: self.learning_rate.or(shared.learning_rate),
            momentum: self.momentum.or(shared.momentum),
            weight_decay: self.weight_decay.or(shared.weight_decay),
            label_smoothing: self.label_smoothing.or(shared.label_smoothing),
            schedule: merge(self.schedule, shared.schedule, |own, shared| RawSchedule {
                warmup_epochs: own.warmup_epochs.or(shared.warmup_epochs),
                decay: own.decay.or(shared.decay),
            }),
            augment: merge(self.augment, shared.augment, |own, shared| RawAugment {
                horizontal_flip: own.horizontal_flip.or(shared.horizontal_flip),
                crop_padding: own.crop_padding.or(shared.crop_padding),
            }),
            precision: self.precision.or(shared.precision),
        }
    }
}

fn merge<T>(own: Option<T>, shared: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (own, shared) {
        (Some(own), Some(shared)) => Some(both(own, shared)),
        (own, shared) => own.or(shared),
    }
}
