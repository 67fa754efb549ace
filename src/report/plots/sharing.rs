//! What a report is shown by elsewhere: `badge.svg` for a README, and `card.svg`, the report on one picture.
//!
//! Written as they are: a few rectangles and lines of text, in colours of their own, since they stand on strange pages.

use super::canvas::escape;
use super::labels::{cut, fitting, width_at};
use crate::claims::Judged;
use crate::config::Verdict;
use crate::report::language::{self, say};
use crate::report::text::plain;
use crate::report::verdicts::words;

const FONT: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif";
/// Of the badge, in pixels.
const BADGE: i32 = 20;
const BADGE_TEXT: f64 = 11.0;
const CARD: (i32, i32) = (1200, 630);
const MARGIN: i32 = 64;
const ORDER: [Verdict; 3] = [Verdict::Supported, Verdict::Inconclusive, Verdict::Refuted];

/// How many claims hold, in one line; `None` without claims.
pub fn badge(judged: &[Judged]) -> Option<String> {
    if judged.is_empty() {
        return None;
    }
    let hold = number(judged, Verdict::Supported);
    let (left, right) =
        (say!("badge-claims"), say!("badge-hold", hold = hold.to_string(), claims = judged.len().to_string()));
    let colour = match (hold, number(judged, Verdict::Refuted)) {
        (_, 0) if hold == judged.len() => "#00674b",
        (0, _) => "#a33c00",
        _ => "#57606a",
    };
    let (one, other) = (width_at(&left, BADGE_TEXT) + 12, width_at(&right, BADGE_TEXT) + 12);
    let (width, title) = (one + other, escape(&format!("{left}: {right}")));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{BADGE}\" role=\"img\" \
         aria-label=\"{title}\"{}>\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{BADGE}\" rx=\"3\" fill=\"{colour}\"/>\n\
         <path d=\"M3 0H{one}V{BADGE}H3A3 3 0 0 1 0 17V3A3 3 0 0 1 3 0Z\" fill=\"#1b1f24\"/>\n\
         <g fill=\"#ffffff\" text-anchor=\"middle\" font-family=\"{FONT}\" font-size=\"{BADGE_TEXT}\">\n\
         <text x=\"{}\" y=\"14\">{}</text>\n<text x=\"{}\" y=\"14\">{}</text>\n</g>\n</svg>\n",
        language(),
        one / 2,
        escape(&left),
        one + other / 2,
        escape(&right),
    ))
}

/// Title, what came out, and the verdicts.
pub fn card(title: &str, answer: &[String], judged: &[Judged]) -> String {
    let (width, height) = CARD;
    let mut body = format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
    body += &format!("<rect width=\"12\" height=\"{height}\" fill=\"#0072b2\"/>\n");
    let mut y = 110;
    for line in lines(&plain(title), 52.0, 2) {
        body += &text(&line, y, 52, "#1b1f24", " font-weight=\"700\"");
        y += 64;
    }
    y += 14;
    for sentence in answer {
        for line in lines(sentence, 30.0, 4) {
            if y > height - 150 {
                break;
            }
            body += &text(&line, y, 30, "#1b1f24", "");
            y += 42;
        }
        y += 10;
    }
    body += &verdicts(judged, height - 118);
    body += &text("retrial", height - 36, 24, "#57606a", "");
    let title = escape(&plain(title));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{title}\" font-family=\"{FONT}\"{}>\n<title>{title}</title>\n{body}</svg>\n",
        language()
    )
}

/// A bar with a part for each claim, supported ones first.
fn verdicts(judged: &[Judged], y: i32) -> String {
    let all = judged.len() as f64;
    let step = f64::from(CARD.0 - 2 * MARGIN) / all.max(1.0);
    let ordered = ORDER.into_iter().flat_map(|verdict| judged.iter().filter(move |judged| judged.verdict == verdict));
    let part = |(index, judged): (usize, &Judged)| {
        let (paper, ink) = match judged.verdict {
            Verdict::Supported => ("#e3f5ee", "#00674b"),
            Verdict::Refuted => ("#fdeee3", "#a33c00"),
            Verdict::Inconclusive => ("#eceff2", "#1b1f24"),
        };
        let x = f64::from(MARGIN) + index as f64 * step;
        format!(
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"46\" fill=\"{paper}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"24\" font-weight=\"700\" text-anchor=\"middle\" fill=\"{ink}\">{}</text>\n",
            (step - 2.0).max(0.5),
            x + step / 2.0 - 1.0,
            y + 32,
            words::symbol(judged.verdict),
        )
    };
    ordered.enumerate().map(part).collect()
}

fn number(judged: &[Judged], verdict: Verdict) -> usize {
    judged.iter().filter(|judged| judged.verdict == verdict).count()
}

fn text(line: &str, y: i32, size: i32, colour: &str, more: &str) -> String {
    format!("<text x=\"{MARGIN}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\"{more}>{}</text>\n", escape(line))
}

/// A text in lines that fit on the card, at most so many; what is left over is cut.
fn lines(text: &str, size: f64, most: usize) -> Vec<String> {
    let longest = (f64::from(CARD.0 - 2 * MARGIN) / (0.56 * size)) as usize;
    let (mut lines, mut rest) = (vec![], text.trim());
    while !rest.is_empty() {
        if lines.len() + 1 == most {
            lines.push(cut(rest, longest));
            break;
        }
        let fits = fitting(rest, longest);
        // Between words, where there are any; East Asian texts break anywhere.
        let end = if fits.len() == rest.len() {
            fits.len()
        } else {
            fits.rfind(' ').filter(|at| *at > 0).unwrap_or(fits.len())
        };
        let (line, left) = rest.split_at(end.max(rest.chars().next().map_or(0, char::len_utf8)));
        lines.push(line.trim_end().to_owned());
        rest = left.trim_start();
    }
    lines
}

fn language() -> String {
    let tag = language::spoken();
    if tag == language::SOURCE { String::new() } else { format!(" xml:lang=\"{}\"", escape(&tag)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::claims::judged;

    #[test]
    fn a_badge_counts_the_claims_that_hold() {
        assert!(badge(&judged()).unwrap().contains("<title>claims: 3 of 6 hold</title>"));
        assert_eq!(badge(&[]), None);
    }

    #[test]
    fn texts_break_between_words_and_are_cut_at_the_last_line() {
        let text = "word ".repeat(60);
        let broken = lines(&text, 52.0, 2);
        assert_eq!(broken.len(), 2);
        assert!(broken[0].ends_with("word") && broken[1].ends_with('…'), "{broken:?}");
        assert_eq!(lines("", 52.0, 2), Vec::<String>::new());
        let wide = lines(&"字".repeat(100), 52.0, 9);
        assert_eq!(wide.concat(), "字".repeat(100));
    }
}
