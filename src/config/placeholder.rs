//! Placeholders in a command: `{seed}`, `{params.rate}`, `{out}`. Braces that stand for themselves are doubled.

use super::trainer::Params;

/// A text with its placeholders found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// What a command can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placeholder {
    Seed,
    Variant,
    /// The folder that the program may write to.
    Out,
    /// The first of its `data`.
    Data,
    /// A folder with the experiment's own images as NumPy arrays.
    Images,
    /// `cuda` where the trial has a GPU, else `cpu`.
    Device,
    /// How many threads it should use.
    Threads,
    Param(String),
}

/// The names, for messages.
pub const KNOWN: [&str; 8] = ["seed", "variant", "out", "data", "images", "device", "threads", "params.NAME"];

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadTemplate {
    Unknown(String),
    /// A brace without its partner.
    Unpaired(char),
}

impl Template {
    /// # Errors
    /// When a placeholder is not known, or a brace stands alone.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = if rest[at..].starts_with('{') { '{' } else { '}' };
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix(brace) {
                plain.push(brace);
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}').filter(|_| brace == '{').ok_or(BadTemplate::Unpaired(brace))?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Placeholder(Placeholder::named(name)?));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Text(_) => None,
        })
    }

    pub fn asks_for(&self, what: &Placeholder) -> bool {
        self.placeholders().any(|placeholder| placeholder == what)
    }

    /// The text with every placeholder replaced by what `value` gives for it.
    pub fn fill(&self, value: impl Fn(&Placeholder) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Placeholder(placeholder) => value(placeholder),
            })
            .collect()
    }
}

impl Placeholder {
    fn named(name: &str) -> Result<Self, BadTemplate> {
        Ok(match name {
            "seed" => Self::Seed,
            "variant" => Self::Variant,
            "out" => Self::Out,
            "data" => Self::Data,
            "images" => Self::Images,
            "device" => Self::Device,
            "threads" => Self::Threads,
            _ => match name.strip_prefix("params.") {
                Some(param) if !param.is_empty() => Self::Param(param.to_owned()),
                _ => return Err(BadTemplate::Unknown(name.to_owned())),
            },
        })
    }

    /// The parameter it asks for that is not among these.
    pub fn missing_from(&self, params: &Params) -> Option<&str> {
        match self {
            Self::Param(name) if !params.contains_key(name) => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        Template::parse(text).unwrap().fill(|placeholder| match placeholder {
            Placeholder::Param(name) => format!("<{name}>"),
            other => format!("<{other:?}>"),
        })
    }

    #[test]
    fn placeholders_are_replaced_and_doubled_braces_stand_for_one() {
        assert_eq!(filled("--seed={seed}"), "--seed=<Seed>");
        assert_eq!(filled("{out}/{params.rate}.json"), "<Out>/<rate>.json");
        assert_eq!(filled("{{seed}} {{{seed}}}"), "{seed} {<Seed>}");
        assert_eq!(filled("plain"), "plain");
    }

    #[test]
    fn what_is_unknown_or_alone_is_refused() {
        assert_eq!(Template::parse("{sed}"), Err(BadTemplate::Unknown("sed".to_owned())));
        assert_eq!(Template::parse("{params.}"), Err(BadTemplate::Unknown("params.".to_owned())));
        assert_eq!(Template::parse("{seed"), Err(BadTemplate::Unpaired('{')));
        assert_eq!(Template::parse("seed}"), Err(BadTemplate::Unpaired('}')));
    }
}
