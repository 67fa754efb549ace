//! Output whose reader goes away, or that cannot be written.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use crate::support::Place;

/// How `retrial` ended with its standard output closed at the other end before it wrote, and what it said.
fn with_closed_pipe(place: &Place, arguments: &[&str]) -> (std::process::ExitStatus, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command(place, arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrial"));
    command.current_dir(place.path("")).args(arguments).env_remove("RETRIAL_CACHE");
    command
}

const SIGPIPE: i32 = 13; // POSIX; the number is the same on Linux, macOS and the BSDs

#[test]
fn every_command_ends_quietly_when_nobody_reads_what_it_prints() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    place.succeed(&["keygen", "--out", "me"]);
    place.succeed(&["pack", "out", "--out", "out.tar.zst"]);
    let commands: [&[&str]; 20] = [
        &["run", "tiny.yaml", "--out", "out"],
        &["bench", "tiny.yaml", "--set", "throughput={rounds: 2, seconds: 0.01, budget: 2}"],
        &["plan", "tiny.yaml"],
        &["plan", "tiny.yaml", "--json"],
        &["plan", "tiny.yaml", "--names"],
        &["report", "out"],
        &["verify", "out"],
        &["collect", "out", "--out", "merged"],
        &["diff", "out", "out"],
        &["diff", "out", "out", "--json"],
        &["site", "."],
        &["publish", "out"],
        &["pack", "out", "--out", "again.tar.zst"],
        &["unpack", "out.tar.zst", "--out", "theirs"],
        &["keygen", "--out", "other"],
        &["sign", "out", "--key", "me.pem"],
        &["data", "show", "tiny.yaml"],
        &["doctor"],
        &["init", "mine"],
        &["man"],
    ];
    for arguments in commands.into_iter().chain([&["schema"][..], &["completions", "bash"], &["man", "pages"]]) {
        let (status, stderr) = with_closed_pipe(&place, arguments);
        assert_eq!(status.signal(), Some(SIGPIPE), "{arguments:?} {status}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
    // clap prints these itself.
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"]] {
        let (status, stderr) = with_closed_pipe(&place, arguments);
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    // What it was to write is there whole.
    place.succeed(&["verify", "out"]);
}

#[test]
fn nobody_listening_to_progress_does_not_stop_a_run() {
    let place = Place::with_tiny();
    for (out, more) in [("lines", &[][..]), ("json", &["--json"])] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let arguments = [&["run", "tiny.yaml", "--out", out][..], more].concat();
        let output = command(&place, &arguments).stderr(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("Report: "));
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        eprintln!("SKIPPED: there is no /dev/full here");
        return;
    };
    let place = Place::with_tiny();
    let output = command(&place, &["plan", "tiny.yaml"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("cannot write to standard output: "), "{stderr}");
}

/// `script` of util-linux gives the program a terminal.
#[test]
fn a_terminal_shows_a_bar_only_where_there_is_something_to_count() {
    let place = Place::with_tiny();
    let program = env!("CARGO_BIN_EXE_retrial");
    let on_terminal = |arguments: &str| {
        let mut script = Command::new("script");
        script.current_dir(place.path("")).args(["-qec", &format!("'{program}' {arguments}"), "/dev/null"]);
        script.stdin(Stdio::null()).env("TERM", "xterm").env_remove("RETRIAL_CACHE").output().ok()
    };
    let Some(output) = on_terminal("run tiny.yaml --out out").filter(|output| output.status.success()) else {
        eprintln!("SKIPPED: there is no script(1) of util-linux here");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("/640 images, "), "a bar of all training images: {shown:?}");
    assert!(!shown.contains("0/0"), "{shown:?}");
    assert!(shown.contains("4 of 4 trials to run") && shown.contains("Report: out/index.html"), "{shown:?}");
    let again = on_terminal("run tiny.yaml --out out").unwrap();
    let shown = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(shown.contains("0 of 4 trials to run on") && !shown.contains("at a time"), "{shown:?}");
    assert!(!shown.contains("0/0"), "{shown:?}");
}
