//! `say` for templates: a message whose values are escaped for the page it goes into, with a little markup of its own.
//!
//! In HTML, `` `code` `` and `**strong**` of a message become elements, and all else of it is escaped; in Markdown a
//! message stands as it is written. Values are never read as markup; those marked as safe by the template go in as
//! they are, which is how a link gets into a sentence.

use fluent_bundle::FluentValue;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Error, HtmlEscape, State};

use super::message;
use crate::report::pages::markdown;

/// Stand around the number of a value until the message is escaped; private characters, and values are not in it yet.
const OPENING: char = '\u{E000}';
const CLOSING: char = '\u{E001}';

/// The function of templates.
///
/// # Errors
/// When a value is neither text nor a number.
pub fn say(state: &State<'_, '_>, id: &str, values: Kwargs) -> Result<Value, Error> {
    let mut arguments = Vec::new();
    let mut texts: Vec<Value> = Vec::new();
    for name in values.args() {
        let value: Value = values.get(name)?;
        if value.kind() == ValueKind::Number {
            let number = f64::try_from(value)?;
            arguments.push((name, FluentValue::from(number)));
        } else {
            arguments.push((name, FluentValue::from(format!("{OPENING}{}{CLOSING}", texts.len()))));
            texts.push(value);
        }
    }
    let is_html = matches!(state.auto_escape(), AutoEscape::Html);
    let message = message(id, &arguments);
    let page = if is_html { html(&message) } else { message };
    let filled = fill(&page, |place| {
        let value = &texts[place];
        match value {
            value if value.is_safe() => value.to_string(),
            value if is_html => HtmlEscape(&value.to_string()).to_string(),
            value => markdown(&value.to_string()),
        }
    });
    Ok(Value::from_safe_string(filled))
}

/// A message as HTML: escaped, its code and strong words as elements.
fn html(message: &str) -> String {
    let mut page = String::new();
    for (place, part) in message.split('`').enumerate() {
        if place % 2 == 1 {
            page.push_str(&format!("<code>{}</code>", escape(part)));
        } else {
            for (place, part) in part.split("**").enumerate() {
                let part = escape(part);
                page.push_str(&if place % 2 == 1 { format!("<b>{part}</b>") } else { part });
            }
        }
    }
    page
}

/// What HTML text cannot hold; quotation marks can stay.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn fill(page: &str, value: impl Fn(usize) -> String) -> String {
    let mut parts = page.split(OPENING);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once(CLOSING).unwrap_or(("", part));
        filled.push_str(&place.parse().map(&value).unwrap_or_default());
        filled.push_str(rest);
    }
    filled
}
