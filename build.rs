//! Computes the part of the trial key that stands for the code: a digest of the sources and pinned dependencies
//! that numbers depend on.

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// Modules whose code may change a trial's numbers. Data sets are keyed by their decoded bytes instead.
const SOURCES: [&str; 4] = ["src/random", "src/engine", "src/model", "src/train"];
/// Dependencies that compute: all of burn, the matrix product, and the portable mathematics.
const DEPENDENCIES: [&str; 6] = ["burn", "gemm", "tch", "torch-sys", "libm", "macerator"];

fn main() {
    #[cfg(feature = "libtorch")]
    libtorch_shim();
    println!("cargo::rerun-if-changed=build.rs");
    let mut digest = Sha256::new();
    for folder in SOURCES {
        println!("cargo::rerun-if-changed={folder}");
        for file in rust_files(Path::new(folder)) {
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
            digest.update(file.to_string_lossy().replace('\\', "/"));
            digest.update(without_comments(&text));
        }
    }
    println!("cargo::rerun-if-changed=Cargo.lock");
    digest.update(pinned(&fs::read_to_string("Cargo.lock").unwrap_or_default()));
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=RETRIAL_NUMERICS={hex}");
    println!("cargo::rustc-env=RETRIAL_RUSTC={}", rustc_version());
    println!("cargo::rustc-env=RETRIAL_TARGET={}", env::var("TARGET").unwrap_or_default());
}

/// All Rust sources below `folder` except test modules, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file: whole-line comments, blank lines and the tests at its end do not change numbers.
fn without_comments(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let kept = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.collect::<Vec<_>>().join("\n")
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
