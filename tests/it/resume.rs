//! Runs that are killed, stopped, or find somebody else at work.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Place, files_below};

/// One trial of some 40 steps with everything that has state.
const ONE: &str = "\
schema: 1
title: One trial
data: {source: synthetic, per_class: {train: 16, test: 4}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 2, batch_size: 8, image_size: 32, momentum: 0.9, learning_rate: 0.02}
variants: [{id: both, model: {norm: batch, dropout: 0.1}}]
throughput: false
";

const FILES: [&str; 4] = ["trial.json", "metrics.jsonl", "fingerprints.jsonl", "probes.json"];

fn trial(place: &Place, bundle: &str) -> [String; 4] {
    FILES.map(|file| place.read(&format!("{bundle}/trials/both/seed-1/{file}")))
}

fn start(place: &Place, out: &str) -> Child {
    start_with(place, out, &[])
}

fn start_with(place: &Place, out: &str, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_retrial"))
        .current_dir(place.path(""))
        .env_remove("RETRIAL_CACHE")
        .args(["run", "one.yaml", "--out", out, "--checkpoint-every", "0", "--jobs", "1"])
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits up to `limit`; whether it ended by itself.
fn ends_within(child: &mut Child, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// A program with libtorch takes seconds to start, one without it none.
const KILLS: u32 = if cfg!(feature = "libtorch") { 10 } else { 50 };

#[test]
fn a_run_killed_many_times_ends_with_the_bits_of_one_that_was_not() {
    let place = Place::new();
    place.write("one.yaml", ONE);
    let clock = Instant::now();
    place.succeed(&["run", "one.yaml", "--out", "whole", "--jobs", "1"]);
    let whole = clock.elapsed();
    // Moments spread over the whole run by the golden ratio; no run of this loop is much longer than an unbroken one.
    let (mut kills, mut resumed, mut round) = (0, 0u32, 0u32);
    while kills < KILLS {
        assert!(round < 400, "only {kills} kills in {round} rounds");
        let moment = whole.mul_f64(f64::from(round) * 0.618_034 % 1.0 * 1.1);
        let mut child = start(&place, "killed");
        if !ends_within(&mut child, moment) {
            child.kill().unwrap();
            kills += 1;
        }
        let output = child.wait_with_output().unwrap();
        resumed += u32::from(String::from_utf8_lossy(&output.stderr).contains("goes on after step"));
        round += 1;
        if place.path("killed/trials/both/seed-1/trial.json").exists() {
            // Finished before it could be killed, or killed behind its end: right so far, and once more from scratch.
            assert_eq!(trial(&place, "killed"), trial(&place, "whole"), "after {kills} kills");
            std::fs::remove_dir_all(place.path("killed")).unwrap();
        }
    }
    assert!(resumed > KILLS / 10, "{resumed} of {round} runs found a checkpoint: the test does not test what it says");
    assert_eq!(start(&place, "killed").wait().unwrap().code(), Some(0));
    assert_eq!(trial(&place, "killed"), trial(&place, "whole"));
    let left: Vec<_> = files_below(&place.path("killed"));
    assert!(left.iter().all(|file| !file.contains(".writing-")), "no torn file stays: {left:?}");
}

#[test]
#[cfg(unix)]
fn a_stopped_run_keeps_a_checkpoint_writes_a_partial_report_and_goes_on() {
    for signal in ["INT", "TERM"] {
        let place = Place::new();
        place.write("one.yaml", ONE.replace("epochs: 2", "epochs: 40"));
        let mut child = start(&place, "out");
        let checkpoints = place.path(".retrial/checkpoints");
        while !(checkpoints.exists() && files_below(&checkpoints).iter().any(|file| file.ends_with(".checkpoint"))) {
            assert!(!ends_within(&mut child, Duration::from_millis(5)), "it trains for longer than this");
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(8), "{stderr}");
        assert!(stderr.contains("both seed 1: stopped"), "{stderr}");
        assert!(
            place.read("out/report.md").contains("This report is partial"),
            "the report says that a trial is missing"
        );
        let (_, _, stderr) = place.run(&["run", "one.yaml", "--out", "out"]);
        assert!(stderr.contains("both seed 1: goes on after step"), "{stderr}");
    }
}

/// Checkpoints are filed under the trial's key, of which the engine is a part.
#[test]
#[cfg(all(feature = "flex", feature = "libtorch"))]
fn a_run_that_goes_on_with_another_engine_starts_its_trials_anew() {
    let place = Place::new();
    place.write("one.yaml", ONE);
    place.succeed(&["run", "one.yaml", "--out", "whole", "--device", "libtorch", "--cache", "other"]);
    let mut child = start_with(&place, "out", &["--device", "flex"]);
    let checkpoints = place.path(".retrial/checkpoints");
    while !(checkpoints.exists() && files_below(&checkpoints).iter().any(|file| file.ends_with(".checkpoint"))) {
        assert!(!ends_within(&mut child, Duration::from_millis(1)), "it ended before it could be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (code, _, stderr) = place.run(&["run", "one.yaml", "--out", "out", "--device", "libtorch"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(!stderr.contains("goes on after step"), "{stderr}");
    assert_eq!(trial(&place, "out"), trial(&place, "whole"));
}

#[test]
fn a_damaged_checkpoint_is_told_of_and_the_one_before_is_used() {
    let place = Place::new();
    place.write("one.yaml", ONE);
    place.succeed(&["run", "one.yaml", "--out", "whole", "--jobs", "1"]);
    let mut child = start(&place, "out");
    let two = |place: &Place| {
        let folder = place.path(".retrial/checkpoints");
        let mut files = if folder.exists() { files_below(&folder) } else { vec![] };
        files.retain(|file| file.ends_with(".checkpoint"));
        (files.len() >= 2).then(|| folder.join(&files[files.len() - 1]))
    };
    let newest = loop {
        if let Some(newest) = two(&place) {
            break newest;
        }
        assert!(!ends_within(&mut child, Duration::from_millis(1)), "it ended before it could be killed");
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let newest = two(&place).unwrap_or(newest);
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
    let (code, _, stderr) = place.run(&["run", "one.yaml", "--out", "out", "--jobs", "1"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("is not used: its digest does not fit"), "{stderr}");
    assert!(stderr.contains("goes on after step"), "{stderr}");
    assert_eq!(trial(&place, "out"), trial(&place, "whole"));
}

#[test]
fn a_second_retrial_on_the_same_bundle_is_refused() {
    let place = Place::new();
    place.write("one.yaml", ONE.replace("epochs: 2", "epochs: 40"));
    let mut child = start(&place, "reports/one");
    while !place.path("reports/.one.lock").exists() {
        assert!(!ends_within(&mut child, Duration::from_millis(5)));
    }
    let (code, _, stderr) = place.run(&["run", "one.yaml", "--out", "reports/one"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("another retrial is writing reports/one"), "{stderr}");
}

#[test]
fn a_part_of_a_run_and_a_whole_one_refuse_each_other_and_parts_do_not() {
    let place = Place::new();
    let two = ONE.replace("epochs: 2", "epochs: 400").replace("seeds: [1]", "seeds: [1, 2]");
    place.write("one.yaml", two);
    let mut parts = ["both/1", "both/2"].map(|part| start_with(&place, "reports/one", &["--only", part]));
    // Both hold their locks at once: neither refused the other.
    for lock in ["reports/.one.both-1.lock", "reports/.one.both-2.lock"] {
        while !place.path(lock).exists() {
            for part in &mut parts {
                assert!(!ends_within(part, Duration::from_millis(5)));
            }
        }
    }
    let whole = place.run(&["run", "one.yaml", "--out", "reports/one"]);
    let report = place.run(&["report", "reports/one"]);
    let same = place.run(&["run", "one.yaml", "--out", "reports/one", "--only", "both/1"]);
    let ended = parts.each_mut().map(|part| part.try_wait().unwrap());
    for part in &mut parts {
        part.kill().unwrap();
        part.wait().unwrap();
    }
    assert_eq!(ended, [None, None]);
    for (code, _, stderr) in [whole, report, same] {
        assert_eq!(code, 6, "{stderr}");
        assert!(stderr.contains("another retrial is writing reports/one"), "{stderr}");
    }
}
