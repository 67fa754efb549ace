//! The fixed texts of a report, in the language that is being spoken: `say!("id", name = value)` here, and `say("id",
//! name=value)` in templates.
//!
//! Texts are Fluent messages. `templates/en.ftl` is the source; `templates/LANGUAGE.ftl` a translation, in which a
//! message that is missing is taken from the source. Which language is spoken is set for the time of a rendering by
//! [`Language::speak`] on the thread that renders: nearly every function of a report says something, and each would
//! otherwise have to be handed the language. Outside of it, English is spoken.

mod markup;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use markup::say as say_in_template;

/// What messages are written in first, and the language of everything that programs read.
pub const SOURCE: &str = "en";

/// The name of a language as BCP 47 has it, e.g. `en` or `zh-Hant`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTag(LanguageIdentifier);

impl LanguageTag {
    /// English.
    pub fn source() -> Self {
        Self(unic_langid::langid!("en"))
    }
}

impl FromStr for LanguageTag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is no language tag such as `en` or `zh-Hant`"))
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Why a language cannot be spoken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum LanguageError {
    #[error("there are no texts in `{tag}`")]
    #[diagnostic(
        code(retrial::report::unknown_language),
        help("there are: {}; a report can be in another: put `{tag}.ftl` into a folder and name it to `retrial report` with `--templates`, see templates/en.ftl", known.join(", "))
    )]
    Unknown { tag: String, known: Vec<String> },
    #[error("{file}, line {line}: {reason}")]
    #[diagnostic(
        code(retrial::report::broken_texts),
        help("it has to be a file of Fluent messages, see templates/en.ftl")
    )]
    Broken { file: String, line: usize, reason: String },
}

/// Messages of one language, with those of the source behind them.
pub struct Language {
    tag: LanguageTag,
    own: FluentBundle<FluentResource>,
    source: Option<Rc<Language>>,
}

impl Language {
    /// A language from the text of its file; `source` answers for messages that are missing in it.
    ///
    /// # Errors
    /// When the text is not a file of Fluent messages.
    pub fn new(tag: LanguageTag, text: &str, source: Option<Rc<Language>>) -> Result<Self, LanguageError> {
        let file = format!("{tag}.ftl");
        let broken = |at: usize, reason: String| LanguageError::Broken {
            file: file.clone(),
            line: text[..at.min(text.len())].matches('\n').count() + 1,
            reason,
        };
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let first = errors.into_iter().next();
            first.map_or_else(|| broken(0, String::new()), |error| broken(error.pos.start, error.kind.to_string()))
        })?;
        let mut own = FluentBundle::new(vec![tag.0.clone()]);
        // Marks around every value, for mixed directions, would be part of what readers copy.
        own.set_use_isolating(false);
        own.add_resource(resource)
            .map_err(|errors| broken(0, errors.first().map(ToString::to_string).unwrap_or_default()))?;
        Ok(Self { tag, own, source })
    }

    pub fn tag(&self) -> &LanguageTag {
        &self.tag
    }

    /// Speaks this language on this thread while `work` is done.
    pub fn speak<T>(self: &Rc<Self>, work: impl FnOnce() -> T) -> T {
        struct Before(Option<Rc<Language>>);
        impl Drop for Before {
            fn drop(&mut self) {
                SPOKEN.with(|spoken| *spoken.borrow_mut() = self.0.take());
            }
        }
        let _before = Before(SPOKEN.with(|spoken| spoken.borrow_mut().replace(Rc::clone(self))));
        work()
    }

    /// The message `id` with its values filled in; `None` where neither this language nor the source has it.
    fn message(&self, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let Some(pattern) = self.own.get_message(id).and_then(|message| message.value()) else {
            return self.source.as_ref()?.message(id, arguments);
        };
        // A value that is not there shows as its name in braces, in tests as elsewhere.
        let mut ignored = Vec::new();
        Some(self.own.format_pattern(pattern, Some(arguments), &mut ignored).into_owned())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Language").field("tag", &self.tag).finish_non_exhaustive()
    }
}

thread_local! {
    static SPOKEN: RefCell<Option<Rc<Language>>> = const { RefCell::new(None) };
    static ENGLISH: Rc<Language> = Rc::new(
        Language::new(LanguageTag::source(), super::templates::english(), None).expect("the tests read the source"),
    );
}

/// English as it is built in.
pub fn english() -> Rc<Language> {
    ENGLISH.with(Rc::clone)
}

/// The tag of the language that is being spoken.
pub fn spoken() -> String {
    current().tag.to_string()
}

/// The message `id` without values, where there is one.
pub fn known_message(id: &str) -> Option<String> {
    current().message(id, &FluentArgs::new())
}

fn current() -> Rc<Language> {
    SPOKEN.with(|spoken| spoken.borrow().clone()).unwrap_or_else(english)
}

/// The message `id` in the language that is being spoken; its name where there is none, which the tests rule out.
pub fn message(id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let arguments: FluentArgs = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
    current().message(id, &arguments).unwrap_or_else(|| {
        #[cfg(test)]
        panic!("there is no message `{id}`");
        #[cfg(not(test))]
        format!("{{{id}}}")
    })
}

/// A message in the language that is being spoken, with its values: `say!(MESSAGE, number = 3)`.
macro_rules! say {
    ($id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::report::language::message(
            $id,
            &[$((stringify!($name), fluent_bundle::FluentValue::from($value))),*],
        )
    };
}
pub(crate) use say;
