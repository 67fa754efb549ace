//! Any program as a trainer: started for each trial with its parameters, listened to for its figures, and ended whole.

mod figures;
mod host;
mod inputs;
mod memory;
mod places;
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use figures::{Reader, merged};
use inputs::{BadInput, Inputs, matching};
use places::Places;
pub use process::end_all;
use process::{Ending, Invocation, Ran, run};
use serde::Serialize;

use super::{CommandRemains, Finished, Left, Planned, Trainer, TrainerError, TrialCost, Watch};
use crate::bundle::record::{CommandParts, CommandRecord, KeyParts, Outcome, Repeated, TrialKey};
use crate::bundle::series::Point;
use crate::config::{
    Claim, Command, Experiment, Metric, MetricsFrom, Params, Placeholder, Seed, Stream, Template, Trainer as Kind,
    Unit, Variant, VariantId,
};
use crate::data::{Dataset, arrays};
use crate::provenance::Digest;

/// Environment variables that a program sees without being named: where programs and libraries are, who and where the
/// user is. None of them says how to train.
const PASSED_ON: [&str; 34] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "CUDA_HOME",
    "CUDA_PATH",
    "NVIDIA_VISIBLE_DEVICES",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SYSTEMROOT",
    "WINDIR",
    "COMSPEC",
    "APPDATA",
    "USERPROFILE",
];

/// What mathematical libraries ask for how many threads to use.
const THREADS: [&str; 6] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
];

/// Of what a program said last, so much stands in the reason of its failure.
const LAST_LINES: usize = 15;
/// Between two figures of a trial that somebody is told of while it runs.
const BETWEEN: Duration = Duration::from_millis(200);
/// Larger artifacts are recorded by their digest alone.
const LARGEST_KEPT: u64 = 16 << 20;

/// Runs programs.
pub struct CommandTrainer<'a> {
    experiment: &'a Experiment,
    /// Folder of what programs write, for all trials.
    work: PathBuf,
    threads: usize,
    /// The experiment's own, for programs that ask for them.
    images: Option<&'a Dataset>,
    /// Where they are, once one has asked.
    images_folder: OnceLock<Result<PathBuf, String>>,
    inputs: Inputs,
    gpus: Gpus,
    /// What interpreters are, by program: each is asked once.
    hosts: Mutex<BTreeMap<OsString, BTreeMap<String, String>>>,
}

impl<'a> CommandTrainer<'a> {
    /// `work` is for what programs write; each trial may use `threads` where the experiment does not say.
    /// `images` are the experiment's own, where a program asks for them.
    pub fn new(experiment: &'a Experiment, images: Option<&'a Dataset>, work: PathBuf, threads: usize) -> Self {
        let (images_folder, inputs, hosts) = (OnceLock::new(), Inputs::default(), Mutex::default());
        Self { experiment, work, threads, images, images_folder, inputs, gpus: Gpus::here(), hosts }
    }

    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads;
    }

    /// The most trials that can run at a time, by the GPUs that each asks for.
    pub fn most_jobs(&self) -> usize {
        let needs =
            self.experiment.variants.iter().filter_map(|variant| command(variant)).map(|(command, _)| command.gpus);
        let most = needs.filter(|needed| *needed > 0).map(|needed| (self.gpus.all / needed as usize).max(1));
        most.min().unwrap_or(usize::MAX)
    }

    /// The experiment's images as arrays, written when the first program asks for them.
    fn images_for(&self, command: &Command) -> Result<Option<&Path>, String> {
        let Some(images) = self.images.filter(|_| command.asks_for_images()) else { return Ok(None) };
        let write = || {
            arrays::folder(images, &self.work)
                .map_err(|error| format!("cannot write the images to {}: {error}", self.work.display()))
        };
        self.images_folder.get_or_init(write).as_deref().map(Some).map_err(Clone::clone)
    }

    /// What a variant's program runs on here, in its own terms.
    pub fn details_of(&self, variant: &Variant) -> BTreeMap<String, String> {
        command(variant).map(|(command, _)| self.details(command)).unwrap_or_default()
    }

    /// The files that the programs consist of, by name.
    ///
    /// # Errors
    /// When a pattern matches nothing.
    pub fn sources(&self) -> Result<BTreeMap<String, PathBuf>, TrainerError> {
        let mut files = BTreeMap::new();
        for variant in &self.experiment.variants {
            let Some((command, _)) = command(variant) else { continue };
            let found = matching(&self.experiment.whence.folder, &command.sources);
            files.extend(found.map_err(|bad| bad.of(variant))?);
        }
        Ok(files)
    }

    fn folder_of(&self, key: &TrialKey) -> PathBuf {
        self.work.join(key.digest.to_string())
    }

    /// The figures that a program has printed so far, for one that goes on after an interruption.
    fn heard_of(&self, key: &TrialKey) -> PathBuf {
        self.work.join(format!("{}.jsonl", key.digest))
    }

    /// What any claim, or the page, needs a figure of: whichever of them ends as no number, for every variant alike.
    fn judged(&self) -> impl Iterator<Item = Metric> {
        let metrics = self.experiment.claims.iter().flat_map(Claim::metrics);
        metrics.chain([self.experiment.metrics.primary()]).filter(|metric| metric.is_series())
    }

    /// Everything that a claim about the variant, or the page, needs a figure of.
    fn wanted(&self, variant: &Variant) -> Vec<Metric> {
        let claims = self.experiment.claims.iter();
        let asked = claims.filter(|claim| claim.test.variants().contains(&&variant.id)).flat_map(Claim::metrics);
        let primary = Some(self.experiment.metrics.primary());
        let wanted: BTreeSet<Metric> = asked.chain(primary).filter(|metric| metric.is_series()).collect();
        wanted.into_iter().collect()
    }
}

impl BadInput {
    fn of(self, variant: &Variant) -> TrainerError {
        let Self { reason, help } = self;
        TrainerError::Inputs { variant: variant.id.to_string(), reason, help }
    }
}

/// Of a variant of this kind.
fn command(variant: &Variant) -> Option<(&Command, &Params)> {
    match &variant.trainer {
        Kind::Command { command, params } => Some((command, params)),
        Kind::Native(_) | Kind::Import { .. } => None,
    }
}

/// What of a command may change a result.
#[derive(Serialize)]
struct Computing<'a> {
    command: &'a [String],
    shell: bool,
    folder: Option<&'a str>,
    environment: BTreeMap<&'a str, Option<String>>,
    variables: &'a BTreeMap<String, String>,
    metrics: &'a MetricsFrom,
    gpus: u32,
    threads: Option<u32>,
    /// Where the command asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a VariantId>,
}

impl Trainer for CommandTrainer<'_> {
    fn key(&self, variant: &Variant, seed: Seed) -> Result<TrialKey, TrainerError> {
        let (command, params) = command(variant).expect("only commands come here");
        let unkeyable = |source| TrainerError::Unkeyable { variant: variant.id.to_string(), source };
        let inputs = |bad: BadInput| bad.of(variant);
        let folder = &self.experiment.whence.folder;
        let computing = Computing {
            command: &command.command,
            shell: command.shell,
            folder: command.folder.as_deref(),
            environment: command.env.iter().map(|name| (name.as_str(), std::env::var(name).ok())).collect(),
            variables: &command.variables,
            metrics: &command.metrics,
            gpus: command.gpus,
            threads: command.threads,
            variant: Some(&variant.id).filter(|_| command.asks_for_variant()),
        };
        let parts = KeyParts::Command(CommandParts {
            command: Digest::of_canonical_json(&computing).map_err(unkeyable)?,
            params: Digest::of_canonical_json(params).map_err(unkeyable)?,
            seed,
            sources: self.inputs.sources(folder, &command.sources).map_err(inputs)?,
            data: self.inputs.data(&self.experiment.whence.data_folder, &command.data).map_err(inputs)?,
            images: self.images.filter(|_| command.asks_for_images()).map(|images| images.digest),
        });
        Ok(TrialKey { digest: Digest::of_canonical_json(&parts).map_err(unkeyable)?, parts })
    }

    fn cost(&self, _variant: &Variant) -> TrialCost {
        TrialCost::default()
    }

    fn run(&self, trial: Planned<'_>, watch: &dyn Watch) -> Result<Left, String> {
        let (command, params) = command(trial.variant).expect("only commands come here");
        let Some(gpus) = self.gpus.take(command.gpus as usize, &|| watch.stops())? else {
            return Ok(Left::Interrupted);
        };
        let out = self.folder_of(trial.key);
        let images = self.images_for(command)?;
        watch.started(None);
        let mut first: Option<Once> = None;
        let mut difference = 0.0_f64;
        for repetition in 0..command.repeat {
            if repetition > 0 || !command.resume {
                empty(&out)?;
            }
            if !out.exists() {
                // Nothing to go on from, so nothing that goes before.
                let _ = fs::remove_file(self.heard_of(trial.key));
            }
            fs::create_dir_all(&out).map_err(|error| format!("cannot make {}: {error}", out.display()))?;
            let invocation = self.invocation(command, params, &trial, (&out, images), &gpus);
            let is_first = repetition == 0;
            let heard = (is_first && command.resume).then(|| self.heard_of(trial.key));
            let once = Once::run(self, &trial, command, &invocation, &out, watch, (is_first, heard.as_deref()))?;
            let Some(once) = once else { return Ok(Left::Interrupted) };
            match &first {
                None => first = Some(once),
                Some(first) => difference = difference.max(largest_difference(&first.points, &once.points)),
            }
        }
        let Once { points, ran, artifacts, mut files, outcome } = first.ok_or("it was not to be run even once")?;
        let repeated = (command.repeat > 1).then_some(Repeated { runs: command.repeat, difference });
        files.insert("stdout.txt".to_owned(), ran.stdout.kept);
        files.insert("stderr.txt".to_owned(), ran.stderr.kept);
        let record = CommandRecord {
            arguments: self.recorded(command, params, &trial),
            stdout: ran.stdout.output,
            stderr: ran.stderr.output,
            artifacts,
            repeated,
        };
        Ok(Left::Finished(Box::new(Finished {
            outcome,
            metrics: points,
            native: None,
            command: Some(CommandRemains {
                record,
                files,
                peak_memory_bytes: ran.peak_memory,
                wall_seconds: ran.wall.as_secs_f64(),
                details: self.details(command),
            }),
        })))
    }

    /// What it wrote besides is no longer needed.
    fn written(&self, trial: Planned<'_>) {
        let _ = fs::remove_dir_all(self.folder_of(trial.key));
        let _ = fs::remove_file(self.heard_of(trial.key));
    }
}

/// One run of a trial's program, and what it left.
struct Once {
    points: Vec<Point>,
    ran: Ran,
    artifacts: BTreeMap<String, Digest>,
    files: BTreeMap<String, Vec<u8>>,
    outcome: Outcome,
}

impl Once {
    /// `None` where it was stopped.
    fn run(
        trainer: &CommandTrainer<'_>,
        trial: &Planned<'_>,
        command: &Command,
        invocation: &Invocation,
        out: &Path,
        watch: &dyn Watch,
        (tells, heard): (bool, Option<&Path>),
    ) -> Result<Option<Self>, String> {
        let metrics = &trainer.experiment.metrics;
        let mut points = heard.map(earlier).unwrap_or_default();
        let mut reader = Reader::new(&command.metrics, metrics).after(&points);
        let mut kept = heard
            .map(|path| fs::OpenOptions::new().create(true).append(true).open(path))
            .transpose()
            .map_err(|error| format!("cannot keep what it prints: {error}"))?;
        let mut told: Option<Instant> = None;
        let heard = |stream: Stream, line: &str| {
            if stream == command.metrics.from
                && let Some(point) = reader.line(line)
            {
                // Whoever follows is told a few times a second: the program waits while its lines are read.
                if tells && told.is_none_or(|told| told.elapsed() >= BETWEEN) {
                    told = Some(Instant::now());
                    watch.measured(&point, None);
                }
                // Without it a stopped run goes on with less, and says so by a shorter curve.
                if let (Some(kept), Ok(line)) = (&mut kept, serde_json::to_string(&point)) {
                    let _ = writeln!(kept, "{line}");
                }
                points.push(point);
            }
        };
        let program = invocation.program.to_string_lossy().into_owned();
        let mut ran = run(invocation, heard, || watch.stops()).map_err(|error| cannot_start(&program, &error))?;
        let folder = absolute(&trainer.experiment.whence.folder);
        let places = Places::of(&absolute(&trainer.work), &folder, Path::new(&invocation.program));
        for captured in [&mut ran.stdout, &mut ran.stderr] {
            captured.kept = places.hidden_in(std::mem::take(&mut captured.kept));
        }
        match ran.ending {
            Ending::Stopped => return Ok(None),
            Ending::TimedOut => {
                let limit = invocation.timeout.unwrap_or_default().as_secs_f64();
                return Err(format!("it took longer than its time limit of {limit} s\n{}", last_words(&ran)));
            }
            Ending::Exited(status) if !status.success() => {
                return Err(format!("the program ended with {status}\n{}", last_words(&ran)));
            }
            Ending::Exited(_) => {}
        }
        if let (Stream::File, Some(path)) = (command.metrics.from, &command.metrics.path) {
            let text = fs::read(out.join(path)).map_err(|error| {
                format!(
                    "its figures are to be in `{path}` in {{out}}, and it cannot be read: {error}\n{}",
                    last_words(&ran)
                )
            })?;
            points = reader.file(&String::from_utf8_lossy(&text)).map_err(|reason| format!("`{path}`: {reason}"))?;
        }
        let points = merged(points);
        let wanted = trainer.wanted(trial.variant);
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|metric| !points.iter().any(|point| point.measured(**metric).is_some()))
            .map(|metric| metric.name())
            .collect();
        if !missing.is_empty() {
            return Err(format!("{}\n{}", not_found(&missing, &points, &reader.others), last_words(&ran)));
        }
        if let Some(reason) = out_of_range(&points, metrics.series()) {
            return Err(format!("{reason}\n{}", last_words(&ran)));
        }
        let outcome = outcome(&points, trainer.judged());
        let (artifacts, files) = artifacts(&command.artifacts, out)?;
        Ok(Some(Self { points: lasting(points, metrics.series()), ran, artifacts, files, outcome }))
    }
}

impl CommandTrainer<'_> {
    fn invocation(
        &self,
        command: &Command,
        params: &Params,
        trial: &Planned<'_>,
        (out, images): (&Path, Option<&Path>),
        gpus: &Taken<'_>,
    ) -> Invocation {
        let base = absolute(&self.experiment.whence.folder);
        let data_folder = absolute(&self.experiment.whence.data_folder);
        let in_full = |path: &Path| absolute(path).to_string_lossy().into_owned();
        let (out, images) = (in_full(out), images.map(in_full).unwrap_or_default());
        let data = command.data.first().map(|path| data_folder.join(path).to_string_lossy().into_owned());
        let threads = command.threads.map_or(self.threads, |threads| threads as usize).to_string();
        let value = |placeholder: &Placeholder| match placeholder {
            Placeholder::Seed => trial.seed.to_string(),
            Placeholder::Variant => trial.variant.id.to_string(),
            Placeholder::Out => out.clone(),
            Placeholder::Data => data.clone().unwrap_or_default(),
            Placeholder::Images => images.clone(),
            Placeholder::Device => if command.gpus > 0 { "cuda" } else { "cpu" }.to_owned(),
            Placeholder::Threads => threads.clone(),
            Placeholder::Param(name) => params.get(name).map(ToString::to_string).unwrap_or_default(),
        };
        // Templates were tried when the experiment was read.
        let fill = |text: &str| Template::parse(text).map_or_else(|_| text.to_owned(), |found| found.fill(value));
        let mut filled = command.command.iter().map(|text| OsString::from(fill(text)));
        let (program, arguments) = if command.shell {
            let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
            (shell.into(), [flag.into()].into_iter().chain(filled).collect())
        } else {
            (filled.next().unwrap_or_default(), filled.collect())
        };
        let mut environment: Vec<(OsString, OsString)> = Vec::new();
        for name in PASSED_ON.iter().copied().chain(command.env.iter().map(String::as_str)) {
            environment.extend(std::env::var_os(name).map(|value| (name.into(), value)));
        }
        environment.extend(THREADS.map(|name| (name.into(), OsString::from(&threads))));
        // Without it, Python keeps what it prints to itself for a while.
        environment.push(("PYTHONUNBUFFERED".into(), "1".into()));
        environment.push(("CUDA_VISIBLE_DEVICES".into(), gpus.names().into()));
        environment.extend(command.variables.iter().map(|(name, text)| (name.into(), fill(text).into())));
        let folder = command.folder.as_ref().map_or_else(|| base.clone(), |folder| base.join(folder));
        Invocation {
            program: in_folder(program, &folder),
            arguments,
            folder,
            environment,
            timeout: command.timeout.map(Duration::from_secs_f64),
        }
    }

    /// The arguments without this machine's folders.
    fn recorded(&self, command: &Command, params: &Params, trial: &Planned<'_>) -> Vec<String> {
        let value = |placeholder: &Placeholder| match placeholder {
            Placeholder::Seed => trial.seed.to_string(),
            Placeholder::Variant => trial.variant.id.to_string(),
            Placeholder::Out => "{out}".to_owned(),
            Placeholder::Data => "{data}".to_owned(),
            Placeholder::Images => "{images}".to_owned(),
            Placeholder::Device => if command.gpus > 0 { "cuda" } else { "cpu" }.to_owned(),
            Placeholder::Threads => "{threads}".to_owned(),
            Placeholder::Param(name) => params.get(name).map(ToString::to_string).unwrap_or_default(),
        };
        let fill = |text: &String| Template::parse(text).map_or_else(|_| text.clone(), |found| found.fill(value));
        command.command.iter().map(fill).collect()
    }

    /// What the program runs on: its interpreter with its packages, and named environment variables.
    fn details(&self, command: &Command) -> BTreeMap<String, String> {
        let mut details = match command.command.first().filter(|_| !command.shell) {
            None => BTreeMap::new(),
            Some(program) => {
                let program = in_folder(program.into(), &absolute(&self.experiment.whence.folder));
                let mut hosts = self.hosts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                hosts.entry(program).or_insert_with_key(|program| host::describe(program)).clone()
            }
        };
        let named = command.env.iter().filter_map(|name| Some((format!("${name}"), std::env::var(name).ok()?)));
        details.extend(named);
        details
    }
}

/// A program that is named with a folder, such as `./train.sh`, is meant from where it runs.
fn in_folder(program: OsString, folder: &Path) -> OsString {
    let path = Path::new(&program);
    if path.is_relative() && path.components().count() > 1 { folder.join(path).into_os_string() } else { program }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .unwrap_or_else(|_| path.to_owned())
}

fn empty(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot empty {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn cannot_start(program: &str, error: &std::io::Error) -> String {
    let what = match error.kind() {
        std::io::ErrorKind::NotFound => "is it installed, and in the PATH or named with its folder?",
        std::io::ErrorKind::PermissionDenied => "may it be executed?",
        _ => "try it by hand",
    };
    format!("cannot start `{program}`: {error}; {what}")
}

fn last_words(ran: &Ran) -> String {
    let said = |name: &str, kept: &[u8]| {
        let text = String::from_utf8_lossy(kept);
        let lines: Vec<&str> = text.lines().rev().take(LAST_LINES).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        (!lines.is_empty()).then(|| format!("the end of its {name}:\n{}", lines.join("\n")))
    };
    let parts = [said("standard error", &ran.stderr.kept), said("standard output", &ran.stdout.kept)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "it printed nothing".to_owned() } else { parts.join("\n") }
}

fn not_found(missing: &[&str], points: &[Point], others: &BTreeSet<String>) -> String {
    let mut seen: BTreeSet<&str> = others.iter().map(String::as_str).collect();
    seen.extend(points.iter().flat_map(Point::values).map(|(name, _)| name.as_str()));
    let seen: Vec<&str> = seen.into_iter().collect();
    let seen = if seen.is_empty() { "no figures".to_owned() } else { format!("figures of {}", seen.join(", ")) };
    format!("it left no figure of {}; seen were {seen}", missing.join(", "))
}

/// The first value that its metric cannot have: more likely a misunderstanding than a result.
fn out_of_range(points: &[Point], mut metrics: impl Iterator<Item = Metric>) -> Option<String> {
    metrics.find_map(|metric| {
        let levels = metric.levels();
        let value = points.iter().filter_map(|point| point.figure(metric)).find(|value| !levels.contains(value))?;
        let hint = match metric.unit() {
            Unit::Fraction => "; a percentage needs its `%` where it is printed, or `unit: \"%\"` in the experiment",
            _ => "",
        };
        Some(format!("`{metric}` is {value}, and it is said to lie from {} to {}{hint}", levels.start(), levels.end()))
    })
}

/// A metric that ended as no number is how another program's training diverges.
fn outcome(points: &[Point], metrics: impl Iterator<Item = Metric>) -> Outcome {
    let last = |metric: Metric| points.iter().rev().find_map(|point| Some((point.at, point.measured(metric)?)));
    let lost = metrics.filter_map(last).find(|(_, value)| !value.is_finite());
    lost.map_or(Outcome::Completed, |(at, _)| Outcome::Diverged {
        epoch: u32::try_from(at).unwrap_or(u32::MAX),
        step: at,
    })
}

/// With a last point that has the last value of every metric: where a program measures some more often than others, all of
/// them are there at the end.
fn lasting(mut points: Vec<Point>, metrics: impl Iterator<Item = Metric>) -> Vec<Point> {
    let last: Vec<(Metric, f64)> = metrics
        .filter_map(|metric| Some((metric, points.iter().rev().find_map(|point| point.measured(metric))?)))
        .collect();
    if let Some(end) = points.last_mut() {
        for (metric, value) in last {
            if end.measured(metric).is_none() {
                end.set(metric, value);
            }
        }
    }
    points
}

/// What an interrupted run has printed; nothing where a line of it is not whole.
fn earlier(heard: &Path) -> Vec<Point> {
    let text = fs::read_to_string(heard).unwrap_or_default();
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

/// The largest difference of a figure at the same place, relative to the first run's; infinite where one is missing.
pub fn largest_difference(first: &[Point], other: &[Point]) -> f64 {
    if first == other {
        return 0.0;
    }
    if first.len() != other.len() {
        return f64::MAX;
    }
    let pairs = first.iter().zip(other).flat_map(|(one, other)| one.values().zip(other.values()));
    let differences = pairs.map(|((name, one), (other_name, other))| match (one, other) {
        _ if name != other_name => f64::MAX,
        (Some(one), Some(other)) if one == other => 0.0,
        (Some(one), Some(other)) => (one - other).abs() / one.abs().max(f64::MIN_POSITIVE),
        (None, None) => 0.0,
        _ => f64::MAX,
    });
    differences.fold(0.0, f64::max).min(f64::MAX)
}

type Artifacts = (BTreeMap<String, Digest>, BTreeMap<String, Vec<u8>>);

/// The digests of what the program left for others, and the files themselves as far as they are small.
fn artifacts(patterns: &[String], out: &Path) -> Result<Artifacts, String> {
    let (mut digests, mut files) = (BTreeMap::new(), BTreeMap::new());
    for pattern in patterns {
        let full = Path::new(&glob::Pattern::escape(&out.to_string_lossy())).join(pattern);
        let found = glob::glob(&full.to_string_lossy()).map_err(|error| error.to_string())?;
        let before = digests.len();
        for path in found.filter_map(Result::ok).filter(|path| path.is_file()) {
            let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
            let name = path.strip_prefix(out).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let length = path.metadata().map_err(unreadable)?.len();
            digests.insert(
                name.clone(),
                Digest::of_reader(fs::File::open(&path).map_err(unreadable)?).map_err(unreadable)?,
            );
            if length <= LARGEST_KEPT {
                files.insert(format!("artifacts/{name}"), fs::read(&path).map_err(unreadable)?);
            }
        }
        if digests.len() == before {
            return Err(format!("it left no `{pattern}` in {{out}}, which the experiment lists under `artifacts`"));
        }
    }
    Ok((digests, files))
}

/// The GPUs of this machine, each given to one trial at a time.
struct Gpus {
    /// How many there are.
    all: usize,
    names: Vec<String>,
    free: Mutex<Vec<usize>>,
    freed: Condvar,
}

/// GPUs of a trial; given back when dropped.
struct Taken<'a> {
    gpus: &'a Gpus,
    places: Vec<usize>,
}

impl Gpus {
    /// Those that `CUDA_VISIBLE_DEVICES` names, or else all that the driver knows.
    fn here() -> Self {
        let named = std::env::var("CUDA_VISIBLE_DEVICES").ok();
        let names: Vec<String> = match named {
            Some(list) => list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
            None => host::gpus(),
        };
        Self::of(names)
    }

    fn of(names: Vec<String>) -> Self {
        let free = Mutex::new((0..names.len()).rev().collect());
        Self { all: names.len(), names, free, freed: Condvar::new() }
    }

    /// Waits until so many are free; `None` where it is stopped before.
    fn take(&self, needed: usize, stops: &dyn Fn() -> bool) -> Result<Option<Taken<'_>>, String> {
        if needed > self.all {
            return Err(format!("it needs {needed} GPUs, and there are {} here", self.all));
        }
        let mut free = self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while free.len() < needed {
            if stops() {
                return Ok(None);
            }
            let waited = self.freed.wait_timeout(free, Duration::from_millis(100));
            free = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        let from = free.len() - needed;
        let places = free.split_off(from);
        Ok(Some(Taken { gpus: self, places }))
    }
}

impl Taken<'_> {
    /// As `CUDA_VISIBLE_DEVICES` lists them; a trial that asked for none sees none.
    fn names(&self) -> String {
        let names = self.places.iter().filter_map(|place| self.gpus.names.get(*place));
        names.cloned().collect::<Vec<_>>().join(",")
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut free = self.gpus.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        free.append(&mut self.places);
        self.gpus.freed.notify_all();
    }
}
