//! Text and marks stand out from what they are on, in both themes: WCAG 2.2, success criteria 1.4.3 (text, level AA) and
//! 1.4.11 (graphics). Colours are read from the style sheet and from the drawings, so none is repeated here.

use std::collections::BTreeMap;

use super::{complete, text};
use crate::report::templates::Templates;

/// Of text below 18 points, and of what is needed to understand a graphic.
const TEXT: f64 = 4.5;
const GRAPHICS: f64 = 3.0;

/// What anything may stand on: the page, and what is raised from it.
const SURFACES: [&str; 2] = ["paper", "raised"];
/// Lines that only part what white space parts already; 1.4.11 asks nothing of them.
const DECORATION: &str = "rule";

/// Contrast of two colours like `#0072b2` (WCAG 2.2, definitions of contrast ratio and of relative luminance).
pub fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6).expect("a colour of six digits");
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    let linear = |at: usize| {
        let share = f64::from(channel(at)) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(0) + 0.7152 * linear(2) + 0.0722 * linear(4)
}

#[test]
fn contrast_is_what_the_standard_and_a_published_example_say() {
    assert!((contrast("#000000", "#FFFFFF") - 21.0).abs() < 1e-9);
    assert!((contrast("#ffffff", "#ffffff") - 1.0).abs() < 1e-9);
    // The well-known lightest grey that passes on white (webaim.org/resources/contrastchecker): 4.54.
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.005);
}

/// A rule of a style sheet: what it is for and what it sets.
struct Rule<'c> {
    selector: &'c str,
    declarations: Vec<(&'c str, &'c str)>,
}

/// All rules, those within `@media` without it.
fn rules(css: &str) -> Vec<Rule<'_>> {
    let pieces = css.split('}').filter_map(|piece| piece.rsplit_once('{'));
    pieces
        .map(|(before, body)| Rule {
            selector: before.rsplit(['{', '/']).next().unwrap_or_default().trim(),
            declarations: body
                .split(';')
                .filter_map(|declaration| declaration.split_once(':'))
                .map(|(name, value)| (name.trim(), value.trim()))
                .collect(),
        })
        .collect()
}

fn properties(rule: Rule<'_>) -> BTreeMap<&str, &str> {
    rule.declarations.into_iter().filter_map(|(name, value)| Some((name.strip_prefix("--")?, value))).collect()
}

/// The custom properties of each theme, light first; the dark one changes some of the light one.
fn themes(css: &str) -> [BTreeMap<&str, &str>; 2] {
    let mut roots = rules(css).into_iter().filter(|rule| rule.selector == ":root").map(properties);
    let (light, dark) = (roots.next().expect("a light theme"), roots.next().expect("a dark theme"));
    assert!(roots.next().is_none(), "a third theme");
    [light.clone(), light.into_iter().chain(dark).collect()]
}

/// The custom properties named in a value.
fn named(value: &str) -> Vec<&str> {
    value.split("var(--").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

fn style() -> String {
    Templates::default().style().to_owned()
}

#[test]
fn themes_have_the_same_colours_and_rules_none_of_their_own() {
    let css = style();
    let [light, dark] = themes(&css);
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
    let mut differ = light.iter().filter(|(name, colour)| dark[*name] != **colour);
    assert_eq!(differ.clone().count(), light.len(), "{:?} are the same in both", differ.next());
    for rule in rules(&css).iter().filter(|rule| rule.selector != ":root") {
        for (name, value) in &rule.declarations {
            assert!(!value.contains('#'), "{}: {name} has a colour of its own", rule.selector);
            assert!(named(value).iter().all(|name| light.contains_key(name)), "{}: {value}", rule.selector);
        }
    }
}

#[test]
fn text_of_a_page_can_be_read_in_both_themes() {
    let css = style();
    let mut pairs = 0;
    for (theme, colours) in ["light", "dark"].iter().zip(themes(&css)) {
        for rule in rules(&css).iter().filter(|rule| rule.selector != ":root") {
            let of = |wanted: &str| {
                rule.declarations.iter().rev().find(|(name, _)| *name == wanted).map(|(_, value)| *value)
            };
            // Shades at an edge are made of gradients; what is written stands on the paper below.
            let background = of("background").filter(|value| value.starts_with("var(--")).map(named);
            let colour = of("color").map(named).filter(|names| !names.is_empty());
            let (colour, backgrounds) = match (colour, background) {
                (None, None) => continue,
                (Some(colour), background) => (colour[0], background.unwrap_or(SURFACES.to_vec())),
                // Text keeps the colour that it has around it.
                (None, Some(background)) => ("ink", background),
            };
            for background in backgrounds {
                let ratio = contrast(colours[colour], colours[background]);
                assert!(ratio >= TEXT, "{theme}, {}: {colour} on {background} has {ratio:.2}", rule.selector);
                pairs += 1;
            }
        }
    }
    assert!(pairs > 60, "only {pairs} were found");
}

#[test]
fn borders_and_outlines_that_mean_something_can_be_seen_in_both_themes() {
    let css = style();
    let mut pairs = 0;
    for (theme, colours) in ["light", "dark"].iter().zip(themes(&css)) {
        for rule in &rules(&css) {
            let is_line =
                |name: &str| name.starts_with("border") || name.starts_with("outline") || name == "box-shadow";
            let lines = rule.declarations.iter().filter(|(name, _)| is_line(name)).flat_map(|(_, value)| named(value));
            for line in lines.filter(|line| *line != DECORATION) {
                for surface in SURFACES {
                    let ratio = contrast(colours[line], colours[surface]);
                    assert!(ratio >= GRAPHICS, "{theme}, {}: {line} on {surface} has {ratio:.2}", rule.selector);
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs >= 20, "only {pairs} were found");
}

/// What a drawing's style sheet makes of each colour on a dark page.
fn dark(svg: &str) -> BTreeMap<&str, &str> {
    let sheet = svg.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style sheet");
    sheet
        .split("[fill='")
        .skip(1)
        .filter_map(|rest| {
            let (light, rest) = rest.split_once("']{fill:")?;
            Some((light, rest.split('}').next()?))
        })
        .collect()
}

#[test]
fn whatever_is_written_in_a_drawing_can_be_read_in_both_themes() {
    let rendered = complete();
    let mut texts = 0;
    for path in rendered.files.keys().filter(|path| path.starts_with("plots/")) {
        let svg = text(&rendered, path);
        let dark = dark(&svg);
        let fill = |element: &str| -> Option<String> {
            let tag = element.split('>').next()?;
            Some(tag.split("fill=\"").nth(1)?.split('"').next()?.to_owned())
        };
        // plotters fills the sheet first.
        let paper = svg.split("<rect").nth(1).and_then(fill).expect("a sheet");
        for colour in svg.split("<text").skip(1).map(|element| fill(element).expect(path)) {
            let (light, dark) = (contrast(&colour, &paper), contrast(dark[colour.as_str()], dark[paper.as_str()]));
            assert!(light >= TEXT && dark >= TEXT, "{path}: {colour} has {light:.2} and {dark:.2}");
            texts += 1;
        }
    }
    assert!(texts > 100, "only {texts} were found");
}
