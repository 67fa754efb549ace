//! What `retrial doctor` says, and which device `auto` takes.

use std::collections::BTreeMap;

use crate::support::Place;

/// The table's rows by what they are about; a machine's GPUs are hidden, so that every machine is one without.
fn doctor(arguments: &[&str]) -> (i32, BTreeMap<String, String>, String) {
    let place = Place::new();
    let output = place.retrial(&["doctor"]).args(arguments).env("CUDA_VISIBLE_DEVICES", "").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let row = |line: &str| line.split_once("  ").map(|(about, found)| (about.to_owned(), found.trim().to_owned()));
    (output.status.code().unwrap(), stdout.lines().filter_map(row).collect(), stderr)
}

/// The version of a package in the lock file.
fn locked(package: &str) -> String {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    lines.nth(1).unwrap().trim_start_matches("version = ").trim_matches('"').to_owned()
}

/// CUDA before flex before libtorch on the CPU, of what the build has and the machine can: the README's order.
const AUTO: &str = if cfg!(feature = "flex") { "flex-cpu" } else { "libtorch-cpu" };

#[test]
fn doctor_names_versions_engine_and_machine() {
    let (code, found, stderr) = doctor(&[]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(found["retrial"], env!("CARGO_PKG_VERSION"));
    assert_eq!(found["burn"], locked("burn"));
    assert!(found["compiler"].starts_with("rustc 1."), "{found:?}");
    assert!(found["--device auto"].starts_with(AUTO), "{found:?}");
    let cores = std::thread::available_parallelism().unwrap();
    assert_eq!(found["cores"], cores.to_string());
    assert_eq!(found["trials at a time"], format!("{cores} on the CPU, with threads each: 1"));
    assert!(!found["CPU"].is_empty() && found.contains_key("CPU features"), "{found:?}");
    assert!(found["memory"].strip_suffix(" GiB").unwrap().parse::<f64>().unwrap() > 0.0, "{found:?}");
    assert!(!found.contains_key("determinism"), "only what was shown is said");
}

#[test]
fn doctor_says_what_the_build_lacks_and_how_to_get_it() {
    let (_, found, _) = doctor(&[]);
    assert_eq!(found["flex"], "in this build");
    if cfg!(feature = "libtorch") {
        assert_eq!(found["libtorch"], "in this build");
        assert!(["libtorch version", "GPUs", "cuDNN"].iter().all(|about| found.contains_key(*about)), "{found:?}");
    } else {
        let lacks = "not in this build: `--device libtorch` and `--device cuda` need one with `--features libtorch`";
        assert_eq!(found["libtorch"], lacks);
    }
    // The rest of the table is printed all the same, and the device that is not there is an error with its own code.
    let (code, found, stderr) = doctor(&["--device", "cuda"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(found.contains_key("burn") && found.contains_key("--device cuda:0"), "{found:?}");
    let reason = if cfg!(feature = "libtorch") { "there is no device" } else { "has no engine for" };
    assert!(stderr.contains(reason) && stderr.contains("help"), "{stderr}");
}

#[test]
fn doctor_shows_determinism_only_by_trying() {
    let (code, found, stderr) = doctor(&["--device", "flex", "--determinism"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(found["--device flex"], "flex-cpu");
    assert_eq!(found["determinism"], "a short training run twice gave the same bits (level `bitwise`)");
}

#[test]
fn doctor_shows_determinism_in_the_precision_asked_for_if_the_engine_computes_in_it() {
    let (code, found, stderr) = doctor(&["--device", "flex", "--determinism", "--precision", "fp32"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(found["determinism, fp32"].contains("`bitwise`"), "{found:?}");
    let (code, found, stderr) = doctor(&["--device", "flex", "--determinism", "--precision", "tf32"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(found.contains_key("--device flex") && found.keys().all(|about| !about.starts_with("determinism")));
    assert!(stderr.contains("does not compute in tf32"), "{stderr}");
    if cfg!(feature = "libtorch") {
        let (code, found, stderr) = doctor(&["--device", "libtorch", "--determinism", "--precision", "bf16"]);
        assert_eq!(code, 0, "{stderr}");
        assert!(found["determinism, bf16"].contains("`bitwise`"), "{found:?}");
    }
}

#[test]
fn auto_takes_the_fastest_engine_there_is_and_says_which() {
    let place = Place::with_tiny();
    let run = |arguments: &[&str]| {
        let output = place.retrial(arguments).env("CUDA_VISIBLE_DEVICES", "").output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{text:?}");
        text
    };
    // Without `--device`, and with `auto` by name.
    for arguments in [&["plan", "tiny.yaml"][..], &["plan", "tiny.yaml", "--device", "auto"]] {
        let [stdout, _] = run(arguments);
        assert!(stdout.contains(&format!("4 of 4 trials to run on {AUTO}")), "{stdout}");
    }
    let [_, stderr] = run(&["run", "tiny.yaml", "--only", "bn/1"]);
    assert!(stderr.contains(&format!("1 of 1 trial to run on {AUTO}")), "{stderr}");
    let record: serde_json::Value = serde_json::from_str(&place.read("runs/tiny/trials/bn/seed-1/trial.json")).unwrap();
    assert!(record["key"]["parts"]["engine"].as_str().unwrap().starts_with(AUTO), "{record}");
}
