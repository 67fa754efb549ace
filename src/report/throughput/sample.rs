//! Throughput made up for tests: round numbers, so that every figure can be worked out by hand.

use crate::bundle::evidence::Evidence;
use crate::bundle::record::CodeVersion;
use crate::bundle::throughput::{
    CeilingRecord, CeilingTask, Cell, CellRecord, Conditions, LayerKind, LayersRecord, Mode, Round, Sample, Skipped,
    Strain, ThroughputRecord, ThroughputSamples, ThroughputSession,
};
use crate::config::{Norm, Variant};
use crate::provenance::Digest;

/// The same evidence with three rounds of every variant. At batches of 32 the plain network trains a step in 40 ms;
/// normalisation makes that half as much again, dropout a quarter more; inference takes a quarter of training. The second
/// round ran beside others.
pub fn measured(mut evidence: Evidence) -> Evidence {
    let variants = &evidence.experiment.variants;
    let cells: Vec<CellRecord> = variants.iter().flat_map(cells_of).collect();
    let first = &variants[0];
    let on_one = CellRecord {
        rounds: rounds(2.0 * milliseconds(first)),
        ..record(first, Mode::Training, first.network().train.batch_size, 1, milliseconds(first))
    };
    let skipped = Skipped {
        cell: cell(first, Mode::Training, 128, 2),
        reason: "it would not fit into the budget of 45 s".to_owned(),
    };
    let session = ThroughputSession {
        schema: 1,
        key: Digest::of_bytes(b"throughput"),
        engine: "flex-cpu".to_owned(),
        engine_details: std::collections::BTreeMap::new(),
        cpu: "A CPU with a name".to_owned(),
        cores: 2,
        code: CodeVersion { commit: None, changes: None, dependencies: None, binary: None },
        criterion: "0.8.2".to_owned(),
        before: Conditions { load_average: Some([0.5, 0.4, 0.3]), busy_processes: Some(0), ..Conditions::default() },
        after: Conditions { load_average: Some([1.75, 0.9, 0.5]), busy_processes: Some(1), ..Conditions::default() },
        skipped: vec![skipped],
    };
    // 2 GFLOP in 20 ms are 100 GFLOP/s, 0.2 GB in 10 ms are 20 GB/s.
    let ceilings = vec![
        CeilingRecord { task: CeilingTask::MatrixProduct, work: 2e9, rounds: rounds(20.0) },
        CeilingRecord { task: CeilingTask::MemoryCopy, work: 2e8, rounds: rounds(10.0) },
    ];
    let layers = layers_of(variants);
    let samples = ThroughputSamples { schema: 1, cells: cells.into_iter().chain([on_one]).collect(), ceilings, layers };
    evidence.throughput = Some(ThroughputRecord { session, samples });
    evidence
}

/// Convolutions and the classifier are the same for all and take 30 ms together; what stands between them takes 2 ms
/// without normalisation and 20 ms with it.
fn layers_of(variants: &[Variant]) -> Vec<LayersRecord> {
    let with_norm =
        |has: bool| variants.iter().filter(|variant| (variant.network().model.norm != Norm::None) == has).collect();
    let all: Vec<&Variant> = variants.iter().collect();
    let same = [(LayerKind::Pointwise, 16.0), (LayerKind::Depthwise, 8.0), (LayerKind::Image, 3.0)];
    let more = [(LayerKind::Elementwise, 2.0), (LayerKind::Dense, 1.0)];
    let post: [(Vec<&Variant>, f64); 2] = [(with_norm(false), 2.0), (with_norm(true), 20.0)];
    let post = post.into_iter().map(|(whose, milliseconds)| (LayerKind::Post, whose, milliseconds));
    let same = same.into_iter().chain(more).map(|(kind, milliseconds)| (kind, all.clone(), milliseconds));
    let record = |(kind, whose, milliseconds): (LayerKind, Vec<&Variant>, f64)| {
        let train = whose.first()?.network().train;
        Some(LayersRecord {
            kind,
            variants: whose.iter().map(|variant| variant.id.clone()).collect(),
            batch_size: 32,
            image_size: train.image_size,
            threads: 2,
            precision: train.precision,
            rounds: rounds(milliseconds),
        })
    };
    same.chain(post).filter_map(record).collect()
}

fn milliseconds(variant: &Variant) -> f64 {
    let norm = if variant.network().model.norm == Norm::None { 1.0 } else { 1.5 };
    let dropout = if variant.network().model.dropout.is_some() { 1.25 } else { 1.0 };
    40.0 * norm * dropout
}

fn cells_of(variant: &Variant) -> impl Iterator<Item = CellRecord> {
    let own = milliseconds(variant);
    // Eight images take a third of the time of 32.
    [(32, own), (8, own / 3.0)].into_iter().flat_map(move |(batch, own)| {
        let training = record(variant, Mode::Training, batch, 2, own);
        [training, record(variant, Mode::Inference, batch, 2, own / 4.0)]
    })
}

fn cell(variant: &Variant, mode: Mode, batch_size: u32, threads: u32) -> Cell {
    Cell { variant: variant.id.clone(), mode, batch_size, image_size: variant.network().train.image_size, threads }
}

fn record(variant: &Variant, mode: Mode, batch: u32, threads: u32, milliseconds: f64) -> CellRecord {
    CellRecord {
        cell: cell(variant, mode, batch, threads),
        precision: variant.network().train.precision,
        rounds: rounds(milliseconds),
        peak_host_bytes: Some(300 << 20),
        device_bytes: None,
    }
}

/// Three rounds of ten samples of two steps. A round's median is what is asked for, the second's a tenth more; the last
/// sample of each is far out.
fn rounds(milliseconds: f64) -> Vec<Round> {
    let round = |factor: f64, others: f64| {
        let sample = |at: usize| {
            let factor = if at == 9 { 3.0 * factor } else { factor };
            Sample { steps: 2, nanoseconds: 2e6 * milliseconds * factor }
        };
        let strain = Strain { others_cores: Some(others), stolen_cores: Some(0.0), ..Strain::default() };
        Round { samples: (0..10).map(sample).collect(), strain }
    };
    vec![round(1.0, 0.0), round(1.1, 1.5), round(1.0, 0.05)]
}
