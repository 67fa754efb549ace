//! Computes the part of the trial key that stands for the code: a digest of the sources and pinned dependencies
//! that numbers depend on.

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// Modules whose code may change a trial's numbers. Data sets are keyed by their decoded bytes instead.
const SOURCES: [&str; 4] = ["src/random", "src/engine", "src/model", "src/train"];
/// Modules that judge claims: changing them after results exist is a change of the analysis.
const ANALYSIS: [&str; 2] = ["src/stats", "src/claims"];
/// Dependencies that compute: all of burn, the matrix product, and the portable mathematics.
const DEPENDENCIES: [&str; 6] = ["burn", "gemm", "tch", "torch-sys", "libm", "macerator"];

fn main() {
    #[cfg(feature = "libtorch")]
    libtorch_shim();
    println!("cargo::rerun-if-changed=build.rs");
    let mut digest = sources(&SOURCES);
    println!("cargo::rerun-if-changed=Cargo.lock");
    digest.update(pinned(&fs::read_to_string("Cargo.lock").unwrap_or_default()));
    println!("cargo::rustc-env=RETRIAL_NUMERICS={}", hex(digest.finalize().as_slice()));
    println!("cargo::rustc-env=RETRIAL_CRITERION={}", version_of("criterion"));
    println!("cargo::rustc-env=RETRIAL_BURN={}", version_of("burn"));
    println!("cargo::rustc-env=RETRIAL_RUSTC={}", rustc_version());
    println!("cargo::rustc-env=RETRIAL_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=RETRIAL_LOCK={}", digest_of_file("Cargo.lock"));
    println!("cargo::rustc-env=RETRIAL_ANALYSIS={}", digest_of_sources(&ANALYSIS));
    code_version();
}

/// Which commit this was built from, and whether the sources were just as in it. Empty outside a git checkout of this
/// very crate: there the crate's version says which code it is.
fn code_version() {
    let here = env::current_dir().unwrap_or_default();
    let top = git(&["rev-parse", "--show-toplevel"]).map(|text| PathBuf::from(text.trim()));
    let is_ours = top.is_some_and(|top| top.canonicalize().ok() == here.canonicalize().ok());
    let (mut commit, mut changes) = (String::new(), String::new());
    if is_ours {
        for path in ["src", "templates", "Cargo.toml"] {
            println!("cargo::rerun-if-changed={path}");
        }
        // Not below `.git` in a worktree, and a path that is missing would make every build a new one.
        for name in ["HEAD", "logs/HEAD"] {
            let path = git(&["rev-parse", "--git-path", name]).unwrap_or_default();
            if Path::new(path.trim()).exists() {
                println!("cargo::rerun-if-changed={}", path.trim());
            }
        }
        commit = git(&["rev-parse", "HEAD"]).unwrap_or_default().trim().to_owned();
        let built_from = ["--", "src", "templates", "build.rs", "Cargo.toml", "Cargo.lock"];
        let diff = git(&[&["diff", "HEAD"][..], &built_from].concat()).unwrap_or_default();
        let new = git(&[&["ls-files", "--others", "--exclude-standard"][..], &built_from].concat()).unwrap_or_default();
        if !diff.is_empty() || !new.is_empty() {
            changes = hex(Sha256::digest(format!("{diff}{new}")).as_slice());
        }
    }
    println!("cargo::rustc-env=RETRIAL_COMMIT={commit}");
    println!("cargo::rustc-env=RETRIAL_CHANGES={changes}");
}

/// What git prints; `None` where there is no git, or it refuses.
fn git(arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn digest_of_file(path: &str) -> String {
    fs::read(path).map_or_else(|_| String::new(), |bytes| hex(Sha256::digest(&bytes).as_slice()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest_of_sources(folders: &[&str]) -> String {
    hex(sources(folders).finalize().as_slice())
}

fn sources(folders: &[&str]) -> Sha256 {
    let mut digest = Sha256::new();
    for folder in folders {
        println!("cargo::rerun-if-changed={folder}");
        for file in rust_files(Path::new(folder)) {
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
            digest.update(file.to_string_lossy().replace('\\', "/"));
            digest.update(without_comments(&text));
        }
    }
    digest
}

/// Files that test, describe, count or time, and compute nothing of a trial.
const NOT_COMPUTING: [&str; 5] = ["tests.rs", "testing.rs", "describe.rs", "cost.rs", "timing.rs"];

/// All Rust sources below `folder` that may change numbers, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !NOT_COMPUTING.iter().any(|name| path.ends_with(name))
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file: whole-line comments, blank lines, the tests at its end and the bare naming of another file, which
/// counts by itself, do not change numbers.
fn without_comments(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let kept =
        code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//") && !names_a_file(line));
    kept.collect::<Vec<_>>().join("\n")
}

fn names_a_file(line: &str) -> bool {
    line.strip_prefix("pub ").unwrap_or(line).starts_with("mod ") && line.ends_with(';')
}

/// `name version` of every locked package that computes.
fn pinned(lock: &str) -> String {
    let mut lines = Vec::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(value) = line.strip_prefix("name = ") {
            name = value.trim_matches('"');
        } else if let Some(version) = line.strip_prefix("version = ")
            && DEPENDENCIES.iter().any(|dependency| name == *dependency || name.starts_with(&format!("{dependency}-")))
        {
            lines.push(format!("{name} {}", version.trim_matches('"')));
        }
    }
    lines.join("\n")
}

/// The locked version of a package; empty where there is no lock.
fn version_of(package: &str) -> String {
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")));
    let line = entry.and_then(|entry| entry.lines().find_map(|line| line.strip_prefix("version = ")));
    line.map(|version| version.trim_matches('"').to_owned()).unwrap_or_default()
}

/// Compiles the C++ side of `engine::libtorch::shim` and makes binaries find libtorch where it was found now.
#[cfg(feature = "libtorch")]
fn libtorch_shim() {
    const SHIM: &str = "src/engine/libtorch/shim.cpp";
    println!("cargo::rerun-if-changed={SHIM}");
    let library =
        PathBuf::from(env::var("DEP_TCH_LIBTORCH_LIB").expect("torch-sys says where libtorch's libraries are"));
    let headers = library.with_file_name("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(&headers)
        .include(headers.join("torch/csrc/api/include"))
        .file(SHIM)
        .compile("retrial_shim");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", library.display());
}

fn rustc_version() -> String {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = std::process::Command::new(rustc).arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
