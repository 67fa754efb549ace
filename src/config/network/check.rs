//! Ranges within a list of layers.

use std::ops::RangeInclusive;

use super::raw::{
    LayerForm, RawConv, RawCount, RawDense, RawDepthwise, RawLayer, RawLayerDropout, RawPadding, RawPool, RawResidual,
    RawUnits,
};
use crate::config::check::{Findings, Problem, check_norm};
use crate::config::experiment::DropoutKind;
use crate::config::location::KeyPath;
use crate::config::shorthand::Shorthand;

const SIDES: RangeInclusive<f64> = 1.0..=31.0;
const CHANNELS: RangeInclusive<f64> = 1.0..=65_536.0;
const LONGEST_NAME: usize = 40;
/// Lists within lists; what lies deeper is no network that somebody wrote.
const DEEPEST: usize = 24;

pub(in crate::config) fn check_layers(layers: &[RawLayer], at: &KeyPath, findings: &mut Findings) {
    list(layers, at, 0, findings);
}

fn list(layers: &[RawLayer], at: &KeyPath, depth: usize, findings: &mut Findings) {
    if layers.is_empty() {
        findings.0.push(Problem::at_value(at.clone(), format!("`{at}` has no layers"), "list at least one"));
    }
    if depth > DEEPEST {
        let message = format!("`{at}` lies in more than {DEEPEST} lists");
        findings.0.push(Problem::at_value(at.clone(), message, "write the network with fewer lists in lists"));
        return;
    }
    for (index, layer) in layers.iter().enumerate() {
        if let Shorthand::Full(form) = layer {
            self::form(form, &at.index(index), depth, findings);
        }
    }
}

fn form(form: &LayerForm, at: &KeyPath, depth: usize, findings: &mut Findings) {
    match form {
        LayerForm::Conv(settings) => conv(settings, &at.key("conv"), findings),
        LayerForm::Depthwise(settings) => {
            let (at, is_short) = (at.key("depthwise"), matches!(settings, Shorthand::Short(_)));
            let RawDepthwise { size, stride, padding, dilation, bias: _, name } = settings.clone().into_full();
            let size_at = if is_short { at.clone() } else { at.key("size") };
            findings.number(size_at, size, SIDES);
            findings.number(at.key("stride"), stride, SIDES);
            findings.number(at.key("dilation"), dilation, SIDES);
            self::padding(padding, &at, findings);
            self::name(name.as_deref(), &at, findings);
        }
        LayerForm::Norm(Shorthand::Full(norm)) => check_norm(*norm, &at.key("norm"), findings),
        LayerForm::Norm(Shorthand::Short(_)) | LayerForm::Act(_) | LayerForm::GlobalPool(_) => {}
        LayerForm::Dropout(Shorthand::Full(RawLayerDropout { kind, block_size, .. })) => {
            let at = at.key("dropout");
            findings.number(at.key("block_size"), *block_size, 1.0..=64.0);
            if *kind != Some(DropoutKind::Block) {
                findings.foreign(&at, "kind: element", &[("block_size", block_size.is_some())]);
            }
        }
        LayerForm::Dropout(Shorthand::Short(_)) => {}
        LayerForm::Pool(settings) => {
            let RawPool { kind: _, size, stride, padding } = settings.clone().into_full();
            let at = at.key("pool");
            findings.number(at.key("size"), size, SIDES);
            findings.number(at.key("stride"), stride, SIDES);
            self::padding(padding, &at, findings);
        }
        LayerForm::Dense(RawUnits::Short(units)) => self::units(*units, at.key("dense"), findings),
        LayerForm::Dense(RawUnits::Full(RawDense { units, bias: _, name })) => {
            let at = at.key("dense");
            self::units(*units, at.key("units"), findings);
            self::name(name.as_deref(), &at, findings);
        }
        LayerForm::Residual(RawResidual::List(layers)) => list(layers, &at.key("residual"), depth + 1, findings),
        LayerForm::Residual(RawResidual::Full(branches)) => {
            let at = at.key("residual");
            list(&branches.layers, &at.key("layers"), depth + 1, findings);
            if let Some(shortcut) = &branches.shortcut {
                list(shortcut, &at.key("shortcut"), depth + 1, findings);
            }
        }
        LayerForm::Repeat(repeat) => {
            let at = at.key("repeat");
            findings.number(at.key("times"), Some(repeat.times), 1.0..=1000.0);
            list(&repeat.layers, &at.key("layers"), depth + 1, findings);
            if let Some(first) = &repeat.first {
                list(first, &at.key("first"), depth + 1, findings);
            }
        }
        LayerForm::Block(layers) => list(layers, &at.key("block"), depth + 1, findings),
    }
}

fn conv(settings: &Shorthand<u32, RawConv>, at: &KeyPath, findings: &mut Findings) {
    let is_short = matches!(settings, Shorthand::Short(_));
    let RawConv { filters, expand, narrow, size, stride, padding, dilation, groups, bias: _, name } =
        settings.clone().into_full();
    let key = |key| if is_short { at.clone() } else { at.key(key) };
    match (filters, expand) {
        (None, None) => {
            findings.0.push(Problem::missing_key(
                at,
                "filters",
                "`filters:`, the channels of its output, or `expand:`",
            ));
        }
        (Some(_), Some(_)) => {
            let message = format!("`{at}` says twice how many filters it has");
            findings.0.push(Problem::at_key(at.key("expand"), message, "leave out `filters` or `expand`"));
        }
        _ => {}
    }
    findings.number(key("filters"), filters, CHANNELS);
    findings.number(key("expand"), expand, 1.0..=64.0);
    findings.number(key("size"), size, SIDES);
    findings.number(key("stride"), stride, SIDES);
    findings.number(key("dilation"), dilation, SIDES);
    findings.number(key("groups"), groups, CHANNELS);
    if expand.is_some() {
        findings.foreign(at, "expand", &[("narrow", narrow.is_some())]);
    }
    self::padding(padding, at, findings);
    self::name(name.as_deref(), at, findings);
}

fn units(units: RawCount, at: KeyPath, findings: &mut Findings) {
    if let RawCount::Count(count) = units {
        findings.number(at, Some(count), CHANNELS);
    }
}

fn padding(padding: Option<RawPadding>, at: &KeyPath, findings: &mut Findings) {
    let at = at.key("padding");
    let sides = match padding {
        None | Some(RawPadding::Word(_)) => return,
        Some(RawPadding::Both(pixels)) => [pixels; 2],
        Some(RawPadding::Sides(sides)) => sides,
    };
    if let Some(pixels) = sides.into_iter().find(|pixels| *pixels > 255) {
        findings.number(at, Some(pixels), 0.0..=255.0);
    }
}

/// A name stands in tables and plots.
fn name(name: Option<&str>, at: &KeyPath, findings: &mut Findings) {
    let at = at.key("name");
    findings.text(at.clone(), name);
    if name.is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
        let message = format!("`{at}` is too long for a table, or holds control characters");
        findings.0.push(Problem::at_value(at, message, format!("use at most {LONGEST_NAME} characters")));
    }
}
