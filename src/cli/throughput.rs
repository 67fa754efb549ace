//! The throughput stage, as `retrial run` and `retrial bench` have it: progress, a table, and where the samples go.

use std::sync::atomic::AtomicBool;

use miette::IntoDiagnostic as _;

use super::progress::Progress;
use super::summary::{Align, render_table};
use crate::bundle::BundleFolder;
use crate::bundle::throughput::{Cell, Mode, ThroughputRecord, seconds_per_step};
use crate::config::{Experiment, Throughput};
use crate::data::Dataset;
use crate::engine::Engine;
use crate::random::{Address, Stream};
use crate::report::text::counted;
use crate::stats::rounds::{level, level_interval};
use crate::throughput::{Bench, Event, key, measure, wall_clock, was_strained};

/// What is measured, and where.
pub struct Stage<'a> {
    pub experiment: &'a Experiment,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
    pub stop: &'a AtomicBool,
}

impl Stage<'_> {
    /// `None` where it was asked to stop.
    pub fn measure(&self, settings: &Throughput, progress: &Progress) -> miette::Result<Option<ThroughputRecord>> {
        let Self { experiment, data, engine, stop } = *self;
        let bench = Bench { experiment, settings, data, engine, hushed: true, stop, clock: &wall_clock };
        Ok(measure(&bench, &|event| show(progress, event))?)
    }
}

/// How the stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The bundle has what the experiment wants.
    Done,
    /// It was asked to stop, and keeps nothing.
    Stopped,
}

/// Measures, unless the bundle has just this measurement already or the experiment wants none, and writes the samples.
pub fn into_bundle(
    stage: &Stage<'_>,
    bundle: &BundleFolder,
    again: bool,
    progress: &Progress,
) -> miette::Result<Measured> {
    let Some(settings) = &stage.experiment.throughput else { return Ok(Measured::Done) };
    let key = key(stage.experiment, settings, stage.data, stage.engine).into_diagnostic()?;
    let is_there = bundle.throughput()?.is_some_and(|record| record.session.key == key);
    if is_there && !again {
        return Ok(Measured::Done);
    }
    let Some(record) = stage.measure(settings, progress)? else { return Ok(Measured::Stopped) };
    bundle.write_throughput(&record)?;
    Ok(Measured::Done)
}

fn show(progress: &Progress, event: Event) {
    match event {
        Event::Planned { cells, rounds, seconds } => {
            progress.set(0, u64::from(rounds));
            let (cells, rounds) = (counted(cells, "measurement"), counted(rounds as usize, "round"));
            progress.line(&format!("throughput: {cells} in {rounds}, about {seconds:.0} s"));
        }
        Event::Round { done, rounds } => progress.set(u64::from(done), u64::from(rounds)),
        Event::Skipped(skipped) => {
            progress.line(&format!("throughput: {} is not measured: {}", in_words(&skipped.cell), skipped.reason));
        }
    }
}

/// `bn training, 16 images of 32 px, 2 threads`.
pub fn in_words(cell: &Cell) -> String {
    let Cell { variant, mode, batch_size, image_size, threads } = cell;
    let mode = mode_in_words(*mode);
    let (images, threads) = (counted(*batch_size as usize, "image"), counted(*threads as usize, "thread"));
    format!("{variant} {mode}, {images} of {image_size} px, {threads}")
}

fn mode_in_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Training => "training",
        Mode::Inference => "inference",
    }
}

/// One row for each cell: images/s and milliseconds per step with intervals over rounds.
pub fn table(record: &ThroughputRecord, confidence: f64) -> String {
    let heading = ["variant", "mode", "batch", "pixels", "threads", "images/s", "interval", "ms/step", "under load"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (place, record_of_cell) in (0..).zip(&record.samples.cells) {
        let Cell { variant, mode, batch_size, image_size, threads } = &record_of_cell.cell;
        let rounds = seconds_per_step(&record_of_cell.rounds);
        let address = Address { seed: 0, stream: Stream::Bootstrap, epoch: 1, step: place, layer: 0 };
        let rate = |seconds: f64| format!("{:.1}", f64::from(*batch_size) / seconds);
        let interval = level_interval(&rounds, confidence, 1000, address);
        let is_strained = |round: &&_| was_strained(round, record.session.cores, *threads);
        let strained = record_of_cell.rounds.iter().filter(is_strained).count();
        rows.push(vec![
            variant.to_string(),
            mode_in_words(*mode).to_owned(),
            batch_size.to_string(),
            image_size.to_string(),
            threads.to_string(),
            level(&rounds).map(rate).unwrap_or_default(),
            interval.map(|i| format!("{} to {}", rate(i.upper), rate(i.lower))).unwrap_or_default(),
            level(&rounds).map(|seconds| format!("{:.2}", 1e3 * seconds)).unwrap_or_default(),
            format!("{strained} of {}", record_of_cell.rounds.len()),
        ]);
    }
    let right = [Align::Right; 7];
    render_table(&rows, &[&[Align::Left, Align::Left], &right[..]].concat())
}
