//! Conclusions: sentences in the author's words, with figures from the data in them and the verdicts that they presume.
//!
//! `{variant.metric}` stands for what a variant comes to, `{claim-id}` for what a claim finds; `:interval` behind the name
//! adds the interval, `:size` leaves out the sign. A figure is never typed: what is typed outlives its evidence.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{Findings, Problem};
use super::claim::{Bound, ClaimId, Test, Verdict};
use super::error::{did_you_mean, list};
use super::experiment::Variant;
use super::location::KeyPath;
use super::metric::{Metric, Metrics};
use super::raw::RawExperiment;
use super::resolve_claims::refuse_unmeasurable;
use super::values::VariantId;

const MAX_CONCLUSIONS: usize = 50;
const BRACES: &str = "write `{variant.metric}` or `{claim-id}`, with `:interval` or `:size` behind the name if wanted; \
                      braces that stand for themselves are doubled";

/// A sentence of the experiment's author, shown only while every verdict that it presumes stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `says` and `when`")]
pub struct Conclusion {
    /// The sentence. Figures come from the data: `{variant.metric}`, or `{claim-id}` for what a claim found; with
    /// `:interval` behind the name with its interval, with `:size` without a sign.
    pub says: String,
    /// Claims by id with the verdict that the sentence presumes of each.
    pub when: IndexMap<ClaimId, Verdict>,
}

/// A part of a conclusion's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(String),
    Figure {
        /// As it is written, without its form.
        name: &'a str,
        of: FigureOf<'a>,
        form: Form,
    },
}

/// What a figure in a conclusion is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureOf<'a> {
    Claim(&'a str),
    Variant { variant: &'a str, metric: &'a str },
}

/// How a figure in a conclusion is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    WithInterval,
    WithoutSign,
}

impl Conclusion {
    /// The text with its figures found.
    ///
    /// # Errors
    /// What about its braces is wrong.
    pub fn pieces(&self) -> Result<Vec<Piece<'_>>, String> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = self.says.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = if rest[at..].starts_with('{') { '{' } else { '}' };
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix(brace) {
                text.push(brace);
                rest = after;
                continue;
            }
            let Some((inner, after)) = after.split_once('}').filter(|_| brace == '{') else {
                return Err(format!("a `{brace}` has no partner"));
            };
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(figure(inner)?);
            rest = after;
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        Ok(pieces.into_iter().filter(|piece| !matches!(piece, Piece::Text(text) if text.is_empty())).collect())
    }

    /// The claims and variants that it names; none where its text is wrong.
    pub(super) fn names(&self) -> (Vec<&str>, Vec<&str>) {
        let mut claims: Vec<&str> = self.when.keys().map(ClaimId::as_str).collect();
        let mut variants = Vec::new();
        for piece in self.pieces().unwrap_or_default() {
            match piece {
                Piece::Figure { of: FigureOf::Claim(claim), .. } => claims.push(claim),
                Piece::Figure { of: FigureOf::Variant { variant, .. }, .. } => variants.push(variant),
                Piece::Text(_) => {}
            }
        }
        (claims, variants)
    }
}

fn figure(inner: &str) -> Result<Piece<'_>, String> {
    let (name, form) = match inner.split_once(':') {
        None => (inner, Form::Plain),
        Some((name, "interval")) => (name, Form::WithInterval),
        Some((name, "size")) => (name, Form::WithoutSign),
        Some((_, form)) => return Err(format!("a figure cannot be written as `{}`", form.escape_debug())),
    };
    let of = match name.split_once('.') {
        Some((variant, metric)) => FigureOf::Variant { variant, metric },
        None => FigureOf::Claim(name),
    };
    Ok(Piece::Figure { name, of, form })
}

/// A number with digits behind its point, or a share, that somebody typed.
fn typed_figure(text: &str) -> Option<&str> {
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let from = &rest[start..];
        let number = &from[..from.find(|c| !is_of_number(c)).unwrap_or(from.len())];
        let trimmed = number.trim_end_matches(['.', ',']);
        let after = from[trimmed.len()..].trim_start();
        if trimmed.contains('.') || ["%", "％", "points", "percent"].iter().any(|unit| after.starts_with(unit)) {
            return Some(trimmed);
        }
        rest = &from[number.len()..];
    }
    None
}

pub(super) fn check_conclusions(raw: &RawExperiment, metrics: &Metrics, at: &KeyPath, findings: &mut Findings) {
    let all = &raw.conclusions;
    if !all.is_empty() {
        findings.length(at, all.len(), MAX_CONCLUSIONS, "conclusion");
    }
    let claims: Vec<&str> = raw.claims.iter().map(|claim| claim.id.as_str()).collect();
    let variants: Vec<&str> = raw.variants.iter().map(|variant| variant.id.as_str()).collect();
    let unknown = |what: &str, name: &str, known: &[&str], place: KeyPath| {
        let help = did_you_mean(name, known).unwrap_or_else(|| format!("there are {}", list(known)));
        Problem::at_value(place, format!("there is no {what} `{}`", name.escape_debug()), help)
    };
    for (i, conclusion) in all.iter().enumerate().take(MAX_CONCLUSIONS) {
        let (says, when) = (at.index(i).key("says"), at.index(i).key("when"));
        findings.text(says.clone(), Some(&conclusion.says));
        if conclusion.when.is_empty() {
            let help = "name the claims that it rests on, each with its verdict: `when: {claim-id: supported}`";
            findings.0.push(Problem::at_value(when.clone(), format!("`{when}` is empty"), help));
        }
        for claim in conclusion.when.keys().filter(|claim| !claims.contains(&claim.as_str())) {
            let problem = unknown("claim", claim.as_str(), &claims, when.key(claim.as_str()));
            findings.0.push(Problem { part: super::location::Part::Key, ..problem });
        }
        let pieces = match conclusion.pieces() {
            Ok(pieces) => pieces,
            Err(reason) => {
                findings.0.push(Problem::at_value(says, format!("in a conclusion {reason}"), BRACES));
                continue;
            }
        };
        for piece in pieces {
            findings.0.extend(match piece {
                Piece::Text(text) => typed_figure(&text).map(|figure| {
                    let message = format!("a conclusion has the figure {figure} typed into it, whatever the data say");
                    Problem::at_value(says.clone(), message, BRACES)
                }),
                Piece::Figure { of: FigureOf::Claim(name), .. } if !claims.contains(&name) => {
                    Some(unknown("claim", name, &claims, says.clone()))
                }
                Piece::Figure { of: FigureOf::Variant { variant, .. }, .. } if !variants.contains(&variant) => {
                    Some(unknown("variant", variant, &variants, says.clone()))
                }
                Piece::Figure { of: FigureOf::Variant { metric, .. }, .. } if metrics.named(metric).is_none() => {
                    let known: Vec<&str> = metrics.all().map(Metric::name).collect();
                    Some(unknown("metric", metric, &known, says.clone()))
                }
                Piece::Figure { .. } => None,
            });
        }
    }
}

/// What no variant can show is known only once its network is.
pub(super) fn check_measurable(
    conclusions: &[Conclusion],
    variants: &[Variant],
    metrics: &Metrics,
    at: &KeyPath,
) -> Result<(), Problem> {
    for (i, conclusion) in conclusions.iter().enumerate() {
        for piece in conclusion.pieces().unwrap_or_default() {
            let Piece::Figure { of: FigureOf::Variant { variant, metric }, .. } = piece else { continue };
            let Some(test) = level_of(variant, metric, metrics) else { continue };
            let place = at.index(i).key("says");
            refuse_unmeasurable(&test, variants, &place).map_err(|problem| Problem { path: place, ..problem })?;
        }
    }
    Ok(())
}

/// A test whose figure is what `{variant.metric}` stands for; what it is held against does not matter.
pub fn level_of(variant: &str, metric: &str, metrics: &Metrics) -> Option<Test> {
    let of: VariantId = variant.parse().ok()?;
    Some(Test::Level { metric: metrics.named(metric)?, of, bound: Bound::Below { value: 0.0 } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conclusion(says: &str) -> Conclusion {
        Conclusion { says: says.to_owned(), when: IndexMap::new() }
    }

    #[test]
    fn figures_are_found_with_what_they_are_of_and_how_they_are_written() {
        let text = conclusion("{{a}} {bn.val_loss} and {gain:interval}, {bn.x:size}.");
        let variant = |metric| FigureOf::Variant { variant: "bn", metric };
        assert_eq!(
            text.pieces().unwrap(),
            [
                Piece::Text("{a} ".to_owned()),
                Piece::Figure { name: "bn.val_loss", of: variant("val_loss"), form: Form::Plain },
                Piece::Text(" and ".to_owned()),
                Piece::Figure { name: "gain", of: FigureOf::Claim("gain"), form: Form::WithInterval },
                Piece::Text(", ".to_owned()),
                Piece::Figure { name: "bn.x", of: variant("x"), form: Form::WithoutSign },
                Piece::Text(".".to_owned()),
            ]
        );
    }

    #[test]
    fn braces_that_are_alone_and_forms_that_are_none_are_refused() {
        for text in ["{a", "a}", "{a:b}", "{a}}"] {
            assert!(conclusion(text).pieces().is_err(), "{text}");
        }
    }

    #[test]
    fn a_typed_figure_is_seen_and_a_number_of_things_is_not() {
        assert_eq!(typed_figure("it reaches 43.27% of them"), Some("43.27"));
        assert_eq!(typed_figure("two, then 5 points less"), Some("5"));
        assert_eq!(typed_figure("in 2021, with 17 claims at 32 pixels. 3, and ReLU6"), None);
    }
}
