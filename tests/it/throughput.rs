//! The throughput stage from outside: what it leaves, when it runs, and how `bench` ends. No wall time is asserted.

use serde_json::Value;

use crate::support::{Place, TINY};

/// The smallest measurement there is.
const ON: &str = "throughput: {batch_sizes: [4], rounds: 2, seconds: 0.001, budget: 600}";

fn place() -> Place {
    let place = Place::new();
    place.write("tiny.yaml", TINY.replace("throughput: false", ON).replace("epochs: 2", "epochs: 1"));
    place
}

fn json(place: &Place, path: &str) -> Value {
    serde_json::from_str(&place.read(path)).unwrap()
}

#[test]
fn a_run_measures_once_and_the_report_follows_from_the_samples() {
    let place = place();
    place.succeed(&["run", "tiny.yaml"]);
    let samples = place.read("runs/tiny/throughput/samples.json");
    let cells = json(&place, "runs/tiny/throughput/samples.json")["cells"].as_array().unwrap().clone();
    // Two variants in two modes at two batch sizes; on fewer threads where there are any.
    assert!(cells.len() >= 8, "{}", cells.len());
    for cell in &cells {
        let rounds = cell["rounds"].as_array().unwrap();
        assert!(rounds.len() == 2 && rounds.iter().all(|round| round["samples"].as_array().unwrap().len() == 10));
    }
    assert_eq!(json(&place, "runs/tiny/results.json")["throughput"]["cells"].as_array().unwrap().len(), cells.len());
    assert!(place.read("runs/tiny/details.md").contains("## Throughput"));
    assert!(place.path("runs/tiny/plots/throughput-batch.svg").exists());
    assert!(place.succeed(&["verify", "runs/tiny", "--tier", "report"]).contains("The bundle holds."));
    // Nothing changed, so the samples stay what they are.
    place.succeed(&["run", "tiny.yaml"]);
    assert_eq!(place.read("runs/tiny/throughput/samples.json"), samples);
    // Forged samples change what the report must say: all of a cell, since a median need not move with one of them.
    let mut forged = json(&place, "runs/tiny/throughput/samples.json");
    for round in forged["cells"][0]["rounds"].as_array_mut().unwrap() {
        for sample in round["samples"].as_array_mut().unwrap() {
            sample["nanoseconds"] = 1.5.into();
        }
    }
    place.write("runs/tiny/throughput/samples.json", forged.to_string());
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "report"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(
        stdout.contains("throughput/samples.json was changed") && stdout.contains("results.json differs"),
        "{stdout}"
    );
}

#[test]
fn a_claim_about_speed_is_judged_over_rounds_once_they_were_measured() {
    // No machine makes a trillion images a second, nor is its speed known that badly.
    let claim = "claims: [{id: slow, says: S., test: {metric: throughput, of: bn, below: 1.0e+12}}]\n";
    let place = place();
    place.write("tiny.yaml", place.read("tiny.yaml") + claim);
    place.succeed(&["run", "tiny.yaml", "--no-throughput"]);
    let judged = || json(&place, "runs/tiny/claims.json")["claims"][0].clone();
    let open = judged();
    assert_eq!((open["verdict"].as_str(), open["reason"].as_str()), (Some("inconclusive"), Some("not_measured")));
    let stdout = place.succeed(&["run", "tiny.yaml"]);
    assert!(stdout.contains("2 rounds"), "{stdout}");
    let found = judged();
    assert_eq!((found["verdict"].as_str(), found["registration"].as_str()), (Some("supported"), Some("before")));
    assert_eq!((&found["sample"]["counted"], &found["sample"]["seeds"]), (&"rounds".into(), &2.into()));
    assert!(place.read("runs/tiny/details.md").contains("over rounds of measurement is below"));
    assert!(place.succeed(&["verify", "runs/tiny", "--tier", "report"]).contains("The bundle holds."));
    // The same trials, measured anew: whatever came out, it is no other result.
    place.succeed(&["run", "tiny.yaml", "--out", "again", "--no-throughput"]);
    let (_, said, _) = place.run(&["diff", "runs/tiny", "again"]);
    assert!(!said.contains("slow"), "{said}");
}

#[test]
fn throughput_can_be_switched_off_and_makes_no_trial_due() {
    let place = place();
    place.succeed(&["run", "tiny.yaml", "--no-throughput"]);
    assert!(!place.path("runs/tiny/throughput").exists());
    assert!(!place.read("runs/tiny/details.md").contains("## Throughput"));
    let plan = place.succeed(&["plan", "tiny.yaml", "--set", "throughput={rounds: 9}"]);
    assert!(plan.contains("0 of 4 trials to run"), "{plan}");
}

#[test]
#[cfg(unix)]
fn a_run_that_is_stopped_while_it_measures_says_so_and_measures_when_it_goes_on() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};
    let place = place();
    let long = place.read("tiny.yaml").replace("rounds: 2, seconds: 0.001", "rounds: 1000, seconds: 0.01");
    place.write("long.yaml", long);
    let mut child = Command::new(env!("CARGO_BIN_EXE_retrial"))
        .current_dir(place.path(""))
        .env_remove("RETRIAL_CACHE")
        .args(["run", "long.yaml"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("throughput: ") {
        assert!(reader.read_line(&mut text).unwrap() > 0, "it ended before it measured: {text}");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(8), "{text}");
    assert!(text.contains("throughput: stopped"), "{text}");
    let bundle = "runs/long";
    assert!(place.path(&format!("{bundle}/index.html")).exists(), "what was trained is reported");
    assert!(!place.path(&format!("{bundle}/throughput/session.json")).exists());
    let short = ["--set", "throughput.rounds=2", "--set", "throughput.seconds=0.001"];
    place.succeed(&[&["run", "long.yaml"], &short[..]].concat());
    assert!(place.path(&format!("{bundle}/throughput/session.json")).exists());
}

#[test]
fn a_quiet_run_that_measures_prints_nothing() {
    let place = place();
    let (code, stdout, stderr) = place.run(&["run", "tiny.yaml", "--quiet"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
    assert!(place.path("runs/tiny/throughput/session.json").exists());
}

#[test]
fn bench_compares_with_a_baseline_and_ends_with_a_code_of_its_own() {
    let place = place();
    let table = place.succeed(&["bench", "tiny.yaml", "--save-baseline", "before"]);
    assert!(table.contains("training") && table.contains("inference") && !table.contains("Benchmarking"), "{table}");
    // Whether this very machine is as fast a second time nobody knows; that nothing becomes eleven times slower is safe.
    let again = place.succeed(&["bench", "tiny.yaml", "--baseline", "before", "--threshold", "1000%"]);
    assert!(again.contains("time, now / then") && !again.contains("not compared"), "{again}");
    let other = ["--set", "throughput.batch_sizes=[2]"];
    let sizes = ["bench", "tiny.yaml", "--baseline", "before", "--threshold", "1000%"];
    let other = place.succeed(&[&sizes[..], &other].concat());
    // Two variants in two modes, at a size that only one of both has.
    assert!(other.contains("8 measurements not compared:"), "{other}");
    let line = |text: &str| other.lines().any(|line| line.starts_with("  bn training, ") && line.contains(text));
    assert!(line("2 images of 32 px") && line("before does not have it"), "{other}");
    assert!(line("4 images of 32 px") && line("only before has it"), "{other}");
    // A baseline in which every step took a thousandth of the time.
    let path = ".retrial/baselines/before.json";
    let mut record = json(&place, path);
    for cell in record["samples"]["cells"].as_array_mut().unwrap() {
        for round in cell["rounds"].as_array_mut().unwrap() {
            for sample in round["samples"].as_array_mut().unwrap() {
                sample["nanoseconds"] = (sample["nanoseconds"].as_f64().unwrap() / 1000.0).into();
            }
        }
    }
    place.write(path, record.to_string());
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--baseline", "before"]);
    assert_eq!(code, 11, "{stderr}");
    assert!(stderr.contains("slower than before: bn training"), "{stderr}");
}

#[test]
fn bench_puts_its_samples_into_a_bundle_of_the_same_experiment_only() {
    let place = place();
    place.succeed(&["run", "tiny.yaml", "--no-throughput"]);
    place.succeed(&["bench", "tiny.yaml", "--into", "runs/tiny"]);
    assert!(place.read("runs/tiny/details.md").contains("## Throughput"));
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--into", "runs/tiny", "--set", "train.epochs=3"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("another experiment"), "{stderr}");
}

#[test]
fn a_baseline_that_is_not_there_and_a_share_that_is_none_are_refused_before_anything_is_measured() {
    let place = place();
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--baseline", "nowhere"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("nowhere") && stderr.contains("--save-baseline"), "{stderr}");
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--threshold", "much"]);
    assert_eq!(code, 2, "{stderr}");
}

/// A peer in a few lines of shell: it trains nothing and claims a hundred thousand images per second.
#[cfg(unix)]
const PEER: &str = r#"
echo ready
while read -r word rest; do
  case "$word" in
    run) echo "images_per_second 100000" ;;
    quit) echo "peak_kib 2048"; exit ;;
  esac
done
"#;

#[test]
#[cfg(unix)]
fn a_peer_is_run_in_turns_and_held_against_a_variant() {
    let place = place();
    place.write("peer.sh", PEER);
    let stdout = place.succeed(&["bench", "tiny.yaml", "--peer", "sh peer.sh", "--variant", "dropped"]);
    assert!(stdout.starts_with("dropped on ") && stdout.contains("16 images of 32 px"), "{stdout}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("turn ")).count(), 7, "{stdout}");
    assert!(stdout.contains("100000.0 at the peer\n") && stdout.contains(" MiB here, 2 MiB at the peer\n"), "{stdout}");
    assert!(stdout.contains("median ratio 0.0"), "{stdout}");
    let short = ["bench", "tiny.yaml", "--peer", "sh peer.sh", "--turns", "3", "--turn-seconds", "0.001"];
    let stdout = place.succeed(&short);
    assert_eq!(stdout.lines().filter(|line| line.starts_with("turn ")).count(), 3, "{stdout}");
    let (code, stdout, stderr) = place.run(&[&short[..], &["--quiet"]].concat());
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""), "nothing but errors");
}

#[test]
#[cfg(unix)]
fn a_peer_that_does_not_keep_to_the_protocol_is_refused_with_what_it_said() {
    let place = place();
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--peer", "echo hello; true"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("the peer said `hello` where `ready` was expected"), "{stderr}");
    let (code, _, stderr) = place.run(&["bench", "tiny.yaml", "--peer", "true", "--variant", "nobody"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("there is no variant `nobody`"), "{stderr}");
}

/// As many others as there are cores, each of which would have a core of its own.
#[cfg(unix)]
struct Busy(Vec<std::process::Child>);

#[cfg(unix)]
impl Busy {
    fn start() -> Self {
        let cores = std::thread::available_parallelism().unwrap().get();
        let spin = || std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        Self((0..cores).map(|_| spin()).collect())
    }
}

#[cfg(unix)]
impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn load_in_the_background_is_noticed_and_the_report_says_so() {
    let place = place();
    let longer = place
        .read("tiny.yaml")
        .replace("batch_sizes: [4], rounds: 2, seconds: 0.001", "batch_sizes: [16], rounds: 2, seconds: 0.05");
    place.write("tiny.yaml", longer);
    place.succeed(&["run", "tiny.yaml", "--no-throughput"]);
    let busy = Busy::start();
    let table = place.succeed(&["bench", "tiny.yaml", "--into", "runs/tiny"]);
    drop(busy);
    assert!(table.lines().any(|line| line.ends_with("2 of 2")), "{table}");
    let samples = json(&place, "runs/tiny/throughput/samples.json");
    let strains = samples["cells"].as_array().unwrap().iter().flat_map(|cell| cell["rounds"].as_array().unwrap());
    let taken: Vec<f64> = strains.map(|round| round["strain"]["others_cores"].as_f64().unwrap()).collect();
    assert!(taken.iter().any(|cores| *cores > 0.2), "{taken:?}");
    let report = place.read("runs/tiny/details.md");
    assert!(
        report.contains("These rates are to be read with care") && report.contains("others took more than"),
        "{report}"
    );
}
