//! One tier of `retrial verify`: its cost is told first, then what does not hold, then a verdict.

use std::time::Instant;

use serde::Serialize;

use super::output::outln;
use crate::report::text::counted;

/// A tier as `audit.json` has it.
#[derive(Debug, Serialize)]
pub struct TierResult {
    tier: &'static str,
    /// How many files, trials or steps were compared.
    checked: u64,
    /// One line for each thing that does not hold.
    findings: Vec<String>,
    /// Final figures of trials that were trained again to their end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    figures: Vec<FigureRow>,
}

/// A final figure; `null` where it is not finite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureRow {
    /// `VARIANT/SEED`.
    pub trial: String,
    pub figure: String,
    pub recorded: Option<f64>,
    pub here: Option<f64>,
}

/// What the check of a tier came to.
#[derive(Debug, Default)]
pub struct Checked {
    pub checked: u64,
    pub findings: Vec<String>,
    pub figures: Vec<FigureRow>,
    /// How far the verdict reaches, where that is not as far as the tier's name says.
    pub note: Option<&'static str>,
}

impl Checked {
    /// Nothing could be compared, and why.
    pub fn failed(reason: &dyn std::fmt::Display) -> Self {
        Self { findings: vec![reason.to_string()], ..Self::default() }
    }
}

impl TierResult {
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// The tier's name, if it says nothing because there was nothing to compare.
    pub fn nothing_compared(&self) -> Option<&'static str> {
        (self.checked == 0 && self.holds()).then_some(self.tier)
    }
}

/// # Errors
/// Those of the check.
pub fn run_tier(
    tier: &'static str,
    cost: &str,
    check: impl FnOnce() -> miette::Result<Checked>,
) -> miette::Result<TierResult> {
    outln!("{tier}: {cost}");
    let clock = Instant::now();
    let Checked { checked, findings, figures, note } = check()?;
    for finding in &findings {
        outln!("  {finding}");
    }
    let verdict = match (checked, findings.len()) {
        (0, 0) => "nothing to compare".to_owned(),
        (_, 0) => format!("{checked} compared, holds"),
        (_, count) => format!("{checked} compared, {}", counted(count, "finding")),
    };
    let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
    outln!("{tier}: {verdict}{note}, {:.1} s", clock.elapsed().as_secs_f64());
    Ok(TierResult { tier, checked, findings, figures })
}
