//! `retrial report`: render a bundle again.

use std::path::Path;

use super::args::ReportArguments;
use super::conclude::{OwnStyle, conclude_with, style_of};
use super::exit::Exit;
use super::output::outln;
use crate::bundle::{BundleFolder, BundleLock, FileError, read_text_bounded, write_atomically};
use crate::config;
use crate::report;

/// A larger file is no README.
const LARGEST_README: u64 = 4 << 20;
/// What stands before and after what is written into a README.
const BEGIN: &str = "<!-- retrial: what came out -->";
const END: &str = "<!-- /retrial -->";

/// What came out cannot be written into a file.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ReadmeError {
    #[error("{file} has no place for what came out")]
    #[diagnostic(
        code(retrial::report::readme),
        help("add two lines where it is to stand, `{BEGIN}` and after it `{END}`, each once")
    )]
    NoPlace { file: String },
    #[error("{bundle} does not lie in {folder} or below it, so {file} cannot link to it")]
    #[diagnostic(code(retrial::report::readme), help("name a Markdown file in a folder around the bundle"))]
    Elsewhere { bundle: String, folder: String, file: String },
}

/// Renders the report from the bundle's own data.
pub fn report(arguments: &ReportArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let _lock = BundleLock::take(bundle.root())?;
    let own = OwnStyle::of(&arguments.style, &bundle)?;
    let mut experiment = bundle.experiment()?;
    let mut words = false;
    if let Some(file) = &arguments.config {
        let other = config::load(file, &[]).map_err(|error| *error)?;
        experiment = experiment.reworded(&other, &file.display().to_string())?;
        words = true;
    }
    // A file that what came out cannot be written into is found before anything is written.
    let readme = arguments.readme.as_deref().map(|file| Readme::open(file, bundle.root())).transpose()?;
    let (evidence, judged) = conclude_with(&bundle, &experiment, own.with_words(words))?;
    outln!("Report: {}", bundle.root().join("index.html").display());
    if let Some(readme) = readme {
        let section = report::readme(&evidence, &judged, &style_of(&bundle)?, &readme.link)?;
        write_atomically(readme.file, readme.with(&section).as_bytes())?;
        outln!("What came out: {}", readme.file.display());
    }
    Ok(Exit::Success)
}

/// A Markdown file around the place for what came out.
struct Readme<'a> {
    file: &'a Path,
    before: String,
    after: String,
    /// From the file to the bundle, with `/` between folders.
    link: String,
}

impl<'a> Readme<'a> {
    fn open(file: &'a Path, bundle: &Path) -> miette::Result<Self> {
        let text = read_text_bounded(file, LARGEST_README).map_err(|error| FileError::new("read", file, error))?;
        let no_place = || ReadmeError::NoPlace { file: file.display().to_string() };
        let (before, rest) = text.split_once(BEGIN).ok_or_else(no_place)?;
        let (_, after) = rest.split_once(END).ok_or_else(no_place)?;
        if after.contains(BEGIN) || rest.matches(BEGIN).count() > 0 {
            return Err(no_place().into());
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let elsewhere = || ReadmeError::Elsewhere {
            bundle: bundle.display().to_string(),
            folder: folder.display().to_string(),
            file: file.display().to_string(),
        };
        let inner = bundle.canonicalize().ok().zip(folder.canonicalize().ok());
        let inner = inner.and_then(|(bundle, folder)| bundle.strip_prefix(folder).map(Path::to_owned).ok());
        let parts = inner.ok_or_else(elsewhere)?;
        let parts: Vec<String> = parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let link = if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
        Ok(Self { file, before: before.to_owned(), after: after.to_owned(), link })
    }

    fn with(&self, section: &str) -> String {
        format!("{}{BEGIN}\n{section}{END}{}", self.before, self.after)
    }
}
