//! The templates that pages are made from: those built in, any of which a bundle may replace by its own.
//!
//! A bundle carries its own templates in `templates/`, so that rendering stays a function of the bundle alone. They come
//! from whoever made it: they can loop only so long, and reach nothing but the report's own values.

use std::collections::BTreeMap;

/// What is compiled in, by name.
pub(super) const BUILT_IN: [(&str, &str); 10] = [
    ("report.html.j2", include_str!("../../templates/report.html.j2")),
    ("macros.html.j2", include_str!("../../templates/macros.html.j2")),
    ("evidence.html.j2", include_str!("../../templates/evidence.html.j2")),
    ("throughput.html.j2", include_str!("../../templates/throughput.html.j2")),
    ("method.html.j2", include_str!("../../templates/method.html.j2")),
    ("report.md.j2", include_str!("../../templates/report.md.j2")),
    ("summary.md.j2", include_str!("../../templates/summary.md.j2")),
    ("site.html.j2", include_str!("../../templates/site.html.j2")),
    ("history.html.j2", include_str!("../../templates/history.html.j2")),
    (STYLE, include_str!("../../templates/style.css")),
];
pub(super) const STYLE: &str = "style.css";

/// Templates to render with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

/// A template has no page to be part of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{name}` is no template of a report")]
#[diagnostic(code(retrial::report::unknown_template), help("these can be replaced: {}", Templates::names().collect::<Vec<_>>().join(", ")))]
pub struct UnknownTemplate {
    pub name: String,
}

impl Templates {
    /// Those built in, with some replaced by text of the same name.
    ///
    /// # Errors
    /// When a name is not that of a template: most likely it is misspelt, and would have no effect.
    pub fn replacing(own: BTreeMap<String, String>) -> Result<Self, UnknownTemplate> {
        match own.keys().find(|name| !Self::names().any(|known| known == name.as_str())) {
            Some(unknown) => Err(UnknownTemplate { name: unknown.clone() }),
            None => Ok(Self { own }),
        }
    }

    /// The names of all templates.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.into_iter().map(|(name, _)| name)
    }

    /// Each template by name, as it is to be used.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        BUILT_IN.into_iter().map(|(name, text)| (name, self.own.get(name).map_or(text, String::as_str)))
    }

    pub(super) fn style(&self) -> &str {
        self.all().find(|(name, _)| *name == STYLE).map_or("", |(_, text)| text)
    }
}
