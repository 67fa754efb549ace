//! `results.tex`: the claims and the variants as two tables for a paper, with `booktabs`.
//!
//! Every text is escaped, so that what an experiment file says cannot run as LaTeX. The file compiles with pdfLaTeX as
//! far as its texts are in Latin letters, else with XeLaTeX or LuaLaTeX and a font that has them.

use crate::claims::Judged;
use crate::config::Role;
use crate::report::analysis::{Analysis, VariantResult};
use crate::report::metric::InWords as _;
use crate::report::text::{capitalised, counted, plain, range, share};
use crate::report::verdicts::reading::Reading;
use crate::report::verdicts::words;
use crate::stats::Estimate;

pub fn tables(analysis: &Analysis, judged: &[Judged]) -> String {
    let mut text =
        "% Written by retrial. Needs \\usepackage{booktabs} and, for pdfLaTeX, \\usepackage[T1]{fontenc}.\n".to_owned();
    if !judged.is_empty() {
        text.push_str(&claims(judged));
        text.push('\n');
    }
    text.push_str(&variants(analysis));
    text
}

fn claims(judged: &[Judged]) -> String {
    let rows = judged.iter().map(|judged| {
        let reading = Reading::of(&judged.claim.test);
        [
            escape(&judged.claim.says),
            number(judged.estimate.map(|estimate| words::at_point(&judged.claim, reading.show(estimate)))),
            number(judged.interval.map(|interval| reading.span(&interval))),
            escape(&words::seeds(&judged.sample)),
            escape(&words::verdict(judged.verdict)),
        ]
    });
    table("p{0.42\\linewidth}rrrl", ["Claim", "Here", "Interval", "Seeds", "Verdict"], rows)
}

fn variants(analysis: &Analysis) -> String {
    let interval = escape(&format!("{} interval", share(analysis.experiment.confidence)));
    let show = |value: f64| analysis.primary.show(value);
    let heading = match analysis.primary.role() {
        Role::TestAccuracy => "Validation accuracy".to_owned(),
        _ => escape(&capitalised(&analysis.primary.in_words())),
    };
    let rows = analysis.variants.iter().map(|result| {
        let accuracy = result.estimate(analysis.primary);
        [
            escape(&result.variant.label),
            number(accuracy.map(|estimate| show(estimate.mean))),
            number(accuracy.and_then(|estimate| span(estimate, show))),
            number(result.variant.reported.of(analysis.primary).map(show)),
            escape(&seeds(result)),
        ]
    });
    table("lrrrr", ["Variant", &heading, &interval, "Reported", "Seeds"], rows)
}

fn span(estimate: &Estimate, show: impl Fn(f64) -> String) -> Option<String> {
    estimate.interval.map(|interval| range(show(interval.lower), show(interval.upper)))
}

fn seeds(result: &VariantResult) -> String {
    format!("{} of {}", result.counts.completed, counted(result.counts.planned, "seed"))
}

fn number(text: Option<String>) -> String {
    text.map_or_else(|| "--".to_owned(), |text| escape(&text))
}

/// Cells and head are LaTeX already.
fn table<const N: usize>(columns: &str, head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let body: String = rows.map(|row| format!("{} \\\\\n", row.join(" & "))).collect();
    format!(
        "\\begin{{tabular}}{{{columns}}}\n\\toprule\n{} \\\\\n\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n",
        head.join(" & ")
    )
}

/// Text that LaTeX prints as it is, on one line.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '$' | '&' | '#' | '_' | '%' => escaped.extend(['\\', c]),
            // Not as `\{`: BibTeX counts braces whatever stands before them.
            '{' => escaped.push_str("\\textbraceleft{}"),
            '}' => escaped.push_str("\\textbraceright{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '"' => escaped.push_str("\\textquotedbl{}"),
            '`' => escaped.push_str("\\textasciigrave{}"),
            // After a line break of a table, a bracket would be its argument.
            '[' | ']' => escaped.extend(['{', c, '}']),
            '−' => escaped.push_str("$-$"),
            '×' => escaped.push_str("$\\times$"),
            c => match raised(c) {
                Some(digit) => escaped.push_str(&format!("\\textsuperscript{{{digit}}}")),
                None => escaped.push(c),
            },
        }
    }
    escaped
}

/// The digits of a power of ten.
fn raised(c: char) -> Option<&'static str> {
    let plain = match c {
        '⁻' => "$-$",
        '⁰' => "0",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '⁴' => "4",
        '⁵' => "5",
        '⁶' => "6",
        '⁷' => "7",
        '⁸' => "8",
        '⁹' => "9",
        _ => return None,
    };
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_runs_as_latex() {
        assert_eq!(
            escape(r"\input{/etc/passwd}"),
            r"\textbackslash{}input\textbraceleft{}/etc/passwd\textbraceright{}"
        );
        assert_eq!(escape("50% & $x_1^2$ #~"), r"50\% \& \$x\_1\textasciicircum{}2\$ \#\textasciitilde{}");
        assert_eq!(escape("[2em] two\nlines"), "{[}2em{]} two lines");
    }

    #[test]
    fn signs_and_powers_print_in_every_engine() {
        assert_eq!(escape("−3.20 × 10⁻⁹"), r"$-$3.20 $\times$ 10\textsuperscript{$-$}\textsuperscript{9}");
    }
}
