//! Numbers and foreign strings as a report shows them: the digits that carry meaning, and nothing that can break a line.
//!
//! Nothing here escapes for HTML or Markdown; the templates' auto-escaping does, once, at the very end.

/// Foreign text on one line: white space runs become one space; control and direction-changing characters are dropped.
///
/// Control characters are not allowed in XML at all, and direction overrides make text read differently than it is.
pub fn plain(text: &str) -> String {
    let visible = |c: &char| c.is_whitespace() || !(c.is_control() || changes_direction(*c) || is_noncharacter(*c));
    let kept: String = text.chars().filter(visible).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn changes_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// A fraction as a percentage with two decimals, the resolution of 10,000 test images.
pub fn percent(fraction: f64) -> String {
    format!("{}%", decimals(fraction * 100.0, 2))
}

/// A difference of two fractions in percentage points, with its sign.
pub fn points(difference: f64) -> String {
    format!("{} points", bare_points(difference))
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

/// A number that may be of any order of magnitude, with two digits: 0.40, 1.2 × 10⁻¹¹.
pub fn scientific(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (0.01..1000.0).contains(&value.abs()) {
        return decimals(value, 2);
    }
    let text = format!("{value:.1e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised = |c: char| match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        other => other,
    };
    format!("{} × 10{}", digits.replace('-', "−"), exponent.chars().map(raised).collect::<String>())
}

/// A confidence or share without needless zeros: 95%, 99.9%.
pub fn share(fraction: f64) -> String {
    let rounded = (fraction * 1e6).round() / 1e4;
    format!("{rounded}%")
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

/// A number and its noun: `1 seed`, `3 seeds`.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number as u64))
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// A name from the experiment file inside a sentence.
pub fn quoted(name: &str) -> String {
    format!("“{}”", plain(name))
}

/// The first letter in upper case, for a fragment that opens a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn decimals(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "not finite".to_owned();
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
