//! Another program that trains the same network, run in turns with retrial, so that a drifting machine favours neither.
//!
//! The peer speaks a line protocol: it says `ready`; each line `run N` on its standard input trains N steps on one batch
//! and answers `images_per_second X`; `quit` ends it, with `peak_kib X` as its last word: the most it took at a time of the
//! memory that it computes in, its own as a process or the GPU's.
//! `benches/pytorch/train_step.py` is one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::bundle::throughput::Mode;
use crate::config::NativeVariant;
use crate::data::Dataset;
use crate::engine::{DeviceImages, Engine, ThreadPlan, available_cores};
use crate::random::{Address, Stream};
use crate::stats::rounds::median;
use crate::stats::{Interval, bootstrap_interval};

use super::memory;
use super::stage::wall_clock;
use super::workload::{Input, Workload};

const RESAMPLES: u32 = 2000;

/// How turns are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turns {
    pub count: u32,
    /// Of each side in each turn, about.
    pub seconds: f64,
}

/// A peer that does not do what it should.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[diagnostic(
    code(retrial::peer),
    help(
        "a peer says `ready`, answers `run N` with `images_per_second X` and `quit` with `peak_kib X`, a line each; \
         benches/pytorch/train_step.py is one; what it says to standard error is shown above"
    )
)]
pub enum PeerError {
    #[error("the peer cannot be started: {0}")]
    Start(#[source] std::io::Error),
    #[error("the peer has ended or does not listen: {0}")]
    Ended(#[source] std::io::Error),
    #[error("the peer said `{said}` where `{expected}` was expected")]
    Said { said: String, expected: &'static str },
    #[error("the system refuses to start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Images per second of one round, here and at the peer's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    pub here: f64,
    pub peer: f64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    pub turns: Vec<Turn>,
    /// The most memory that was taken here at a time: of the GPU by tensors, or of the host by the whole process; `None`
    /// where the system does not tell.
    pub peak_bytes: Option<f64>,
    /// The same of the peer, as it says.
    pub peer_peak_bytes: f64,
}

impl Contest {
    /// The median of the rounds' ratios, images/s here over those of the peer, with its bootstrap interval over rounds.
    pub fn ratio(&self, confidence: f64) -> Option<(f64, Option<Interval>)> {
        let ratios: Vec<f64> = self.turns.iter().map(|turn| turn.here / turn.peer).collect();
        let address = Address { seed: 0, stream: Stream::Bootstrap, epoch: 2, step: 0, layer: 0 };
        Some((median(&ratios)?, bootstrap_interval(&ratios, median, confidence, RESAMPLES, address)))
    }

    /// Median images/s, here and at the peer's.
    pub fn medians(&self) -> Option<(f64, f64)> {
        let of = |side: fn(&Turn) -> f64| median(&self.turns.iter().map(side).collect::<Vec<_>>());
        Some((of(|turn| turn.here)?, of(|turn| turn.peer)?))
    }
}

/// Trains `variant` at its own sizes, on a batch that lies there already, in turns with the peer.
///
/// # Errors
/// When the peer cannot be run or does not keep to the protocol.
pub fn contest(
    variant: NativeVariant<'_>,
    data: &Dataset,
    engine: &Engine,
    command: &str,
    turns: Turns,
) -> Result<Contest, PeerError> {
    let threads = ThreadPlan::new(Some(1), 1, available_cores());
    engine.set_threads(threads);
    let pool = threads.pool()?;
    let mut peer = Peer::start(command, variant)?;
    let taken = pool.install(|| {
        engine.set_threads(threads);
        reset_peak(engine);
        let images = DeviceImages::new(&data.train, data.height, data.width, engine);
        let size = (variant.train.batch_size, variant.train.image_size);
        let images = (&images, data.classes.len());
        let mut workload = Workload::new((variant, Mode::Training), size, images, Input::Resident, engine);
        let mut here = |steps: u64| {
            let time = wall_clock(&mut || workload.run(steps));
            (steps * u64::from(variant.train.batch_size)) as f64 / time.as_secs_f64()
        };
        here(2);
        let steps = steps_for(here(2), variant, turns);
        peer.run(2)?;
        let peer_steps = steps_for(peer.run(2)?, variant, turns);
        let turn = |_| Ok(Turn { here: here(steps), peer: peer.run(peer_steps)? });
        (0..turns.count).map(turn).collect::<Result<Vec<_>, PeerError>>()
    })?;
    let peak_bytes = peak(engine).map(|bytes| bytes as f64);
    Ok(Contest { turns: taken, peak_bytes, peer_peak_bytes: peer.end()? })
}

fn reset_peak(engine: &Engine) {
    // Where it cannot be reset, what the process did before counts, too, as it does for the peer.
    let _ = if engine.is_host() { memory::reset_peak() } else { engine.take_gpu_peak().is_some() };
}

fn peak(engine: &Engine) -> Option<u64> {
    if engine.is_host() { memory::peak() } else { engine.take_gpu_peak() }
}

fn steps_for(images_per_second: f64, variant: NativeVariant<'_>, turns: Turns) -> u64 {
    ((turns.seconds * images_per_second / f64::from(variant.train.batch_size)) as u64).max(2)
}

struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(command: &str, variant: NativeVariant<'_>) -> Result<Self, PeerError> {
        let sizes = format!("--size {} --batch {}", variant.train.image_size, variant.train.batch_size);
        // The shell makes way for the peer, so that ending the child ends the peer.
        let (shell, option, first) = if cfg!(windows) { ("cmd", "/C", "") } else { ("sh", "-c", "exec ") };
        let mut child = Command::new(shell)
            .args([option, &format!("{first}{command} {sizes}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(PeerError::Start)?;
        let none = || PeerError::Start(std::io::ErrorKind::BrokenPipe.into());
        let input = child.stdin.take().ok_or_else(none)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(none)?);
        let mut peer = Self { child, input, output };
        match peer.line()?.as_str() {
            "ready" => Ok(peer),
            said => Err(PeerError::Said { said: said.to_owned(), expected: "ready" }),
        }
    }

    fn line(&mut self) -> Result<String, PeerError> {
        let mut line = String::new();
        match self.output.read_line(&mut line).map_err(PeerError::Ended)? {
            0 => Err(PeerError::Ended(std::io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(line.trim().to_owned()),
        }
    }

    fn ask(&mut self, request: &str, key: &'static str) -> Result<f64, PeerError> {
        writeln!(self.input, "{request}").map_err(PeerError::Ended)?;
        let said = self.line()?;
        let value = said.strip_prefix(key).and_then(|value| value.trim().parse::<f64>().ok());
        match value.filter(|value| value.is_finite() && *value > 0.0) {
            Some(value) => Ok(value),
            None => Err(PeerError::Said { said, expected: key }),
        }
    }

    fn run(&mut self, steps: u64) -> Result<f64, PeerError> {
        self.ask(&format!("run {steps}"), "images_per_second")
    }

    /// Ends it; its peak resident memory in bytes.
    fn end(mut self) -> Result<f64, PeerError> {
        Ok(self.ask("quit", "peak_kib")? * 1024.0)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        // By hand: ratios 2, 1.5 and 3 while both sides drift.
        let turns = [(200.0, 100.0), (90.0, 60.0), (30.0, 10.0)].map(|(here, peer)| Turn { here, peer });
        let contest = Contest { turns: turns.to_vec(), peak_bytes: None, peer_peak_bytes: 1.0 };
        let (ratio, interval) = contest.ratio(0.95).unwrap();
        let interval = interval.unwrap();
        assert_eq!((ratio, interval.lower, interval.upper), (2.0, 1.5, 3.0));
        assert_eq!(contest.medians(), Some((90.0, 60.0)));
    }
}
