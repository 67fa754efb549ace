//! A folder to run `retrial` in, and small experiments to run.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// Two small variants of a tiny network on a few synthetic images: a trial takes about a second.
pub const TINY: &str = "\
schema: 1
title: A tiny experiment
data: {source: synthetic, per_class: {train: 8, test: 4}}
seeds: [1, 2]
model: {width: 0.35}
train: {epochs: 2, batch_size: 16, image_size: 32}
variants:
  - {id: bn, label: BN, model: {norm: batch}}
  - {id: dropped, label: Dropped, model: {norm: none, dropout: 0.1}}
throughput: false
";

/// A folder of its own that goes away with the test.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place with `tiny.yaml` in it.
    pub fn with_tiny() -> Self {
        let place = Self::new();
        place.write("tiny.yaml", TINY);
        place
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn write(&self, relative: &str, text: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// Another loss at the second step of a trial's `fingerprints.jsonl`.
    pub fn alter_second_loss(&self, steps: &str) {
        let lines = self.read(steps);
        let second = lines.lines().nth(1).unwrap();
        let loss = second.split("\"loss\":\"").nth(1).unwrap().split('"').next().unwrap();
        let altered = lines.replacen(&format!("\"loss\":\"{loss}\""), "\"loss\":\"40000000\"", 1);
        assert_ne!(altered, lines);
        self.write(steps, altered);
    }

    /// `retrial` with these arguments, in this folder.
    pub fn retrial(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_retrial"));
        command.current_dir(self.folder.path()).env("NO_COLOR", "1").args(arguments);
        // What the tests themselves run under is not for the program.
        command.env_remove("RETRIAL_CACHE").env_remove("GITHUB_ACTIONS");
        command
    }

    /// Runs and returns (exit code, stdout, stderr).
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.retrial(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Runs, expects success, and returns stdout.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}\n{stdout}\n{stderr}");
        stdout
    }

    /// Runs, expects an exit code, and returns what was printed.
    #[track_caller]
    pub fn end_with(&self, expected: i32, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, expected, "{arguments:?}\n{stdout}\n{stderr}");
        stdout + &stderr
    }
}

/// All files below `folder`, as sorted relative paths.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
