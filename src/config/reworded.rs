//! An experiment that was run, in other words: what its author says about it may change when there are results, what was
//! run and what was claimed may not.

use super::error::list;
use super::experiment::Experiment;
use super::resolved::problem_of;

/// An experiment file cannot lend its words to a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the words of `{file}` do not fit what was run: {reason}")]
#[diagnostic(
    code(retrial::config::reworded),
    help(
        "title, question, source, licence, labels, descriptions, deviations and conclusions can be taken over from the file of the same experiment; run the experiment again for anything else"
    )
)]
pub struct NotTheSame {
    pub file: String,
    pub reason: String,
}

impl Experiment {
    /// This experiment with title, question, source, licence, labels and descriptions of variants, deviations and
    /// conclusions of `other`.
    ///
    /// # Errors
    /// When `other` has another id, other variants or other claims, or concludes something from what was not run.
    pub fn reworded(&self, other: &Self, file: &str) -> Result<Self, NotTheSame> {
        let not = |reason: String| NotTheSame { file: file.to_owned(), reason };
        if self.id != other.id {
            return Err(not(format!("it is experiment `{}`, and the bundle is of `{}`", other.id, self.id)));
        }
        let ids = |experiment: &Self| -> Vec<String> {
            experiment.variants.iter().map(|variant| variant.id.to_string()).collect()
        };
        if ids(self) != ids(other) {
            let names: Vec<String> = ids(self);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(not(format!("the variants that were run are {}", list(&names))));
        }
        let claims = |experiment: &Self| experiment.claims.iter().map(|claim| claim.id.to_string()).collect::<Vec<_>>();
        if claims(self) != claims(other) {
            let names = claims(self);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(not(format!("the claims that were put to the test are {}", list(&names))));
        }
        if let Some((claim, _)) = self.claims.iter().zip(&other.claims).find(|(one, other)| one != other) {
            return Err(not(format!("claim `{}` is not the one that was put to the test", claim.id)));
        }
        let mut reworded = self.clone();
        let Self { title, question, source, license, deviations, conclusions, .. } = other.clone();
        (reworded.title, reworded.question, reworded.source) = (title, question, source);
        (reworded.license, reworded.deviations, reworded.conclusions) = (license, deviations, conclusions);
        for (variant, other) in reworded.variants.iter_mut().zip(&other.variants) {
            (variant.label, variant.description) = (other.label.clone(), other.description.clone());
        }
        match problem_of(&reworded) {
            Some(problem) => Err(not(problem.message)),
            None => Ok(reworded),
        }
    }
}
