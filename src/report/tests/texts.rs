//! The fixed texts: numbers come from the results, never from a template or a message.

use crate::report::templates::BUILT_IN;

/// Names with a digit in them, which are no numbers, each in the message that says it.
const NAMES: [(&str, &str); 4] = [
    // An activation function.
    ("dropout-after-activations", "ReLU6"),
    ("dropout-behind-norms", "ReLU6"),
    // A type of numbers.
    ("speed-ceilings", "f32"),
    // A hash function.
    ("page-digest", "SHA-256"),
];

#[test]
fn no_template_states_a_number_of_its_own() {
    for (name, text) in BUILT_IN.iter().filter(|(name, _)| name.ends_with(".j2")) {
        let prose = prose(text);
        assert!(!has_digit(&prose), "{name}: {:?}", prose.lines().find(|line| has_digit(line)));
    }
    for (name, text) in BUILT_IN.iter().filter(|(name, _)| name.ends_with(".ftl")) {
        for (id, pattern) in messages(text) {
            let named = NAMES.iter().filter(|(known, _)| *known == id);
            let words = named.fold(literal(&pattern), |words, (_, name)| words.replace(name, ""));
            assert!(!has_digit(&words), "{name}, {id}: {words}");
        }
    }
}

#[test]
fn only_names_that_are_said_are_excepted() {
    let english = messages(crate::report::templates::english());
    for (id, name) in NAMES {
        assert!(english.iter().any(|(known, pattern)| known == id && pattern.contains(name)), "{id}: {name}");
    }
}

#[test]
fn every_message_that_a_template_says_exists() {
    let english = messages(crate::report::templates::english());
    for (name, text) in BUILT_IN.iter().filter(|(name, _)| name.ends_with(".j2")) {
        for said in text.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(english.iter().any(|(id, _)| id == said), "{name}: {said}");
        }
    }
}

#[test]
fn a_number_in_prose_is_seen_and_one_in_code_or_markup_is_not() {
    let seen = |template: &str| has_digit(&prose(template));
    assert!(seen("<h2>The 3 causes</h2>") && seen("{% if a > 1 %}over 95%{% endif %}"));
    assert!(!seen("<h2 id=\"a1\">{{ a[1] }}{# 1 #}</h2><pre tabindex=\"0\">sha256sum</pre>"));
    assert!(!seen("a\n```sh\nsha256sum\n```\nb") && seen("```\na\n```\n2 b\n```\nc\n```"));

    let said = |ftl: &str| messages(ftl).iter().any(|(_, pattern)| has_digit(&literal(pattern)));
    assert!(
        said("a = of 2 seeds") && said("a = { \"2\" }") && said("a = { $n ->\n    [one] 1 seed\n   *[other] seeds\n}")
    );
    assert!(!said("# 2\na1 = { $p2 }, { $n2 ->\n    [1] one\n   *[other] { $p2 }\n}"));
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// What a reader reads of a template whatever the values are.
fn prose(template: &str) -> String {
    let markup = [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<pre", "</pre>"), ("<code", "</code>"), ("<", ">")];
    let text = markup.iter().fold(template.to_owned(), |text, (from, to)| without(&text, from, to));
    text.split("```").step_by(2).collect()
}

/// The text without what stands from one mark to another.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(to).map_or("", |(_, rest)| rest))
}

/// Each message by name with its whole pattern.
fn messages(ftl: &str) -> Vec<(String, String)> {
    let mut messages: Vec<(String, String)> = vec![];
    for line in ftl.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic())) {
            Some((id, pattern)) => messages.push((id.trim().to_owned(), pattern.to_owned())),
            None => messages.iter_mut().last().into_iter().for_each(|(_, pattern)| *pattern += &format!("\n{line}")),
        }
    }
    messages
}

/// A pattern without the names of its values and the keys of its plurals.
fn literal(pattern: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let without_key = |line: &str| match line.trim_start().trim_start_matches('*').strip_prefix('[') {
        Some(variant) => variant.split_once(']').map_or(String::new(), |(_, words)| words.to_owned()),
        None => line.to_owned(),
    };
    let lines: Vec<String> = pattern.lines().map(without_key).collect();
    let text = lines.join("\n");
    let mut parts = text.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.trim_start_matches(is_of_name))
}
