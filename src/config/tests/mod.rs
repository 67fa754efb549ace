//! Loading whole files. Expected values are those of the format's documentation, Keras, and the article.

mod accepts;
mod claims;
mod claims_refused;
mod command_line;
mod conclusions;
mod files;
mod keys;
mod knobs;
mod networks;
mod properties;
mod ranges;
mod repetitions;
mod resolved;
mod shipped;
mod values;

use std::path::{Path, PathBuf};

use super::{ConfigError, Experiment, Override, load_str};

/// The smallest experiment there is.
const MINIMAL: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 2}
variants:
- id: bn
";

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")
}

fn overrides(texts: &[&str]) -> Vec<Override> {
    texts.iter().map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

fn try_load(text: &str, changes: &[&str]) -> Result<Experiment, Box<ConfigError>> {
    load_str("dir/try.yaml", text, Path::new("dir"), &overrides(changes))
}

fn accept(text: &str, changes: &[&str]) -> Experiment {
    try_load(text, changes).unwrap_or_else(|error| panic!("{}", render(&error)))
}

/// What a terminal without colours shows for the error that `text` must give.
fn refuse(text: &str, changes: &[&str]) -> String {
    render(&try_load(text, changes).expect_err("this experiment should be refused"))
}

fn render(error: &ConfigError) -> String {
    let theme = miette::GraphicalTheme::unicode_nocolor();
    let mut shown = String::new();
    miette::GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .render_report(&mut shown, error)
        .expect("a string takes any text");
    shown.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// [`MINIMAL`] with one piece of text replaced.
fn minimal_with(old: &str, new: &str) -> String {
    assert!(MINIMAL.contains(old), "{old}");
    MINIMAL.replacen(old, new, 1)
}
