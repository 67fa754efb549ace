//! Raw trainers to resolved ones, and what is wrong with those that cannot be.

use std::path::Path;

use super::check::{Findings, Problem};
use super::error::{did_you_mean, list};
use super::location::KeyPath;
use super::metric::{MetricName, Metrics};
use super::placeholder::{BadTemplate, KNOWN, Placeholder, Template};
use super::raw_trainer::{CommandLine, RawMetricsFrom, RawResources, RawTrainer};
use super::trainer::{Command, Format, Import, MetricsFrom, Param, Params, Stream, Table};

/// What a raw trainer turns out to be.
#[expect(clippy::large_enum_variant, reason = "one per variant, while it is read")]
pub(super) enum Found {
    Command(Command),
    Import(Import),
}

/// `at` is the trainer's own place.
///
/// # Errors
/// When what it says does not make one trainer.
pub(super) fn resolve_trainer(raw: &RawTrainer, at: &KeyPath) -> Result<Found, Problem> {
    match (&raw.command, &raw.import) {
        (Some(command), None) => resolve_command(raw, command, at).map(Found::Command),
        (None, Some(path)) => {
            let by_name = if has_extension(path, &["jsonl", "ndjson"]) { Table::Jsonl } else { Table::Csv };
            Ok(Found::Import(Import { path: path.clone(), format: raw.format.unwrap_or(by_name) }))
        }
        (Some(_), Some(_)) => {
            let message = format!("`{at}` has both a `command` and an `import`");
            Err(Problem::at_key(at.key("import"), message, "keep one: variants may have trainers of their own"))
        }
        (None, None) => Err(Problem::missing_key(
            at,
            "command",
            "`command:`, the program and its arguments as a list, or `import:`, a file with figures; \
             `trainer: native` is this program",
        )),
    }
}

fn resolve_command(raw: &RawTrainer, command: &CommandLine, at: &KeyPath) -> Result<Command, Problem> {
    let place = at.key("command");
    let shell = raw.shell.unwrap_or(false);
    let command = match command {
        CommandLine::Line(line) if shell => vec![line.clone()],
        CommandLine::Line(_) => {
            let help = "write it as a list, `[python, train.py, --seed, \"{seed}\"]`, or add `shell: true`";
            return Err(Problem::at_value(place.clone(), format!("`{place}` is a line, and no shell reads it"), help));
        }
        CommandLine::List(arguments) if shell && arguments.len() == 1 => arguments.clone(),
        CommandLine::List(_) if shell => {
            let message = format!("`{place}` is a list, and a shell takes one line");
            return Err(Problem::at_value(place, message, "write the line as text, or remove `shell`"));
        }
        CommandLine::List(arguments) => arguments.clone(),
    };
    if command.first().is_none_or(|program| program.trim().is_empty()) {
        return Err(Problem::at_value(place.clone(), format!("`{place}` names no program"), "put the program first"));
    }
    let RawResources { gpus, threads } = raw.resources.unwrap_or_default();
    Ok(Command {
        command,
        shell,
        folder: raw.folder.clone(),
        sources: raw.sources.clone(),
        data: raw.data.clone(),
        env: raw.env.clone(),
        variables: raw.variables.clone(),
        metrics: resolve_metrics(&raw.metrics.clone().unwrap_or_default(), &at.key("metrics"))?,
        artifacts: raw.artifacts.clone(),
        timeout: raw.timeout.as_ref().map(|timeout| seconds(timeout, &at.key("timeout"))).transpose()?,
        gpus: gpus.unwrap_or(0),
        threads,
        repeat: raw.repeat.unwrap_or(1),
        resume: raw.resume.unwrap_or(false),
    })
}

fn resolve_metrics(raw: &RawMetricsFrom, at: &KeyPath) -> Result<MetricsFrom, Problem> {
    let from = raw.from.unwrap_or(if raw.path.is_some() { Stream::File } else { Stream::Stdout });
    let format = raw.format.unwrap_or_else(|| match &raw.path {
        Some(path) if has_extension(path, &["jsonl", "ndjson"]) => Format::Jsonl,
        Some(path) if has_extension(path, &["json"]) => Format::Json,
        Some(path) if has_extension(path, &["csv"]) => Format::Csv,
        _ if raw.pattern.is_some() => Format::Regex,
        _ => Format::Pairs,
    });
    let foreign = |key: &str, context: &str| {
        let message = format!("`{key}` does not go with `{context}` in `{at}`");
        Err(Problem::at_key(at.key(key), message, format!("remove `{key}`, or change `{context}`")))
    };
    match (from, &raw.path) {
        (Stream::File, None) => {
            return Err(Problem::missing_key(at, "path", "`path:`, the file in `{out}` that it writes"));
        }
        (Stream::Stdout, Some(_)) => return foreign("path", "from: stdout"),
        (Stream::Stderr, Some(_)) => return foreign("path", "from: stderr"),
        _ => {}
    }
    match (format, &raw.pattern) {
        (Format::Regex, None) => {
            return Err(Problem::missing_key(at, "pattern", r"`pattern:`, e.g. `'loss (?<loss>\S+)'`"));
        }
        (Format::Regex, Some(pattern)) => check_pattern(pattern, &at.key("pattern"))?,
        (_, Some(_)) => return foreign("pattern", "format"),
        (_, None) => {}
    }
    if format != Format::Json && !raw.pointers.is_empty() {
        return foreign("pointers", "format");
    }
    if let Some((name, pointer)) = raw.pointers.iter().find(|(_, pointer)| !pointer.starts_with('/')) {
        let place = at.key("pointers").key(name.as_str());
        let message = format!("`{place}` is no JSON pointer: `{}`", pointer.escape_debug());
        return Err(Problem::at_value(place, message, "start it with `/`, e.g. `/final/accuracy` (RFC 6901)"));
    }
    Ok(MetricsFrom {
        from,
        format,
        path: raw.path.clone(),
        pattern: raw.pattern.clone(),
        pointers: raw.pointers.iter().map(|(name, pointer)| (name.to_string(), pointer.clone())).collect(),
        step: raw.step.as_ref().map(ToString::to_string),
    })
}

fn check_pattern(pattern: &str, at: &KeyPath) -> Result<(), Problem> {
    let regex = regex::Regex::new(pattern).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Problem::at_value(at.clone(), format!("`{at}` is no regular expression: {reason}"), "see docs.rs/regex")
    })?;
    if regex.capture_names().flatten().next().is_none() {
        let help = r"name a group for each metric: `(?<loss>\S+)`";
        return Err(Problem::at_value(at.clone(), format!("`{at}` has no named group"), help));
    }
    Ok(())
}

fn seconds(timeout: &Param, at: &KeyPath) -> Result<f64, Problem> {
    let seconds = match timeout {
        Param::Whole(seconds) => Some(*seconds as f64),
        Param::Number(seconds) => Some(*seconds),
        Param::Truth(_) => None,
        Param::Text(text) => text.trim().parse::<jiff::SignedDuration>().ok().map(|time| time.as_secs_f64()),
    };
    seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0).ok_or_else(|| {
        Problem::at_value(at.clone(), format!("`{at}` is no length of time"), "write `90s`, `30m`, `2h` or `1h 30m`")
    })
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Looks at a trainer by itself; parameters are known only with the variants.
pub(super) fn check_trainer(raw: &RawTrainer, at: &KeyPath, findings: &mut Findings) {
    match resolve_trainer(raw, at) {
        Err(problem) => findings.0.push(problem),
        Ok(Found::Import(_)) => {}
        Ok(Found::Command(command)) => {
            for (place, text) in templates(&command, at) {
                findings.0.extend(Template::parse(text).err().map(|bad| bad_template(&bad, place)));
            }
            let asks_for_data =
                templates(&command, at).into_iter().find(|(_, text)| asks_for(text, &Placeholder::Data));
            if let Some((place, _)) = asks_for_data.filter(|_| command.data.is_empty()) {
                let message = format!("`{place}` asks for `{{data}}`, and `{}` lists none", at.key("data"));
                findings.0.push(Problem::at_value(place, message, "list what the program trains on under `data:`"));
            }
        }
    }
    for (key, patterns) in [("sources", &raw.sources), ("data", &raw.data), ("artifacts", &raw.artifacts)] {
        for (i, pattern) in patterns.iter().enumerate() {
            let at = at.key(key).index(i);
            findings.text(at.clone(), Some(pattern));
            if key != "data" && glob::Pattern::new(pattern).is_err() {
                let message = format!("`{at}` is no pattern of file names: `{}`", pattern.escape_debug());
                findings.0.push(Problem::at_value(at, message, "use `*`, `?`, `**` and `[…]`, e.g. `src/**/*.py`"));
            }
        }
    }
    findings.number(at.key("repeat"), raw.repeat, 1.0..=100.0);
    if let Some(RawResources { gpus, threads }) = raw.resources {
        let at = at.key("resources");
        findings.number(at.key("gpus"), gpus, 0.0..=64.0);
        findings.number(at.key("threads"), threads, 1.0..=4096.0);
    }
}

/// Images that the file does not have. `at` is the trainer's own place.
pub(super) fn refuse_missing_images(command: &Command, at: &KeyPath) -> Result<(), Problem> {
    match templates(command, at).into_iter().find(|(_, text)| asks_for(text, &Placeholder::Images)) {
        None => Ok(()),
        Some((place, _)) => {
            let message = format!("`{place}` asks for `{{images}}`, and the file has no `data`");
            let help =
                "say where the images are: `data: {source: images, path: …}`; a program's own files are `{data}`";
            Err(Problem::at_value(place, message, help))
        }
    }
}

fn asks_for(text: &str, what: &Placeholder) -> bool {
    Template::parse(text).is_ok_and(|found| found.asks_for(what))
}

/// Every text of a command that may hold placeholders, with its place.
fn templates<'a>(command: &'a Command, at: &KeyPath) -> Vec<(KeyPath, &'a str)> {
    let place = at.key("command");
    let arguments = command.command.iter().enumerate();
    let arguments =
        arguments.map(|(i, text)| (if command.shell { place.clone() } else { place.index(i) }, text.as_str()));
    let variables = command.variables.iter().map(|(name, text)| (at.key("variables").key(name), text.as_str()));
    arguments.chain(variables).collect()
}

fn bad_template(bad: &BadTemplate, at: KeyPath) -> Problem {
    match bad {
        BadTemplate::Unknown(name) => {
            let name = name.escape_debug().to_string();
            let known = KNOWN.map(|known| format!("{{{known}}}"));
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = did_you_mean(&format!("{{{name}}}"), &known)
                .unwrap_or_else(|| format!("there are {}; braces that stand for themselves are doubled", list(&known)));
            Problem::at_value(at.clone(), format!("`{at}` asks for `{{{name}}}`, which there is not"), help)
        }
        BadTemplate::Unpaired(brace) => {
            let help = format!("write `{brace}{brace}` for one that stands for itself");
            Problem::at_value(at.clone(), format!("`{at}` has a `{brace}` without its partner"), help)
        }
    }
}

/// The first parameter that a command asks for and the variant does not have. `at` is the trainer's own place.
pub(super) fn refuse_missing_params(command: &Command, params: &Params, id: &str, at: &KeyPath) -> Result<(), Problem> {
    for (place, text) in templates(command, at) {
        let template = Template::parse(text).map_err(|bad| bad_template(&bad, place.clone()))?;
        if let Some(name) = template.placeholders().find_map(|placeholder| placeholder.missing_from(params)) {
            let known: Vec<&str> = params.keys().map(String::as_str).collect();
            let help = did_you_mean(name, &known)
                .unwrap_or_else(|| format!("give variant `{id}`, or the whole file, `params: {{{name}: …}}`"));
            let message = format!("`{place}` asks for `{{params.{name}}}`, which variant `{id}` does not have");
            return Err(Problem::at_value(place, message, help));
        }
    }
    Ok(())
}

/// A pattern that captures nothing that is declared would find nothing.
pub(super) fn refuse_foreign_groups(command: &Command, metrics: &Metrics, at: &KeyPath) -> Result<(), Problem> {
    let Some(regex) = command.metrics.pattern.as_ref().and_then(|pattern| regex::Regex::new(pattern).ok()) else {
        return Ok(());
    };
    let is_known = |group: &str| metrics.named(group).is_some() || command.metrics.step.as_deref() == Some(group);
    let unknown = regex
        .capture_names()
        .flatten()
        .find(|group| !is_known(group) && !matches!(*group, "step" | "epoch") && group.parse::<MetricName>().is_ok());
    let Some(group) = unknown else { return Ok(()) };
    let at = at.key("metrics").key("pattern");
    let known: Vec<&str> = metrics.all().map(super::metric::Metric::name).collect();
    let help = did_you_mean(group, &known).unwrap_or_else(|| format!("declare it: `metrics: {{{group}: {{}}}}`"));
    Err(Problem::at_value(at.clone(), format!("`{at}` captures `{group}`, which is no metric"), help))
}
