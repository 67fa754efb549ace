//! What types cannot rule out: ranges, repetitions, and keys that do not go together. Reports everything it finds.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::ops::{Bound, RangeBounds, RangeInclusive};

use indexmap::IndexMap;
use serde_yaml::Mapping;

use super::check_claims::check_claims;
use super::conclusion::check_conclusions;
use super::error::{did_you_mean, list};
use super::experiment::DropoutKind;
use super::location::{KeyPath, Part};
use super::metric::{Metric, Metrics};
use super::network::check_layers;
use super::raw::{
    DecayKind, NormKind, OptimizerKind, RawData, RawDecay, RawDropout, RawExperiment, RawFit, RawModel, RawNorm,
    RawOptimizer, RawPerClass, RawSchedule, RawThroughput, RawTrain, RawVariant, SCHEMA, SourceKind,
};
use super::reported::Reported;
use super::resolve::{self, resolve_decay};
use super::shorthand::{Seeds, Shorthand};
use super::trainers::check_trainer;
use super::values::{Slug, is_device};

pub const MAX_VARIANTS: usize = 256;
const MAX_SEEDS: usize = 10_000;
const MAX_SIZES: usize = 16;
/// Trials of one experiment. Each has a folder, a row in tables, and time of its own.
const MOST_TRIALS: usize = 100_000;

/// Something wrong with a file that could be read: where, what, and what to do.
#[derive(Debug)]
pub(super) struct Problem {
    pub path: KeyPath,
    pub part: Part,
    pub message: String,
    pub help: String,
    /// The value that this one repeats.
    pub first: Option<KeyPath>,
}

impl Problem {
    pub fn at_value(path: KeyPath, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path, part: Part::Value, message: message.into(), help: help.into(), first: None }
    }

    pub fn at_key(path: KeyPath, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { part: Part::Key, ..Self::at_value(path, message, help) }
    }

    /// `place` is the mapping that should have the key; an empty path is the file itself.
    pub fn missing_key(place: &KeyPath, key: &str, help: impl fmt::Display) -> Self {
        let within = if place.is_root() { String::new() } else { format!(" in `{place}`") };
        Self::at_key(place.clone(), format!("missing key `{key}`{within}"), format!("add {help}"))
    }
}

/// Refuses a file without a format version, or with one that this program does not know, before judging anything else.
pub(super) fn check_schema(file: &Mapping) -> Result<(), Problem> {
    let root = KeyPath::root();
    let Some(version) = file.get("schema") else {
        return Err(Problem::missing_key(
            &root,
            "schema",
            format!("`schema: {SCHEMA}`, the version of the file format"),
        ));
    };
    let message = match version.as_u64() {
        Some(newer) if newer > u64::from(SCHEMA) => format!("format version {newer} is newer than this program"),
        Some(0) => "there is no format version 0".to_owned(),
        _ => return Ok(()),
    };
    let help = format!("this program reads version {SCHEMA}; a newer retrial may read more");
    Err(Problem::at_value(root.key("schema"), message, help))
}

pub(super) fn check(raw: &RawExperiment) -> Vec<Problem> {
    let mut findings = Findings(Vec::new());
    let root = KeyPath::root();
    findings.text(root.key("title"), Some(&raw.title));
    findings.number(root.key("confidence"), raw.confidence, (Excluded(0.0), Excluded(1.0)));
    if let Some(source) = &raw.source {
        let at = root.key("source");
        findings.url(at.key("url"), source.url.as_deref());
        findings.text(at.key("says"), source.says.as_deref());
        findings.language(at.key("lang"), source.lang.as_deref());
    }
    if let Some(data) = &raw.data {
        check_data(data, &root.key("data"), &mut findings);
    }
    if let Some(Shorthand::Full(trainer)) = &raw.trainer {
        check_trainer(trainer, &root.key("trainer"), &mut findings);
    }
    check_metrics(raw, &root.key("metrics"), &mut findings);
    check_seeds(&raw.seeds, &root.key("seeds"), &mut findings);
    check_model(&raw.model, &root.key("model"), &mut findings);
    check_train(&raw.train, &root.key("train"), &mut findings);
    let metrics = resolve::metrics(raw);
    check_variants(raw, &metrics, &root.key("variants"), &mut findings);
    check_trials(raw, &root.key("seeds"), &mut findings);
    check_settle(raw, &root, &mut findings);
    if let Some(Shorthand::Full(throughput)) = &raw.throughput {
        check_throughput(throughput, &root.key("throughput"), &mut findings);
    }
    check_claims(raw, &metrics, &root.key("claims"), &mut findings);
    check_conclusions(raw, &metrics, &root.key("conclusions"), &mut findings);
    findings.0
}

fn check_data(data: &RawData, at: &KeyPath, findings: &mut Findings) {
    let counts = at.key("per_class");
    match data.per_class {
        Some(Shorthand::Short(both)) => findings.number(counts, Some(both), 1.0..=100_000.0),
        Some(Shorthand::Full(RawPerClass { train, test })) => {
            findings.number(counts.key("train"), train, 1.0..=100_000.0);
            findings.number(counts.key("test"), test, 1.0..=100_000.0);
        }
        None => {}
    }
    if let Some(fit) = data.fit {
        check_fit(fit.into_full(), &at.key("fit"), findings);
    }
    let [path, seed, fit] = [("path", data.path.is_some()), ("seed", data.seed.is_some()), ("fit", data.fit.is_some())];
    let (name, foreign) = match data.source {
        SourceKind::Synthetic => ("synthetic", &[path, fit][..]),
        SourceKind::Cifar10 => ("cifar10", &[seed, fit][..]),
        SourceKind::Cifar100 => ("cifar100", &[seed, fit][..]),
        SourceKind::Idx => ("idx", &[seed, fit][..]),
        SourceKind::Images => ("images", &[seed][..]),
    };
    findings.foreign(at, &format!("source: {name}"), foreign);
    findings.text(at.key("path"), data.path.as_deref());
}

fn check_fit(RawFit { resize, crop }: RawFit, at: &KeyPath, findings: &mut Findings) {
    let sides = 1.0..=4096.0;
    findings.number(at.key("resize"), Some(resize), sides.clone());
    findings.number(at.key("crop"), crop, sides);
    if let Some(crop) = crop.filter(|crop| *crop > resize) {
        let message = format!("`{at}` crops to {crop} pixels what it made {resize} pixels small");
        findings.0.push(Problem::at_value(at.key("crop"), message, format!("at most {resize}")));
    }
}

/// What is known of a metric already cannot be said again.
fn check_metrics(raw: &RawExperiment, at: &KeyPath, findings: &mut Findings) {
    let known =
        Metrics::new(raw.variants.iter().any(|variant| resolve::is_native(variant, raw)), true, &IndexMap::new());
    for (name, declaration) in &raw.metrics {
        let at = at.key(name.as_str());
        if known.named(name.as_str()).is_some() {
            let message = format!("`{name}` is a metric of a trainer already");
            findings.0.push(Problem::at_key(at.clone(), message, "leave it out here, or give yours another name"));
        }
        findings.text(at.key("label"), declaration.label.as_deref());
        let range = ends(Metric::declared(name, declaration).levels());
        findings.number(at.key("minimum"), declaration.minimum, ..);
        findings.number(at.key("maximum"), declaration.maximum, ..);
        findings.number(at.key("chance"), declaration.chance, range);
        if let Some((least, most)) = declaration.minimum.zip(declaration.maximum).filter(|(least, most)| least >= most)
        {
            let message = format!("`{at}` lies between {least} and {most}, where there is nothing");
            findings.0.push(Problem::at_value(at.key("maximum"), message, "give a `maximum` above the `minimum`"));
        }
    }
}

fn check_throughput(throughput: &RawThroughput, at: &KeyPath, findings: &mut Findings) {
    let RawThroughput { batch_sizes, image_sizes, rounds, seconds, budget, .. } = throughput;
    for (key, sizes, range) in
        [("batch_sizes", batch_sizes, 1.0..=65_536.0), ("image_sizes", image_sizes, 8.0..=1024.0)]
    {
        let Some(sizes) = sizes else { continue };
        let at = at.key(key);
        findings.length(&at, sizes.len(), MAX_SIZES, "size");
        for (i, size) in sizes.iter().enumerate() {
            findings.number(at.index(i), Some(*size), range.clone());
        }
        let named = sizes.iter().enumerate().map(|(i, size)| (at.index(i), size));
        findings.distinct(named, |size| format!("size {size}"), "give each size once");
    }
    findings.number(at.key("rounds"), *rounds, 2.0..=1000.0);
    findings.number(at.key("seconds"), *seconds, (Excluded(0.0), Included(600.0)));
    findings.number(at.key("budget"), *budget, (Excluded(0.0), Included(1_000_000.0)));
}

fn check_seeds(seeds: &Seeds, at: &KeyPath, findings: &mut Findings) {
    match seeds {
        Seeds::Count(count) => findings.number(at.clone(), Some(*count), 1.0..=MAX_SEEDS as f64),
        Seeds::List(list) => {
            findings.length(at, list.len(), MAX_SEEDS, "seed");
            let named = list.iter().enumerate().map(|(i, seed)| (at.index(i), seed));
            findings.distinct(named, |seed| format!("seed {seed}"), "give each seed once");
        }
    }
}

fn check_settle(raw: &RawExperiment, root: &KeyPath, findings: &mut Findings) {
    let Some(settle) = &raw.settle else { return };
    if let Some(problem) = settle.problem(raw.seeds.number()) {
        let help = "give the numbers of seeds in ascending order, e.g. `looks: [3, 5, 8, 13, 20]` with `seeds: 20`";
        findings.0.push(Problem::at_value(root.key("settle").key("looks"), problem, help));
    }
    for (i, _) in raw.variants.iter().enumerate().filter(|(_, variant)| variant.seeds.is_some()) {
        let at = root.key("variants").index(i).key("seeds");
        let help = "remove it, or `settle`: looks are taken at the same seeds of all variants";
        findings.0.push(Problem::at_key(at, "`seeds` of a variant's own do not go with `settle`", help));
    }
}

fn check_trials(raw: &RawExperiment, at: &KeyPath, findings: &mut Findings) {
    let of = |variant: &RawVariant| variant.seeds.as_ref().unwrap_or(&raw.seeds).number() as f64;
    let trials: f64 = raw.variants.iter().map(of).sum();
    if trials > MOST_TRIALS as f64 {
        let message = format!("{} variants with these seeds are {trials} trials", raw.variants.len());
        let help = format!("the limit is {MOST_TRIALS} trials: use fewer seeds, or several experiments");
        findings.0.push(Problem::at_value(at.clone(), message, help));
    }
}

fn check_model(model: &RawModel, at: &KeyPath, findings: &mut Findings) {
    if let Some(layers) = &model.layers {
        check_layers(layers, &at.key("layers"), findings);
    }
    findings.text(at.key("name"), model.name.as_deref());
    findings.number(at.key("width"), model.width, (Excluded(0.0), Included(4.0)));
    if let Some(Shorthand::Full(norm)) = model.norm {
        check_norm(norm, &at.key("norm"), findings);
    }
    if let Some(Shorthand::Full(RawDropout { kind, block_size, .. })) = model.dropout {
        let at = at.key("dropout");
        findings.number(at.key("block_size"), block_size, 1.0..=64.0);
        match kind {
            Some(DropoutKind::Element) => {
                findings.foreign(&at, "kind: element", &[("block_size", block_size.is_some())])
            }
            Some(DropoutKind::Channel) => {
                findings.foreign(&at, "kind: channel", &[("block_size", block_size.is_some())])
            }
            Some(DropoutKind::Block) | None => {}
        }
    }
}

pub(super) fn check_norm(norm: RawNorm, at: &KeyPath, findings: &mut Findings) {
    let RawNorm { kind, momentum, epsilon, groups } = norm;
    findings.number(at.key("momentum"), momentum, 0.0..1.0);
    findings.number(at.key("epsilon"), epsilon, (Excluded(0.0), Unbounded));
    findings.number(at.key("groups"), groups, 1.0..=1024.0);
    let (momentum, epsilon, groups) =
        (("momentum", momentum.is_some()), ("epsilon", epsilon.is_some()), ("groups", groups.is_some()));
    match kind {
        NormKind::None => findings.foreign(at, "kind: none", &[momentum, epsilon, groups]),
        NormKind::Batch => findings.foreign(at, "kind: batch", &[groups]),
        NormKind::Group => findings.foreign(at, "kind: group", &[momentum]),
    }
}

fn check_train(train: &RawTrain, at: &KeyPath, findings: &mut Findings) {
    findings.number(at.key("epochs"), train.epochs, 1.0..=10_000.0);
    findings.number(at.key("batch_size"), train.batch_size, 1.0..=65_536.0);
    // What is too small for a network shows when its shapes are inferred.
    findings.number(at.key("image_size"), train.image_size, 8.0..=1024.0);
    findings.number(at.key("learning_rate"), train.learning_rate, (Excluded(0.0), Unbounded));
    findings.number(at.key("momentum"), train.momentum, 0.0..1.0);
    findings.number(at.key("weight_decay"), train.weight_decay, 0.0..);
    findings.number(at.key("label_smoothing"), train.label_smoothing, 0.0..1.0);
    if let Some(Shorthand::Full(optimizer)) = train.optimizer {
        check_optimizer(optimizer, &at.key("optimizer"), findings);
    }
    if let Some(schedule) = &train.schedule {
        check_schedule(schedule, &at.key("schedule"), findings);
    }
    if let Some(augment) = &train.augment {
        findings.number(at.key("augment").key("crop_padding"), augment.crop_padding, 0.0..=64.0);
    }
}

fn check_optimizer(optimizer: RawOptimizer, at: &KeyPath, findings: &mut Findings) {
    let RawOptimizer { kind, defaults: _, nesterov, rho, beta_1, beta_2, epsilon } = optimizer;
    for (key, share) in [("rho", rho), ("beta_1", beta_1), ("beta_2", beta_2)] {
        findings.number(at.key(key), share, 0.0..1.0);
    }
    findings.number(at.key("epsilon"), epsilon, (Excluded(0.0), Unbounded));
    let [nesterov, rho, beta_1, beta_2, epsilon] = [
        ("nesterov", nesterov.is_some()),
        ("rho", rho.is_some()),
        ("beta_1", beta_1.is_some()),
        ("beta_2", beta_2.is_some()),
        ("epsilon", epsilon.is_some()),
    ];
    match kind {
        OptimizerKind::Sgd => findings.foreign(at, "kind: sgd", &[rho, beta_1, beta_2, epsilon]),
        OptimizerKind::Rmsprop => findings.foreign(at, "kind: rmsprop", &[nesterov, beta_1, beta_2]),
        OptimizerKind::Adam => findings.foreign(at, "kind: adam", &[nesterov, rho]),
        OptimizerKind::Adamw => findings.foreign(at, "kind: adamw", &[nesterov, rho]),
    }
}

fn check_schedule(schedule: &RawSchedule, at: &KeyPath, findings: &mut Findings) {
    findings.number(at.key("warmup_epochs"), schedule.warmup_epochs, 0.0..=10_000.0);
    if let Some(decay) = schedule.decay.map(Shorthand::into_full) {
        check_decay(decay, &at.key("decay"), findings);
    }
}

fn check_decay(decay: RawDecay, at: &KeyPath, findings: &mut Findings) {
    findings.number(at.key("every_epochs"), decay.every_epochs, 1.0..=10_000.0);
    findings.number(at.key("factor"), decay.factor, (Excluded(0.0), Included(1.0)));
    findings.number(at.key("final_factor"), decay.final_factor, 0.0..=1.0);
    findings.0.extend(resolve_decay(decay, at).err());
    let step = [("every_epochs", decay.every_epochs.is_some()), ("factor", decay.factor.is_some())];
    let cosine = ("final_factor", decay.final_factor.is_some());
    match decay.kind {
        DecayKind::Constant => findings.foreign(at, "kind: constant", &[step[0], step[1], cosine]),
        DecayKind::Step => findings.foreign(at, "kind: step", &[cosine]),
        DecayKind::Cosine => findings.foreign(at, "kind: cosine", &step),
    }
}

fn check_variants(raw: &RawExperiment, metrics: &Metrics, at: &KeyPath, findings: &mut Findings) {
    findings.length(at, raw.variants.len(), MAX_VARIANTS, "variant");
    let all = || raw.variants.iter().enumerate().map(|(i, variant)| (at.index(i), variant));
    let ids = all().map(|(at, variant)| (at.key("id"), &variant.id));
    findings.folders(ids, "variant id", "give each variant an id of its own");
    let labels = all().filter_map(|(at, variant)| Some((at.key("label"), variant.label.as_deref()?)));
    let quoted = |label: &&str| format!("label `{}`", label.escape_debug());
    findings.distinct(labels, quoted, "give each variant a label of its own: plots tell them apart by it");
    for (at, variant) in all() {
        findings.text(at.key("label"), variant.label.as_deref());
        if let Some(seeds) = &variant.seeds {
            check_seeds(seeds, &at.key("seeds"), findings);
        }
        check_model(&variant.model, &at.key("model"), findings);
        check_train(&variant.train, &at.key("train"), findings);
        if let Some(Shorthand::Full(trainer)) = &variant.trainer {
            check_trainer(trainer, &at.key("trainer"), findings);
        }
        check_reported(&variant.reported, metrics, &at.key("reported"), findings);
    }
}

/// Figures that a source reports are of series: no article knows what a probe would have found.
pub(super) fn check_reported(reported: &Reported, metrics: &Metrics, at: &KeyPath, findings: &mut Findings) {
    for (name, figure) in reported.given() {
        let place = at.key(name.as_str());
        match metrics.named(name.as_str()).filter(|metric| metric.is_series()) {
            Some(metric) => findings.number(place, Some(figure), ends(metric.levels())),
            None => {
                let known: Vec<&str> = metrics.series().map(Metric::name).collect();
                let help =
                    did_you_mean(name.as_str(), &known).unwrap_or_else(|| format!("known keys are {}", list(&known)));
                findings.0.push(Problem::at_key(place, format!("unknown key `{name}` in `{at}`"), help));
            }
        }
    }
}

/// A range whose infinite ends are open.
pub(super) fn ends(range: RangeInclusive<f64>) -> (Bound<f64>, Bound<f64>) {
    let end = |value: f64| if value.is_finite() { Included(value) } else { Unbounded };
    (end(*range.start()), end(*range.end()))
}

pub(super) struct Findings(pub(super) Vec<Problem>);

impl Findings {
    pub fn number(&mut self, at: KeyPath, value: Option<impl Into<f64>>, allowed: impl RangeBounds<f64>) {
        let Some(value) = value.map(Into::into) else { return };
        if !value.is_finite() || !allowed.contains(&value) {
            let message = format!("`{at}` is out of range: {value}");
            self.0.push(Problem::at_value(at, message, format!("use a number {}", in_words(&allowed))));
        }
    }

    pub fn length(&mut self, at: &KeyPath, length: usize, limit: usize, what: &str) {
        let message = match length {
            0 => format!("`{at}` is empty"),
            _ if length > limit => format!("`{at}` lists {length} {what}s"),
            _ => return,
        };
        self.0.push(Problem::at_value(at.clone(), message, format!("list at least 1 {what} and at most {limit}")));
    }

    pub fn text(&mut self, at: KeyPath, text: Option<&str>) {
        if text.is_some_and(|text| text.trim().is_empty()) {
            let message = format!("`{at}` is empty");
            self.0.push(Problem::at_value(at, message, "write some text, or remove the key if it is optional"));
        }
    }

    /// Names that become folders side by side: each must be one folder of its own wherever the bundle goes, on systems that
    /// do not tell upper from lower case, too.
    pub fn folders<'a>(&mut self, names: impl Iterator<Item = (KeyPath, &'a Slug)>, what: &str, help: &str) {
        let mut first: HashMap<String, (KeyPath, &Slug)> = HashMap::new();
        for (path, name) in names {
            self.0.extend(device(&path, name));
            let Some((earlier, same)) = first.get(&name.fold()) else {
                first.insert(name.fold(), (path, name));
                continue;
            };
            let message = match name == *same {
                true => format!("{what} `{name}` is used twice"),
                false => format!("{what} `{name}` is `{same}` in another case: some systems make one folder of both"),
            };
            self.0.push(Problem { first: Some(earlier.clone()), ..Problem::at_value(path, message, help) });
        }
    }

    /// The report makes a link of it, so nothing but web addresses gets through.
    fn url(&mut self, at: KeyPath, url: Option<&str>) {
        if url.is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            let message = format!("`{at}` is not a web address");
            self.0.push(Problem::at_value(at, message, "start it with `https://` or `http://`"));
        }
    }

    fn language(&mut self, at: KeyPath, tag: Option<&str>) {
        if tag.is_some_and(|tag| tag.parse::<unic_langid::LanguageIdentifier>().is_err()) {
            let message = format!("`{at}` is not the name of a language");
            self.0.push(Problem::at_value(at, message, "use a BCP 47 tag, such as `en` or `zh-Hant`"));
        }
    }

    /// Keys that were given although `context` has no use for them.
    pub(super) fn foreign(&mut self, at: &KeyPath, context: &str, keys: &[(&str, bool)]) {
        for (key, _) in keys.iter().filter(|(_, given)| *given) {
            let message = format!("`{key}` does not go with `{context}` in `{at}`");
            self.0.push(Problem::at_key(at.key(key), message, format!("remove `{key}`, or change `{context}`")));
        }
    }

    /// Each value that equals an earlier one is a problem, pointed out together with the first.
    pub fn distinct<T: Hash + Eq>(
        &mut self,
        values: impl Iterator<Item = (KeyPath, T)>,
        name: impl Fn(&T) -> String,
        help: &str,
    ) {
        let mut seen: HashMap<T, KeyPath> = HashMap::new();
        for (path, value) in values {
            match seen.get(&value) {
                Some(first) => {
                    let problem = Problem::at_value(path, format!("{} is used twice", name(&value)), help);
                    self.0.push(Problem { first: Some(first.clone()), ..problem });
                }
                None => {
                    seen.insert(value, path);
                }
            }
        }
    }
}

/// A name becomes a folder or a file, and must not be that of a device.
pub(super) fn device(at: &KeyPath, name: &Slug) -> Option<Problem> {
    let message = || format!("`{name}` cannot be a folder on Windows, where it is a device");
    is_device(name.as_str()).then(|| Problem::at_value(at.clone(), message(), "use another name"))
}

/// `0.0..1.0` as "of at least 0 and below 1".
fn in_words(range: &impl RangeBounds<f64>) -> String {
    let low = match range.start_bound() {
        Bound::Included(low) => Some(format!("of at least {low}")),
        Bound::Excluded(low) => Some(format!("above {low}")),
        Bound::Unbounded => None,
    };
    let high = match range.end_bound() {
        Bound::Included(high) => Some(format!("at most {high}")),
        Bound::Excluded(high) => Some(format!("below {high}")),
        Bound::Unbounded => None,
    };
    match [low, high].into_iter().flatten().collect::<Vec<_>>().join(" and ") {
        anything if anything.is_empty() => "that is finite".to_owned(),
        limits => limits,
    }
}
