//! What a user reads when an experiment cannot be loaded: what is wrong, where, and what to do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// Why an experiment could not be loaded. Shown with [`miette`], it quotes the line of the file, or the command-line
/// option, that is at fault.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
    help: Option<String>,
    source_code: Option<NamedSource<Arc<str>>>,
    labels: Vec<LabeledSpan>,
    related: Vec<ConfigError>,
    is_of_missing_data: bool,
}

impl ConfigError {
    /// An empty `help` is for a message that already says what to do.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Box<Self> {
        let help = Some(help.into()).filter(|help| !help.is_empty());
        Box::new(Self {
            message: message.into(),
            help,
            source_code: None,
            labels: vec![],
            related: vec![],
            is_of_missing_data: false,
        })
    }

    /// The file is right, and the images that it names are not there.
    pub(super) fn about_missing_data(mut self: Box<Self>) -> Box<Self> {
        self.is_of_missing_data = true;
        self
    }

    /// Whether nothing is wrong but that there are no images where the experiment says.
    pub fn is_of_missing_data(&self) -> bool {
        self.is_of_missing_data
    }

    /// Quotes `text` with the line of `range`.
    pub(super) fn pointing_at(mut self: Box<Self>, name: &str, text: Arc<str>, range: Range<usize>) -> Box<Self> {
        self.source_code = Some(NamedSource::new(name, text));
        self.labels = vec![LabeledSpan::new_primary_with_span(None, range)];
        self
    }

    /// Also underlines the value that this one repeats.
    pub(super) fn repeating(mut self: Box<Self>, first: Range<usize>) -> Box<Self> {
        self.labels.push(LabeledSpan::new_with_span(Some("first here".to_owned()), first));
        self
    }

    /// Several errors of one file as one; at most `LIMIT` of them are shown.
    pub(super) fn together(name: &str, mut errors: Vec<Self>) -> Option<Box<Self>> {
        const LIMIT: usize = 20;
        if errors.len() < 2 {
            return errors.pop().map(Box::new);
        }
        let message = format!("{name} has {} errors", errors.len());
        let help = (errors.len() > LIMIT).then(|| format!("the first {LIMIT} are shown"));
        errors.truncate(LIMIT);
        Some(Box::new(Self {
            message,
            help,
            source_code: None,
            labels: vec![],
            related: errors,
            is_of_missing_data: false,
        }))
    }
}

impl Diagnostic for ConfigError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source_code.as_ref().map(|source| source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as _)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| Box::new(self.related.iter().map(|error| error as &dyn Diagnostic)) as _)
    }
}

/// "did you mean `x`?", where a known name is close enough to be meant.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    // Beyond any key's length nothing is close, and the distance takes time proportional to the length.
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let close = |(distance, known): &(usize, &str)| *distance <= known.chars().count() / 3;
    let candidates = known.iter().filter(|_| name.len() <= 64).map(|known| (distance(known), *known));
    candidates.filter(close).min().map(|(_, known)| format!("did you mean `{known}`?"))
}

/// Names in backticks: "`a`, `b` and `c`".
pub(super) fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [only] => format!("`{only}`"),
        [start @ .., last] => {
            format!("{} and `{last}`", start.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        }
    }
}
