//! Numbers and foreign strings as a report shows them: the digits that carry meaning, and nothing that can break a line.
//!
//! Nothing here escapes for HTML or Markdown; the templates' auto-escaping does, once, at the very end.

use super::language::say;

/// Foreign text on one line: white space runs become one space; characters that are obeyed instead of shown are dropped.
///
/// Control characters are not allowed in XML at all, and direction overrides make text read differently than it is. What
/// joins letters, or breaks words, is part of how some languages are written and stays.
pub fn plain(text: &str) -> String {
    let is_part_of_words = |c: char| matches!(c, '\u{AD}' | '\u{200C}' | '\u{200D}');
    let visible = |c: &char| c.is_whitespace() || is_part_of_words(*c) || !(c.is_control() || is_format(*c));
    let kept: String = text.chars().filter(visible).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What Unicode counts as format characters (general category Cf), the direction marks and tags among them, as line ends of
/// its own, or as noncharacters.
pub fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{600}'..='\u{605}'
            | '\u{61C}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{890}'..='\u{891}'
            | '\u{8E2}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{FFFE}'..='\u{FFFF}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// A fraction as a percentage with two decimals, the resolution of 10,000 test images.
pub fn percent(fraction: f64) -> String {
    format!("{}%", decimals(fraction * 100.0, 2))
}

/// A difference of two fractions in percentage points, with its sign.
pub fn points(difference: f64) -> String {
    say!("points", value = bare_points(difference))
}

/// A distance between two fractions in percentage points, without a sign.
pub fn unsigned_points(distance: f64) -> String {
    say!("points", value = decimals(distance.abs() * 100.0, 2))
}

/// As [`points`], without the unit: the lower end of a span.
pub fn bare_points(difference: f64) -> String {
    signed(difference * 100.0, 2)
}

/// A cross-entropy in nats with four decimals, as training logs print it.
pub fn loss(value: f64) -> String {
    decimals(value, 4)
}

/// A difference of two cross-entropies, with its sign.
pub fn loss_difference(value: f64) -> String {
    signed(value, 4)
}

/// A confidence or share without needless zeros: 95%, 99.9%.
pub fn share(fraction: f64) -> String {
    let rounded = (fraction * 1e6).round() / 1e4;
    format!("{rounded}%")
}

/// A number with at most three decimals, without needless zeros, as axes show it.
pub fn trimmed(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}

/// A whole number with thousands separated.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and its noun, one of those with a message `count-NOUN`: `1 seed`, `3 seeds`.
pub fn counted(number: usize, noun: &str) -> String {
    say!(&format!("count-{noun}"), n = number, count = count(number as u64))
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => say!("list-end", init = init.join(&say!("list-separator")), last = last),
    }
}

/// Clauses of one sentence, one after another.
pub fn clauses(items: &[String]) -> String {
    items.join(&say!("clause-separator"))
}

/// Sentences one after another.
pub fn paragraph(sentences: impl IntoIterator<Item = String>) -> String {
    sentences.into_iter().collect::<Vec<_>>().join(&say!("sentence-separator"))
}

/// The two ends of a range, the unit at the upper one.
pub fn range(lower: impl Into<String>, upper: impl Into<String>) -> String {
    say!("range", lower = lower.into(), upper = upper.into())
}

/// A name from the experiment file inside a sentence.
pub fn quoted(name: &str) -> String {
    say!("quoted", name = plain(name))
}

/// The first letter in upper case, for a fragment that opens a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A quantity that spans orders of magnitude, with three significant digits: `0.0123`, `3.20 × 10⁻⁹`.
pub fn magnitude(value: f64) -> String {
    if !value.is_finite() {
        return say!("not-finite");
    }
    let scientific = format!("{:.2e}", value.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = match exponent {
        _ if value == 0.0 => "0".to_owned(),
        -3..=3 => format!("{:.*}", usize::try_from(2 - exponent).unwrap_or(0), value.abs()),
        _ => format!("{digits} × {}", power_of_ten(exponent)),
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// `10⁻⁶`.
pub fn power_of_ten(exponent: i32) -> String {
    let raise = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        // Unicode has only these three elsewhere.
        digit => digit.to_digit(10).and_then(|digit| char::from_u32('⁰' as u32 + digit)).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raise).collect::<String>())
}

/// A difference of two logarithms to base 10, with its sign: one decade is a factor of ten.
pub fn decades(difference: f64) -> String {
    say!("decades", value = bare_decades(difference))
}

/// As [`decades`], without the unit: the lower end of a span.
pub fn bare_decades(difference: f64) -> String {
    signed(difference, 2)
}

/// A bare number with four significant digits, without needless zeros: `12.35`, `1,500`, `3.200 × 10⁻⁹`.
pub fn significant(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if !value.is_finite() => return say!("not-finite"),
        0.0 => "0".to_owned(),
        1e3..1e9 => count(size.round() as u64),
        1e-3..1e3 => {
            let before_point = size.log10().floor() as i32 + 1;
            let places = usize::try_from(4 - before_point).unwrap_or(0);
            let text = format!("{size:.places$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
        _ => {
            let scientific = format!("{size:.3e}");
            let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            format!("{digits} × {}", power_of_ten(exponent.parse().unwrap_or(0)))
        }
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// As [`significant`], with a sign.
pub fn signed_significant(value: f64) -> String {
    if value > 0.0 { format!("+{}", significant(value)) } else { significant(value) }
}

/// A p-value as it follows the letter: `= 0.0123`, or `< 0.0001`.
pub fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_owned() } else { format!("= {}", decimals(p, 4)) }
}

/// A dimensionless number with two decimals, such as an effect size.
pub fn ratio(value: f64) -> String {
    decimals(value, 2)
}

fn decimals(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return say!("not-finite");
    }
    let text = if value.abs() < 1e6 { format!("{:.places$}", value.abs()) } else { format!("{:.3e}", value.abs()) };
    if value < 0.0 && text.contains(|c: char| c.is_ascii_digit() && c != '0') { format!("−{text}") } else { text }
}

fn signed(value: f64, places: usize) -> String {
    let text = decimals(value, places);
    let is_positive = value > 0.0 && text.contains(|c: char| c.is_ascii_digit() && c != '0');
    if is_positive { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracies_are_percentages_with_two_decimals() {
        assert_eq!(percent(0.7511), "75.11%");
        assert_eq!(percent(0.1), "10.00%");
    }

    #[test]
    fn differences_carry_their_sign_unless_they_round_to_nothing() {
        assert_eq!(points(0.0123), "+1.23 points");
        assert_eq!(points(-0.0123), "−1.23 points");
        assert_eq!(points(-0.000_001), "0.00 points");
        assert_eq!(loss_difference(0.000_01), "0.0000");
    }

    #[test]
    fn losses_have_four_decimals_until_they_explode() {
        assert_eq!(loss(2.3033), "2.3033");
        assert_eq!(loss(1.5e12), "1.500e12");
    }

    #[test]
    fn magnitudes_have_three_significant_digits_and_powers_of_ten_only_where_they_help() {
        assert_eq!(magnitude(0.0), "0");
        assert_eq!(magnitude(1.234), "1.23");
        assert_eq!(magnitude(9.999), "10.0");
        assert_eq!(magnitude(0.00123), "0.00123");
        assert_eq!(magnitude(-0.000_123), "−1.23 × 10⁻⁴");
        assert_eq!(magnitude(3.2e-9), "3.20 × 10⁻⁹");
        assert_eq!(magnitude(1.5e12), "1.50 × 10¹²");
        assert_eq!(magnitude(f64::NAN), "not finite");
    }

    #[test]
    fn small_p_values_are_bounded_and_not_written_as_zero() {
        assert_eq!(p_value(0.049_96), "= 0.0500");
        assert_eq!(p_value(1e-9), "< 0.0001");
    }

    #[test]
    fn whole_numbers_are_grouped_by_thousands() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(2_270_794), "2,270,794");
        assert_eq!(counted(1, "seed"), "1 seed");
        assert_eq!(counted(1200, "seed"), "1,200 seeds");
    }

    #[test]
    fn shares_have_no_needless_zeros() {
        assert_eq!(share(0.95), "95%");
        assert_eq!(share(0.999), "99.9%");
    }

    #[test]
    fn foreign_text_loses_line_breaks_controls_and_direction_overrides() {
        assert_eq!(plain(" a\r\n\tb\u{0}c\u{1b}[31m \u{202E}d\u{2066} "), "a bc[31m d");
        assert_eq!(plain("a\u{e0041}b\u{feff}c\u{61c}d\u{206f}"), "abcd");
        assert_eq!(plain("نمی\u{200c}خواهم \u{1f469}\u{200d}\u{1f52c}"), "نمی\u{200c}خواهم \u{1f469}\u{200d}\u{1f52c}");
    }

    #[test]
    fn lists_read_as_english() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&names), "a, b and c");
        assert_eq!(list(&names[..2]), "a and b");
        assert_eq!(list(&names[..1]), "a");
        assert_eq!(list(&[]), "");
    }
}
