//! Raw settings to resolved ones: shared settings merged into each variant, defaults filled in.
//!
//! Expects settings that `check` found nothing wrong with; refuses what only shows after merging.

use std::path::PathBuf;

use super::check::{Problem, device};
use super::conclusion::check_measurable;
use super::experiment::{
    Augment, DataSource, DataSpec, Decay, Dropout, DropoutKind, DropoutPlace, Experiment, Fit, Initializer, ModelSpec,
    Norm, PerClass, PixelRange, Recipe, Schedule, Throughput, Variant, Whence, metrics_of,
};
use super::location::KeyPath;
use super::metric::{Metrics, native};
use super::raw::{
    DecayKind, NormKind, RawAugment, RawData, RawDecay, RawDropout, RawExperiment, RawModel, RawPerClass, RawSchedule,
    RawThroughput, RawTrain, RawVariant, SourceKind,
};
use super::raw_trainer::{RawTrainer, TrainerName};
use super::resolve_claims::resolve_claims;
use super::shorthand::{Seeds, Shorthand};
use super::trainer::{Native, Params, Trainer};
use super::trainers::{Found, refuse_foreign_groups, refuse_missing_images, refuse_missing_params, resolve_trainer};
use super::values::{Seed, Slug};

// Keras's `BatchNormalization`.
const BATCH_NORM_MOMENTUM: f64 = 0.99;
const BATCH_NORM_EPSILON: f64 = 1e-3;

// Every layer of MobileNetV2 has a multiple of 8 channels.
const GROUPS: u32 = 8;
// The paper's 7 is for maps of 28 pixels; most maps here are smaller.
const BLOCK_SIZE: u32 = 3;

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
}

/// Two variants that train the same network in the same way would be one trial under two names.
fn refuse_twin(earlier: &[Variant], variant: &Variant, at: &KeyPath) -> Result<(), Problem> {
    let same = |other: &Variant| other.trainer == variant.trainer;
    let Some(twin) = earlier.iter().position(same) else { return Ok(()) };
    let (what, keys) = match variant.trainer {
        Trainer::Native(_) => ("network and recipe", "`model` or `train`"),
        Trainer::Command { .. } => ("command and parameters", "`params`"),
        // Which rows are a variant's is told by its id.
        Trainer::Import { .. } => return Ok(()),
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
            let model = resolve_model(raw.model.or(shared.model), &raw.id, at)?;
            let train = resolve_recipe(raw.train.or(shared.train), &raw.id, at)?;
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

fn resolve_model(raw: RawModel, id: &Slug, at: &KeyPath) -> Result<ModelSpec, Problem> {
    let dropout = match raw.dropout.map(Shorthand::into_full) {
        None => None,
        Some(RawDropout { rate: Some(rate), kind, place, block_size }) => {
            let kind = kind.unwrap_or(DropoutKind::Element);
            let place = place.unwrap_or(DropoutPlace::Activation);
            let block_size = (kind == DropoutKind::Block).then(|| block_size.unwrap_or(BLOCK_SIZE));
            if kind == DropoutKind::Block && place == DropoutPlace::Head {
                let message = format!("variant `{id}` drops blocks of the pooled features, which have no neighbours");
                let help = "use `kind: element` with `place: head`, or another place";
                return Err(Problem::at_value(at.key("model").key("dropout"), message, help));
            }
            Some(Dropout { rate, kind, place, block_size }).filter(|dropout| !dropout.rate.is_zero())
        }
        Some(RawDropout { rate: None, .. }) => {
            let message = format!("variant `{id}` describes a dropout without a `rate`");
            return Err(Problem::at_key(at.key("model").key("dropout"), message, "add `rate:` to its `dropout`"));
        }
    };
    let norm = raw.norm.map_or(NormKind::Batch.into(), Shorthand::into_full);
    Ok(ModelSpec {
        norm: match norm.kind {
            NormKind::None => Norm::None,
            NormKind::Batch => Norm::Batch {
                momentum: norm.momentum.unwrap_or(BATCH_NORM_MOMENTUM),
                epsilon: norm.epsilon.unwrap_or(BATCH_NORM_EPSILON),
            },
            NormKind::Group => Norm::Group {
                groups: norm.groups.unwrap_or(GROUPS),
                epsilon: norm.epsilon.unwrap_or(BATCH_NORM_EPSILON),
            },
        },
        dropout,
        initializer: raw.initializer.unwrap_or(Initializer::Keras),
        width: raw.width.unwrap_or(1.0),
    })
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
    Ok(Recipe {
        epochs,
        batch_size: raw.batch_size.unwrap_or(BATCH_SIZE),
        image_size: raw.image_size.unwrap_or(IMAGE_SIZE),
        pixels: raw.pixels.unwrap_or(PixelRange::Unit),
        learning_rate: raw.learning_rate.unwrap_or(LEARNING_RATE),
        momentum: raw.momentum.unwrap_or(0.0),
        weight_decay: raw.weight_decay.unwrap_or(0.0),
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
        let Self { norm, dropout, initializer, width } = self;
        norm.is_some() || dropout.is_some() || initializer.is_some() || width.is_some()
    }

    fn or(self, shared: &Self) -> Self {
        Self {
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
            learning_rate,
            momentum,
            weight_decay,
            schedule,
            augment,
            precision,
        } = self;
        let numbers = [learning_rate, momentum, weight_decay].iter().any(|number| number.is_some());
        let sizes = [epochs, batch_size, image_size].iter().any(|size| size.is_some());
        let others = pixels.is_some() || schedule.is_some() || augment.is_some() || precision.is_some();
        numbers || sizes || others
    }

    fn or(self, shared: &Self) -> Self {
        Self {
            epochs: self.epochs.or(shared.epochs),
            batch_size: self.batch_size.or(shared.batch_size),
            image_size: self.image_size.or(shared.image_size),
            pixels: self.pixels.or(shared.pixels),
            learning_rate: self.learning_rate.or(shared.learning_rate),
            momentum: self.momentum.or(shared.momentum),
            weight_decay: self.weight_decay.or(shared.weight_decay),
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
