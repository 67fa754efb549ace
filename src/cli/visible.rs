//! What came from outside, made harmless for a terminal, a log and the commands that a CI system reads from its output.
//!
//! Names, values and whole lines of files end up in what is printed: of experiments, of bundles that anybody may have made,
//! of file systems. A terminal obeys control sequences in them, and direction marks make text read as what it is not. All
//! that is printed passes through here, once, at the very end: no place that prints has to think of it.
//!
//! CI systems obey lines that begin with `::` (GitHub), and `##[…]`, `##vso[…]` or `##teamcity[…]` anywhere in one (GitHub,
//! Azure, TeamCity). What came from outside gets no line of its own, and none of these as they stand.

use std::borrow::Cow;
use std::fmt::Write as _;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode, SourceSpan};

use crate::report::text::is_format;

/// A longer line is cut: nothing that is said to people needs as much.
const LONGEST_LINE: usize = 2000;

/// How every further line of what should be one begins: whoever ends a line in the midst of a value cannot make one of ours.
const CONTINUED: &str = "\n  | ";

/// Text for people: control, format and direction characters as `\u{…}`, nothing that a CI system obeys, and no line longer
/// than can be read.
pub fn text(text: &str) -> Cow<'_, str> {
    if text.split('\n').all(is_harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(harmless).collect::<Vec<_>>().join("\n"))
}

/// The same for what is one line: where it is not, the rest is marked as belonging to it.
pub fn line(line: &str) -> String {
    text(line.trim_end_matches('\n')).replace('\n', CONTINUED)
}

/// The same for a cell of a table, in which a line cannot end.
pub fn cell(cell: &str) -> String {
    harmless(cell).replace('\n', "\\u{a}")
}

fn is_harmless(line: &str) -> bool {
    line.len() <= LONGEST_LINE && !line.chars().any(is_hidden) && command_at(line).is_none() && !line.contains("##")
}

fn harmless(line: &str) -> String {
    let mut shown = String::new();
    let command = command_at(line);
    for (number, (at, c)) in line.char_indices().enumerate() {
        if number == LONGEST_LINE {
            let _ = write!(shown, "… and {} characters more", line.chars().count() - LONGEST_LINE);
            break;
        }
        match is_hidden(c) || command == Some(at) || is_old_command(line, at) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    shown
}

/// Where a line begins with what GitHub's runner takes for a command (`TryParseV2` in actions/runner,
/// src/Runner.Common/ActionCommand.cs: white space is passed over, then `::`).
fn command_at(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    rest.starts_with("::").then(|| line.len() - rest.len())
}

/// Whether here is the second `#` of `##[`, `##vso[` and the like, which are obeyed wherever they stand (`TryParse` there).
fn is_old_command(text: &str, at: usize) -> bool {
    let after = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
    text[..at].ends_with('#') && text[at..].strip_prefix('#').is_some_and(after)
}

/// JSON for programs: the same characters as `\uXXXX`, which is the same JSON.
pub fn json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_hidden) && !json.contains("##") {
        return Cow::Borrowed(json);
    }
    let mut shown = String::new();
    for (at, c) in json.char_indices() {
        // Number signs are found in strings only.
        if is_hidden(c) || is_old_command(json, at) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character is obeyed or passed over instead of shown; the end of a line and the tab are neither.
fn is_hidden(c: char) -> bool {
    !matches!(c, '\n' | '\t') && (c.is_control() || is_format(c))
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
            _ if c == '#' && shown.ends_with('#') => shown.push('?'),
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
    fn what_a_ci_system_would_obey_is_only_text() {
        // GitHub: actions/runner, src/Test/L0/Worker/ActionCommandL0.cs; Azure: "Logging commands"; TeamCity: "Service messages".
        for obeyed in ["::error::x", " \t::set-output name=a::b", "a\n::add-mask::x", "\u{3000}::stop-commands::t"] {
            let shown = text(obeyed);
            assert!(
                shown.contains("\\u{3a}:") && !shown.lines().any(|line| line.trim_start().starts_with("::")),
                "{shown}"
            );
        }
        for obeyed in ["a ##[error]x", "##vso[task.setvariable variable=a]b", "##teamcity[x]", "###[group]"] {
            assert!(text(obeyed).contains("#\\u{23}"), "{}", text(obeyed));
            let shown = json(&format!("[{obeyed:?}]")).into_owned();
            assert!(shown.contains("#\\u0023"), "{shown}");
            let parsed: serde_json::Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(parsed[0], obeyed, "the same JSON");
        }
        for fine in ["a::b", "x ::error::", "## heading", "# [x]", "##"] {
            assert_eq!(text(fine), fine);
        }
    }

    #[test]
    fn a_value_cannot_make_a_line_of_its_own() {
        assert_eq!(line("a\nThe bundle holds.\n"), "a\n  | The bundle holds.");
        assert_eq!(cell("a\nb\tc\u{1b}"), "a\\u{a}b\tc\\u{1b}");
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
