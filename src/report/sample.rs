//! Evidence made up for tests: two by two variants (normalisation, dropout) with whatever results a test asks for.

pub mod claims;
pub mod probes;

use indexmap::IndexMap;

use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::record::{
    DatasetRecord, Environment, KeyParts, NativeParts, Outcome, ParameterCount, TrialKey, TrialRecord,
};
use crate::bundle::series::Point;
use crate::claims::Judged;
use crate::config::{
    Augment, DataSource, DataSpec, Decay, Dropout, DropoutKind, DropoutPlace, Experiment, Initializer, Leakage,
    Metrics, ModelSpec, Native, Norm, PerClass, PixelRange, Rate, Recipe, Reported, Schedule, Seed, Source, Trainer,
    Variant, native,
};
use crate::provenance::Digest;

pub const EPOCHS: u32 = 8;

/// Everything a report can show: the four variants, probed and timed, with every kind of claim.
pub fn complete() -> (Evidence, Vec<Judged>) {
    let judged = claims::judged();
    let evidence = super::throughput::sample::measured(probes::probed(learned_with_normalisation()));
    (claims::claiming(evidence, &judged), judged)
}

/// The largest experiment that a page is laid out for: 14 variants, 5 seeds, 30 epochs.
pub fn large() -> (Evidence, Vec<Judged>) {
    let names: Vec<_> = (0..14).map(|index| format!("variant_{index}")).collect();
    let ending = |index: usize| {
        let seeds = (0..5).map(|seed| 0.1 + 0.05 * index as f64 + 0.013 * f64::from(seed % 3));
        at(&seeds.collect::<Vec<_>>())
    };
    let variants: Vec<_> =
        (0..).zip(&names).map(|(index, name)| (name.as_str(), index % 3 != 0, index % 2 == 0, ending(index))).collect();
    let mut evidence = evidence(&variants);
    for (index, variant) in evidence.experiment.variants.iter_mut().enumerate() {
        variant.label = format!("{}, learning rate 0.{index:02}", variant.label);
        variant.network_mut().train.learning_rate = 0.01 * (1 + index / 4) as f64;
        variant.network_mut().train.epochs = 30;
    }
    for trial in &mut evidence.trials {
        let last = trial.metrics.last().map_or(0.1, |last| last.figure(native::VAL_ACCURACY).unwrap());
        trial.metrics = curve(last, 30, 30);
        if let TrialState::Done(record) = &mut trial.state {
            record.epochs = 30;
        }
    }
    let judged = claims::judged();
    let evidence = super::throughput::sample::measured(probes::probed(evidence));
    (claims::claiming(evidence, &judged), judged)
}

/// What the trials of a variant come to.
#[derive(Clone)]
pub enum Ending {
    /// Final validation accuracy of each seed.
    At(Vec<f64>),
    /// As `At`, with NaN for a seed that diverged in the third epoch.
    SomeDiverge(Vec<f64>),
    Fail(&'static str),
    Miss,
}

pub fn at(accuracies: &[f64]) -> Ending {
    Ending::At(accuracies.to_vec())
}

/// Four variants over three seeds: normalisation makes them learn, dropout hardly matters.
pub fn learned_with_normalisation() -> Evidence {
    evidence(&[
        ("bn_dropout", true, true, at(&[0.7432, 0.7511, 0.7590])),
        ("dropout_only", false, true, at(&[0.1, 0.1, 0.1])),
        ("bn", true, false, at(&[0.7820, 0.7795, 0.7931])),
        ("plain", false, false, at(&[0.1, 0.1003, 0.1])),
    ])
}

/// One variant per entry: id, whether it has normalisation, whether it has dropout, and how its trials end.
pub fn evidence(variants: &[(&str, bool, bool, Ending)]) -> Evidence {
    let seeds = variants.iter().map(|(.., ending)| seeds_of(ending)).max().unwrap_or(1).max(1);
    let experiment = experiment(variants, seeds);
    let trials = variants
        .iter()
        .zip(&experiment.variants)
        .flat_map(|((.., ending), variant)| {
            (0..seeds).map(move |index| trial(variant, Seed(index as u64 + 1), index, ending))
        })
        .collect();
    Evidence {
        experiment,
        dataset: Some(dataset()),
        environment: Some(environment()),
        registration: None,
        throughput: None,
        comparison: None,
        trials,
    }
}

fn seeds_of(ending: &Ending) -> usize {
    match ending {
        Ending::At(accuracies) | Ending::SomeDiverge(accuracies) => accuracies.len(),
        Ending::Fail(_) | Ending::Miss => 0,
    }
}

fn trial(variant: &Variant, seed: Seed, index: usize, ending: &Ending) -> TrialEvidence {
    let (state, metrics) = match ending {
        Ending::Miss => (TrialState::Missing, vec![]),
        Ending::Fail(message) => (TrialState::Failed { message: (*message).to_owned() }, vec![]),
        Ending::At(accuracies) | Ending::SomeDiverge(accuracies) => match accuracies.get(index) {
            None => (TrialState::Missing, vec![]),
            Some(accuracy) if accuracy.is_nan() => (
                TrialState::Done(record(variant, seed, Outcome::Diverged { epoch: 3, step: 210 })),
                curve(0.1, 2, EPOCHS),
            ),
            Some(accuracy) => {
                (TrialState::Done(record(variant, seed, Outcome::Completed)), curve(*accuracy, EPOCHS, EPOCHS))
            }
        },
    };
    TrialEvidence { variant: variant.id.clone(), seed, state, metrics, probes: None }
}

/// A curve that rises from 10% and reaches its final accuracy at the last epoch.
fn curve(last: f64, epochs: u32, planned: u32) -> Vec<Point> {
    (1..=epochs)
        .map(|epoch| {
            let done = f64::from(epoch) / f64::from(planned);
            let accuracy = if epoch == planned { last } else { 0.1 + (last - 0.1) * done * (2.0 - done) };
            let figures = [
                ("train_loss", 2.3 * (1.1 - accuracy)),
                ("train_accuracy", accuracy),
                ("val_loss", 2.3 * (1.15 - accuracy)),
                ("val_accuracy", accuracy),
                ("learning_rate", 0.1),
            ];
            Point::of_epoch(epoch, figures)
        })
        .collect()
}

fn record(variant: &Variant, seed: Seed, outcome: Outcome) -> TrialRecord {
    let epochs = if outcome == Outcome::Completed { EPOCHS } else { 2 };
    let name = format!("{}/{seed}", variant.id);
    let total = if variant.network().model.norm == Norm::None { 2_202_570 } else { 2_270_794 };
    TrialRecord {
        schema: 1,
        variant: variant.id.clone(),
        seed,
        key: TrialKey {
            digest: Digest::of_bytes(name.as_bytes()),
            parts: KeyParts::Native(NativeParts {
                model: Digest::of_bytes(b"model"),
                recipe: Digest::of_bytes(b"recipe"),
                seed,
                data: Digest::of_bytes(b"data"),
                engine: "flex-cpu".to_owned(),
                code: Digest::of_bytes(b"code"),
            }),
        },
        outcome,
        epochs,
        steps: Some(u64::from(epochs) * 100),
        parameters: Some(Digest::of_bytes(format!("{name} parameters").as_bytes())),
        parameter_count: Some(ParameterCount { total, trainable: total - 34_112 }),
        correct: None,
        command: None,
    }
}

fn experiment(variants: &[(&str, bool, bool, Ending)], seeds: usize) -> Experiment {
    Experiment {
        id: "dropout-after-cnn".parse().unwrap(),
        title: "What happens if dropout is put after convolutions".to_owned(),
        question: Some("Does dropout after convolutions keep MobileNetV2 from training?".to_owned()),
        source: Some(Source {
            title: "如果把 Dropout 放在 CNN 之后会发生什麽事".to_owned(),
            author: None,
            url: Some("https://example.org/article".to_owned()),
            published: Some("2021-10-08".to_owned()),
            says: Some("Dropout does not belong behind convolutions.".to_owned()),
            lang: Some("zh-Hans".to_owned()),
        }),
        license: Some("CC-BY-4.0".to_owned()),
        data: Some(DataSpec {
            source: DataSource::Cifar10 { path: None },
            per_class: PerClass::default(),
            leakage: Leakage::Report,
        }),
        confidence: 0.95,
        seeds: (1..=seeds as u64).map(Seed).collect(),
        settle: None,
        variants: variants.iter().map(|(id, norm, dropout, _)| variant(id, *norm, *dropout, seeds)).collect(),
        metrics: Metrics::new(true, false, &IndexMap::new()),
        throughput: None,
        claims: vec![],
        conclusions: vec![],
        whence: crate::config::Whence::default(),
        deviations: vec!["Images are 32×32 pixels; the source used 224×224.".to_owned()],
    }
}

fn variant(id: &str, norm: bool, dropout: bool, seeds: usize) -> Variant {
    let reported = match id {
        "bn_dropout" => Some([0.6246, 0.7846, 0.7367, 0.7511]),
        "dropout_only" => Some([2.3033, 0.0998, 2.3033, 0.1000]),
        _ => None,
    };
    let named = |figures: [f64; 4]| -> [_; 4] { std::array::from_fn(|at| (native::REPORTED[at], figures[at])) };
    let reported =
        reported.map_or_else(Reported::default, |figures| Reported::from(named(figures))).resolved(&native::REPORTED);
    let (norm_label, dropout_label) =
        (if norm { "BN" } else { "no BN" }, if dropout { "dropout" } else { "no dropout" });
    Variant {
        id: id.parse().unwrap(),
        label: format!("{norm_label}, {dropout_label}"),
        description: None,
        seeds: (1..=seeds as u64).map(Seed).collect(),
        trainer: Trainer::Native(Native {
            model: ModelSpec {
                name: None,
                layers: None,
                norm: if norm { Norm::Batch { momentum: 0.99, epsilon: 0.001 } } else { Norm::None },
                dropout: dropout.then(|| Dropout {
                    rate: Rate::new(0.1).unwrap(),
                    kind: DropoutKind::Element,
                    place: DropoutPlace::Activation,
                    block_size: None,
                }),
                initializer: Initializer::Keras,
                width: 1.0,
            },
            train: recipe(),
        }),
        reported,
    }
}

fn recipe() -> Recipe {
    Recipe {
        epochs: EPOCHS,
        batch_size: 32,
        image_size: 32,
        pixels: PixelRange::Unit,
        optimizer: crate::config::Optimizer::default(),
        learning_rate: 0.1,
        momentum: 0.0,
        weight_decay: 0.0,
        label_smoothing: 0.0,
        schedule: Schedule { warmup_epochs: 0, decay: Decay::Constant },
        augment: Augment { horizontal_flip: false, crop_padding: 0 },
        precision: crate::config::Precision::Fp32,
    }
}

pub fn dataset() -> DatasetRecord {
    let classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    DatasetRecord {
        schema: 1,
        description: "CIFAR-10, canonical binary version".to_owned(),
        classes: classes.map(str::to_owned).to_vec(),
        image: [32, 32],
        train: vec![5000; 10],
        test: vec![1000; 10],
        digest: Digest::of_bytes(b"images"),
        archive: Some(Digest::of_bytes(b"archive")),
        conversions: Default::default(),
        duplicates: None,
    }
}

fn environment() -> Environment {
    Environment {
        retrial: "0.1.0".to_owned(),
        code: crate::bundle::record::CodeVersion { commit: None, changes: None, dependencies: None, binary: None },
        engine_details: std::collections::BTreeMap::new(),
        cpu_features: vec!["avx2".to_owned()],
        jobs: 2,
        threads_per_job: 1,
        engine: "flex-cpu".to_owned(),
        os: "Debian GNU/Linux 12".to_owned(),
        cpu: "A CPU with a name".to_owned(),
        cores: 2,
        memory_bytes: 8 << 30,
        rustc: "rustc 1.95.0".to_owned(),
        reproducibility: None,
        started: "2026-01-02T03:04:05Z".to_owned(),
        elapsed_seconds: 1234.5,
        peak_memory_bytes: None,
    }
}
