//! Any program as a trial, from outside: shells stand for programs in any language.

#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Place, files_below};

/// Prints what common training loops print. The figures follow from seed and rate by hand: 0.5 + rate/10 + seed/1000.
const TRAIN: &str = "\
for epoch in 1 2; do
  echo \"Epoch $epoch/2\"
  awk -v s=$1 -v r=$2 -v e=$epoch 'BEGIN {printf \"loss: %.4f - score: %.4f\\n\", 4 / r / e, 0.4 + r / 10 + s / 1000 + e / 20}'
done
";

/// The program, and two variants of it with two seeds each.
const EXPERIMENT: &str = "\
schema: 1
title: Any program
trainer:
  command: [sh, train.sh, '{seed}', '{params.rate}']
  sources: [train.sh]
metrics:
  score: {unit: fraction, better: higher, chance: 0.1}
  loss: {better: lower}
seeds: [1, 2]
variants:
  - {id: slow, params: {rate: 1}}
  - {id: fast, params: {rate: 2}}
claims:
  - {id: better, says: S., test: {metric: score, of: fast, minus: slow, above: 0.05}}
  - {id: half, says: S., test: {metric: loss, of: fast, over: slow, around: 0.5, within: 0.01}}
  - {id: twice, says: S., test: {metric: loss, of: slow, over: fast, above: 3}}
";

fn place() -> Place {
    let place = Place::new();
    place.write("any.yaml", EXPERIMENT);
    place.write("train.sh", TRAIN);
    place
}

fn json(place: &Place, path: &str) -> Value {
    serde_json::from_str(&place.read(path)).unwrap()
}

#[test]
fn a_program_that_prints_its_figures_is_put_on_trial_and_its_claims_are_judged() {
    let place = place();
    place.succeed(&["run", "any.yaml"]);
    let metrics = place.read("runs/any/trials/fast/seed-2/metrics.jsonl");
    assert_eq!(metrics, "{\"epoch\":1,\"loss\":2.0,\"score\":0.652}\n{\"epoch\":2,\"loss\":1.0,\"score\":0.702}\n");
    let claims = json(&place, "runs/any/claims.json");
    let verdicts: Vec<&str> =
        claims["claims"].as_array().unwrap().iter().map(|claim| claim["verdict"].as_str().unwrap()).collect();
    // 4/2/e over 4/1/e is one half at every seed, and one over that is two.
    assert_eq!(verdicts, ["supported", "supported", "refuted"]);
    let ratio = claims["claims"][1]["estimate"].as_f64().unwrap();
    assert!((ratio - 0.5).abs() < 1e-12, "{ratio}");
    let results = json(&place, "runs/any/results.json");
    let last = &results["variants"][1]["last_epoch"];
    assert!((last["score"]["mean"].as_f64().unwrap() - 0.7015).abs() < 1e-9, "{last}");
    assert!(last["wall_time"]["mean"].as_f64().unwrap() > 0.0);
    // Above what the file says is chance, though two seeds say little.
    assert!(["above_chance", "inconclusive"].contains(&results["variants"][1]["fate"].as_str().unwrap()));
    let page = place.read("runs/any/report.md") + &place.read("runs/any/details.md");
    for words in ["rate: 2, the command sh train.sh {seed} {params.rate}, each trial run once", "0.5 times", "Score"] {
        assert!(page.contains(words), "{words} is missing");
    }
    for foreign in ["Validation accuracy", "MobileNetV2", "SGD", "No record of the images"] {
        assert!(!page.contains(foreign), "{foreign} is said of a program that has none");
    }
    assert!(place.succeed(&["verify", "runs/any", "--tier", "report"]).ends_with("The bundle holds.\n"));
}

/// A curve that rises to its third epoch and falls from there, and a loss that is least at the second. By hand, for
/// seed s: the score is 0.2, 0.5, 0.8 and 0.4, each plus s/1000, and twice 0.1 less for `worse`.
const PEAKED: &str = "\
for row in '1 0.2 3.0' '2 0.5 1.0' '3 0.8 2.0' '4 0.4 4.0'; do
  set -- $1 $2 $row
  awk -v s=$1 -v d=$2 -v e=$3 -v a=$4 -v l=$5 'BEGIN {printf \"epoch: %d score: %.3f loss: %.1f\\n\", e, a + s / 1000 - d, l}'
done
";

const AT_POINTS: &str = "\
schema: 1
title: Points of a curve
trainer: {command: [sh, train.sh, '{seed}', '{params.less}'], sources: [train.sh]}
metrics:
  score: {unit: fraction, better: higher}
  loss: {better: lower}
seeds: [1, 2, 3]
variants:
  - {id: good, params: {less: 0}}
  - {id: worse, params: {less: 0.1}}
claims:
  - {id: final, says: S., test: {metric: score, of: good, above: 0.45}}
  - {id: best, says: S., test: {metric: score, at: best, of: good, above: 0.45}}
  - {id: chosen, says: S., test: {metric: score, at: {best: loss}, of: good, within: 0.01, around: 0.5}}
  - {id: first, says: S., test: {metric: score, at: {epoch: 1}, of: good, above: 0.45}}
  - {id: apart, says: S., test: {metric: score, at: {epoch: 3}, of: worse, minus: good, within: 0.01, around: -0.1}}
  - {id: beyond, says: S., test: {metric: score, at: {epoch: 5}, of: good, above: 0.45}}
";

#[test]
fn a_claim_reads_its_metric_at_the_point_of_the_curve_that_it_names() {
    let place = Place::new();
    place.write("peak.yaml", AT_POINTS);
    place.write("train.sh", PEAKED);
    place.succeed(&["run", "peak.yaml"]);
    let claims = json(&place, "runs/peak/claims.json");
    let claims = claims["claims"].as_array().unwrap();
    let found: Vec<(&str, &str)> = claims
        .iter()
        .map(|claim| (claim["claim"]["id"].as_str().unwrap(), claim["verdict"].as_str().unwrap()))
        .collect();
    let expected = [
        ("final", "refuted"),
        ("best", "supported"),
        ("chosen", "supported"),
        ("first", "refuted"),
        ("apart", "supported"),
        ("beyond", "inconclusive"),
    ];
    assert_eq!(found, expected);
    // The mean over seeds of s/1000 is 0.002.
    for (claim, estimate) in claims.iter().zip([0.402, 0.802, 0.502, 0.202, -0.1]) {
        assert!((claim["estimate"].as_f64().unwrap() - estimate).abs() < 1e-9, "{claim}");
    }
    assert_eq!(claims[5]["sample"]["missing"], 3);
    assert!(claims[0]["claim"].get("at").is_none());
    assert_eq!(claims[2]["claim"]["at"], serde_json::json!({"best": "loss"}));
    let page = place.read("runs/peak/details.md");
    for words in [
        "The mean score of “good” over seeds is above 45.00%.",
        "The mean score at its best of “good” over seeds is above 45.00%.",
        "The mean score at the point with the best loss of “good” over seeds lies within",
        "The mean score after epoch 1 of “good” over seeds is above 45.00%.",
        "Score after epoch 3 of “worse” minus that of “good”",
        "3 missing",
    ] {
        assert!(page.contains(words), "{words} is missing in {page}");
    }
    let last = &json(&place, "runs/peak/results.json")["variants"][0]["last_epoch"]["score"]["mean"];
    assert!((last.as_f64().unwrap() - 0.402).abs() < 1e-9, "results stay those of the end: {last}");
    assert!(place.succeed(&["verify", "runs/peak", "--tier", "report"]).ends_with("The bundle holds.\n"));
    // What a bundle has is an experiment file again, and says the same.
    place.succeed(&["run", "runs/peak/experiment.yaml", "--trust", "--out", "again"]);
    assert_eq!(place.read("again/claims.json"), place.read("runs/peak/claims.json"));
}

#[test]
fn another_point_is_another_claim_to_whoever_compares_or_registers() {
    let place = Place::new();
    place.write("peak.yaml", AT_POINTS);
    place.write("train.sh", PEAKED);
    place.succeed(&["run", "peak.yaml"]);
    place.succeed(&["run", "peak.yaml", "--out", "other", "--set", "claims.best.test.at=last"]);
    let (_, said, _) = place.run(&["diff", "runs/peak", "other"]);
    assert!(said.contains("best") && said.contains("supported") && said.contains("refuted"), "{said}");
    place.succeed(&["run", "peak.yaml", "--set", "claims.best.test.at=last"]);
    let claims = json(&place, "runs/peak/claims.json");
    assert_eq!(
        (&claims["claims"][0]["registration"], &claims["claims"][1]["registration"]),
        (&"before".into(), &"changed".into())
    );
}

#[test]
fn a_trial_is_due_again_when_what_it_is_made_of_changes_and_the_plan_says_what() {
    let place = place();
    place.succeed(&["run", "any.yaml"]);
    assert!(place.succeed(&["plan", "any.yaml"]).contains("0 of 4 trials to run on command"));
    place.write("train.sh", format!("{TRAIN}# a word more\n"));
    let plan = place.succeed(&["plan", "any.yaml"]);
    assert!(plan.contains("to run again: other sources") && plan.contains("4 of 4 trials"), "{plan}");
    place.write("train.sh", TRAIN);
    let plan = place.succeed(&["plan", "any.yaml", "--set", "variants.fast.params.rate=3"]);
    assert!(plan.contains("to run again: other params") && plan.contains("2 of 4 trials"), "{plan}");
    let plan = place.succeed(&["plan", "any.yaml", "--set", "trainer.timeout=5s"]);
    assert!(plan.contains("0 of 4 trials"), "a time limit changes no result: {plan}");
}

#[test]
fn parts_are_run_anywhere_and_collected() {
    let place = place();
    place.succeed(&["run", "any.yaml", "--shard", "1/2", "--out", "one"]);
    place.succeed(&["run", "any.yaml", "--shard", "2/2", "--out", "two"]);
    place.succeed(&["collect", "one", "two", "--out", "both"]);
    place.succeed(&["run", "any.yaml"]);
    let results =
        |folder: &str| json(&place, &format!("{folder}/results.json"))["variants"][0]["last_epoch"]["score"].clone();
    assert_eq!(results("both"), results("runs/any"));
    assert!(files_below(&place.path("both/trials")).iter().any(|file| file.ends_with("stdout.txt")));
    assert!(place.succeed(&["diff", "both", "runs/any"]).contains("4 finished on both sides"));
}

#[test]
fn figures_come_from_files_in_any_format_and_what_was_seen_is_told_where_one_is_missing() {
    let place = place();
    let with = |program: &str, metrics: &str| {
        place.write("train.sh", program);
        let text = EXPERIMENT
            .replace("'{params.rate}']", "'{params.rate}', '{out}']")
            .replace("  sources", &format!("  metrics: {metrics}\n  sources"));
        place.write("any.yaml", text);
    };
    with("echo '{\"step\": 5, \"score\": 0.5, \"loss\": 1}' > $3/log.jsonl", "{path: log.jsonl}");
    place.succeed(&["run", "any.yaml", "--only", "slow/1", "--out", "1"]);
    assert_eq!(place.read("1/trials/slow/seed-1/metrics.jsonl"), "{\"step\":5,\"score\":0.5,\"loss\":1.0}\n");
    with("printf 'epoch,score,loss\\n1,0.25,3\\n' > $3/log.csv", "{path: log.csv}");
    place.succeed(&["run", "any.yaml", "--only", "slow/1", "--out", "2"]);
    assert_eq!(place.read("2/trials/slow/seed-1/metrics.jsonl"), "{\"epoch\":1,\"score\":0.25,\"loss\":3.0}\n");
    with(
        "echo 'final score is 0.75 with loss 2' >&2",
        "{from: stderr, pattern: 'score is (?<score>\\S+) with loss (?<loss>\\S+)'}",
    );
    place.succeed(&["run", "any.yaml", "--only", "slow/1", "--out", "3"]);
    assert_eq!(place.read("3/trials/slow/seed-1/metrics.jsonl"), "{\"step\":1,\"score\":0.75,\"loss\":2.0}\n");
    with("echo 'accuracy: 0.5, lr: 0.1, loss: 1'", "{}");
    let said = place.end_with(7, &["run", "any.yaml", "--only", "slow/1"]);
    assert!(said.contains("no figure of score; seen were figures of accuracy, loss, lr"), "{said}");
    assert!(place.read("runs/any/trials/slow/seed-1/failure.txt").contains("accuracy: 0.5"));
}

#[test]
fn a_program_that_fails_hangs_or_is_not_there_fails_its_trial_and_no_other() {
    let place = place();
    place
        .write("train.sh", "if [ $2 = 2 ]; then echo 'no such file: weights' >&2; exit 3; fi; echo score: 0.5 loss: 1");
    let said = place.end_with(7, &["run", "any.yaml"]);
    assert!(said.contains("ended with exit status: 3") && said.contains("no such file: weights"), "{said}");
    assert!(place.path("runs/any/trials/slow/seed-1/trial.json").exists());
    let started = Instant::now();
    place.write("train.sh", "sleep 60 & sleep 60");
    let said =
        place.end_with(7, &["run", "any.yaml", "--only", "slow/1", "--set", "trainer.timeout=1s", "--out", "late"]);
    assert!(said.contains("longer than its time limit of 1 s"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(20), "what it started ends with it");
    let said = place.end_with(
        7,
        &["run", "any.yaml", "--only", "slow/1", "--set", "trainer.command=[no-such-program]", "--out", "none"],
    );
    assert!(said.contains("cannot start `no-such-program`") && said.contains("is it installed"), "{said}");
    // A figure that ends as no number is divergence, not failure.
    place.write("train.sh", "echo score: 0.5 loss: 1; echo score: nan loss: nan");
    place.succeed(&["run", "any.yaml", "--only", "slow/1"]);
    assert_eq!(json(&place, "runs/any/trials/slow/seed-1/trial.json")["outcome"]["status"], "diverged");
}

#[test]
fn a_stopped_run_goes_on_where_it_was_and_partial_output_counts_for_nothing() {
    let place = place();
    place.write("train.sh", "echo score: 0.9 loss: 9; : > started; sleep 60");
    let mut child = started(&place, &["run", "any.yaml", "-j", "1"]);
    interrupt_once_it_has_started(&place, &mut child);
    assert_eq!(child.wait().unwrap().code(), Some(8));
    assert!(!place.path("runs/any/trials/slow/seed-1/trial.json").exists());
    place.write("train.sh", TRAIN);
    place.succeed(&["run", "any.yaml"]);
    assert!(place.read("runs/any/trials/slow/seed-1/metrics.jsonl").contains("\"score\":0.601"));
}

#[test]
fn a_program_that_goes_on_after_an_interruption_keeps_the_curve_that_it_had() {
    let place = place();
    place.write(
        "train.sh",
        "if [ -e $3/half ]; then echo epoch: 2 score: 0.6 loss: 2; exit; fi\n\
         echo epoch: 1 score: 0.5 loss: 3; : > $3/half; : > started; sleep 60",
    );
    let command = "trainer.command=[sh, train.sh, '{seed}', '{params.rate}', '{out}']";
    let run = ["run", "any.yaml", "--only", "slow/1", "--set", command, "--set", "trainer.resume=true"];
    let mut child = started(&place, &run);
    interrupt_once_it_has_started(&place, &mut child);
    assert_eq!(child.wait().unwrap().code(), Some(8));
    place.succeed(&run);
    let metrics = place.read("runs/any/trials/slow/seed-1/metrics.jsonl");
    let epochs = "{\"epoch\":1,\"score\":0.5,\"loss\":3.0}\n{\"epoch\":2,\"score\":0.6,\"loss\":2.0}\n";
    assert_eq!(metrics, epochs);
}

/// A run that goes on while the test does.
fn started(place: &Place, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrial"));
    command.current_dir(place.path("")).env_remove("RETRIAL_CACHE").args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Sends the signal of Ctrl-C once the program has made the file `started`.
fn interrupt_once_it_has_started(place: &Place, child: &mut Child) {
    while !place.path("started").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// Scores of the same seed differ by (2 - 1)/10.
#[test]
fn a_figure_that_is_lost_takes_no_other_with_it() {
    let place = place();
    place.write("train.sh", format!("{TRAIN}echo loss: nan\n"));
    place.succeed(&["run", "any.yaml"]);
    let claims = json(&place, "runs/any/claims.json");
    let of = |id: &str| {
        claims["claims"].as_array().unwrap().iter().find(|claim| claim["claim"]["id"] == id).unwrap().clone()
    };
    assert_eq!((&of("better")["verdict"], &of("half")["verdict"]), (&"supported".into(), &"inconclusive".into()));
    assert!((of("better")["estimate"].as_f64().unwrap() - 0.1).abs() < 1e-9, "{}", of("better"));
    let outcome =
        |variant: &str| json(&place, &format!("runs/any/trials/{variant}/seed-1/trial.json"))["outcome"].clone();
    assert_eq!((&outcome("slow")["status"], &outcome("fast")["status"]), (&"diverged".into(), &"diverged".into()));
}

#[test]
fn whether_a_program_repeats_itself_is_shown_and_not_assumed() {
    let place = place();
    place.succeed(&["run", "any.yaml", "--set", "trainer.repeat=2"]);
    let repeated = json(&place, "runs/any/trials/slow/seed-1/trial.json")["command"]["repeated"].clone();
    assert_eq!((repeated["runs"].as_u64(), repeated["difference"].as_f64()), (Some(2), Some(0.0)));
    assert!(place.read("runs/any/report.md").contains("each trial 2 runs, the same to the bit"));
    // Counts how often it was run, and says so.
    place.write("train.sh", "echo x >> count; awk 'END {print \"score: 0.5 loss: \" NR}' count; rm -f $0.x");
    place.succeed(&["run", "any.yaml", "--set", "trainer.repeat=3", "--only", "slow/1", "--out", "other"]);
    let difference = json(&place, "other/trials/slow/seed-1/trial.json")["command"]["repeated"]["difference"].as_f64();
    assert_eq!(difference, Some(2.0), "from 1 to 3");
}

#[test]
fn artifacts_are_recorded_by_their_digests() {
    let place = place();
    place.write("train.sh", "printf abc > $3/model.bin; echo score: 0.5 loss: 1");
    let out = "trainer.command=[sh, train.sh, '{seed}', '{params.rate}', '{out}']";
    place.succeed(&["run", "any.yaml", "--only", "slow/1", "--set", out, "--set", "trainer.artifacts=['*.bin']"]);
    let trial = json(&place, "runs/any/trials/slow/seed-1/trial.json");
    // FIPS 180-2, appendix B.1.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(trial["command"]["artifacts"]["model.bin"], digest);
    assert_eq!(place.read("runs/any/trials/slow/seed-1/artifacts/model.bin"), "abc");
    let arguments: Vec<&str> =
        trial["command"]["arguments"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(arguments, ["sh", "train.sh", "1", "1", "{out}"], "no folder of this machine is published");
}

#[test]
fn what_came_in_a_bundle_is_run_only_for_those_who_trust_it() {
    let place = place();
    let ran = place.path("ran");
    place.write("train.sh", format!("touch {} here; echo score: 0.5 loss: 1", ran.display()));
    place.succeed(&["run", "any.yaml"]);
    std::fs::rename(place.path("runs/any"), place.path("theirs")).unwrap();
    for file in ["ran", "here", "train.sh"] {
        std::fs::remove_file(place.path(file)).unwrap();
    }
    let has_run = || std::fs::remove_file(&ran).is_ok();
    for tier in ["digests", "report", "replay", "rerun"] {
        place.end_with(0, &["verify", "theirs", "--tier", tier]);
        assert!(!has_run(), "{tier} ran it");
    }
    let (code, _, stderr) = place.run(&["run", "theirs/experiment.yaml", "--out", "mine"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("sh train.sh {seed} {params.rate}") && stderr.contains("--trust"), "{stderr}");
    assert!(!has_run());
    // The files that the program consists of came with it.
    place.succeed(&["run", "theirs/experiment.yaml", "--out", "mine", "--trust"]);
    assert!(has_run());
    let said = place.succeed(&["verify", "theirs", "--tier", "rerun", "--trust"]);
    assert!(has_run());
    assert!(said.contains("runs sh train.sh {seed} {params.rate}") && said.contains("was run once"), "{said}");
    // What it wrote where it ran is not in the bundle.
    assert!(place.succeed(&["verify", "theirs", "--tier", "digests"]).contains("holds"));
    let key = |bundle: &str| json(&place, &format!("{bundle}/trials/slow/seed-1/trial.json"))["key"]["digest"].clone();
    assert_eq!(key("theirs"), key("mine"));
}

#[test]
fn a_program_that_repeats_itself_is_held_to_that_when_it_is_run_again() {
    let place = place();
    place.succeed(&["run", "any.yaml", "--set", "trainer.repeat=2"]);
    let rerun = ["verify", "runs/any", "--tier", "rerun", "--trust"];
    let said = place.succeed(&rerun);
    assert!(
        said.contains("slow/1: 2 measurements, agrees") && said.contains("fast/1: 2 measurements, agrees"),
        "{said}"
    );
    // Other sources than the trials ran, and a manifest that says nothing of it.
    place.write("runs/any/sources/train.sh", TRAIN.replace("0.4 +", "0.5 +"));
    place.succeed(&["report", "runs/any"]);
    let said = place.end_with(10, &["verify", "runs/any"]);
    assert!(said.contains("slow/1 cannot be what it says: the files in sources/ are not those that it ran"), "{said}");
    let said = place.end_with(10, &rerun);
    for words in ["differs (its sources changed since)", "\"score\":0.551", "\"score\":0.651", "+1.00e-1"] {
        assert!(said.contains(words), "{words} is missing from\n{said}");
    }
    let said = place.end_with(
        10,
        &[
            "verify",
            "runs/any",
            "--tier",
            "rerun",
            "--trust",
            "--trial",
            "fast/2",
            "--level",
            "tolerance",
            "--tolerance",
            "0.2",
        ],
    );
    assert!(said.contains("fast/2: 2 measurements, agrees") && !said.contains("slow/1: "), "{said}");
}

#[test]
fn a_program_reads_the_images_that_networks_of_ours_see() {
    let place = place();
    let count = "printf 'score: 0.5 loss: '; wc -c < $1/train-images.npy; head -c 6 $1/test-labels.npy | tail -c 5; cat $1/classes.json";
    place.write("count.sh", count);
    let experiment = EXPERIMENT.replace("sh, train.sh, '{seed}', '{params.rate}'", "sh, count.sh, '{images}'");
    let experiment =
        experiment.replace("train.sh", "count.sh").replace("{better: lower}", "{better: lower, unit: images}");
    place.write("none.yaml", &experiment);
    let said = place.end_with(3, &["run", "none.yaml"]);
    assert!(said.contains("`trainer.command[2]` asks for `{images}`, and the file has no `data`"), "{said}");
    place.write("images.yaml", format!("data: {{source: synthetic, per_class: {{train: 2, test: 1}}}}\n{experiment}"));
    place.succeed(&["run", "images.yaml", "--only", "slow/1"]);
    let dataset = json(&place, "runs/images/dataset.json");
    let side = |at: usize| dataset["image"][at].as_u64().unwrap();
    let classes = dataset["classes"].as_array().unwrap().len() as u64;
    let bytes = 128 + 2 * classes * side(0) * side(1) * 3;
    let metrics = place.read("runs/images/trials/slow/seed-1/metrics.jsonl");
    assert!(metrics.contains(&format!("\"loss\":{bytes}")), "{metrics}");
    let printed = place.read("runs/images/trials/slow/seed-1/stdout.txt");
    assert!(printed.contains("NUMPY") && printed.contains(dataset["classes"][0].as_str().unwrap()), "{printed}");
    let plan = place.succeed(&["plan", "images.yaml", "--set", "data.per_class.train=3"]);
    assert!(plan.contains("to run again: other images"), "{plan}");
}

#[test]
fn what_a_program_started_ends_with_a_run_that_is_told_twice_to_stop() {
    let place = place();
    place.write("train.sh", "trap '' TERM; sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $! > started.new; mv started.new started; wait");
    let mut child = started(&place, &["run", "any.yaml", "-j", "1"]);
    let kill = |signal: &str, process: &str| {
        Command::new("kill").args([signal, process]).stderr(Stdio::null()).status().unwrap().success()
    };
    interrupt_once_it_has_started(&place, &mut child);
    std::thread::sleep(Duration::from_millis(200));
    assert!(kill("-INT", &child.id().to_string()));
    assert_eq!(child.wait().unwrap().code(), Some(8));
    let grandchild = place.read("started");
    // One that was killed may wait for whoever inherits it to notice.
    let state = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
    assert!(!kill("-0", grandchild.trim()) || state.contains(" Z "), "{state}");
}

#[test]
fn a_program_sees_its_own_environment_and_no_more_of_ours_than_it_needs() {
    let place = place();
    place.write("train.sh", "env > seen; echo score: 0.5 loss: 1");
    let arguments = [
        "run",
        "any.yaml",
        "--only",
        "slow/1",
        "--set",
        "trainer.env=[NAMED]",
        "--set",
        "trainer.variables={SEED: '{seed}'}",
    ];
    let output = place.retrial(&arguments).env("NAMED", "n").env("SECRET", "s").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen = place.read("seen");
    for line in ["NAMED=n", "SEED=1", "CUDA_VISIBLE_DEVICES="] {
        assert!(seen.lines().any(|seen| seen == line), "{line} is missing from\n{seen}");
    }
    assert!(seen.contains("OMP_NUM_THREADS=") && !seen.contains("SECRET"), "{seen}");
    assert_eq!(json(&place, "runs/any/trials/slow/seed-1/environment.json")["engine_details"]["$NAMED"], "n");
}

#[test]
fn mistakes_in_a_trainer_are_shown_where_they_are() {
    let place = place();
    let refused = |from: &str, to: &str| {
        place.write("bad.yaml", EXPERIMENT.replace(from, to));
        place.end_with(3, &["plan", "bad.yaml"])
    };
    let said = refused("'{seed}'", "'{sed}'");
    assert!(said.contains("asks for `{sed}`, which there is not") && said.contains("did you mean `{seed}`?"), "{said}");
    let said = refused("params.rate}'", "params.rat}'");
    assert!(said.contains("variant `slow` does not have") && said.contains("did you mean `rate`?"), "{said}");
    let said = refused("[sh, train.sh, '{seed}', '{params.rate}']", "sh train.sh");
    assert!(said.contains("is a line, and no shell reads it") && said.contains("shell: true"), "{said}");
    let said = refused("metric: score, of: fast", "metric: scoer, of: fast");
    assert!(said.contains("cannot be `scoer`") && said.contains("did you mean `score`?"), "{said}");
    let said = refused("  sources", "  timeout: soon\n  sources");
    assert!(said.contains("is no length of time") && said.contains("`2h`"), "{said}");
    // A unit is a help to readers, and no duty.
    place.write("good.yaml", EXPERIMENT.replace("unit: fraction, ", ""));
    place.succeed(&["plan", "good.yaml"]);
}

#[test]
fn figures_that_exist_already_become_trials_that_nobody_ran() {
    let place = Place::new();
    place.write(
        "results.csv",
        "variant,seed,epoch,score\nslow,1,1,0.5\nslow,1,2,0.6\nslow,2,2,0.62\nfast,1,2,0.8\nfast,2,2,0.84\n",
    );
    let experiment = EXPERIMENT
        .replace(
            "  command: [sh, train.sh, '{seed}', '{params.rate}']\n  sources: [train.sh]\n",
            "  import: results.csv\n",
        )
        .replace("  loss: {better: lower}\n", "");
    let experiment: String =
        experiment.lines().filter(|line| !line.contains("metric: loss")).map(|line| format!("{line}\n")).collect();
    place.write("old.yaml", experiment);
    place.succeed(&["run", "old.yaml"]);
    assert_eq!(
        json(&place, "runs/old/claims.json")["claims"][0]["estimate"].as_f64().map(|e| (e * 1000.0).round()),
        Some(210.0)
    );
    assert_eq!(place.read("runs/old/trials/slow/seed-1/metrics.jsonl").lines().count(), 2);
    let (page, limits) = (place.read("runs/old/report.md"), place.read("runs/old/details.md"));
    assert!(
        page.contains("figures taken over, nothing run here") && limits.contains("nothing was run here"),
        "the page hides it"
    );
    place.succeed(&["verify", "runs/old", "--tier", "replay"]);
    // The same figures in the long form, as JSON lines.
    let long = "{\"variant\": \"fast\", \"seed\": 1, \"step\": 7, \"metric\": \"score\", \"value\": 0.9}\n";
    place.write("results.jsonl", long);
    place.succeed(&[
        "run",
        "old.yaml",
        "--set",
        "trainer={import: results.jsonl}",
        "--set",
        "variants=[fast]",
        "--set",
        "seeds=1",
        "--out",
        "long",
    ]);
    assert_eq!(place.read("long/trials/fast/seed-1/metrics.jsonl"), "{\"step\":7,\"score\":0.9}\n");
}

#[test]
fn native_networks_and_programs_stand_in_one_experiment() {
    let place = Place::new();
    let both = crate::support::TINY.replace("epochs: 2", "epochs: 1").replace(
        "throughput: false",
        "  - {id: theirs, label: Theirs, trainer: {command: [echo, 'val_accuracy: 0.5 val_loss: 2.0']}}\n\
         claims:\n  - {id: same, says: S., test: {metric: val_accuracy, of: bn, minus: theirs, within: 0.9}}\n\
         throughput: false",
    );
    place.write("both.yaml", both);
    place.succeed(&["run", "both.yaml"]);
    assert_eq!(json(&place, "runs/both/claims.json")["claims"][0]["sample"]["seeds"], 2);
    let table = place.read("runs/both/results.csv");
    let theirs: Vec<&str> = table.lines().filter(|line| line.starts_with("theirs,")).collect();
    assert!(
        theirs.len() == 2 && theirs.iter().all(|row| row.contains(",0.5,2,") && row.contains(",command,")),
        "{table}"
    );
    place.succeed(&["verify", "runs/both", "--tier", "replay"]);
}

#[test]
fn a_table_of_results_becomes_an_experiment_to_put_claims_to() {
    let place = Place::new();
    place.write(
        "sweep.csv",
        "model,run,epoch,val acc,note\nResNet 50,1,1,0.5,a\nResNet 50,1,2,0.7,b\nResNet 50,2,2,0.72,c\nVGG/16,1,2,0.6,d\n",
    );
    let (code, _, stderr) = place.run(&["import", "sweep.csv"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("no column `variant`") && stderr.contains("--variant COLUMN"), "{stderr}");
    let said = place.succeed(&["import", "sweep.csv", "--variant", "model", "--seed", "run", "--out", "old"]);
    assert!(said.contains("3 trials of 2 variants, with 1 metric"), "{said}");
    assert!(said.contains("Left out, since they hold no numbers: note"), "{said}");
    let experiment = place.read("old/article.yaml");
    assert!(
        experiment.contains("id: \"resnet-50\", label: \"ResNet 50\"") && experiment.contains("seeds: [1, 2]"),
        "{experiment}"
    );
    place.succeed(&["run", "old/article.yaml"]);
    assert_eq!(
        place.read("runs/article/trials/resnet-50/seed-1/metrics.jsonl"),
        "{\"epoch\":1,\"val_acc\":0.5}\n{\"epoch\":2,\"val_acc\":0.7}\n"
    );
    // Without seeds each row is a trial; spreadsheets separate with semicolons and write percent.
    place.write("plain.csv", "\u{feff}variant;acc\na;93.5%\na;92%\nb;91%\n");
    let said = place.succeed(&["import", "plain.csv", "--out", "plain"]);
    assert!(said.contains("3 trials of 2 variants") && said.contains("count as its seeds"), "{said}");
    let unit = "metrics.acc={unit: fraction, better: higher}";
    place.succeed(&["run", "plain/article.yaml", "--set", unit, "--out", "shares"]);
    assert_eq!(place.read("shares/trials/a/seed-1/metrics.jsonl"), "{\"step\":1,\"acc\":0.935}\n");
    // Two rows for one step contradict each other.
    place.write("twice.csv", "variant,seed,step,acc\na,1,1,0.5\na,1,1,0.6\n");
    place.succeed(&["import", "twice.csv", "--out", "twice"]);
    let (code, _, stderr) = place.run(&["run", "twice/article.yaml", "--out", "none"]);
    assert!(code == 4 && stderr.contains("line 3") && stderr.contains("the same variant, seed and step"), "{stderr}");
    let (code, _, stderr) = place.run(&["import", "sweep.csv", "--variant", "model", "--out", "old"]);
    assert!(code != 0 && stderr.contains("is left as it is"), "{stderr}");
}

// ResNet-20 by hand: 270,896 weights, 10 biases and four numbers for each of 784 normalised channels are 274,042; every weight
// of a stage is used once for each of its 1,024, 256 or 64 pixels.
#[test]
fn a_network_is_shown_layer_by_layer_with_its_sizes() {
    let place = Place::new();
    place.write(
        "net.yaml",
        "schema: 1\ntitle: T\ndata: {source: synthetic}\nseeds: [1]\nmodel: resnet\n\
         train: {epochs: 1, image_size: 32}\nvariants:\n- {id: bn}\n- {id: slow, train: {learning_rate: 0.01}}\n\
         - {id: none, model: {norm: none, dropout: 0.1}}\n",
    );
    let shown = place.succeed(&["network", "net.yaml"]);
    assert!(shown.contains("bn, slow: ResNet-20, images of 32 x 32 pixels, 10 classes"), "{shown}");
    assert!(shown.contains("274042 parameters, 40813184 multiply-adds for an image"), "{shown}");
    let line = |start: &str| shown.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("block 4 conv ").contains("conv 3 x 3 / 2"), "{shown}");
    assert!(shown.contains("none: ResNet-20") && shown.contains("relu, dropout 0.1"), "{shown}");
    let refused = place.end_with(3, &["network", "net.yaml", "--set", "model={preset: resnet, depth: 21}"]);
    assert!(refused.contains("there is no `resnet` of this depth"), "{refused}");
}

/// What a program does may hang on the id of its variant alone.
#[test]
fn variants_of_one_command_that_is_told_their_ids_are_trials_of_their_own() {
    let place = Place::new();
    place.write(
        "ids.yaml",
        "schema: 1\ntitle: T\ntrainer: {command: [echo, 'score: {variant}', '{seed}']}\nmetrics: {score: {better: higher}}\n\
         seeds: [1]\nvariants: [{id: '1'}, {id: '2'}]\n",
    );
    place.succeed(&["run", "ids.yaml"]);
    let of = |variant: &str| {
        let trial = json(&place, &format!("runs/ids/trials/{variant}/seed-1/trial.json"));
        (trial["key"]["digest"].clone(), place.read(&format!("runs/ids/trials/{variant}/seed-1/metrics.jsonl")))
    };
    let [(one, first), (two, second)] = ["1", "2"].map(of);
    assert_ne!(one, two);
    assert!(first.contains("1.0") && second.contains("2.0"), "{first}{second}");
}
