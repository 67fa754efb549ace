//! criterion as a library: it warms up, chooses how many steps a sample has, and takes ten samples.
//!
//! criterion has no interface for reading samples back, so they are read from the files it writes, into a folder that is
//! gone afterwards. A test holds these files to what is read here. It prints as it goes; that is kept off the terminal.

use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use gag::Gag;
use serde::Deserialize;

use crate::bundle::throughput::Sample;

/// Version of criterion in this build.
pub const CRITERION: &str = env!("RETRIAL_CRITERION");

/// The fewest that criterion takes.
pub const SAMPLES: usize = 10;
/// Time of a warm-up; the first step is always part of it.
pub const WARM_UP: Duration = Duration::from_millis(50);

/// Samples could not be taken.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SamplerError {
    #[error("criterion needs a temporary folder: {0}")]
    #[diagnostic(code(retrial::throughput::folder), help("check that the folder for temporary files can be written"))]
    Folder(#[source] std::io::Error),
    #[error("criterion {CRITERION} left no samples that can be read: {reason}")]
    #[diagnostic(
        code(retrial::throughput::samples),
        help("check that the disk is not full; `--no-throughput` runs without this measurement")
    )]
    Unreadable { reason: String },
}

/// Takes samples.
#[derive(Debug, Clone, Copy)]
pub struct Sampler {
    /// Time for all samples together; each has at least one step.
    pub time: Duration,
    /// Keeps what criterion prints off the terminal, for the whole process while it samples.
    pub hushed: bool,
}

/// `sample.json` as criterion writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    sampling_mode: String,
    iters: Vec<f64>,
    /// In nanoseconds.
    times: Vec<f64>,
}

impl Sampler {
    /// `run` takes so many steps and says how long that took.
    ///
    /// # Errors
    /// When criterion's files cannot be written or read.
    pub fn sample(&self, mut run: impl FnMut(u64) -> Duration) -> Result<Vec<Sample>, SamplerError> {
        let folder = tempfile::tempdir().map_err(SamplerError::Folder)?;
        {
            // One that cannot be had, since somebody else holds it, costs lines on the terminal and nothing more.
            let _output = self.hushed.then(Gag::stdout);
            let _errors = self.hushed.then(Gag::stderr);
            self.drive(folder.path(), &mut run);
        }
        read(folder.path())
    }

    fn drive(&self, folder: &Path, run: &mut impl FnMut(u64) -> Duration) {
        let mut criterion = Criterion::default()
            .output_directory(folder)
            .without_plots()
            .with_output_color(false)
            .sample_size(SAMPLES)
            .warm_up_time(WARM_UP)
            .measurement_time(self.time)
            // Its own intervals are not used.
            .nresamples(1001);
        let mut group = criterion.benchmark_group("retrial");
        group.sampling_mode(SamplingMode::Flat).bench_function("steps", |bencher| bencher.iter_custom(&mut *run));
        group.finish();
    }
}

fn read(folder: &Path) -> Result<Vec<Sample>, SamplerError> {
    let path = folder.join("retrial/steps/new/sample.json");
    let unreadable = |reason: String| SamplerError::Unreadable { reason };
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(format!("sample.json: {error}")))?;
    let saved: Saved = serde_json::from_str(&text).map_err(|error| unreadable(format!("sample.json: {error}")))?;
    let pairs = || saved.iters.iter().zip(&saved.times);
    let is_sane =
        |(steps, time): (&f64, &f64)| *steps >= 1.0 && steps.fract() == 0.0 && time.is_finite() && *time > 0.0;
    let is_whole = saved.iters.len() == saved.times.len() && saved.times.len() == SAMPLES;
    if saved.sampling_mode != "Flat" || !is_whole || !pairs().all(is_sane) {
        return Err(unreadable("sample.json does not hold ten flat samples".to_owned()));
    }
    Ok(pairs().map(|(&steps, &nanoseconds)| Sample { steps: steps as u64, nanoseconds }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rounds::{Outliers, median, tukey_fences};

    const STEP: Duration = Duration::from_micros(300);

    /// Steps whose times are made up: the n-th call is a little slower than the one before. They are waited for in
    /// truth, because criterion takes its warm-up's time from its own clock.
    fn invented() -> impl FnMut(u64) -> Duration {
        let mut calls = 0;
        move |steps| {
            calls += 1;
            let time = STEP * u32::try_from(steps).unwrap();
            std::thread::sleep(time);
            time + Duration::from_micros(calls)
        }
    }

    #[test]
    fn samples_are_what_the_clock_said_and_come_in_its_order() {
        let mut said = Vec::new();
        let mut run = invented();
        let sampler = Sampler { time: Duration::from_millis(20), hushed: false };
        let samples = sampler
            .sample(|steps| {
                let time = run(steps);
                said.push(Sample { steps, nanoseconds: time.as_nanos() as f64 });
                time
            })
            .unwrap();
        assert_eq!(samples.len(), SAMPLES);
        // What came before was the warm-up, whose steps double.
        let (warm_up, measured) = said.split_at(said.len() - SAMPLES);
        assert_eq!(measured, samples);
        assert!(!warm_up.is_empty() && warm_up.windows(2).all(|pair| pair[1].steps == 2 * pair[0].steps));
    }

    /// The contract with criterion: which files there are, what is in them, and that its statistics are ours.
    #[test]
    fn criterions_files_are_those_that_are_read_and_its_statistics_are_ours() {
        let folder = tempfile::tempdir().unwrap();
        let sampler = Sampler { time: Duration::from_millis(20), hushed: false };
        sampler.drive(folder.path(), &mut invented());
        let json = |name: &str| -> serde_json::Value {
            let path = folder.path().join("retrial/steps/new").join(name);
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        };
        let seconds: Vec<f64> =
            read(folder.path()).unwrap().iter().map(|sample| sample.nanoseconds / sample.steps as f64).collect();
        let fences = json("tukey.json").as_array().unwrap().iter().map(|f| f.as_f64().unwrap()).collect::<Vec<_>>();
        for (ours, theirs) in tukey_fences(&seconds).unwrap().iter().zip(&fences) {
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} {theirs}");
        }
        assert_eq!(fences.len(), 4);
        let theirs = json("estimates.json")["median"]["point_estimate"].as_f64().unwrap();
        assert!((median(&seconds).unwrap() / theirs - 1.0).abs() < 1e-12);
        assert_eq!(Outliers::of(&seconds), Outliers::default());
        assert_eq!(json("benchmark.json")["full_id"], "retrial/steps");
        assert!(CRITERION.starts_with("0.8."), "{CRITERION}");
    }

    #[test]
    fn files_that_are_not_as_agreed_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("sample.json"));
        let new = folder.path().join("retrial/steps/new");
        std::fs::create_dir_all(&new).unwrap();
        let ones = ["1.0"; SAMPLES].join(",");
        for text in [
            "{}".to_owned(),
            format!(r#"{{"sampling_mode":"Linear","iters":[{ones}],"times":[{ones}]}}"#),
            format!(r#"{{"sampling_mode":"Flat","iters":[{ones}],"times":[1.0]}}"#),
            format!(r#"{{"sampling_mode":"Flat","iters":[{ones}],"times":[{ones}],"more":1}}"#),
        ] {
            std::fs::write(new.join("sample.json"), text).unwrap();
            assert!(read(folder.path()).is_err());
        }
        let sound = format!(r#"{{"sampling_mode":"Flat","iters":[{ones}],"times":[{ones}]}}"#);
        std::fs::write(new.join("sample.json"), sound).unwrap();
        assert_eq!(read(folder.path()).unwrap(), [Sample { steps: 1, nanoseconds: 1.0 }; SAMPLES]);
    }
}
