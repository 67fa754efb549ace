//! `retrial diff`: what differs between two bundles.

use miette::IntoDiagnostic as _;

use super::args::DiffArguments;
use super::exit::Exit;
use super::output::{out, print_json};
use super::summary::{Align, in_word, render_table};
use crate::audit::difference::{Change, Difference, FigureDifference, Finding, TrialDifference};
use crate::bundle::BundleFolder;
use crate::config::{Metric, Unit};
use crate::report::text::{counted, plain};

/// More lines than this of one kind are counted, not shown; `--json` has them all.
const MOST_LINES: usize = 20;

pub fn diff(arguments: &DiffArguments) -> miette::Result<Exit> {
    let difference = Difference::between(&BundleFolder::new(&arguments.a), &BundleFolder::new(&arguments.b))?;
    if arguments.json {
        print_json(&serde_json::to_string_pretty(&difference).into_diagnostic()?);
    } else {
        out!("{}", in_words(&difference));
    }
    Ok(if difference.results_differ() { Exit::Disagreement } else { Exit::Success })
}

fn in_words(difference: &Difference) -> String {
    let parts = [
        section("Experiment", difference.experiment.iter().map(change)),
        section("Data", difference.data.iter().map(change)),
        section("Environment", difference.environment.iter().map(change)),
        section("Code", difference.code.iter().map(change)),
        trials(difference),
        figures(&difference.figures),
        section(
            "Verdicts",
            difference
                .verdicts
                .iter()
                .map(|changed| format!("{}: {} → {}", changed.claim, in_word(changed.a), in_word(changed.b))),
        ),
    ];
    let verdict =
        if difference.results_differ() { "The results differ." } else { "No difference in the results is shown." };
    parts.concat() + verdict + "\n"
}

fn section(name: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return format!("{name}: the same\n");
    }
    // Bundles come from anybody, and what they say must not steer the terminal.
    let shown = lines.iter().take(MOST_LINES).map(|line| format!("  {}\n", plain(line))).collect::<String>();
    let rest = lines.len().saturating_sub(MOST_LINES);
    let rest = if rest == 0 { String::new() } else { format!("  and {rest} more, see --json\n") };
    format!("{name}: {}\n{shown}{rest}", counted(lines.len(), "difference"))
}

fn change(change: &Change) -> String {
    let show = |value: &Option<serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let path = if change.path.is_empty() { "all" } else { &change.path };
    format!("{path}: {} → {}", show(&change.a), show(&change.b))
}

fn trials(difference: &Difference) -> String {
    let trials = &difference.trials;
    let line = |trial: &TrialDifference| {
        let ends = if trial.a == trial.b {
            trial.a.in_words().to_owned()
        } else {
            format!("{} → {}", trial.a.in_words(), trial.b.in_words())
        };
        let parting = trial.parts_at.as_ref().map(|at| format!("; they part at step {} in the {}", at.step, at.what));
        let key = match trial.key.as_slice() {
            [] => String::new(),
            parts => format!("; another {}", parts.join(", ")),
        };
        let processor = if trial.other_processor { "; on another kind of processor" } else { "" };
        format!("{}/{}: {ends}{key}{processor}{}", trial.variant, trial.seed, parting.unwrap_or_default())
    };
    let broken: Vec<String> =
        trials.not_reproduced().map(|trial| format!("{}/{}", trial.variant, trial.seed)).collect();
    let broken = match broken.as_slice() {
        [] => String::new(),
        names => format!("  NOT REPRODUCED, under the same conditions another result: {}\n", names.join(", ")),
    };
    let name =
        format!("Trials ({} finished on both sides, {} of them the same to the last bit)", trials.in_both, trials.same);
    section(&name, trials.differing.iter().map(line)) + &broken
}

fn figures(figures: &[FigureDifference]) -> String {
    let differing: Vec<_> = figures.iter().filter(|figure| figure.finding != Finding::Same).collect();
    if figures.is_empty() {
        return "Figures: no variant is in both\n".to_owned();
    }
    if differing.is_empty() {
        return "Figures: the same\n".to_owned();
    }
    let heading = ["  variant", "figure", "a", "b", "b − a", "interval", "seeds", "finding", "Holm"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(differing.iter().map(|figure| {
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| shown(figure.metric, value));
        vec![
            format!("  {}", figure.variant),
            figure.metric.to_string(),
            show(figure.a),
            show(figure.b),
            show(figure.difference),
            figure.interval.map_or_else(
                || "–".to_owned(),
                |interval| {
                    format!("{} to {}", shown(figure.metric, interval.lower), shown(figure.metric, interval.upper))
                },
            ),
            figure.seeds.to_string(),
            match figure.finding {
                Finding::Same => "same",
                Finding::Higher => "higher",
                Finding::Lower => "lower",
                Finding::NotShown => "not shown",
            }
            .to_owned(),
            figure.corrected_p_value.map_or_else(|| "–".to_owned(), |p| format!("p = {p:.3}")),
        ]
    }));
    let align = [Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right];
    let table = render_table(&rows, &[&align[..], &[Align::Left, Align::Right]].concat());
    format!("Figures: {} of {} are not the same\n{table}", differing.len(), figures.len())
}

fn shown(metric: Metric, value: f64) -> String {
    match metric.unit() {
        Unit::Fraction => format!("{:.2}%", 100.0 * value),
        _ => format!("{value:.4}"),
    }
}
