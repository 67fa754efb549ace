//! The pages people read, from their templates: a front page that is read to its end, and behind it one for each claim,
//! each variant, and each part of the evidence; `report.md` with its `details.md`; and `summary.md`.
//!
//! Every value is escaped for the page it goes into unless a template marks it as safe; the templates mark only drawings
//! and the style sheet, both made here.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, escape_formatter};

use super::metric::InWords as _;
use super::templates::Templates;
use super::{ReportError, language, text};
use crate::config::Metrics;

/// Path of each page that every report has, name of its template.
const PAGES: [(&str, &str); 6] = [
    ("index.html", "report.html.j2"),
    ("figures.html", "figures.html.j2"),
    ("method.html", "method.html.j2"),
    ("report.md", "report.md.j2"),
    ("details.md", "details.md.j2"),
    ("summary.md", "summary.md.j2"),
];
/// Path of each page that has a part of the report, name of its template, and of the part, without which there is none.
const PARTS: [(&str, &str, &str); 2] =
    [("inside.html", "inside.html.j2", "probes"), ("throughput.html", "throughput.html.j2", "throughput")];
/// Folder of the pages of which there is one for each of a list, name of their template, of one, and of the list.
const EACH: [(&str, &str, &str, &str); 2] =
    [("claims", "claim.html.j2", "claim", "claims"), ("variants", "variant.html.j2", "variant", "variants")];
const MARKDOWN_ESCAPE: &str = "markdown";

/// Instructions after which a template is stopped; the largest page takes under a tenth of it.
const MOST_INSTRUCTIONS: u64 = 20_000_000;

/// Every page by its path.
///
/// # Errors
/// When a template cannot be parsed, or does not fit the view's JSON form.
pub fn render(
    view: serde_json::Value,
    templates: &Templates,
    metrics: &Metrics,
) -> Result<Vec<(String, String)>, Error> {
    let environment = environment(templates, metrics)?;
    let style = Value::from_safe_string(without_indent(templates.style()));
    let report = template_value(view);
    let page = |path: String, template: &str, up: &str, one: (&str, Value)| -> Result<(String, String), Error> {
        let language = Value::from(language::spoken());
        let common =
            [("report", report.clone()), ("style", style.clone()), ("up", Value::from(up)), ("language", language)];
        let context = Value::from_pairs(common.into_iter().chain([one]));
        Ok((path, environment.get_template(template)?.render(context)?))
    };
    let none = || ("part", Value::from(()));
    let mut pages = Vec::new();
    for (path, template) in PAGES {
        pages.push(page(path.to_owned(), template, "", none())?);
    }
    for (path, template, part) in PARTS {
        if !report.get_attr(part)?.is_none() {
            pages.push(page(path.to_owned(), template, "", none())?);
        }
    }
    for (folder, template, name, list) in EACH {
        for one in report.get_attr(list)?.try_iter()? {
            // An id is made of letters, digits, `_` and `-`, and differs from others in more than case.
            let id = one.get_attr("id")?.to_string();
            pages.push(page(format!("{folder}/{id}.html"), template, "../", (name, one))?);
        }
    }
    Ok(pages)
}

/// A style sheet in fewer bytes: every page has it.
fn without_indent(style: &str) -> String {
    style.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The part of a README that says what came out of the bundle at `folder`.
///
/// # Errors
/// As [`render`].
pub fn readme(
    view: serde_json::Value,
    templates: &Templates,
    metrics: &Metrics,
    folder: &str,
) -> Result<String, Error> {
    let folder = Value::from_safe_string(link(folder).to_string());
    let context = minijinja::context! { report => template_value(view), folder };
    environment(templates, metrics)?.get_template("readme.md.j2")?.render(context)
}

/// One page from the named template, which sees `view` under `name`.
///
/// # Errors
/// When there is no such template, or it does not fit the view's JSON form.
pub fn page(template: &str, name: &str, view: &impl serde::Serialize) -> Result<String, ReportError> {
    let view = template_value(serde_json::to_value(view).map_err(ReportError::Json)?);
    let templates = Templates::default();
    let style = Value::from_safe_string(templates.style().to_owned());
    let context = Value::from_pairs([(name, view), ("style", style), ("language", Value::from(language::spoken()))]);
    Ok(environment(&templates, &Metrics::default())?.get_template(template)?.render(context)?)
}

/// The templates' own kind of value; numbers stay numbers.
fn template_value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(truth) => Value::from(truth),
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => items.into_iter().map(template_value).collect(),
        serde_json::Value::Object(fields) => {
            Value::from_pairs(fields.into_iter().map(|(name, field)| (name, template_value(field))))
        }
        serde_json::Value::Number(number) => match number.as_u64() {
            Some(whole) => Value::from(whole),
            None => number.as_f64().map_or_else(|| Value::from(()), Value::from),
        },
    }
}

fn environment<'a>(templates: &'a Templates, metrics: &Metrics) -> Result<Environment<'a>, Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(MOST_INSTRUCTIONS));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_auto_escape_callback(|name| match name {
        name if name.ends_with(".md.j2") => AutoEscape::Custom(MARKDOWN_ESCAPE.into()),
        _ => AutoEscape::Html,
    });
    environment.set_formatter(format_value);
    environment.add_filter("percent", text::percent);
    environment.add_filter("points", text::points);
    environment.add_filter("bare_points", text::bare_points);
    environment.add_filter("count", text::count);
    let of = |metrics: &Metrics, name: &str| metrics.named(name).unwrap_or_else(|| metrics.primary());
    let known = metrics.clone();
    environment.add_filter("figure", move |value: f64, metric: &str| of(&known, metric).show(value));
    let known = metrics.clone();
    environment.add_filter("difference", move |value: f64, metric: &str| of(&known, metric).show_difference(value));
    let known = metrics.clone();
    environment
        .add_filter("bare_difference", move |value: f64, metric: &str| of(&known, metric).bare_difference(value));
    environment.add_filter("capitalised", |value: &str| text::capitalised(value));
    environment.add_filter("link", link);
    environment.add_filter("code", |value: &str| Value::from_safe_string(value.to_owned()));
    environment.add_function("say", language::say_in_template);
    for (name, template) in templates.pages() {
        environment.add_template(name, template)?;
    }
    Ok(environment)
}

/// A web address inside `<…>` of a Markdown link: what could end it is percent-encoded.
fn link(url: &str) -> Value {
    let encoded = |c: char| match c {
        '<' | '>' | '\\' | '|' | '"' | '`' | ' ' => format!("%{:02X}", c as u32),
        c => c.to_string(),
    };
    Value::from_safe_string(url.chars().map(encoded).collect())
}

fn format_value(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if *state.auto_escape() != AutoEscape::Custom(MARKDOWN_ESCAPE.into()) {
        return escape_formatter(output, state, value);
    }
    let text = value.to_string();
    let text = if value.is_safe() || value.is_number() { text } else { markdown(&text) };
    output.write_str(&text).map_err(Error::from)
}

/// Text that GitHub-flavoured Markdown shows as it is, on one line, also inside a table cell.
///
/// Escaped is what opens markup anywhere in a line, and what opens a block at the start of one.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let leading_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (place, c) in text.char_indices() {
        let ends_word = || text[place..].chars().nth(1).is_none_or(char::is_whitespace);
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => escaped.extend(['\\', c]),
            '=' if place == 0 => escaped.extend(['\\', c]),
            '-' | '+' if place == 0 && (ends_word() || text.starts_with("--")) => escaped.extend(['\\', c]),
            '.' | ')' if place > 0 && place == leading_digits && ends_word() => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn markdown_shows_hostile_text_as_it_is() {
        assert_eq!(markdown("a|b `c` *d* _e_ ~f~ $g$"), r"a\|b \`c\` \*d\* \_e\_ \~f\~ \$g\$");
        assert_eq!(markdown("<script>&"), "&lt;script&gt;&amp;");
        assert_eq!(markdown("[x](javascript:1)"), r"\[x\](javascript:1)");
        assert_eq!(markdown("two\nlines"), "two lines");
    }

    #[test]
    fn text_at_the_start_of_a_line_opens_no_block() {
        assert_eq!(markdown("- a"), r"\- a");
        assert_eq!(markdown("# a"), r"\# a");
        assert_eq!(markdown("1. a"), r"1\. a");
        assert_eq!(markdown("12) a"), r"12\) a");
        assert_eq!(markdown("--- a"), r"\--- a");
        assert_eq!(markdown("75.11% at +1.5"), "75.11% at +1.5");
        assert_eq!(markdown("+1.20 points"), "+1.20 points");
    }
}
