//! The author's own conclusions, with the data's figures in them: each shown only while the verdicts that it presumes
//! stand.

use serde::Serialize;

use super::language::say;
use super::text::{list, plain};
use super::verdicts::reading::Reading;
use super::verdicts::words;
use crate::bundle::evidence::Evidence;
use crate::claims::{self, Judged, Table, judge_table};
use crate::config::{At, Claim, ClaimId, Conclusion, Experiment, FigureOf, Form, Piece, Test, Verdict, level_of};
use crate::stats::Interval;

/// The most words that the first screen has room for.
const MOST_WORDS: usize = 60;

/// One conclusion held against the verdicts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stated {
    /// Its sentence, with `…` for a figure that there is none of.
    pub says: String,
    pub stands: bool,
    /// What it presumes and the data do not say.
    pub fallen: Vec<Fallen>,
    pub figures: Vec<StatedFigure>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fallen {
    /// The claim's verdict is another; `number` is its place in the file.
    Verdict { claim: ClaimId, number: usize, presumed: Verdict, found: Verdict },
    /// There is no such figure.
    Figure { name: String },
}

/// A figure of a conclusion, unrounded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatedFigure {
    /// As the experiment file names it.
    pub name: String,
    pub estimate: Option<f64>,
    pub interval: Option<Interval>,
}

pub fn of(evidence: &Evidence, judged: &[Judged]) -> Vec<Stated> {
    let experiment = &evidence.experiment;
    if experiment.conclusions.is_empty() {
        return vec![];
    }
    let table = claims::table(evidence);
    experiment.conclusions.iter().map(|conclusion| stated(conclusion, experiment, judged, &table)).collect()
}

fn stated(conclusion: &Conclusion, experiment: &Experiment, judged: &[Judged], table: &Table) -> Stated {
    let mut fallen: Vec<Fallen> = conclusion
        .when
        .iter()
        .filter_map(|(id, presumed)| {
            let (number, of) = (1..).zip(judged).find(|(_, judged)| judged.claim.id == *id)?;
            let presumed = *presumed;
            let is_another = of.verdict != presumed;
            is_another.then(|| Fallen::Verdict { claim: id.clone(), number, presumed, found: of.verdict })
        })
        .collect();
    let (mut says, mut figures) = (String::new(), vec![]);
    // A text with a fault was refused when it was read; a record with one shows as it is.
    let pieces = conclusion.pieces().unwrap_or_else(|_| vec![Piece::Text(conclusion.says.clone())]);
    for piece in pieces {
        match piece {
            Piece::Text(text) => says.push_str(&text),
            Piece::Figure { name, of, form } => {
                let found = figure(of, experiment, judged, table);
                match found.as_ref().and_then(|(test, judged)| in_words(test, judged, form)) {
                    Some(words) => says.push_str(&words),
                    None => {
                        says.push('…');
                        fallen.push(Fallen::Figure { name: name.to_owned() });
                    }
                }
                let (estimate, interval) = found.map_or((None, None), |(_, judged)| (judged.estimate, judged.interval));
                figures.push(StatedFigure { name: name.to_owned(), estimate, interval });
            }
        }
    }
    Stated { says: plain(&says), stands: fallen.is_empty(), fallen, figures }
}

/// The judgement that a figure is taken from: a claim's own, or one that only asks what a variant comes to.
fn figure(of: FigureOf, experiment: &Experiment, judged: &[Judged], table: &Table) -> Option<(Test, Judged)> {
    match of {
        FigureOf::Claim(id) => {
            let found = judged.iter().find(|judged| judged.claim.id.as_str() == id)?;
            Some((found.claim.test.clone(), found.clone()))
        }
        FigureOf::Variant { variant, metric } => {
            let test = level_of(variant, metric, &experiment.metrics)?;
            let claim = Claim {
                id: experiment.id.clone(),
                quote: None,
                because: None,
                says: String::new(),
                reported: Default::default(),
                must: None,
                confidence: experiment.confidence,
                at: At::Last,
                test: test.clone(),
            };
            judge_table(&[claim], table).pop().map(|judged| (test, judged))
        }
    }
}

fn in_words(test: &Test, judged: &Judged, form: Form) -> Option<String> {
    let reading = Reading::of(test);
    let estimate = judged.estimate.filter(|estimate| estimate.is_finite())?;
    Some(match form {
        Form::Plain => reading.show(estimate),
        Form::WithoutSign => reading.show(estimate).trim_start_matches(['−', '+']).to_owned(),
        Form::WithInterval => match judged.interval {
            Some(interval) => say!("page-aside", what = reading.show(estimate), aside = reading.span(&interval)),
            None => reading.show(estimate),
        },
    })
}

impl Stated {
    /// Why it is not shown, for those who expect to read it; `None` where it is.
    pub fn notice(&self) -> Option<String> {
        let reasons: Vec<String> = self.fallen.iter().map(Fallen::in_words).collect();
        (!self.stands).then(|| say!("conclusion-fallen", text = self.says.as_str(), reasons = list(&reasons)))
    }
}

impl Fallen {
    fn in_words(&self) -> String {
        match self {
            Self::Verdict { number, presumed, found, .. } => say!(
                "conclusion-presumed",
                number = number.to_string(),
                presumed = words::verdict(*presumed),
                found = words::verdict(*found),
            ),
            Self::Figure { name } => say!("conclusion-without-figure", name = name.as_str()),
        }
    }
}

/// As many of the first sentences as the first screen has room for, one at least, and the others.
pub fn first_screen(sentences: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut taken = 0;
    let fitting = sentences.iter().take_while(|sentence| {
        taken += words_of(sentence);
        taken <= MOST_WORDS
    });
    let mut first = sentences.clone();
    let further = first.split_off(fitting.count().max(1).min(sentences.len()));
    (first, further)
}

/// Words between white space; where none is written between words, two characters count as one.
fn words_of(text: &str) -> usize {
    let is_wide = |c: &char| ('\u{2E80}'..'\u{FF00}').contains(c);
    let wide = text.chars().filter(is_wide).count();
    text.split_whitespace().filter(|word| !word.chars().all(|c| is_wide(&c))).count() + wide / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_screen_takes_whole_sentences_and_one_at_least() {
        let sentence = |words: usize| vec!["word"; words].join(" ");
        let split = |lengths: &[usize]| {
            let (first, further) = first_screen(lengths.iter().map(|words| sentence(*words)).collect());
            (first.len(), further.len())
        };
        assert_eq!(split(&[]), (0, 0));
        assert_eq!(split(&[80]), (1, 0));
        assert_eq!(split(&[30, 30, 1]), (2, 1));
        assert_eq!(split(&[30, 31, 1]), (1, 2));
        assert_eq!(words_of("網路停在隨機猜測水準"), 5);
    }
}
