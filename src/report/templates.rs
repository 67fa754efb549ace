//! The templates that pages are made from: those built in, any of which a bundle may replace by its own.
//!
//! A bundle carries its own templates in `templates/`, so that rendering stays a function of the bundle alone. They come
//! from whoever made it: they can loop only so long, and reach nothing but the report's own values.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::language::{self, Language, LanguageError, LanguageTag, SOURCE};

/// What is compiled in, by name.
pub(super) const BUILT_IN: [(&str, &str); 19] = [
    ("layout.html.j2", include_str!("../../templates/layout.html.j2")),
    ("report.html.j2", include_str!("../../templates/report.html.j2")),
    ("pages.html.j2", include_str!("../../templates/pages.html.j2")),
    ("claim.html.j2", include_str!("../../templates/claim.html.j2")),
    ("variant.html.j2", include_str!("../../templates/variant.html.j2")),
    ("inside.html.j2", include_str!("../../templates/inside.html.j2")),
    ("figures.html.j2", include_str!("../../templates/figures.html.j2")),
    ("macros.html.j2", include_str!("../../templates/macros.html.j2")),
    ("throughput.html.j2", include_str!("../../templates/throughput.html.j2")),
    ("method.html.j2", include_str!("../../templates/method.html.j2")),
    ("report.md.j2", include_str!("../../templates/report.md.j2")),
    ("details.md.j2", include_str!("../../templates/details.md.j2")),
    ("readme.md.j2", include_str!("../../templates/readme.md.j2")),
    ("summary.md.j2", include_str!("../../templates/summary.md.j2")),
    ("site.html.j2", include_str!("../../templates/site.html.j2")),
    ("history.html.j2", include_str!("../../templates/history.html.j2")),
    (STYLE, include_str!("../../templates/style.css")),
    ("en.ftl", include_str!("../../templates/en.ftl")),
    ("zh-Hant.ftl", include_str!("../../templates/zh-Hant.ftl")),
];
pub(super) const STYLE: &str = "style.css";
/// How the names of files with the fixed texts of a language end.
const TEXTS: &str = ".ftl";

/// The fixed texts in the language that they are written in first.
pub(super) fn english() -> &'static str {
    BUILT_IN.into_iter().find(|(name, _)| name.strip_suffix(TEXTS) == Some(SOURCE)).map_or("", |(_, text)| text)
}

/// Templates to render with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

/// A template has no page to be part of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{name}` is no template of a report")]
#[diagnostic(code(retrial::report::unknown_template), help("these can be replaced: {}; texts in another language are named after it, such as `fr.ftl`", Templates::names().collect::<Vec<_>>().join(", ")))]
pub struct UnknownTemplate {
    pub name: String,
}

impl Templates {
    /// Those built in, with some replaced by text of the same name.
    ///
    /// # Errors
    /// When a name is not that of a template: most likely it is misspelt, and would have no effect.
    pub fn replacing(own: BTreeMap<String, String>) -> Result<Self, UnknownTemplate> {
        let is_known = |name: &str| Self::names().any(|known| known == name) || is_of_language(name);
        match own.keys().find(|name| !is_known(name)) {
            Some(unknown) => Err(UnknownTemplate { name: unknown.clone() }),
            None => Ok(Self { own }),
        }
    }

    /// The names of all templates.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.into_iter().map(|(name, _)| name)
    }

    /// The fixed texts in this language; English ones where it lacks some.
    ///
    /// # Errors
    /// When there are none in it, or they cannot be read.
    pub fn language(&self, tag: &LanguageTag) -> Result<Rc<Language>, LanguageError> {
        let name = format!("{tag}{TEXTS}");
        let built_in = || BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        if let Some(text) = self.own.get(&name) {
            let behind = built_in().map(|text| Language::new(tag.clone(), text, Some(language::english())));
            let behind = behind.transpose()?.map_or_else(language::english, Rc::new);
            return Language::new(tag.clone(), text, Some(behind)).map(Rc::new);
        }
        if *tag == LanguageTag::source() {
            return Ok(language::english());
        }
        let Some(text) = built_in() else {
            return Err(LanguageError::Unknown { tag: tag.to_string(), known: self.languages() });
        };
        Language::new(tag.clone(), text, Some(language::english())).map(Rc::new)
    }

    fn languages(&self) -> Vec<String> {
        let names = Self::names().map(str::to_owned).chain(self.own.keys().cloned());
        let mut known: Vec<String> = names.filter_map(|name| name.strip_suffix(TEXTS).map(str::to_owned)).collect();
        known.sort();
        known.dedup();
        known
    }

    /// Each template of a page by name, as it is to be used.
    pub(super) fn pages(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.all().filter(|(name, _)| *name != STYLE && !name.ends_with(TEXTS))
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        BUILT_IN.into_iter().map(|(name, text)| (name, self.own.get(name).map_or(text, String::as_str)))
    }

    pub(super) fn style(&self) -> &str {
        self.all().find(|(name, _)| *name == STYLE).map_or("", |(_, text)| text)
    }
}

fn is_of_language(name: &str) -> bool {
    name.strip_suffix(TEXTS).is_some_and(|tag| tag.parse::<LanguageTag>().is_ok_and(|parsed| parsed.to_string() == tag))
}
