//! What a program runs on, in its own terms: the interpreter with its packages, and the GPUs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Prints the version of Python and of all that is installed, a line each.
const PYTHON: &str = "\
import platform, sys
print('Python\\t' + platform.python_implementation() + ' ' + platform.python_version())
from importlib.metadata import distributions
print('packages\\t' + ', '.join(sorted({(d.metadata['Name'] or '?') + ' ' + d.version for d in distributions()}, key=str.lower)))
";

/// Asks an interpreter what it is; nothing is known of a program of another kind.
pub fn describe(program: &OsStr) -> BTreeMap<String, String> {
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let mut details = BTreeMap::new();
    if name.starts_with("python") || name.starts_with("pypy") {
        let answer = answer(Command::new(program).args(["-c", PYTHON]));
        details.extend(answer.lines().filter_map(|line| line.split_once('\t')).map(owned));
    }
    let gpus = answer(Command::new("nvidia-smi").args(["--query-gpu=name,driver_version", "--format=csv,noheader"]));
    if let Some((gpu, driver)) = gpus.lines().next().and_then(|line| line.split_once(", ")) {
        details.extend([("GPU", gpu), ("driver", driver)].map(owned));
    }
    details
}

/// The numbers of the GPUs that the driver knows.
pub fn gpus() -> Vec<String> {
    let list = answer(Command::new("nvidia-smi").args(["--query-gpu=index", "--format=csv,noheader"]));
    list.lines().map(|line| line.trim().to_owned()).filter(|line| line.parse::<u32>().is_ok()).collect()
}

fn answer(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success());
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.trim().to_owned())
}
