//! `retrial bench`: the throughput stage alone, beside an earlier measurement, or in turns with a peer.

use std::path::Path;

use super::args::BenchArguments;
use super::conclude::conclude;
use super::exit::Exit;
use super::output::{errln, out, outln};
use super::progress::{Manner, Progress};
use super::run::{images_of, load_data, load_experiment};
use super::stop;
use super::summary::{Align, render_table};
use super::throughput::{Stage, in_words, table};
use crate::bundle::throughput::ThroughputRecord;
use crate::bundle::{BundleFolder, BundleLock};
use crate::config::{Experiment, NativeVariant, Slug, Throughput};
use crate::data::Dataset;
use crate::engine::Engine;
use crate::report::text::counted;
use crate::throughput::baseline::{self, Change, Comparison, Reason, Uncompared};
use crate::throughput::peer::{Turns, contest};

/// The bundle is of another experiment, or a variant is not there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BenchError {
    #[error("{into} is a bundle of another experiment than {config}")]
    #[diagnostic(
        code(retrial::bench::other_experiment),
        help("name the bundle that `retrial run` wrote of this very file, with the same `--set` options")
    )]
    OtherExperiment { into: String, config: String },
    #[error("there is no variant `{0}`")]
    #[diagnostic(code(retrial::bench::variant), help("the experiment's variants are {1}"))]
    NoVariant(Slug, String),
}

pub fn bench(arguments: &BenchArguments) -> miette::Result<Exit> {
    let experiment = load_experiment(&arguments.experiment)?;
    let engine = Engine::select(arguments.device)?;
    for variant in experiment.native_variants() {
        engine.check_precision(variant.train.precision)?;
    }
    let bundle = arguments.into.as_deref().map(|into| matching(into, &experiment, arguments)).transpose()?;
    let baselines = arguments.experiment.cache.join("baselines");
    // Read before anything is measured: a name that is misspelt should not cost a minute.
    let then =
        arguments.baseline.as_ref().map(|name| Ok::<_, miette::Report>((name, baseline::load(&baselines, name)?)));
    let then = then.transpose()?;
    let data = load_data(images_of(&experiment)?, &arguments.experiment, Manner::of(arguments.quiet, false))?;
    if let Some(command) = &arguments.peer {
        return beside_peer(arguments, &experiment, &data, &engine, command);
    }
    let progress = Progress::new(0, "rounds", Manner::of(arguments.quiet, false));
    let stop = stop::flag(false);
    let stage = Stage { experiment: &experiment, data: &data, engine: &engine, stop: &stop };
    let measured = stage.measure(&settings(&experiment), &progress)?;
    progress.finish();
    let Some(record) = measured else { return Ok(Exit::Interrupted) };
    if !arguments.quiet {
        out!("{}", table(&record, experiment.confidence));
    }
    if let Some(bundle) = bundle {
        let _lock = BundleLock::take(bundle.root())?;
        bundle.write_throughput(&record)?;
        conclude(&bundle, &bundle.experiment()?)?;
    }
    if let Some(name) = &arguments.save_baseline {
        let path = baseline::save(&baselines, name, &record)?;
        progress.line(&format!("Baseline: {}", path.display()));
    }
    match then {
        Some((name, then)) => against(arguments, &experiment, &record, (name, &then)),
        None => Ok(Exit::Success),
    }
}

/// What the file says, or the defaults where it wants none after its trials: here it was asked for.
fn settings(experiment: &Experiment) -> Throughput {
    experiment.throughput.clone().unwrap_or_default()
}

fn matching(into: &Path, experiment: &Experiment, arguments: &BenchArguments) -> miette::Result<BundleFolder> {
    let bundle = BundleFolder::new(into);
    if bundle.experiment()? != experiment.published() {
        let (into, config) = (into.display().to_string(), arguments.experiment.config.display().to_string());
        return Err(BenchError::OtherExperiment { into, config }.into());
    }
    Ok(bundle)
}

fn against(
    arguments: &BenchArguments,
    experiment: &Experiment,
    now: &ThroughputRecord,
    (name, then): (&Slug, &ThroughputRecord),
) -> miette::Result<Exit> {
    let Comparison { changes, uncompared } =
        baseline::compare(now, (name, then), arguments.threshold, experiment.confidence)?;
    let slower: Vec<&Change> = changes.iter().filter(|change| change.is_slower).collect();
    if !arguments.quiet {
        out!("{}{}", comparison(&changes), left_out(&uncompared, name));
    }
    for change in &slower {
        let load = if change.strained > 0 { "; other programs ran meanwhile" } else { "" };
        errln!("slower than {name}: {} takes {:.3} times as long{load}", in_words(&change.cell), change.ratio);
    }
    Ok(if slower.is_empty() { Exit::Success } else { Exit::Slower })
}

fn comparison(changes: &[Change]) -> String {
    let mut rows =
        vec![["measurement", "time, now / then", "interval", "rounds under load", ""].map(str::to_owned).to_vec()];
    for change in changes {
        let interval = change.interval.map(|interval| format!("{:.3} to {:.3}", interval.lower, interval.upper));
        rows.push(vec![
            in_words(&change.cell),
            format!("{:.3}", change.ratio),
            interval.unwrap_or_default(),
            change.strained.to_string(),
            if change.is_slower { "slower" } else { "" }.to_owned(),
        ]);
    }
    render_table(&rows, &[Align::Left, Align::Right, Align::Right, Align::Right, Align::Left])
}

/// What could not be compared, so that nobody takes the table for all there is.
fn left_out(uncompared: &[Uncompared], name: &Slug) -> String {
    if uncompared.is_empty() {
        return String::new();
    }
    let line = |Uncompared { cell, reason }: &Uncompared| {
        let reason = match reason {
            Reason::OnlyNow => format!("{name} does not have it"),
            Reason::OnlyThen => format!("only {name} has it"),
            Reason::OtherPrecision => format!("{name} has it in another precision"),
            Reason::NoSamples => "one side has no samples of it".to_owned(),
        };
        format!("  {}: {reason}\n", in_words(cell))
    };
    let count = counted(uncompared.len(), "measurement");
    format!("{count} not compared:\n{}", uncompared.iter().map(line).collect::<String>())
}

fn beside_peer(
    arguments: &BenchArguments,
    experiment: &Experiment,
    data: &Dataset,
    engine: &Engine,
    command: &str,
) -> miette::Result<Exit> {
    let variant = chosen(arguments, experiment)?;
    let turns = Turns { count: arguments.turns, seconds: arguments.turn_seconds };
    let contest = contest(variant, data, engine, command, turns).map_err(miette::Report::new)?;
    if arguments.quiet {
        return Ok(Exit::Success);
    }
    let train = variant.train;
    let images = counted(train.batch_size as usize, "image");
    outln!("{} on {}, {images} of {} px", variant.id, engine.name(), train.image_size);
    for (number, turn) in (1..).zip(&contest.turns) {
        outln!("turn {number}: {:8.1}  {:8.1} images/s", turn.here, turn.peer);
    }
    if let (Some((here, peer)), Some((ratio, interval))) = (contest.medians(), contest.ratio(experiment.confidence)) {
        outln!("medians {here:.1} here, {peer:.1} at the peer");
        let mebibytes = |bytes: f64| format!("{:.0} MiB", bytes / 1024.0 / 1024.0);
        let here = contest.peak_bytes.map_or_else(|| "not known".to_owned(), mebibytes);
        let whose = if engine.is_host() { "" } else { " of the GPU" };
        outln!("peak memory{whose} {here} here, {} at the peer", mebibytes(contest.peer_peak_bytes));
        let interval = interval.map(|interval| format!(" ({:.3} to {:.3})", interval.lower, interval.upper));
        outln!("median ratio {ratio:.3}{}", interval.unwrap_or_default());
    }
    Ok(Exit::Success)
}

fn chosen<'a>(arguments: &BenchArguments, experiment: &'a Experiment) -> miette::Result<NativeVariant<'a>> {
    let Some(name) = &arguments.variant else {
        return experiment.native_variants().next().ok_or("the experiment has no variant").map_err(miette::Report::msg);
    };
    let names = || experiment.native_variants().map(|variant| variant.id.to_string()).collect::<Vec<_>>().join(", ");
    let found = experiment.native_variants().find(|variant| variant.id == name);
    found.ok_or_else(|| BenchError::NoVariant(name.clone(), names()).into())
}
