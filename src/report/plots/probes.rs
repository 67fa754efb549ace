//! The plots of the probes: signal, gradient, variance shift and masked updates over the layers of every network.

use super::Plot;
use super::axis::Axis;
use super::canvas::Heading;
use super::layers::{Condition, LayerPlot, Mark, Series, merged};
use crate::bundle::probe::Convolution;
use crate::config::Experiment;
use crate::report::ReportError;
use crate::report::language::say;
use crate::report::probes::findings::{FAINT, FAINT_IN_WORDS};
use crate::report::probes::spread::Spread;
use crate::report::probes::{KernelSpread, LayerSpread, VariantProbes};
use crate::report::text::{clauses, magnitude, paragraph, percent, plain, ratio};

/// Smaller values are drawn at the bottom edge, so that one underflow does not flatten everything else.
const LOWEST: f64 = 1e-20;

/// Layers with their figures.
type Figures<'a> = Vec<(&'a str, Spread)>;

/// A panel: its title, and each variant with its figures.
type Panel<'a> = (String, Vec<(&'a VariantProbes<'a>, Figures<'a>)>);

/// What a plot is called and how it is read.
struct About {
    name: &'static str,
    title: String,
    reading: String,
    /// A value in words.
    show: fn(f64) -> String,
}

/// Every plot for which there are figures.
///
/// # Errors
/// When plotters cannot lay a plot out.
pub fn all(experiment: &Experiment, probes: &[VariantProbes]) -> Result<Vec<Plot>, ReportError> {
    let plots = [
        signal(experiment, probes),
        gradient(experiment, probes),
        variance_shift(experiment, probes),
        masked_updates(experiment, probes),
    ];
    plots.into_iter().filter_map(Result::transpose).collect()
}

fn signal(experiment: &Experiment, probes: &[VariantProbes]) -> Result<Option<Plot>, ReportError> {
    let panel = |title: String, layers: for<'p> fn(&'p VariantProbes<'_>) -> &'p [LayerSpread]| {
        (title, with_figures(probes, |variant| of_layers(layers(variant))))
    };
    let panels = vec![
        panel(say!("plot-at-initialisation"), |variant| &variant.initial.training),
        panel(say!("plot-after-training"), |variant| &variant.trained.training),
    ];
    let about = About {
        name: "signal",
        title: say!("plot-signal"),
        reading: paragraph([
            say!("plot-signal-reading"),
            say!("plot-geometric-means"),
            say!("plot-signal-faint", level = FAINT_IN_WORDS),
        ]),
        show: magnitude,
    };
    let order = layers_of(probes, |variant| of_layers(&variant.initial.training));
    logarithmic(experiment, about, order, panels, Some((FAINT, FAINT_IN_WORDS.to_owned())))
}

fn gradient(experiment: &Experiment, probes: &[VariantProbes]) -> Result<Option<Plot>, ReportError> {
    let panels = vec![(say!("plot-at-first-step"), with_figures(probes, |variant| of_layers(&variant.gradient)))];
    let about = About {
        name: "gradient",
        title: say!("plot-gradient"),
        reading: paragraph([say!("plot-gradient-reading"), say!("plot-geometric-means")]),
        show: magnitude,
    };
    logarithmic(experiment, about, layers_of(probes, |variant| of_layers(&variant.gradient)), panels, None)
}

fn variance_shift(experiment: &Experiment, probes: &[VariantProbes]) -> Result<Option<Plot>, ReportError> {
    let panel = |title: String, kind: Convolution| {
        (title, with_figures(probes, |variant| of_kernels(&variant.variance_shift, Some(kind))))
    };
    let panels = vec![
        panel(say!("plot-behind-depthwise"), Convolution::Depthwise),
        panel(say!("plot-behind-pointwise"), Convolution::Pointwise),
    ];
    let about = About {
        name: "variance-shift",
        title: say!("plot-variance-shift"),
        reading: paragraph([
            say!("plot-variance-shift-reading"),
            say!("plot-geometric-means"),
            say!("plot-variance-shift-image"),
        ]),
        show: ratio,
    };
    let order = layers_of(probes, |variant| of_kernels(&variant.variance_shift, None));
    logarithmic(experiment, about, order, panels, Some((1.0, say!("plot-no-shift"))))
}

fn masked_updates(experiment: &Experiment, probes: &[VariantProbes]) -> Result<Option<Plot>, ReportError> {
    let figures = with_figures(probes, |variant| of_kernels(&variant.masked_updates, None));
    let panels = vec![(say!("plot-share-of-updates"), figures)];
    let about = About {
        name: "masked-updates",
        title: say!("plot-masked-updates"),
        reading: paragraph([say!("plot-masked-updates-reading"), say!("plot-arithmetic-means")]),
        show: percent,
    };
    let order = layers_of(probes, |variant| of_kernels(&variant.masked_updates, None));
    let axis = Axis::shares(values(&panels));
    draw(experiment, about, order, panels, axis, None)
}

/// Every layer of a probe, over all variants, in the order of the forward pass.
fn layers_of<'a>(
    probes: &'a [VariantProbes<'a>],
    figures: impl Fn(&'a VariantProbes<'a>) -> Figures<'a>,
) -> Vec<&'a str> {
    merged(probes.iter().map(|variant| figures(variant).into_iter().map(|(layer, _)| layer).collect()))
}

fn with_figures<'a>(
    probes: &'a [VariantProbes<'a>],
    figures: impl Fn(&'a VariantProbes<'a>) -> Figures<'a>,
) -> Vec<(&'a VariantProbes<'a>, Figures<'a>)> {
    probes.iter().map(|variant| (variant, figures(variant))).filter(|(_, figures)| !figures.is_empty()).collect()
}

fn of_layers(layers: &[LayerSpread]) -> Figures<'_> {
    layers.iter().filter_map(|layer| Some((layer.layer.as_str(), layer.spread?))).collect()
}

fn of_kernels(layers: &[KernelSpread], kind: Option<Convolution>) -> Figures<'_> {
    let wanted = layers.iter().filter(|layer| kind.is_none_or(|kind| layer.convolution == kind));
    wanted.filter_map(|layer| Some((layer.layer.as_str(), layer.spread?))).collect()
}

fn values<'p>(panels: &'p [Panel<'p>]) -> impl Iterator<Item = f64> + 'p {
    let figures = panels.iter().flat_map(|(_, variants)| variants.iter().flat_map(|(_, figures)| figures));
    figures.flat_map(|(_, spread)| [spread.min, spread.mean, spread.max])
}

fn logarithmic(
    experiment: &Experiment,
    about: About,
    layers: Vec<&str>,
    panels: Vec<Panel>,
    mark: Option<Mark>,
) -> Result<Option<Plot>, ReportError> {
    let marked = mark.iter().map(|(value, _)| *value);
    let Some(axis) = Axis::logarithmic(values(&panels).chain(marked), LOWEST) else { return Ok(None) };
    let is_cut = values(&panels).any(|value| value < LOWEST);
    let about = if is_cut {
        let cut = say!("plot-values-below", lowest = magnitude(LOWEST));
        About { reading: paragraph([about.reading, cut]), ..about }
    } else {
        about
    };
    draw(experiment, about, layers, panels, axis, mark)
}

fn draw(
    experiment: &Experiment,
    about: About,
    layers: Vec<&str>,
    panels: Vec<Panel>,
    axis: Axis,
    mark: Option<Mark>,
) -> Result<Option<Plot>, ReportError> {
    let panels: Vec<_> = panels.into_iter().filter(|(_, variants)| !variants.is_empty()).collect();
    if layers.is_empty() || panels.is_empty() {
        return Ok(None);
    }
    let About { name, title, reading, show } = about;
    let heading = Heading { name: name.to_owned(), title, reading, values: ends(&panels, show) };
    let condition = |(title, variants): &Panel| Condition {
        title: title.clone(),
        series: variants.iter().map(|(variant, figures)| series(experiment, &layers, variant, figures)).collect(),
    };
    let plot = LayerPlot {
        across: None,
        conditions: panels.iter().map(condition).collect(),
        layers: layers.iter().map(|layer| plain(layer)).collect(),
        axis,
        mark,
    };
    plot.draw(heading).map(Some)
}

fn series(experiment: &Experiment, layers: &[&str], probes: &VariantProbes, figures: &Figures) -> Series {
    let place = |name: &str| layers.iter().position(|layer| *layer == name);
    let mut points: Vec<_> = figures.iter().filter_map(|(layer, spread)| Some((place(layer)?, *spread))).collect();
    points.sort_by_key(|(layer, _)| *layer);
    Series {
        label: plain(probes.variant.label),
        variant: experiment.variants.iter().position(|variant| variant.id == *probes.variant.id).unwrap_or(0),
        points,
        ceiling: vec![],
    }
}

/// The last figure of every line, for those who cannot see the plot.
fn ends(panels: &[Panel], show: fn(f64) -> String) -> String {
    let sentence = |(title, variants): &Panel| {
        let ends = variants.iter().filter_map(|(variant, figures)| {
            let (layer, spread) = figures.last()?;
            let (label, value) = (plain(variant.variant.label), show(spread.mean));
            Some(say!("plot-value-at", label = label, value = value, place = plain(layer)))
        });
        say!("plot-panel-values", title = title, values = clauses(&ends.collect::<Vec<_>>()))
    };
    paragraph(panels.iter().map(sentence))
}
