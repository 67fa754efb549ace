//! The measurement as a whole: a look at the machine, one step of everything to learn what it costs, then round after
//! round.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::ceilings::Ceiling;
use super::conditions::{Watch, conditions, machine_cores};
use super::layers::{self, LayersCell};
use super::memory;
use super::plan::{self, Chosen};
use super::sampler::{CRITERION, Sampler, SamplerError};
use super::workload::{Input, Workload};
use crate::bundle::record::{CodeVersion, SCHEMA};
use crate::bundle::throughput::{
    CeilingRecord, CeilingTask, Cell, CellRecord, LayersRecord, Round, Skipped, ThroughputRecord, ThroughputSamples,
    ThroughputSession,
};
use crate::config::{Experiment, ModelSpec, NativeVariant, Recipe, Throughput, VariantId};
use crate::data::Dataset;
use crate::engine::{DeviceImages, Engine, ThreadPlan, available_cores, describe};
use crate::provenance::{Digest, code};

/// Runs what it is given, which begins and ends with an idle device, and says how long that took.
pub type Clock<'a> = dyn Fn(&mut dyn FnMut()) -> Duration + Sync + 'a;

/// The time that passes.
pub fn wall_clock(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// What is measured, and how.
pub struct Bench<'a> {
    pub experiment: &'a Experiment,
    pub settings: &'a Throughput,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
    /// Keeps criterion's lines off the terminal.
    pub hushed: bool,
    /// Once true, the measurement ends without a result.
    pub stop: &'a AtomicBool,
    pub clock: &'a Clock<'a>,
}

/// How it gets on.
#[derive(Debug)]
pub enum Event {
    /// So many measurements in each of so many rounds, about so many seconds.
    Planned { cells: usize, rounds: u32, seconds: f64 },
    /// So many rounds are done.
    Round { done: u32, rounds: u32 },
    /// Something cannot be measured.
    Skipped(Skipped),
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ThroughputError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sampler(#[from] SamplerError),
    #[error("the system refuses to start threads: {0}")]
    #[diagnostic(code(retrial::throughput::threads), help("end other programs, or run with `--no-throughput`"))]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error("the measurement has no canonical form: {0}")]
    #[diagnostic(code(retrial::throughput::key), help("this is a defect of retrial; please report it"))]
    Key(#[from] serde_json::Error),
    #[error("the device cannot do the simplest tasks: {0}")]
    #[diagnostic(code(retrial::throughput::device), help("`retrial doctor` shows what is there"))]
    Device(String),
}

/// Digest of everything that says what is measured and with which code. Where an equal one was recorded, measuring again
/// would repeat it, on the same machine at least.
///
/// # Errors
/// When the settings have no canonical JSON form.
pub fn key(
    experiment: &Experiment,
    settings: &Throughput,
    data: &Dataset,
    engine: &Engine,
) -> Result<Digest, serde_json::Error> {
    #[derive(Serialize)]
    struct Key<'a> {
        layers: bool,
        settings: &'a Throughput,
        variants: Vec<(&'a VariantId, &'a ModelSpec, &'a Recipe)>,
        data: Digest,
        engine: &'a str,
        numerics: Digest,
        retrial: &'a str,
        criterion: &'a str,
        threads: usize,
    }
    Digest::of_canonical_json(&Key {
        layers: true,
        settings,
        variants: experiment.native_variants().map(|variant| (variant.id, variant.model, variant.train)).collect(),
        data: data.digest,
        engine: engine.name(),
        numerics: code::numerics(),
        retrial: env!("CARGO_PKG_VERSION"),
        criterion: CRITERION,
        threads: available_cores(),
    })
}

/// Measures everything; `None` where it was asked to stop.
///
/// # Errors
/// When samples cannot be taken, or the device cannot compute at all. A cell that cannot be measured is skipped.
pub fn measure(bench: &Bench<'_>, listener: &dyn Fn(Event)) -> Result<Option<ThroughputRecord>, ThroughputError> {
    let (data, engine) = (bench.data, bench.engine);
    let clock = Instant::now();
    let stage = Stage { bench, pool: Pool::new(engine, available_cores())? };
    let before = conditions(engine);
    let Some(Planned { chosen, layers, seconds }) = stage.plan(listener)? else { return Ok(None) };
    let mut skipped = chosen.skipped;
    let mut cells: Vec<CellRecord> = chosen.cells.into_iter().map(|cell| stage.empty(cell)).collect();
    let mut layers: Vec<Alone> =
        layers.into_iter().map(|cell| Alone { record: cell.empty(), cell, failed: None }).collect();
    let count = cells.len() + layers.len();
    listener(Event::Planned { cells: count, rounds: chosen.rounds, seconds });
    let mut ceilings = Vec::new();
    let mut longest = Duration::ZERO;
    for round in 0..chosen.rounds {
        if plan::is_over(round, clock.elapsed(), longest, bench.settings) {
            break;
        }
        let started = Instant::now();
        for task in [CeilingTask::MatrixProduct, CeilingTask::MemoryCopy] {
            stage.ceiling_round(task, &mut ceilings)?;
        }
        // Each round starts elsewhere, so that nothing always comes first or behind the same neighbour's heat.
        let start = round as usize * count / chosen.rounds as usize;
        for place in (start..count).chain(0..start) {
            if bench.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if place >= cells.len() {
                stage.layers_round(&mut layers[place - cells.len()])?;
                continue;
            }
            let record = &mut cells[place];
            if skipped.iter().any(|skipped| skipped.cell == record.cell) {
                continue;
            }
            if let Err(reason) = stage.cell_round(record)? {
                let skip = Skipped { cell: record.cell.clone(), reason };
                listener(Event::Skipped(skip.clone()));
                skipped.push(skip);
            }
        }
        longest = longest.max(started.elapsed());
        listener(Event::Round { done: round + 1, rounds: chosen.rounds });
    }
    cells.retain(|record| skipped.iter().all(|skipped| skipped.cell != record.cell));
    for Alone { cell, failed, .. } in &layers {
        if let Some(reason) = failed {
            let skip =
                Skipped { cell: cell.training(), reason: format!("{} by themselves: {reason}", cell.kind_in_words()) };
            listener(Event::Skipped(skip.clone()));
            skipped.push(skip);
        }
    }
    let layers = layers.into_iter().filter(|alone| alone.failed.is_none()).map(|alone| alone.record).collect();
    let session = ThroughputSession {
        schema: SCHEMA,
        key: key(bench.experiment, bench.settings, data, engine)?,
        engine: engine.name().to_owned(),
        engine_details: engine.details(),
        cpu: describe::cpu_name(),
        cores: machine_cores(),
        code: CodeVersion {
            commit: code::commit().map(str::to_owned),
            changes: code::changes().map(str::to_owned),
            dependencies: code::dependencies(),
            binary: code::binary(),
        },
        criterion: CRITERION.to_owned(),
        before,
        after: conditions(engine),
        skipped,
    };
    Ok(Some(ThroughputRecord { session, samples: ThroughputSamples { schema: SCHEMA, cells, ceilings, layers } }))
}

/// Threads for one cell at a time.
struct Pool {
    threads: u32,
    pool: rayon::ThreadPool,
}

impl Pool {
    fn new(engine: &Engine, threads: usize) -> Result<Self, ThroughputError> {
        let plan = ThreadPlan { jobs: 1, threads_per_job: threads };
        let pool = plan.pool()?;
        // Libraries with threads of their own count them for the thread that calls them.
        engine.set_threads(plan);
        pool.install(|| engine.set_threads(plan));
        Ok(Self { threads: u32::try_from(threads).unwrap_or(u32::MAX), pool })
    }
}

/// Layers by themselves, and what became of them.
struct Alone {
    cell: LayersCell,
    record: LayersRecord,
    /// Why they cannot be timed.
    failed: Option<String>,
}

struct Planned {
    chosen: Chosen,
    layers: Vec<LayersCell>,
    /// That it will take, about.
    seconds: f64,
}

struct Stage<'a> {
    bench: &'a Bench<'a>,
    /// All cores.
    pool: Pool,
}

impl Stage<'_> {
    /// `None` where it was asked to stop.
    fn plan(&self, listener: &dyn Fn(Event)) -> Result<Option<Planned>, ThroughputError> {
        let Bench { experiment, settings, data, engine, .. } = *self.bench;
        let natives: Vec<NativeVariant<'_>> = experiment.native_variants().collect();
        let threads = self.pool.threads;
        let (mut own, mut steps, mut unable) = (Vec::new(), Vec::new(), Vec::new());
        for cell in natives.iter().flat_map(|variant| plan::own(*variant, threads)) {
            if self.bench.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.one_step(&cell) {
                Ok(step) => {
                    own.push((cell.clone(), plan::seconds_of_round(step, settings)));
                    steps.push((cell, step));
                }
                Err(reason) => {
                    let skip = Skipped { cell, reason };
                    listener(Event::Skipped(skip.clone()));
                    unable.push(skip);
                }
            }
        }
        let memory = available_memory();
        let mut others = Vec::new();
        for cell in plan::others(&natives, settings, threads, engine.is_host()) {
            let like = |own: &Cell| own.variant == cell.variant && own.mode == cell.mode;
            // Where not even the variant's own size can be measured, nothing else of it is tried.
            let Some((from, step)) = steps.iter().find(|(own, _)| like(own)) else { continue };
            let needed = plan::bytes_needed(self.variant(&cell), &cell, self.bench.data.classes.len() as u64);
            if engine.is_host() && needed > memory {
                let reason = format!("it needs about {:.0} MiB of memory", needed / 1024.0 / 1024.0);
                unable.push(Skipped { cell, reason });
            } else {
                let seconds = plan::seconds_of_round(plan::scaled(*step, from, &cell), settings);
                others.push((cell, seconds));
            }
        }
        let mut layers = layers::of(&natives, threads, data.classes.len());
        // Where a variant's whole step cannot be taken, nothing is known of its layers either.
        let step_of = |cell: &LayersCell| steps.iter().find(|(own, _)| *own == cell.training()).map(|(_, step)| *step);
        layers.retain(|cell| step_of(cell).is_some());
        // Layers of one kind take less than the whole step they are part of.
        let alone =
            layers.iter().filter_map(step_of).map(|step| plan::seconds_of_round(step / 2.0, settings)).sum::<f64>();
        let fixed = 2.0 * plan::seconds_of_round(0.03, settings) + alone;
        let costs = own.iter().chain(&others).cloned().collect::<Vec<_>>();
        let mut chosen = plan::choose(own, others, fixed, settings);
        let of_cell = |cell: &Cell| costs.iter().find(|(known, _)| known == cell).map_or(0.0, |(_, seconds)| *seconds);
        let seconds = fixed + chosen.cells.iter().map(of_cell).sum::<f64>();
        chosen.skipped.extend(unable);
        let seconds = seconds * f64::from(chosen.rounds);
        Ok(Some(Planned { chosen, layers, seconds }))
    }

    fn variant(&self, cell: &Cell) -> NativeVariant<'_> {
        let mut variants = self.bench.experiment.native_variants();
        variants.find(|variant| *variant.id == cell.variant).expect("cells are of the experiment's variants")
    }

    fn empty(&self, cell: Cell) -> CellRecord {
        let precision = self.variant(&cell).train.precision;
        CellRecord { cell, precision, rounds: Vec::new(), peak_host_bytes: None, device_bytes: None }
    }

    /// Builds a cell's network and hands it on. To be called within a pool: what a device holds stays with its threads.
    fn with_workload<T>(&self, cell: &Cell, work: impl FnOnce(&mut Workload<'_>) -> T) -> T {
        let Bench { data, engine, .. } = *self.bench;
        let images = DeviceImages::new(&data.train, data.height, data.width, engine);
        let size = (cell.batch_size, cell.image_size);
        let images = (&images, data.classes.len());
        work(&mut Workload::new((self.variant(cell), cell.mode), size, images, Input::Gathered, engine))
    }

    /// Seconds of the second step: the first one also sets things up.
    fn one_step(&self, cell: &Cell) -> Result<f64, String> {
        let timed = |workload: &mut Workload<'_>| {
            workload.run(1);
            wall_clock(&mut || workload.run(1)).as_secs_f64()
        };
        caught(|| self.pool.pool.install(|| self.with_workload(cell, timed)))
    }

    /// Adds a round to a cell; why it could not be done where the device gave up.
    fn cell_round(&self, record: &mut CellRecord) -> Result<Result<(), String>, ThroughputError> {
        let own_pool;
        let pool = if record.cell.threads == self.pool.threads {
            &self.pool
        } else {
            own_pool = Pool::new(self.bench.engine, record.cell.threads as usize)?;
            &own_pool
        };
        let counts = memory::reset_peak();
        let sampled = |workload: &mut Workload<'_>| self.sampled(&mut |steps| workload.run(steps));
        let taken = caught(|| pool.pool.install(|| self.with_workload(&record.cell, sampled)));
        if pool.threads != self.pool.threads {
            self.bench.engine.set_threads(ThreadPlan { jobs: 1, threads_per_job: self.pool.threads as usize });
        }
        match taken {
            Err(reason) => Ok(Err(reason)),
            Ok(round) => {
                record.rounds.push(round?);
                let peak = if counts { memory::peak() } else { None };
                // What the process kept from the cells before counts, too; the round with the least of that says most.
                record.peak_host_bytes = [record.peak_host_bytes, peak].into_iter().flatten().min();
                let held = self.bench.engine.gpu().and_then(|gpu| gpu.own_bytes);
                record.device_bytes = record.device_bytes.max(held);
                Ok(Ok(()))
            }
        }
    }

    /// Adds a round to layers by themselves, or notes why it could not be done.
    fn layers_round(&self, alone: &mut Alone) -> Result<(), ThroughputError> {
        if alone.failed.is_some() {
            return Ok(());
        }
        let engine = self.bench.engine;
        let variant = self.variant(&alone.cell.training());
        let sampled = || {
            let mut layers = alone.cell.ready(variant, engine);
            self.sampled(&mut |steps| layers::run(&mut layers, steps, engine))
        };
        match caught(|| self.pool.pool.install(sampled)) {
            Ok(round) => alone.record.rounds.push(round?),
            Err(reason) => alone.failed = Some(reason),
        }
        Ok(())
    }

    fn ceiling_round(&self, task: CeilingTask, found: &mut Vec<CeilingRecord>) -> Result<(), ThroughputError> {
        let (work, round) = caught(|| {
            self.pool.pool.install(|| {
                let mut ceiling = Ceiling::new(task, self.bench.engine);
                (ceiling.work(), self.sampled(&mut |steps| ceiling.run(steps, self.bench.engine)))
            })
        })
        .map_err(ThroughputError::Device)?;
        let round = round?;
        match found.iter_mut().find(|record| record.task == task) {
            Some(record) => record.rounds.push(round),
            None => found.push(CeilingRecord { task, work, rounds: vec![round] }),
        }
        Ok(())
    }

    fn sampled(&self, run: &mut dyn FnMut(u64)) -> Result<Round, SamplerError> {
        let time = Duration::from_secs_f64(self.bench.settings.seconds);
        let watch = Watch::start();
        let sampler = Sampler { time, hushed: self.bench.hushed };
        let samples = sampler.sample(|steps| (self.bench.clock)(&mut || run(steps)));
        let strain = watch.finish(self.bench.engine);
        samples.map(|samples| Round { samples, strain })
    }
}

/// What another program may still have, in bytes.
fn available_memory() -> f64 {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    System::new_with_specifics(kind).available_memory() as f64
}

/// A device that runs out of memory panics deep inside its library; that ends one cell and not the run.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message(&*panic))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // The first line says what; a library's own trace may follow and is of no use to a reader.
    text.and_then(|text| text.lines().next()).unwrap_or("the device stopped for an unknown reason").to_owned()
}
