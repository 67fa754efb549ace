//! What the page templates see: plain values in the order of the page, with every foreign string on one clean line.
//!
//! Templates lay out and format; they compute nothing and know no variant by name.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::analysis::chance::{Basis, Chance};
use super::analysis::comparison::{Comparison, Shown};
use super::analysis::knobs::{recipe_in_words, setting_in_words, settings_in_words};
use super::analysis::level::Level;
use super::analysis::trial::{Status, Trial};
use super::analysis::{Analysis, Counts, Fate, VariantResult};
use super::audit::Audit;
use super::comparison;
use super::conclude::{self, Conclusions};
use super::groups;
use super::language::{known_message, say};
use super::limits::deviations;
use super::metric::InWords as _;
use super::plots::{Plot, Plots};
use super::probes::{VariantProbes, findings};
use super::stated::{Stated, first_screen};
use super::text::{capitalised, count, counted, list, magnitude, plain, quoted, range, share};
use super::throughput::{self, Throughput};
use super::verdicts::registration;
use super::verdicts::view::{ClaimView, tally, views};
use crate::bundle::evidence::Evidence;
use crate::bundle::record::{Conversion, DatasetRecord, Environment, ParameterCount, Reproducibility};
use crate::claims::Judged;
use crate::config::{Experiment, Metric, Metrics, Role, Seed, Settle, Trainer};
use crate::stats::{Estimate, Interval, Spending};

#[derive(Serialize)]
pub struct View<'a> {
    id: String,
    title: String,
    question: Option<String>,
    source: Option<SourceView>,
    /// In words: `95%`.
    confidence: String,
    seeds: Vec<u64>,
    /// When they are looked at, where they come in stages.
    looks: Option<String>,
    /// How many each variant has: `3`, or `3 to 5`.
    seeds_each: String,
    /// Variants with seeds of their own, and how many.
    own_seeds: Vec<String>,
    counts: Counts,
    /// Whether the trials are about the share of test images that are classified correctly.
    is_accuracy: bool,
    /// Whether there are variants of this program's own, and of others.
    has_networks: bool,
    has_programs: bool,
    chance: Option<Chance>,
    /// What the trials are about, as the head of a column.
    primary: SeriesView,
    /// The same within a sentence.
    primary_in_words: String,
    /// What trials leave a series of, what matters most first.
    series: Vec<SeriesView>,
    claims: Vec<ClaimView<'a>>,
    /// How many claims got which verdict; `None` without claims.
    tally: Option<String>,
    /// What came out, in few words: the author's, as long as they stand.
    answer: Vec<String>,
    /// What else is concluded, and why.
    why: Vec<String>,
    /// What decides it by pairs of variants, in brief where nothing above says so, then pair by pair.
    pairs: Vec<String>,
    /// Conclusions of the author that no longer stand, and why.
    fallen: Vec<String>,
    /// What else changed about the rules when there were results.
    changes: Vec<String>,
    conclusions: &'a Conclusions,
    limits: &'a [String],
    deviations: Vec<String>,
    variants: Vec<VariantView>,
    groups: Vec<GroupView>,
    /// Whether the source gives a figure of what the trials are about.
    has_reported: bool,
    /// Whether the trials were computed on several engines, so that each has to say on which.
    several_engines: bool,
    comparisons: Vec<ComparisonView>,
    recipe: Vec<RecipeRow>,
    dataset: Option<DatasetView>,
    environment: Option<EnvironmentView>,
    plots: Vec<PlotView<'a>>,
    /// `None` where nothing was probed.
    probes: Option<ProbesView<'a>>,
    /// `None` where it was not measured.
    throughput: Option<ThroughputView<'a>>,
    audit: &'a Audit,
    /// `None` where the run was compared with nothing.
    comparison: Option<PublishedView>,
}

/// What was worked out before, for the page to show.
pub struct Parts<'a> {
    pub judged: &'a [Judged],
    pub conclusions: &'a Conclusions,
    pub limits: &'a [String],
    pub probes: &'a [VariantProbes<'a>],
    pub throughput: Option<&'a Throughput<'a>>,
    pub plots: &'a Plots,
    pub audit: &'a Audit,
}

#[derive(Serialize)]
struct ProbesView<'a> {
    sentences: Vec<String>,
    rows: Vec<findings::Row>,
    plots: Vec<PlotView<'a>>,
}

#[derive(Serialize)]
struct ThroughputView<'a> {
    sentences: Vec<String>,
    rows: Vec<throughput::words::Row>,
    /// `None` where the ceilings are not known.
    shares: Option<throughput::words::Shares>,
    plots: Vec<PlotView<'a>>,
}

#[derive(Serialize)]
struct GroupView {
    /// `None` where nothing groups the variants.
    name: Option<String>,
    /// Places among the variants.
    members: Vec<usize>,
    /// That a heading spans.
    columns: usize,
}

#[derive(Serialize)]
struct PublishedView {
    /// The publication's manifest, shortened.
    publication: String,
    words: String,
    agrees: bool,
}

#[derive(Serialize)]
struct SourceView {
    title: String,
    author: Option<String>,
    published: Option<String>,
    /// Only web addresses; anything else is left out, because a link runs what it points to.
    url: Option<String>,
    /// In a sentence or two.
    says: Option<String>,
    /// Of its title and quotes.
    lang: Option<String>,
}

#[derive(Serialize)]
struct VariantView {
    id: String,
    label: String,
    description: Option<String>,
    model: Vec<String>,
    /// What is known of whether its trials repeat themselves, where this program does not perform them.
    level: Option<String>,
    parameters: Option<ParameterCount>,
    counts: Counts,
    fate: Fate,
    fate_in_words: String,
    basis: Option<String>,
    /// Then the interval is blind to how seeds vary.
    rests_on_one_seed: bool,
    accuracy: Option<Estimate>,
    /// Of the accuracy: what it was judged by, which covers the finite test set, too.
    interval: Option<Interval>,
    reported_accuracy: Option<f64>,
    accuracy_difference: Option<f64>,
    /// Those that the trials or the source give.
    figures: Vec<FigureView>,
    trials: Vec<TrialView>,
    /// Whether it learns.
    sentence: String,
    against_source: Option<String>,
    /// What it shows beside those that differ from it in one setting.
    pairs: Vec<String>,
    /// (term, value) of what was measured inside, and of its speed.
    inside: Vec<(String, String)>,
    speed: Vec<(String, String)>,
    /// Places of the claims about it.
    claims: Vec<usize>,
}

/// One metric of one variant beside the source's figure.
#[derive(Serialize)]
struct FigureView {
    metric: Metric,
    name: String,
    estimate: Option<Estimate>,
    reported: Option<f64>,
    difference: Option<f64>,
    prediction: Option<Interval>,
    compatible: Option<bool>,
    all_alike: bool,
}

#[derive(Serialize)]
struct TrialView {
    seed: u64,
    status: String,
    /// What a reader should know about how it ended.
    note: Option<String>,
    epochs: Option<u32>,
    steps: Option<u64>,
    /// `None` where this program did not compute it.
    engine: Option<String>,
    /// One for each of the report's series, by name.
    figures: IndexMap<&'static str, Option<f64>>,
    key: Option<DigestView>,
    parameters: Option<DigestView>,
}

/// A metric as the head of a column.
#[derive(Serialize)]
struct SeriesView {
    metric: Metric,
    heading: String,
}

#[derive(Serialize)]
struct DigestView {
    short: String,
    full: String,
}

#[derive(Serialize)]
struct ComparisonView {
    minuend: String,
    subtrahend: String,
    setting: String,
    minuend_has: String,
    subtrahend_has: String,
    accuracy: Option<Estimate>,
    shown: Shown,
    finding: String,
}

/// One setting of the recipe: a single value where all variants share it.
#[derive(Serialize)]
struct RecipeRow {
    setting: String,
    shared: Option<String>,
    /// (label, value) for each variant where they differ.
    each: Vec<(String, String)>,
}

#[derive(Serialize)]
struct DatasetView {
    description: String,
    classes: Vec<ClassRow>,
    image: [u32; 2],
    train: u64,
    test: u64,
    digest: String,
    archive: Option<String>,
    /// What was done to images so that all are alike; `None` where nothing was.
    converted: Option<String>,
}

#[derive(Serialize)]
struct ClassRow {
    name: String,
    train: u64,
    test: u64,
}

/// The machine as far as it may change results or their cost; when and where it stood is left out.
#[derive(Serialize)]
struct EnvironmentView {
    retrial: String,
    engine: String,
    os: String,
    cpu: String,
    cores: usize,
    memory_gib: u64,
    rustc: String,
    /// What the engine computes with, in its own terms: libraries, driver, GPU.
    details: Vec<(String, String)>,
    commit: Option<String>,
    /// The sources were not just as in the commit.
    is_changed: bool,
    /// What the engine showed when a short training was run twice.
    reproducibility: Option<String>,
}

#[derive(Serialize)]
struct PlotView<'a> {
    name: &'a str,
    title: &'a str,
    reading: &'a str,
    description: &'a str,
    svg: &'a str,
}

impl<'a> View<'a> {
    pub fn of(evidence: &Evidence, analysis: &Analysis, parts: Parts<'a>) -> Self {
        let experiment = &evidence.experiment;
        let has_reported =
            analysis.variants.iter().any(|result| result.variant.reported.of(analysis.primary).is_some());
        let (answer, why) = answer_and_why(parts.conclusions, tally(parts.judged).as_deref());
        Self {
            id: experiment.id.to_string(),
            title: plain(&experiment.title),
            question: experiment.question.as_deref().map(plain),
            source: experiment.source.as_ref().map(source),
            confidence: share(experiment.confidence),
            seeds: most_seeds(experiment).iter().map(|seed| seed.0).collect(),
            looks: experiment.settle.as_ref().map(looks),
            seeds_each: seeds_each(experiment),
            own_seeds: own_seeds(experiment),
            counts: analysis.counts(),
            is_accuracy: analysis.primary.role() == Role::TestAccuracy,
            has_networks: experiment.native_variants().next().is_some(),
            has_programs: experiment.variants.iter().any(|variant| matches!(variant.trainer, Trainer::Command { .. })),
            chance: analysis.chance,
            primary_in_words: analysis.primary.in_words(),
            primary: SeriesView { heading: primary_heading(analysis.primary), metric: analysis.primary },
            series: experiment.metrics.series().map(series).collect(),
            claims: views(parts.judged, analysis, &parts.plots.claims),
            tally: tally(parts.judged),
            answer,
            pairs: pairs(parts.conclusions, &why),
            why,
            fallen: parts.conclusions.stated.iter().filter_map(Stated::notice).collect(),
            changes: registration::changes(evidence.registration.as_ref()),
            conclusions: parts.conclusions,
            limits: parts.limits,
            deviations: deviations(evidence),
            variants: (0..analysis.variants.len()).map(|index| variant(analysis, index, &parts)).collect(),
            groups: groups(analysis, has_reported),
            has_reported,
            several_engines: analysis.engines().len() > 1,
            comparisons: analysis.comparisons.iter().map(|pair| pair_view(analysis, pair)).collect(),
            recipe: recipe(analysis),
            dataset: evidence.dataset.as_ref().map(dataset),
            environment: evidence.environment.as_ref().map(environment),
            plots: parts.plots.results.iter().map(plot).collect(),
            probes: probes(parts.probes, &parts.plots.probes),
            throughput: parts.throughput.map(|found| ThroughputView {
                sentences: throughput::words::sentences(found),
                rows: throughput::words::rows(found),
                shares: throughput::words::shares(found),
                plots: parts.plots.throughput.iter().map(plot).collect(),
            }),
            audit: parts.audit,
            comparison: evidence.comparison.as_ref().map(|record| PublishedView {
                publication: record.publication.short(),
                words: comparison::in_words(record),
                agrees: record.agrees(),
            }),
        }
    }
}

/// What the first screen says came out, and what is said further down: the author's own words as long as any stand, else
/// sentences made from the findings.
pub fn answer_and_why(conclusions: &Conclusions, tally: Option<&str>) -> (Vec<String>, Vec<String>) {
    let stated = conclusions.stated.iter().filter(|stated| stated.stands);
    let stated: Vec<String> = stated.map(|stated| stated.says.clone()).collect();
    if stated.is_empty() {
        // The tally has a place of its own.
        return first_screen(conclusions.answer.iter().filter(|said| Some(said.as_str()) != tally).cloned().collect());
    }
    first_screen(stated)
}

fn pairs(conclusions: &Conclusions, said: &[String]) -> Vec<String> {
    let brief = conclusions.causes_in_brief.iter().filter(|brief| !said.contains(brief));
    brief.chain(&conclusions.causes).cloned().collect()
}

fn groups(analysis: &Analysis, has_reported: bool) -> Vec<GroupView> {
    let columns = if has_reported { 5 } else { 4 };
    let view = |group: groups::Group| GroupView { name: group.name, members: group.members, columns };
    groups::of(analysis).into_iter().map(view).collect()
}

/// In few words where a language has them: a table has a column for each.
fn series(metric: Metric) -> SeriesView {
    let brief = known_message(&format!("page-{}", metric.name().replace('_', "-")));
    let heading = brief.filter(|_| !metric.is_declared()).unwrap_or_else(|| capitalised(&metric.in_words()));
    SeriesView { metric, heading }
}

fn primary_heading(metric: Metric) -> String {
    match metric.role() {
        Role::TestAccuracy => say!("page-validation-accuracy"),
        _ => capitalised(&metric.in_words()),
    }
}

fn probes<'a>(probes: &[VariantProbes], plots: &'a [Plot]) -> Option<ProbesView<'a>> {
    (!probes.is_empty()).then(|| ProbesView {
        sentences: findings::sentences(probes),
        rows: findings::rows(probes),
        plots: plots.iter().map(plot).collect(),
    })
}

fn seeds_each(experiment: &Experiment) -> String {
    let counts = || experiment.variants.iter().map(|variant| variant.seeds.len());
    match (counts().min().unwrap_or(0), counts().max().unwrap_or(0)) {
        (least, most) if least == most => most.to_string(),
        (least, most) => range(least.to_string(), most.to_string()),
    }
}

/// Those of the experiment; where looks have not called for all of them, as many as some variant has.
fn most_seeds(experiment: &Experiment) -> &[Seed] {
    let most = experiment.variants.iter().map(|variant| variant.seeds.as_slice()).max_by_key(|seeds| seeds.len());
    most.filter(|_| experiment.settle.is_some()).unwrap_or(&experiment.seeds)
}

fn looks(settle: &Settle) -> String {
    let rule = match settle.rule {
        Spending::Pocock => say!("spending-pocock"),
        Spending::Linear => say!("spending-linear"),
        Spending::Quadratic => say!("spending-quadratic"),
        Spending::Cubic => say!("spending-cubic"),
    };
    let looks: Vec<String> = settle.looks.iter().map(u32::to_string).collect();
    say!("view-looks", looks = list(&looks), rule = rule)
}

fn own_seeds(experiment: &Experiment) -> Vec<String> {
    let most = most_seeds(experiment);
    let other = experiment.variants.iter().filter(|variant| variant.seeds != most);
    let in_words =
        |label: &str, seeds: usize| say!("view-own-seeds", name = quoted(label), seeds = counted(seeds, "seed"));
    other.map(|variant| in_words(&variant.label, variant.seeds.len())).collect()
}

fn source(source: &crate::config::Source) -> SourceView {
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    SourceView {
        title: plain(&source.title),
        author: source.author.as_deref().map(plain),
        published: source.published.as_deref().map(plain),
        url: source.url.as_deref().map(plain).filter(|url| is_web(url)),
        says: source.says.as_deref().map(plain),
        lang: source.lang.as_deref().map(plain),
    }
}

fn variant(analysis: &Analysis, index: usize, parts: &Parts) -> VariantView {
    let result = &analysis.variants[index];
    let id = &result.variant.id;
    let is_of_it = |pair: &&Comparison| pair.minuend == index || pair.subtrahend == index;
    let claims = (0..).zip(parts.judged).filter(|(_, judged)| judged.claim.test.variants().contains(&id));
    let inside = parts.probes.iter().find(|probes| probes.variant.id == id);
    let primary = result.metrics.primary();
    let figures = result.metrics.series().map(|metric| figure(result, metric));
    let is_known = |figure: &FigureView| figure.estimate.is_some() || figure.reported.is_some();
    let variant = result.variant;
    VariantView {
        id: variant.id.to_string(),
        label: plain(&variant.label),
        description: variant.description.as_deref().map(plain),
        model: settings_in_words(&variant.trainer).into_iter().chain(Level::of(result).map(Level::in_words)).collect(),
        level: Level::of(result).map(Level::in_words),
        parameters: result.parameters,
        counts: result.counts,
        fate: result.fate,
        fate_in_words: result.fate.in_words(),
        basis: result.judgement.map(|judgement| judgement.basis.in_words()),
        rests_on_one_seed: result.judgement.is_some_and(|judgement| judgement.basis == Basis::TestSetOnly),
        accuracy: result.estimate(primary).copied(),
        interval: result.judgement.map(|judgement| judgement.interval),
        reported_accuracy: variant.reported.of(primary),
        accuracy_difference: figure(result, primary).difference,
        figures: figures.filter(is_known).collect(),
        trials: result.trials.iter().map(|of| trial(of, result.metrics)).collect(),
        sentence: parts.conclusions.learning.get(index).cloned().unwrap_or_default(),
        against_source: conclude::against_source(result, analysis),
        pairs: analysis
            .comparisons
            .iter()
            .filter(is_of_it)
            .filter_map(|pair| conclude::comparison(analysis, pair))
            .collect(),
        inside: inside.map(findings::terms).unwrap_or_default(),
        speed: parts.throughput.map(|found| throughput::words::terms(found, id)).unwrap_or_default(),
        claims: claims.map(|(place, _)| place).collect(),
    }
}

fn figure(result: &VariantResult, metric: Metric) -> FigureView {
    let source = result.source.iter().find(|figure| figure.metric == metric);
    FigureView {
        metric,
        name: metric.in_words(),
        estimate: result.estimate(metric).copied(),
        reported: source.map(|figure| figure.reported),
        difference: source.and_then(|figure| figure.difference),
        prediction: source.and_then(|figure| figure.prediction),
        compatible: source.and_then(|figure| figure.compatible),
        all_alike: source.is_some_and(|figure| figure.all_alike),
    }
}

fn trial(trial: &Trial, metrics: &Metrics) -> TrialView {
    let figure = |metric: Metric| (metric.name(), trial.last_epoch().and_then(|last| last.figure(metric)));
    let digest = |digest: crate::provenance::Digest| DigestView { short: digest.short(), full: digest.to_string() };
    TrialView {
        seed: trial.seed.0,
        status: trial.status.in_words(),
        note: note(&trial.status),
        epochs: trial.record.map(|record| record.epochs),
        steps: trial.record.and_then(|record| record.steps),
        engine: trial.engine().map(plain),
        figures: metrics.series().map(figure).collect(),
        key: trial.record.map(|record| digest(record.key.digest)),
        parameters: trial.record.and_then(|record| record.parameters).map(digest),
    }
}

fn note(status: &Status) -> Option<String> {
    match status {
        Status::Completed | Status::Missing => None,
        Status::Diverged { epoch, step } => {
            Some(say!("view-loss-not-finite", step = step.to_string(), epoch = epoch.to_string()))
        }
        Status::Failed { message } => Some(plain(message)),
    }
}

fn pair_view(analysis: &Analysis, pair: &Comparison) -> ComparisonView {
    let shown = pair.shown();
    ComparisonView {
        minuend: plain(&analysis.minuend(pair).variant.label),
        subtrahend: plain(&analysis.subtrahend(pair).variant.label),
        setting: setting_in_words(&pair.difference.knob),
        minuend_has: pair.difference.minuend.clone(),
        subtrahend_has: pair.difference.subtrahend.clone(),
        accuracy: pair.accuracy,
        shown,
        finding: say!(match shown {
            Shown::Difference => "view-excludes-zero",
            Shown::NoDifference => "view-includes-zero",
            Shown::OneSeed => "view-one-seed",
            Shown::Nothing => "view-no-common-seed",
        }),
    }
}

fn recipe(analysis: &Analysis) -> Vec<RecipeRow> {
    let natives = analysis.experiment.native_variants();
    let all: Vec<_> = natives.map(|variant| (plain(variant.label), recipe_in_words(variant.train))).collect();
    let Some((_, first)) = all.first() else { return vec![] };
    first
        .iter()
        .enumerate()
        .map(|(row, (setting, words))| {
            let values = all.iter().map(|(label, recipe)| (label.clone(), recipe[row].1.clone()));
            let is_shared = all.iter().all(|(_, recipe)| recipe[row].1 == *words);
            RecipeRow {
                setting: setting_in_words(setting),
                shared: is_shared.then(|| words.clone()),
                each: if is_shared { vec![] } else { values.collect() },
            }
        })
        .collect()
}

fn dataset(record: &DatasetRecord) -> DatasetView {
    let counts = record.train.iter().zip(&record.test);
    DatasetView {
        description: plain(&record.description),
        classes: record
            .classes
            .iter()
            .zip(counts)
            .map(|(name, (train, test))| ClassRow { name: plain(name), train: *train, test: *test })
            .collect(),
        image: record.image,
        train: record.train.iter().sum(),
        test: record.test.iter().sum(),
        digest: record.digest.to_string(),
        archive: record.archive.map(|digest| digest.to_string()),
        converted: converted(&record.conversions),
    }
}

fn converted(conversions: &BTreeMap<Conversion, u64>) -> Option<String> {
    let part = |(conversion, images): (&Conversion, &u64)| {
        let kind = match conversion {
            Conversion::Gray => "converted-gray",
            Conversion::Alpha => "converted-alpha",
            Conversion::Cmyk => "converted-cmyk",
            Conversion::SixteenBit => "converted-sixteen-bit",
            Conversion::NotTurned => "converted-not-turned",
        };
        say!(kind, n = *images, number = count(*images))
    };
    let parts: Vec<String> = conversions.iter().map(part).collect();
    (!parts.is_empty()).then(|| say!("page-converted", parts = list(&parts)))
}

fn environment(environment: &Environment) -> EnvironmentView {
    EnvironmentView {
        retrial: plain(&environment.retrial),
        engine: plain(&environment.engine),
        os: plain(&environment.os),
        cpu: plain(&environment.cpu),
        cores: environment.cores,
        memory_gib: (environment.memory_bytes + (1 << 29)) >> 30,
        rustc: plain(&environment.rustc),
        details: environment.engine_details.iter().map(|(name, value)| (plain(name), plain(value))).collect(),
        commit: environment.code.commit.as_deref().map(plain),
        is_changed: environment.code.changes.is_some(),
        reproducibility: environment.reproducibility.map(|level| match level {
            Reproducibility::Bitwise => say!("view-same-bits"),
            Reproducibility::Tolerance { loss } => say!("view-losses-differ", share = magnitude(loss)),
        }),
    }
}

fn plot(plot: &Plot) -> PlotView<'_> {
    PlotView {
        name: &plot.name,
        title: &plot.title,
        reading: &plot.reading,
        description: &plot.description,
        svg: &plot.svg,
    }
}
