//! What came from outside, made harmless for a terminal, a log and the commands that a CI system reads from its output.
//!
//! Names, values and whole lines of files end up in what is printed: of experiments, of bundles that anybody may have made,
//! of file systems. A terminal obeys control sequences in them, and direction marks make text read as what it is not. All
//! that is printed passes through here, once, at the very end: no place that prints has to think of it.

use std::borrow::Cow;
use std::fmt::Write as _;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode, SourceSpan};

/// A longer line is cut: nothing that is said to people needs as much.
const LONGEST_LINE: usize = 2000;

/// Text for people: control, format and direction characters as `\u{…}`, and no line longer than can be read.
pub fn text(text: &str) -> Cow<'_, str> {
    let is_fine = |line: &str| line.len() <= LONGEST_LINE && !line.chars().any(is_hidden);
    if text.split('\n').all(is_fine) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

fn line(line: &str) -> String {
    let mut shown = String::new();
    for (number, c) in line.chars().enumerate() {
        if number == LONGEST_LINE {
            let _ = write!(shown, "… and {} characters more", line.chars().count() - LONGEST_LINE);
            break;
        }
        match is_hidden(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    shown
}

/// JSON for programs: the same characters as `\uXXXX`, which is the same JSON.
pub fn json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::new();
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character is obeyed or passed over instead of shown: controls, but for the end of a line and the tab, and what
/// Unicode counts as format characters (general category Cf) or noncharacters, the direction marks among them.
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        '\u{AD}'
        | '\u{600}'..='\u{605}'
        | '\u{61C}'
        | '\u{6DD}'
        | '\u{70F}'
        | '\u{890}'..='\u{891}'
        | '\u{8E2}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{FFFE}'..='\u{FFFF}'
        | '\u{110BD}'
        | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}

/// The same number of bytes for each such character, so that places in the file stay where they are. None where a line is
/// longer than can be read.
fn source(source: &dyn SourceCode) -> Option<NamedSource<String>> {
    let whole = source.read_span(&SourceSpan::from(0..0), 0, usize::MAX).ok()?;
    let file = String::from_utf8_lossy(whole.data());
    if file.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let mut shown = String::with_capacity(file.len());
    let mut rest = file.chars().peekable();
    while let Some(c) = rest.next() {
        match c.len_utf8() {
            _ if !is_hidden(c) || (c == '\r' && rest.peek() == Some(&'\n')) => shown.push(c),
            1 => shown.push('?'),
            2 => shown.push('·'),
            3 => shown.push(char::REPLACEMENT_CHARACTER),
            _ => shown.extend([char::REPLACEMENT_CHARACTER, '?']),
        }
    }
    Some(NamedSource::new(text(whole.name().unwrap_or_default()), shown))
}

/// An error and what explains it, with every text of it made harmless; colours are then added by whoever renders it.
#[derive(Debug)]
pub struct Shown {
    message: String,
    code: Option<String>,
    severity: Option<Severity>,
    help: Option<String>,
    url: Option<String>,
    labels: Vec<LabeledSpan>,
    source_code: Option<NamedSource<String>>,
    related: Vec<Shown>,
    cause: Option<Box<Shown>>,
}

impl Shown {
    pub fn of(error: &dyn Diagnostic) -> Self {
        let own = |part: Option<Box<dyn std::fmt::Display + '_>>| part.map(|part| text(&part.to_string()).into_owned());
        let label = |label: LabeledSpan| {
            let words = label.label().map(|words| text(words).into_owned());
            match label.primary() {
                true => LabeledSpan::new_primary_with_span(words, *label.inner()),
                false => LabeledSpan::new_with_span(words, *label.inner()),
            }
        };
        let labels: Vec<_> = error.labels().into_iter().flatten().map(label).collect();
        let source_code = error.source_code().and_then(source);
        let cause = match (error.diagnostic_source(), error.source()) {
            (Some(cause), _) => Some(Box::new(Self::of(cause))),
            (None, Some(cause)) => Some(Box::new(Self::plain(cause))),
            (None, None) => None,
        };
        Self {
            message: text(&error.to_string()).into_owned(),
            code: own(error.code()),
            severity: error.severity(),
            help: own(error.help()),
            url: own(error.url()),
            labels,
            source_code,
            related: error.related().into_iter().flatten().map(Self::of).collect(),
            cause,
        }
    }

    /// An error that explains nothing about itself.
    fn plain(error: &dyn std::error::Error) -> Self {
        Self {
            message: text(&error.to_string()).into_owned(),
            code: None,
            severity: None,
            help: None,
            url: None,
            labels: Vec::new(),
            source_code: None,
            related: Vec::new(),
            cause: error.source().map(|cause| Box::new(Self::plain(cause))),
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

type Words<'a> = Option<Box<dyn std::fmt::Display + 'a>>;

fn words(part: &Option<String>) -> Words<'_> {
    part.as_ref().map(|part| Box::new(part) as _)
}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Words<'a> {
        words(&self.code)
    }
    fn severity(&self) -> Option<Severity> {
        self.severity
    }
    fn help<'a>(&'a self) -> Words<'a> {
        words(&self.help)
    }
    fn url<'a>(&'a self) -> Words<'a> {
        words(&self.url)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as _)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source_code.as_ref().map(|source| source as _)
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| Box::new(self.related.iter().map(|one| -> &dyn Diagnostic { one })) as _)
    }
    fn diagnostic_source(&self) -> Option<&dyn Diagnostic> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_text_around_is_spelt_out() {
        // ECMA-48 control sequences in 7 and 8 bits, a bell, UAX #9 overrides and isolates, an invisible tag character.
        let hostile = "a\u{1b}[31mb\u{9b}2Jc\u{7}d\u{202e}e\u{2066}f\u{200b}g\u{e0041}h\rI";
        let shown = text(hostile);
        assert_eq!(shown, r"a\u{1b}[31mb\u{9b}2Jc\u{7}d\u{202e}e\u{2066}f\u{200b}g\u{e0041}h\u{d}I");
        for fine in ["plain", "two\nlines\tand a tab", "如果把 Dropout", "−9.02 × 10⁻¹³ ✓ …", "é e\u{301}"]
        {
            assert!(matches!(text(fine), Cow::Borrowed(same) if same == fine), "{fine:?}");
        }
        let parsed: serde_json::Value = serde_json::from_str(&json("[\"x\u{202e}\u{e0041}\u{7f}\"]")).unwrap();
        assert_eq!(parsed[0], "x\u{202e}\u{e0041}\u{7f}", "the same JSON");
        assert!(json("[\"x\u{202e}\u{e0041}\u{7f}\"]").is_ascii());
    }

    #[test]
    fn a_line_that_nobody_reads_to_its_end_is_cut() {
        let long = "x".repeat(LONGEST_LINE + 7);
        let shown = text(&long);
        assert!(shown.ends_with("x… and 7 characters more"), "{}", shown.len());
        let many = format!("{long}\nshort\n{long}");
        assert_eq!(text(&many).lines().count(), 3);
    }

    #[test]
    fn places_in_a_file_stay_where_they_are() {
        let file = "a: \u{1b}\u{9b}\u{202e}\u{e0041}\r\nb: 1\n".to_owned();
        let shown = source(&file).unwrap();
        let whole = shown.read_span(&SourceSpan::from(0..0), 0, usize::MAX).unwrap();
        assert_eq!(std::str::from_utf8(whole.data()).unwrap(), "a: ?·\u{fffd}\u{fffd}?\r\nb: 1\n");
        assert_eq!(whole.data().len(), file.len());
    }
}
