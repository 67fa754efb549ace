//! A disk that fails in the midst of something: whichever write, sync, rename or opening it is, the command ends with a
//! documented code and names the file, what was finished stays, and the same command then does what it would have done.
//!
//! `faults.c` is loaded into the program and makes the n-th such call fail. A sample of all n is tried, the first and the
//! last ones among them; `RETRIAL_FAULTS=all` tries every one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Place, files_below};

const SMALL: &str = "\
schema: 1
title: Small
data: {source: synthetic, per_class: {train: 8, test: 4}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 16, image_size: 32}
variants: [{id: bn, label: BN, model: {norm: batch}}]
throughput: false
";
/// ENOSPC and EIO on Linux.
const ERRORS: [(&str, &str); 2] = [("28", "No space left on device"), ("5", "Input/output error")];

/// The injector, or `None` where there is no C compiler.
fn injector(place: &Place) -> Option<PathBuf> {
    let (source, library) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults.c"), place.path("faults.so"));
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
    match compiled {
        Ok(output) if output.status.success() => Some(library),
        other => {
            eprintln!("SKIPPED: there is no C compiler here that makes a shared library: {other:?}");
            None
        }
    }
}

/// What a command ended with, and how many calls could have failed.
struct Ended {
    code: Option<i32>,
    said: String,
    calls: usize,
}

/// Runs with the n-th call below `work` failing; none for 0.
fn with_fault(place: &Place, injector: &Path, arguments: &[&str], n: usize, errno: &str) -> Ended {
    let count = place.path("count");
    let _ = std::fs::remove_file(&count);
    let output = place
        .retrial(arguments)
        .env("LD_PRELOAD", injector)
        .env("RETRIAL_FAULT_BELOW", place.path("work"))
        .env("RETRIAL_FAULT_AT", n.to_string())
        .env("RETRIAL_FAULT_ERRNO", errno)
        .env("RETRIAL_FAULT_COUNT", &count)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let calls = std::fs::read_to_string(count).map_or(0, |text| text.lines().count());
    Ended { code: output.status.code(), said, calls }
}

/// The files of a folder, but for what differs between two runs anyway: when it was and how long it took.
fn content(place: &Place, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let is_result = |file: &String| {
        let name = file.rsplit('/').next().unwrap_or(file);
        !["environment.json", "manifest.json", "index.html", "ro-crate-metadata.json", "report.md"].contains(&name)
    };
    let files = files_below(&place.path(folder)).into_iter().filter(is_result);
    files.map(|file| (file.clone(), std::fs::read(place.path(&format!("{folder}/{file}"))).unwrap())).collect()
}

/// Which calls to let fail: all, or the first, the last and some between.
fn sample(calls: usize) -> Vec<usize> {
    const MOST: usize = 24;
    if calls <= MOST || std::env::var("RETRIAL_FAULTS").is_ok_and(|which| which == "all") {
        return (1..=calls).collect();
    }
    // Steps that are no divisor of what a file takes (open, write, sync, rename), so that each of these comes up.
    let between = (0..MOST - 8).map(|number| 5 + number * (calls - 8) / (MOST - 8));
    (1..=4).chain(between).chain(calls - 3..=calls).collect()
}

/// Lets every call of a command fail in turn; `kept` is what nothing may happen to.
#[track_caller]
fn sweep(place: &Place, injector: &Path, arguments: &[&str], target: &str, prepare: impl Fn(), kept: &[&str]) {
    prepare();
    let whole = with_fault(place, injector, arguments, 0, "0");
    assert_eq!(whole.code, Some(0), "{arguments:?}: {}", whole.said);
    assert!(whole.calls > 3, "the injector sees nothing: {}", whole.calls);
    let expected = content(place, target);
    let before: Vec<_> = kept.iter().map(|folder| content(place, folder)).collect();
    let tried = sample(whole.calls);
    for (number, n) in tried.iter().enumerate() {
        let (errno, reason) = ERRORS[number % ERRORS.len()];
        prepare();
        let ended = with_fault(place, injector, arguments, *n, errno);
        let at = format!("{arguments:?}, call {n} of {} with {reason}: {:?} {}", whole.calls, ended.code, ended.said);
        match ended.code {
            // What it can do without: a lock file's removal, a cache, a checkpoint.
            Some(0) => {}
            Some(4 | 6 | 7) => {
                assert!(ended.said.contains(reason) && ended.said.contains("work"), "names no file: {at}");
            }
            _ => panic!("not a documented end: {at}"),
        }
        assert!(!ended.said.contains("panicked"), "{at}");
        for (folder, before) in kept.iter().zip(&before) {
            assert!(content(place, folder) == *before, "{folder} is not what it was: {at}");
        }
        let again = with_fault(place, injector, arguments, 0, "0");
        assert_eq!(again.code, Some(0), "it does not go on: {at}\n{}", again.said);
        let found = content(place, target);
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "{at}");
        assert!(found == expected, "another bundle: {at}");
    }
    println!("{arguments:?}: {} of {} calls", tried.len(), whole.calls);
}

fn empty(place: &Place, folders: &[&str]) {
    for folder in folders {
        let _ = std::fs::remove_dir_all(place.path(folder));
        let _ = std::fs::remove_file(place.path(folder));
    }
}

#[test]
fn whichever_write_of_a_run_fails_the_next_run_makes_it_good() {
    let place = Place::new();
    let Some(injector) = injector(&place) else { return };
    place.write("small.yaml", SMALL);
    let run = ["run", "small.yaml", "--out", "work/out", "--cache", "work/cache", "--quiet"];
    sweep(&place, &injector, &run, "work/out", || empty(&place, &["work"]), &[]);
}

#[test]
fn whichever_write_of_a_merge_a_packing_or_a_site_fails_nothing_is_lost() {
    let place = Place::new();
    let Some(injector) = injector(&place) else { return };
    place.write("small.yaml", SMALL.replace("seeds: [1]", "seeds: [1, 2]"));
    for seed in ["1", "2"] {
        place.succeed(&["run", "small.yaml", "--only", &format!("bn/{seed}"), "--out", &format!("part-{seed}")]);
    }
    place.succeed(&["run", "small.yaml", "--out", "reports/small"]);
    let parts = ["part-1", "part-2"];
    let collect = ["collect", "part-1", "part-2", "--out", "work/merged"];
    sweep(&place, &injector, &collect, "work/merged", || empty(&place, &["work"]), &parts);
    let report = || {
        empty(&place, &["work"]);
        for file in files_below(&place.path("reports")) {
            place
                .write(&format!("work/reports/{file}"), std::fs::read(place.path(&format!("reports/{file}"))).unwrap());
        }
    };
    sweep(&place, &injector, &["report", "work/reports/small"], "work/reports", report, &["work/reports/small/trials"]);
    sweep(&place, &injector, &["site", "work/reports"], "work/reports", report, &["work/reports/small"]);
    let room = || {
        empty(&place, &["work"]);
        std::fs::create_dir_all(place.path("work")).unwrap();
    };
    let pack = ["pack", "reports/small", "--out", "work/small.tar.zst"];
    sweep(&place, &injector, &pack, "work", room, &["reports"]);
    place.succeed(&["pack", "reports/small", "--out", "small.tar.zst"]);
    sweep(&place, &injector, &["unpack", "small.tar.zst", "--out", "work/new"], "work", room, &["reports"]);
    sweep(&place, &injector, &["publish", "reports/small", "--out", "work/new"], "work", room, &["reports"]);
}
