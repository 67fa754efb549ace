//! Computes the part of the trial key that stands for the code: a digest of the sources and pinned dependencies
//! that numbers depend on.

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// Modules whose code may change a trial's numbers, beside all of `crates/kernels`. Data sets are keyed by their decoded bytes instead.
const SOURCES: [&str; 5] = ["src/config/network", "configs/networks", "src/engine", "src/model", "src/train"];
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

/// Which commit this was built from, and whether the sources were just as in it: as cargo wrote it into a packaged crate,
/// or as git says in a checkout of this very crate. Empty elsewhere: there the crate's version says which code it is.
fn code_version() {
    let (commit, changes) = packaged().or_else(checked_out).unwrap_or_default();
    println!("cargo::rustc-env=RETRIAL_COMMIT={commit}");
    println!("cargo::rustc-env=RETRIAL_CHANGES={changes}");
}

/// What a binary is built from.
const BUILT_FROM: [&str; 6] = ["src", "crates", "templates", "build.rs", "Cargo.toml", "Cargo.lock"];

/// A packaged crate does not hold what differed from the commit, so all of it stands for that.
fn packaged() -> Option<(String, String)> {
    let text = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once("\"sha1\": \"")?;
    let (commit, _) = rest.split_once('"')?;
    let mut changes = String::new();
    if text.contains("\"dirty\": true") {
        let mut digest = Sha256::new();
        for file in BUILT_FROM.iter().flat_map(|path| files_below(Path::new(path))) {
            digest.update(file.to_string_lossy().replace('\\', "/"));
            digest.update(fs::read(&file).unwrap_or_default());
        }
        changes = hex(digest.finalize().as_slice());
    }
    Some((commit.to_owned(), changes))
}

fn checked_out() -> Option<(String, String)> {
    let top = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?.trim());
    if top.canonicalize().ok()? != env::current_dir().ok()?.canonicalize().ok()? {
        return None;
    }
    for path in BUILT_FROM {
        println!("cargo::rerun-if-changed={path}");
    }
    // Elsewhere than in `.git` where this is one of several work trees.
    for path in git(&["rev-parse", "--git-path", "HEAD", "--git-path", "logs/HEAD"])?.lines() {
        println!("cargo::rerun-if-changed={path}");
    }
    let commit = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    let diff = git(&[&["diff", "HEAD", "--"][..], &BUILT_FROM].concat()).unwrap_or_default();
    let new =
        git(&[&["ls-files", "--others", "--exclude-standard", "--"][..], &BUILT_FROM].concat()).unwrap_or_default();
    let is_clean = diff.is_empty() && new.is_empty();
    Some((commit, if is_clean { String::new() } else { hex(Sha256::digest(format!("{diff}{new}")).as_slice()) }))
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
        for file in numeric_files(Path::new(folder)) {
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

/// All Rust sources, and networks, below `folder` that may change numbers, sorted.
fn numeric_files(folder: &Path) -> Vec<PathBuf> {
    let is_computing = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "rs" || extension == "yaml")
            && !NOT_COMPUTING.iter().any(|name| path.ends_with(name))
    };
    files_below(folder).into_iter().filter(is_computing).collect()
}

/// A file itself, or all files in and below a folder, sorted.
fn files_below(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.flat_map(|entry| files_below(&entry.path())).collect();
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
