//! `retrial import`: results that exist already, in a table or on an MLflow server, as an experiment whose claims are
//! still to be written.
//!
//! Nothing is judged here and nothing overwritten: it writes the experiment file and the table in the form that
//! `trainer: {import: …}` reads, so that what was taken over can be looked at before it is run.

mod found;
mod server;
mod table;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::ImportArguments;
use super::exit::Exit;
use super::output::outln;
use crate::bundle::FileError;
use crate::mlflow::runs::RunsError;
use crate::mlflow::{Address, NotAnAddress, ServerError};
use crate::report::text::counted;
use found::{Found, Heading};

const EXPERIMENT: &str = "article.yaml";
const TABLE: &str = "results.csv";

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ImportError {
    #[error("{}: {reason}", path.display())]
    #[diagnostic(code(retrial::import::table), help("{help}"))]
    Table { path: PathBuf, reason: String, help: String },
    #[error("{} is there already, and is left as it is", path.display())]
    #[diagnostic(code(retrial::import::exists), help("name another folder with `--out DIR`"))]
    Exists { path: PathBuf },
    #[error("{} is a table: `--experiment` names one on an MLflow server", path.display())]
    #[diagnostic(
        code(retrial::import::not_a_server),
        help("leave it out, or give the server's address in place of the file, as in http://127.0.0.1:5000")
    )]
    NotAServer { path: PathBuf },
    #[error("{url}: which of its experiments is to be taken over? There are {there}")]
    #[diagnostic(code(retrial::import::which_experiment), help("say so with `--experiment NAME`"))]
    WhichExperiment { url: String, there: String },
    #[error("{url} has no experiment `{name}`; there are {there}")]
    #[diagnostic(code(retrial::import::no_experiment), help("name one of those with `--experiment NAME`"))]
    NoExperiment { url: String, name: String, there: String },
    #[error("{url}: {reason}")]
    #[diagnostic(
        code(retrial::import::unusable),
        help("rename it in MLflow, or name another setting with `--variant`")
    )]
    Unusable { url: String, reason: String },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Address(#[from] NotAnAddress),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Server(#[from] ServerError),
    #[error("{url}, experiment `{name}`: {error}")]
    #[diagnostic(forward(error))]
    Runs { url: String, name: String, error: Box<RunsError> },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Results, and what there is to say of them.
struct Source {
    found: Found,
    /// What says all this, as it stands in the title.
    says: String,
    /// Where exactly it is from, where its name does not say that.
    from: Option<String>,
    /// Lines for people, on how it was read.
    notes: Vec<String>,
}

pub fn import(arguments: &ImportArguments) -> miette::Result<Exit> {
    let (experiment, table) = (arguments.out.join(EXPERIMENT), arguments.out.join(TABLE));
    // Before a server is asked for all it has.
    for path in [&experiment, &table] {
        if path.exists() {
            return Err(ImportError::Exists { path: path.clone() }.into());
        }
    }
    let source = read(arguments)?;
    fs::create_dir_all(&arguments.out)
        .map_err(|error| FileError::new("make the folder", &arguments.out, error))
        .map_err(ImportError::from)?;
    write(&table, &source.found.table())?;
    write(&experiment, &source.found.experiment(&source.heading()))?;
    source.tell();
    outln!("Experiment: {}", experiment.display());
    outln!("Next: say there what the metrics are and what is claimed, then retrial run {}", experiment.display());
    Ok(Exit::Success)
}

fn read(arguments: &ImportArguments) -> Result<Source, ImportError> {
    let path = &arguments.from;
    match path.to_str().filter(|text| Address::is_meant_by(text)) {
        Some(text) => server::read(&text.parse()?, arguments),
        None if arguments.experiment.is_some() => Err(ImportError::NotAServer { path: path.clone() }),
        None => table::read(path, arguments),
    }
}

fn write(path: &Path, text: &str) -> Result<(), ImportError> {
    let failed = |error| FileError::new("write", path, error);
    let mut file = File::create_new(path).map_err(failed)?;
    Ok(file.write_all(text.as_bytes()).map_err(failed)?)
}

impl Source {
    fn heading(&self) -> Heading {
        let first = format!(
            "What {} says, as trials that nobody ran here. Say below what the metrics are and what is claimed.",
            self.says
        );
        Heading {
            comment: std::iter::once(first).chain(self.from.clone()).collect(),
            title: format!("What {} says", self.says),
        }
    }

    fn tell(&self) {
        let Self { found, notes, .. } = self;
        outln!(
            "{} of {}, with {}",
            counted(found.trials(), "trial"),
            counted(found.variants(), "variant"),
            counted(found.metrics(), "metric")
        );
        let left_out = found.left_out();
        if !left_out.is_empty() {
            outln!("Left out, since they hold no numbers: {}", left_out.join(", "));
        }
        let renamed: Vec<String> = found.renamed().map(|(name, metric)| format!("`{name}` is {metric}")).collect();
        if !renamed.is_empty() {
            outln!("Called otherwise, as metrics can be: {}", renamed.join(", "));
        }
        notes.iter().for_each(|note| outln!("{note}"));
    }
}
