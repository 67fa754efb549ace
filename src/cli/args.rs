//! What can be said on the command line. Nothing here does anything.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::audit::replay::Level;
use crate::config::{Budget, Override, Precision, Slug, VariantId};
use crate::engine::DeviceChoice;
use crate::report::LanguageTag;
use crate::sweep::{Shard, TrialName};

/// Re-run an article's findings: train every variant with fixed seeds, keep the evidence, publish a report.
#[derive(Debug, Parser)]
#[command(name = "retrial", version, propagate_version = true, after_long_help = exit_codes())]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train all trials of an experiment that are not finished yet, then write its report.
    Run(RunArguments),
    /// Measure how fast an experiment's variants train and infer on this machine.
    Bench(BenchArguments),
    /// Put a run's bundle where published ones are, in place of what is there of the same experiment.
    Publish(PublishArguments),
    /// Show the trials of an experiment, what they cost and which exist, without training.
    Plan(PlanArguments),
    /// Show the layers of an experiment's networks, with their sizes, without images.
    Network(NetworkArguments),
    /// Render the report of a bundle again from the results in it.
    Report(ReportArguments),
    /// Check a bundle: its digests, its report, and by training again whether its trials repeat.
    Verify(VerifyArguments),
    /// Merge the trials of several bundles into one, checking each, and write its report.
    Collect(CollectArguments),
    /// Say what differs between two bundles: experiment, data, machine, code, trials, figures and verdicts.
    Diff(DiffArguments),
    /// Make a folder of bundles a web site: an index of all, and a history of each experiment.
    Site(SiteArguments),
    /// Pack a bundle into one file, the same bytes for the same bundle.
    Pack(PackArguments),
    /// Unpack a bundle, whoever it comes from: nothing is written that its manifest does not announce.
    Unpack(UnpackArguments),
    /// Make a pair of keys to sign bundles with.
    Keygen(KeygenArguments),
    /// Sign a bundle, or what an audit of it found.
    Sign(SignArguments),
    /// Fetch data sets, or look at what an experiment would train on.
    Data(DataArguments),
    /// Show what this build and this machine can compute with.
    Doctor(DoctorArguments),
    /// Write an experiment file for an article of your own, with every part explained; it runs as it stands.
    Init(InitArguments),
    /// Take over results that exist already, from a table or an MLflow server, as an experiment of which nothing is run here.
    Import(ImportArguments),
    /// Hand a bundle's trials over to where others keep theirs.
    Export(ExportArguments),
    /// Print the JSON Schema of experiment files.
    Schema,
    /// Print what makes a shell complete this command line.
    Completions(CompletionsArguments),
    /// Print the manual page, or write those of all commands into a folder.
    Man(ManArguments),
}

/// An experiment and what to change about it.
#[derive(Debug, Args)]
pub struct ExperimentArguments {
    /// The experiment file.
    pub config: PathBuf,
    /// Override a key, e.g. `train.epochs=2`, `variants=[bn,plain]` or `variants.bn.train.epochs=3`. Can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<Override>,
    /// Where the images are; the same as `--set data.path=PATH`.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Folder for downloads and decoded images.
    #[arg(long, value_name = "DIR", default_value = ".retrial", env = "RETRIAL_CACHE")]
    pub cache: PathBuf,
}

/// Where results go and what computes them.
#[derive(Debug, Args)]
pub struct TargetArguments {
    /// Folder of the bundle [default: runs/ID of the experiment].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What computes: `auto`, `flex` (pure Rust, CPU), `libtorch` (CPU), `cuda` or `cuda:N`.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
}

/// How the report is written; the bundle keeps it.
#[derive(Debug, Args)]
pub struct StyleArguments {
    /// Templates that replace the built-in ones of the same name; the bundle keeps them. An empty folder: none.
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Language of the pages and plots, such as `en` or `zh-Hant`; the bundle keeps it [default: the bundle's, or en].
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: Option<LanguageTag>,
}

/// What the results are held against.
#[derive(Debug, Args)]
pub struct AgreementArguments {
    /// Compare the results with this published bundle of the same experiment; `run` finds the one that is in reports/ID
    /// near the experiment file by itself.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Fail when a claim does not have the verdict that it must have, or, with `--against`, when published results do not
    /// come out again.
    #[arg(long)]
    pub gate: bool,
}

#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    #[command(flatten)]
    pub target: TargetArguments,
    /// Trials at a time [default: one per core].
    #[arg(long, short, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Seconds between two checkpoints of a trial; 0 makes one whenever it can.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub checkpoint_every: u64,
    /// Run this trial alone, VARIANT/SEED, and write no report. Can be repeated; safe beside other such runs in one folder.
    #[arg(long, value_name = "VARIANT/SEED", conflicts_with_all = ["shard", "against", "gate"])]
    pub only: Vec<TrialName>,
    /// Run the i-th of n slices of the trials, i/n, and write no report; safe beside other such runs in one folder.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["against", "gate"])]
    pub shard: Option<Shard>,
    #[command(flatten)]
    pub style: StyleArguments,
    #[command(flatten)]
    pub agreement: AgreementArguments,
    /// Go on with further seeds, look by look as the experiment's `settle` has it, until no claim is left that they would
    /// settle. A slice of a run does the trials of the next look alone.
    #[arg(long, conflicts_with = "only")]
    pub settle: bool,
    /// Begin no further look that would end later than this after the start, e.g. `3h` [default: the experiment's].
    #[arg(long, value_name = "TIME", requires = "settle", conflicts_with = "shard")]
    pub budget: Option<Budget>,
    /// Run the commands of an experiment that came in a bundle.
    #[arg(long)]
    pub trust: bool,
    /// Do not measure how fast the variants are.
    #[arg(long)]
    pub no_throughput: bool,
    /// Train finished trials again, too.
    #[arg(long)]
    pub fresh: bool,
    /// Keep trials that another engine has finished, and go on with this one; the report says so.
    #[arg(long, conflicts_with = "fresh")]
    pub mix_engines: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Tell what happens as JSON on standard error, one object a line, for other programs.
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BenchArguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// What computes: `auto`, `flex` (pure Rust, CPU), `libtorch` (CPU), `cuda` or `cuda:N`.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Put the samples into this bundle of the same experiment, too, and render its report again.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    /// Keep the samples under this name, to compare with later.
    #[arg(long, value_name = "NAME")]
    pub save_baseline: Option<Slug>,
    /// Compare with the samples kept under this name, and fail when something has become slower.
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<Slug>,
    /// How much slower a step must be to count, e.g. `5%`; its interval over rounds must lie above zero, too.
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = share)]
    pub threshold: f64,
    /// Train a variant in turns with another program, e.g. "python3 benches/pytorch/train_step.py", instead.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["save_baseline", "baseline", "into"])]
    pub peer: Option<String>,
    /// The variant that the peer is held against [default: the first].
    #[arg(long, value_name = "VARIANT", requires = "peer")]
    pub variant: Option<VariantId>,
    /// Turns that are taken with the peer.
    #[arg(long, value_name = "COUNT", requires = "peer", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub turns: u32,
    /// About how long either side trains in a turn.
    #[arg(long, value_name = "SECONDS", requires = "peer", default_value_t = 2.0, value_parser = positive)]
    pub turn_seconds: f64,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "write a number above 0".to_owned())
}

/// `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().map_err(|_| "write a share, such as `5%`".to_owned())? / unit;
    if (0.0..=10.0).contains(&share) { Ok(share) } else { Err("write a share of 0% to 1000%".to_owned()) }
}

#[derive(Debug, Args)]
pub struct PlanArguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    #[command(flatten)]
    pub target: TargetArguments,
    /// Where all trials that were called for are finished: those of the next look.
    #[arg(long)]
    pub settle: bool,
    /// Print it as JSON, for other programs.
    #[arg(long)]
    pub json: bool,
    /// Print only the names of the trials that are to be run, one a line, as `retrial run --only` takes them.
    #[arg(long, conflicts_with = "json")]
    pub names: bool,
}

#[derive(Debug, Args)]
pub struct NetworkArguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// Classes that the networks tell apart; the images, which are not read, say how many there are.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=65_536))]
    pub classes: usize,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The bundle: a folder that `retrial run` wrote.
    pub bundle: PathBuf,
    /// Take its author's words from this experiment file: title, question, source, labels, deviations, conclusions. What
    /// was run and what was claimed stays as it is.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write what came out into this Markdown file as well, between the lines `<!-- retrial: what came out -->` and
    /// `<!-- /retrial -->`.
    #[arg(long, value_name = "FILE")]
    pub readme: Option<PathBuf>,
    #[command(flatten)]
    pub style: StyleArguments,
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The bundle: a folder that `retrial run` wrote.
    pub bundle: PathBuf,
    /// How far to go; every tier includes those before it, except that `rerun` takes the place of `replay`.
    #[arg(long, value_enum, default_value_t = Tier::Report)]
    pub tier: Tier,
    /// Demand a valid signature of the bundle by this public key, a PEM file.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// What computes for `replay` and `rerun`: `auto`, `flex`, `libtorch`, `cuda` or `cuda:N`.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Where the images are, for `replay` and `rerun`.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Folder for downloads and decoded images.
    #[arg(long, value_name = "DIR", default_value = ".retrial", env = "RETRIAL_CACHE")]
    pub cache: PathBuf,
    /// A trial to train again, VARIANT/SEED [default: the first of each variant]. Can be repeated.
    #[arg(long = "trial", value_name = "VARIANT/SEED")]
    pub trials: Vec<TrialName>,
    /// Steps to replay [default: 16 where bits must agree, 2 within a tolerance].
    #[arg(long)]
    pub steps: Option<u64>,
    /// How closely results must agree [default: what the bundle claims].
    #[arg(long, value_enum)]
    pub level: Option<LevelName>,
    /// Relative difference of losses that counts as agreement with `--level tolerance`.
    #[arg(long, default_value_t = crate::audit::replay::TOLERANCE)]
    pub tolerance: f64,
    /// Let `rerun` run the commands that the bundle brings, in a copy of the files that came with them.
    #[arg(long)]
    pub trust: bool,
}

/// How far an audit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Tier {
    /// Every file against the manifest.
    Digests,
    /// The report rendered again from the raw logs.
    Report,
    /// The first steps of some trials trained again.
    Replay,
    /// Whole trials trained again.
    Rerun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    /// Every bit; only on the engine that made the bundle.
    Bitwise,
    /// The same batches, and losses of the first steps within `--tolerance`. Final figures are shown and not judged.
    Tolerance,
}

impl LevelName {
    pub fn with_tolerance(self, tolerance: f64) -> Level {
        match self {
            Self::Bitwise => Level::Bitwise,
            Self::Tolerance => Level::Tolerance(tolerance),
        }
    }
}

#[derive(Debug, Args)]
pub struct CollectArguments {
    /// Bundles that `retrial run` wrote elsewhere, with `--only` or `--shard`, or in part.
    #[arg(required = true)]
    pub sources: Vec<PathBuf>,
    /// Folder of the merged bundle; trials that it holds already are kept and compared.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Take trials of one variant together even where they were computed on different engines; the report says so.
    #[arg(long)]
    pub mix_engines: bool,
    #[command(flatten)]
    pub agreement: AgreementArguments,
}

#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The bundle to compare with.
    pub a: PathBuf,
    /// The bundle that is compared.
    pub b: PathBuf,
    /// Print it as JSON, for other programs.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SiteArguments {
    /// The folder, with bundles in it or in folders below.
    #[arg(default_value = "reports")]
    pub folder: PathBuf,
    /// Language of the index and the histories, such as `en` or `zh-Hant`; bundles keep theirs.
    #[arg(long, value_name = "LANGUAGE", default_value_t = LanguageTag::source())]
    pub lang: LanguageTag,
}

#[derive(Debug, Args)]
pub struct PublishArguments {
    /// The bundle: a folder that `retrial run` wrote. It stays where it is, so that the run can go on.
    pub bundle: PathBuf,
    /// Folder of the publication [default: reports/ID of the experiment].
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct PackArguments {
    /// The bundle: a folder that `retrial run` wrote.
    pub bundle: PathBuf,
    /// The packed file [default: the bundle's name with .tar.zst].
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct UnpackArguments {
    /// A file that `retrial pack` wrote.
    pub file: PathBuf,
    /// The folder to unpack to, which must not be there yet or be empty [default: the experiment's name].
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct KeygenArguments {
    /// Writes NAME.pem, the private key, and NAME.pub.pem, the public one (Ed25519).
    #[arg(long, short, value_name = "NAME", default_value = "retrial-key")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct SignArguments {
    /// The bundle: a folder that `retrial run` wrote.
    pub bundle: PathBuf,
    /// The private key, a PEM file.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Sign what this audit found instead: the audit.json that `retrial verify` wrote.
    #[arg(long, value_name = "FILE")]
    pub audit: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The device to look at: `auto`, `flex`, `libtorch`, `cuda` or `cuda:N`.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Run a short training twice on it and say whether the bits agree.
    #[arg(long)]
    pub determinism: bool,
    /// The precision of that training [default: fp32].
    #[arg(long, value_enum, requires = "determinism")]
    pub precision: Option<PrecisionName>,
}

/// A precision by the name that experiment files give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrecisionName {
    Fp32,
    Tf32,
    Bf16,
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::Fp32 => Self::Fp32,
            PrecisionName::Tf32 => Self::Tf32,
            PrecisionName::Bf16 => Self::Bf16,
        }
    }
}

impl fmt::Display for PrecisionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fp32 => "fp32",
            Self::Tf32 => "tf32",
            Self::Bf16 => "bf16",
        })
    }
}

#[derive(Debug, Args)]
pub struct DataArguments {
    #[command(subcommand)]
    pub command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Download a data set and check its digest.
    Fetch {
        /// Which one; there is one, `cifar10`.
        #[arg(value_parser = ["cifar10"])]
        name: String,
        /// Folder for downloads and decoded images.
        #[arg(long, value_name = "DIR", default_value = ".retrial", env = "RETRIAL_CACHE")]
        cache: PathBuf,
    },
    /// Print an experiment's image counts and digests, and write a sheet of its images to look at.
    Show {
        #[command(flatten)]
        experiment: ExperimentArguments,
        /// The sheet, a PNG file: one row for each class, training images.
        #[arg(long, short, value_name = "FILE", default_value = "contact-sheet.png")]
        out: PathBuf,
        /// Images of each class on the sheet.
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=200))]
        columns: u16,
    },
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A CSV file with a heading, or JSON lines: a row for each trial, or for each of its steps, with a column for each
    /// metric, or the columns `metric` and `value`. Or the address of an MLflow server, as in http://127.0.0.1:5000.
    #[arg(value_name = "FILE|URL")]
    pub from: PathBuf,
    /// The experiment of an MLflow server whose finished runs are taken over.
    #[arg(long, value_name = "NAME")]
    pub experiment: Option<String>,
    /// Where to write the experiment; made if it is not there.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// The column that names the setting under test; of an MLflow run the parameter or tag, or `run_name` [default:
    /// variant; of runs that do not all have it their names].
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// The column with the seeds; of an MLflow run the parameter or tag [default: seed; of runs also random_state or
    /// random_seed; where there is none, a variant's trials are counted].
    #[arg(long, value_name = "NAME")]
    pub seed: Option<String>,
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    #[command(subcommand)]
    pub command: ExportCommand,
}

#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Make every finished trial of a bundle a run on an MLflow server. What is there already is not written twice.
    Mlflow(MlflowArguments),
}

#[derive(Debug, Args)]
pub struct MlflowArguments {
    /// The bundle: a folder that `retrial run` wrote.
    pub bundle: PathBuf,
    /// The server's address, as in http://127.0.0.1:5000.
    #[arg(long, value_name = "URL", env = "MLFLOW_TRACKING_URI", hide_env_values = true)]
    pub to: String,
    /// The experiment that the runs belong to; made if it is not there [default: the id of the bundle's experiment].
    #[arg(long, value_name = "NAME")]
    pub experiment: Option<String>,
}

#[derive(Debug, Args)]
pub struct InitArguments {
    /// Where to write it; made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Start from a program of your own: writes `train.py` as well, a short script of scikit-learn.
    #[arg(long)]
    pub command: bool,
}

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArguments {
    /// Where to write `retrial.1` and one page for each command.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

fn exit_codes() -> String {
    let lines = super::Exit::ALL.map(|exit| format!("  {}  {}", exit as u8, exit.meaning()));
    format!("Exit codes:\n{}", lines.join("\n"))
}
