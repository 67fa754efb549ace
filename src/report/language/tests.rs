//! The texts themselves: each is there, is used, and says the same in every language.

use crate::config::{command_metrics, native};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::report::sample;
use crate::report::templates::{BUILT_IN, Templates, english as source_text};
use crate::report::{Style, render_with};

/// The messages of a file as they are written, by name.
fn messages(text: &str) -> BTreeMap<String, String> {
    let mut found: Vec<(String, String)> = vec![];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            Some((name, rest)) => found.push((name.to_owned(), rest.trim_start().to_owned())),
            None => {
                if let Some((_, message)) = found.last_mut() {
                    message.push_str(line);
                }
            }
        }
    }
    let count = found.len();
    let by_name: BTreeMap<_, _> = found.into_iter().collect();
    assert_eq!(by_name.len(), count, "a message is there twice");
    by_name
}

/// The names of the values in a message.
fn values(message: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    message.split('$').skip(1).map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or_default()).collect()
}

/// All text in which messages are asked for.
fn callers() -> String {
    fn add(folder: &Path, text: &mut String) {
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() && !path.ends_with("tests") && !path.ends_with("snapshots") {
                add(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "j2") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut text = String::new();
    for folder in ["src/report", "src/site", "src/cli", "templates"] {
        add(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut text);
    }
    text
}

#[test]
fn every_message_is_asked_for_somewhere() {
    let callers = callers();
    let is_asked_for = |name: &str| {
        let named = |text: &str| callers.contains(&format!("\"{text}\""));
        // These are put together from a noun, or the name of a setting or of a metric.
        let metrics = native::ALL.iter().chain(command_metrics::ALL).map(|metric| metric.name().replace('_', "-"));
        let of_metric =
            |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| metrics.clone().any(|name| name == rest));
        let part = |prefix: &str| name.strip_prefix(prefix).map(|rest| named(rest) || named(&rest.replace('-', " ")));
        let is_of_metric = ["quantity-", "page-", "plot-"].into_iter().any(of_metric);
        named(name)
            || is_of_metric
            || part("count-").or(part("setting-")).unwrap_or(false)
            || name == "setting-learning-rate-decay"
    };
    let unused: Vec<_> = messages(source_text()).into_keys().filter(|name| !is_asked_for(name)).collect();
    assert!(unused.is_empty(), "no one says {unused:?}");
}

#[test]
fn every_message_that_is_asked_for_by_name_is_there() {
    let known = messages(source_text());
    let callers = callers();
    let is_name = |text: &str| {
        text.contains(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let mut asked = 0;
    for call in ["say!(\"", "say!(\n            \"", "say!(\n        \"", "say(\""] {
        for rest in callers.split(call).skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            if is_name(name) && name != "id" {
                asked += 1;
                assert!(known.contains_key(name), "there is no message `{name}`");
            }
        }
    }
    assert!(asked > 100, "only {asked} were found");
}

#[test]
fn a_translation_has_every_message_with_the_same_values() {
    let source = messages(source_text());
    for (file, text) in BUILT_IN.into_iter().filter(|(name, _)| name.ends_with(".ftl") && *name != "en.ftl") {
        let translation = messages(text);
        let names = |messages: &BTreeMap<String, String>| messages.keys().cloned().collect::<BTreeSet<_>>();
        let (ours, theirs) = (names(&source), names(&translation));
        assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in {file}");
        assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "too much in {file}");
        for (name, message) in &source {
            let (ours, mut theirs) = (values(message), values(&translation[name]));
            // Only plural forms ask for the bare number, and a language may do without.
            if ours.contains("n") {
                theirs.insert("n");
            }
            assert_eq!(ours, theirs, "{file}: {name}");
        }
    }
}

// Chinese sets its own, full-width marks beside its letters.
#[test]
fn chinese_texts_have_chinese_punctuation() {
    let is_chinese = |c: Option<char>| c.is_some_and(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    for (name, message) in messages(BUILT_IN.into_iter().find(|(name, _)| *name == "zh-Hant.ftl").unwrap().1) {
        let mut before = None;
        let mut letters = message.chars().peekable();
        while let Some(c) = letters.next() {
            let beside = is_chinese(before) || is_chinese(letters.peek().copied());
            assert!(!(beside && ",;:()?!".contains(c)), "{name}: `{c}` in {message}");
            before = Some(c);
        }
    }
}

#[test]
fn built_in_texts_can_be_read() {
    for name in ["en", "zh-Hant"] {
        let tag: LanguageTag = name.parse().unwrap();
        assert_eq!(Templates::default().language(&tag).unwrap().tag().to_string(), name);
    }
}

fn speaking(text: &str) -> Rc<Language> {
    Rc::new(Language::new("fr".parse().unwrap(), text, Some(english())).unwrap())
}

#[test]
fn a_language_is_spoken_for_the_time_of_its_work_and_english_fills_its_gaps() {
    let french = speaking("count-seed = { $count ->\n    [one] x\n   *[other] { $count } graines\n}\n");
    let said = french.speak(|| (say!("count-seed", n = 2, count = "2"), say!("fate-at-chance"), spoken()));
    assert_eq!(said, ("2 graines".to_owned(), "at chance".to_owned(), "fr".to_owned()));
    assert_eq!((say!("count-seed", n = 1, count = "1"), spoken()), ("1 seed".to_owned(), "en".to_owned()));
}

#[test]
fn a_panic_does_not_leave_a_language_behind() {
    let french = speaking("fate-at-chance = au hasard\n");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| french.speak(|| panic!("expected"))));
    assert!(panicked.is_err());
    assert_eq!(spoken(), "en");
}

#[test]
fn a_file_that_is_no_file_of_messages_is_named_with_its_line() {
    let error = Language::new("fr".parse().unwrap(), "a = b\n\nc\n", None).unwrap_err();
    let LanguageError::Broken { file, line, .. } = &error else { panic!("{error}") };
    assert_eq!((file.as_str(), *line), ("fr.ftl", 3), "{error}");
}

#[test]
fn a_language_without_texts_is_refused_with_those_there_are() {
    let error = Templates::default().language(&"de".parse().unwrap()).unwrap_err();
    assert_eq!(
        error,
        LanguageError::Unknown { tag: "de".to_owned(), known: vec!["en".to_owned(), "zh-Hant".to_owned()] }
    );
}

#[test]
fn a_report_in_another_language_leaves_nothing_untranslated_and_files_for_programs_as_they_are() {
    let (evidence, judged) = sample::complete();
    let english = render_with(&evidence, &judged, &Style::default()).unwrap().files;
    let style = Style { language: "zh-Hant".parse().unwrap(), ..Style::default() };
    let chinese = render_with(&evidence, &judged, &style).unwrap().files;
    assert_eq!(english.keys().collect::<Vec<_>>(), chinese.keys().collect::<Vec<_>>());
    for (path, bytes) in &chinese {
        let is_for_people = [".html", ".md", ".svg"].iter().any(|end| path.ends_with(end));
        // The metadata have the digests of the pages.
        if path != "ro-crate-metadata.json" {
            assert_eq!(*bytes != english[path], is_for_people, "{path}");
        }
        if is_for_people {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(!text.contains("{$") && !text.contains("{ $"), "{path} shows the name of a value");
            assert!(text.contains(|c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c)), "{path}");
        }
    }
    let page = String::from_utf8(chinese["index.html"].clone()).unwrap();
    assert!(page.contains("<html lang=\"zh-Hant\">"));
}
