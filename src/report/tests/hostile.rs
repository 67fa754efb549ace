//! Strings from experiment files and records cannot break out of where they are shown.

use super::{rendered, text};
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::record::Environment;
use crate::bundle::throughput::{GpuState, ThroughputRecord};
use crate::config::Conclusion;
use crate::report::sample::{self, Ending, at, claims, evidence, probes};
use crate::report::throughput::sample::measured;
use crate::report::{Rendered, render};

const HOSTILE: &str = "</title></svg></desc><script>alert(1)</script>\"'`|--><img src=x onerror=1>\n# x\r\n| a | b |\u{0}\u{1b}\u{202E}\
     ]]>}\\input{/etc/passwd}}% ${x} @misc{y, ^~&&[z](javascript:1)";

/// Hostile in every text of the evidence and of the claims.
fn hostile() -> Rendered {
    let mut judged = claims::judged();
    for judged in &mut judged {
        judged.claim.says = HOSTILE.to_owned();
        judged.claim.quote = Some(HOSTILE.to_owned());
    }
    let mut evidence = claims::claiming(probes::probed(hostile_evidence()), &judged);
    let when = [(judged[0].claim.id.clone(), judged[0].verdict)];
    let fallen = [(judged[1].claim.id.clone(), judged[0].verdict)];
    let says = HOSTILE.replace('{', "{{").replace('}', "}}");
    evidence.experiment.conclusions =
        vec![Conclusion { says: says.clone(), when: when.into() }, Conclusion { says, when: fallen.into() }];
    for trial in &mut evidence.trials {
        let Some(probes) = &mut trial.probes else { continue };
        let signals = [&mut probes.initial].into_iter().chain(&mut probes.trained);
        for figure in signals.flat_map(|signal| &mut signal.training).chain(&mut probes.gradient) {
            figure.layer = format!("{}{HOSTILE}", figure.layer);
            figure.value = Some(1e-9);
        }
        probes.variance_shift.iter_mut().for_each(|shift| shift.layer.push_str(HOSTILE));
        probes.masked_updates.iter_mut().for_each(|updates| updates.layer.push_str(HOSTILE));
    }
    render(&timed(evidence), &judged).unwrap()
}

/// [`HOSTILE`] and the name of the field that it is in, by which it is found again where it is shown.
fn hostile_as(field: &str) -> String {
    format!("{HOSTILE} field-{field}")
}

/// The same evidence with throughput, whose every text is hostile.
fn timed(evidence: Evidence) -> Evidence {
    let mut evidence = measured(evidence);
    let Some(ThroughputRecord { session, samples }) = &mut evidence.throughput else { return evidence };
    session.cpu = hostile_as("speed-cpu");
    session.engine = hostile_as("speed-engine");
    session.criterion = hostile_as("speed-criterion");
    session.engine_details.insert(hostile_as("speed-detail"), hostile_as("speed-detail-value"));
    session.code.commit = Some(hostile_as("speed-commit"));
    session.code.changes = Some(hostile_as("speed-changes"));
    session.skipped.iter_mut().for_each(|skipped| skipped.reason = hostile_as("speed-skipped"));
    let throttled = || vec![hostile_as("speed-throttled")];
    session.before.gpu = Some(GpuState { throttled: throttled(), ..GpuState::default() });
    session.after.gpu = session.before.gpu.clone();
    let rounds = samples.cells.iter_mut().flat_map(|cell| &mut cell.rounds);
    for round in rounds.chain(samples.ceilings.iter_mut().flat_map(|ceiling| &mut ceiling.rounds)) {
        round.strain.throttled = throttled();
    }
    evidence
}

fn hostile_evidence() -> Evidence {
    let mut evidence = evidence(&[
        ("a", true, true, at(&[0.7, 0.71])),
        ("b", false, true, at(&[0.1, 0.1])),
        ("c", true, false, Ending::Fail(HOSTILE)),
    ]);
    let experiment = &mut evidence.experiment;
    experiment.title = HOSTILE.to_owned();
    experiment.question = Some(HOSTILE.to_owned());
    experiment.license = Some(HOSTILE.to_owned());
    experiment.deviations = vec![HOSTILE.to_owned()];
    if let Some(source) = &mut experiment.source {
        source.title = HOSTILE.to_owned();
        source.author = Some(HOSTILE.to_owned());
        source.published = Some(HOSTILE.to_owned());
        source.url = Some(format!("https://example.org/{HOSTILE}"));
        source.says = Some(HOSTILE.to_owned());
        source.lang = Some(HOSTILE.to_owned());
    }
    for variant in &mut experiment.variants {
        variant.label = HOSTILE.to_owned();
        variant.description = Some(HOSTILE.to_owned());
    }
    if let Some(dataset) = &mut evidence.dataset {
        dataset.description = HOSTILE.to_owned();
        dataset.classes.fill(HOSTILE.to_owned());
    }
    if let Some(environment) = &mut evidence.environment {
        let Environment { retrial, cpu, os, engine, rustc, started, .. } = environment;
        for field in [retrial, cpu, os, engine, rustc, started] {
            *field = HOSTILE.to_owned();
        }
        environment.engine_details.insert(hostile_as("detail"), hostile_as("detail-value"));
        environment.cpu_features = vec![HOSTILE.to_owned()];
        environment.code.commit = Some(hostile_as("commit"));
        environment.code.changes = Some(HOSTILE.to_owned());
    }
    for trial in &mut evidence.trials {
        if let TrialState::Done(record) = &mut trial.state {
            record.key.parts.native_mut().engine = HOSTILE.to_owned();
        }
    }
    evidence
}

#[test]
fn texts_about_the_machine_are_shown_where_they_cannot_harm() {
    let rendered = hostile();
    let shown = ["speed-cpu", "speed-engine", "speed-criterion", "speed-skipped", "detail", "detail-value", "commit"];
    let all = |end: &str| -> String {
        rendered.files.keys().filter(|path| path.ends_with(end)).map(|path| text(&rendered, path)).collect()
    };
    for path in [".html", "details.md"] {
        let text = all(path);
        for field in shown {
            let place = text.find(&format!(" field-{field}")).unwrap_or_else(|| panic!("{path} lacks {field}"));
            let start = text[..place].rfind("alert(1)").expect("the rest of it");
            assert!(text[..start].ends_with("&lt;script&gt;"), "{path}: {field}");
        }
    }
}

#[test]
fn no_markup_gets_into_the_page() {
    let html: String = super::html_pages(&hostile()).into_iter().map(|(_, html)| html).collect();
    for banned in ["<script", "<img", "alert(1)<", "\u{202E}", "\u{0}", "\u{1b}"] {
        assert!(!html.contains(banned), "{banned:?}");
    }
    let count = |tag: &str| html.matches(tag).count();
    assert_eq!(count("<svg "), count("</svg>"));
    assert_eq!(count("<title"), count("</title>"));
    assert_eq!(count("<tr"), count("</tr>"));
    assert_eq!(count("<q lang=\""), count("</q>"));
    assert_eq!(count("<cite lang=\""), count("</cite>"));
}

#[test]
fn only_web_addresses_become_links() {
    let mut evidence = sample::learned_with_normalisation();
    for url in ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)", "file:///etc/passwd"] {
        if let Some(source) = &mut evidence.experiment.source {
            source.url = Some(url.to_owned());
        }
        let rendered = rendered(&evidence);
        for path in rendered.files.keys().filter(|path| path.ends_with(".html") || path.ends_with(".md")) {
            assert!(!text(&rendered, path).contains(url), "{path}");
        }
    }
}

#[test]
fn no_markup_gets_into_the_markdown_and_tables_keep_their_columns() {
    let rendered = hostile();
    for path in ["report.md", "details.md", "summary.md"] {
        let markdown = text(&rendered, path);
        assert!(!markdown.contains("<script") && !markdown.contains("<img"));
        // The address of the source is a link on purpose, and holds it percent-encoded between angle brackets.
        assert!(markdown.lines().all(|line| line.starts_with("A new trial of") || !line.contains("[z](")));
        assert!(!markdown.contains("\n# x") && !markdown.contains("\n| a | b |"));
        let mut columns = None;
        for line in markdown.lines() {
            if !line.starts_with('|') {
                columns = None;
                continue;
            }
            let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            assert_eq!(*columns.get_or_insert(bars), bars, "{path}: {line}");
        }
    }
}

#[test]
fn junit_stays_well_formed() {
    let xml = text(&hostile(), "junit.xml");
    let (prolog, root) = xml.split_once('\n').unwrap();
    assert_eq!(prolog, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    assert_well_formed(root);
    assert_eq!(xml.matches("<testcase ").count(), 6);
}

#[test]
fn latex_holds_only_the_commands_that_are_written_here() {
    let known = [
        "usepackage",
        "begin",
        "end",
        "toprule",
        "midrule",
        "bottomrule",
        "linewidth",
        "textbackslash",
        "textless",
        "textgreater",
        "textbar",
        "textquotedbl",
        "textasciigrave",
        "textasciicircum",
        "textasciitilde",
        "textsuperscript",
        "times",
        "textbraceleft",
        "textbraceright",
    ];
    for path in ["results.tex", "citation.bib"] {
        let latex = text(&hostile(), path);
        for (place, _) in latex.match_indices('\\') {
            let name: String = latex[place + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
            let is_escape =
                name.is_empty() && latex[place + 1..].starts_with(['\\', '{', '}', '$', '&', '#', '_', '%', ' ', '\n']);
            assert!(is_escape || known.contains(&name.as_str()), "{path}: \\{name} at {}", &latex[place..]);
        }
        let balance =
            |text: &str| text.chars().fold(0_i32, |depth, c| depth + i32::from(c == '{') - i32::from(c == '}'));
        assert_eq!(balance(&latex), 0, "{path}");
        assert!(latex.lines().all(|line| line.starts_with('@') || balance(line) == 0 || line == "}"), "{path}");
    }
    assert_eq!(text(&hostile(), "citation.bib").lines().filter(|line| line.starts_with('@')).count(), 2);
}

#[test]
fn json_of_claims_and_probes_keeps_hostile_strings_as_they_are() {
    let rendered = hostile();
    let parsed = |path: &str| serde_json::from_str::<serde_json::Value>(&text(&rendered, path)).unwrap();
    assert_eq!(parsed("claims.json")["claims"][0]["claim"]["says"], HOSTILE);
    let layer = parsed("probes/signal.json")["variants"][0]["initial"]["training"][0]["layer"].clone();
    assert_eq!(layer, format!("stem{HOSTILE}"));
}

#[test]
fn drawings_stay_well_formed() {
    for (path, bytes) in hostile().files.iter().filter(|(path, _)| path.ends_with(".svg")) {
        let svg = std::str::from_utf8(bytes).expect(path);
        assert!(!svg.contains("<script"));
        assert_well_formed(svg);
    }
}

#[test]
fn json_keeps_hostile_strings_as_they_are() {
    let json: serde_json::Value = serde_json::from_str(&text(&hostile(), "results.json")).unwrap();
    assert_eq!(json["title"], HOSTILE);
    assert_eq!(json["variants"][0]["label"], HOSTILE);
}

#[test]
fn every_row_of_the_csv_has_every_field() {
    let csv = text(&hostile(), "results.csv");
    assert!(records(&csv).iter().all(|fields| *fields == 15), "{csv}");
    assert_eq!(records(&csv).len(), 1 + 6);
}

/// Number of fields of each record, read as RFC 4180 says.
fn records(csv: &str) -> Vec<usize> {
    let (mut counts, mut fields, mut is_quoted) = (vec![], 1, false);
    for c in csv.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields += 1,
            '\n' if !is_quoted => {
                counts.push(fields);
                fields = 1;
            }
            _ => {}
        }
    }
    counts
}

/// Checks what XML demands of the drawings made here: nested tags, quoted attributes, known entities, legal characters.
pub fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = vec![];
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        assert_entities(&rest[..start]);
        let (tag, after) = rest[start + 1..].split_once('>').expect("a tag that ends");
        assert!(!tag.contains('<') && tag.matches('"').count() % 2 == 0, "<{tag}>");
        assert_entities(tag);
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> closes another element");
        } else if !tag.ends_with('/') {
            assert!(!open.is_empty() || start == 0 || rest.len() == xml.len(), "a second root element");
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} left open, {rest:?} after the end");
    assert!(xml.chars().all(|c| c == '\n' || !c.is_control()), "a control character");
}

fn assert_entities(text: &str) {
    for (place, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"];
        assert!(known.iter().any(|entity| text[place..].starts_with(entity)), "{}", &text[place..]);
    }
}
