//! A list of layers as the steps of a forward pass: knobs applied, shapes inferred, layers named and numbered.
//!
//! What follows a convolution or a dense layer is one unit with it, so that it can be computed in one pass.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::layer::{Act, Conv, Dense, Depthwise, Filters, Layer, LayerDropout, Pool, PoolKind, Residual, Units};
use super::window::Window;
use crate::config::experiment::{Dropout, DropoutKind, DropoutPlace, ModelSpec, Norm};
use crate::config::location::KeyPath;
use crate::config::values::Rate;

/// Layers of one network, counted one by one.
const MOST_LAYERS: usize = 10_000;
/// Weights of one network: 2 GiB.
const MOST_WEIGHTS: u64 = 1 << 29;

/// A layer's name, as probes and reports give it: `block 3 expand`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerName(Arc<str>);

impl LayerName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for LayerName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A square map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// In pixels.
    pub side: usize,
    pub channels: usize,
}

impl Shape {
    pub fn pixels(self) -> usize {
        self.side.saturating_mul(self.side)
    }

    pub fn values(self) -> usize {
        self.pixels().saturating_mul(self.channels)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{0} x {0} x {1}", self.side, self.channels)
    }
}

/// What a network does with an image, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Node(Node),
    Pool {
        name: LayerName,
        kind: PoolKind,
        window: Window,
        input: Shape,
        output: Shape,
    },
    GlobalPool {
        kind: PoolKind,
        input: Shape,
    },
    /// Rows, then columns, then channels.
    Flatten {
        input: Shape,
    },
    /// What is at hand is kept, and goes on.
    Fork,
    /// What was kept goes on, and what is at hand is kept.
    Exchange,
    /// What was kept is added. Named after what it is added to.
    Add {
        name: LayerName,
        shape: Shape,
    },
}

/// A weight and what follows it; or only what would follow one.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub name: LayerName,
    pub kernel: Option<Kernel>,
    /// Whether something is added to each channel before anything else.
    pub bias: bool,
    pub norm: Norm,
    pub dropout: Option<NodeDropout>,
    pub act: Option<Act>,
    pub input: Shape,
    pub output: Shape,
    /// Counted from 0: the address of its dropout masks.
    pub number: u32,
}

/// What values are multiplied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// A dense convolution of the image itself, to which no gradient flows.
    Image(Window),
    Spatial {
        window: Window,
        groups: usize,
    },
    Pointwise,
    Depthwise(Window),
    Dense,
}

/// Dropout within a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeDropout {
    pub rate: Rate,
    pub kind: DropoutKind,
    /// Side of a block in pixels, of `block` alone.
    pub block_size: Option<u32>,
    /// Between the normalisation and the activation, instead of behind it.
    pub is_before_act: bool,
}

impl NodeDropout {
    /// Behind whatever precedes it.
    fn new(rate: Rate, kind: DropoutKind, block_size: Option<u32>) -> Self {
        Self { rate, kind, block_size, is_before_act: false }
    }
}

impl From<Dropout> for NodeDropout {
    fn from(Dropout { rate, kind, block_size, place: _ }: Dropout) -> Self {
        Self::new(rate, kind, block_size)
    }
}

impl Node {
    /// Multiplications with a weight, each with its addition, for an image: every weight is used once for every pixel that
    /// leaves.
    pub fn multiply_adds(&self) -> u64 {
        self.weights().saturating_mul(self.output.pixels() as u64)
    }

    /// Whether it changes anything besides what its kernel does.
    pub fn has_post(&self) -> bool {
        self.norm != Norm::None || self.act.is_some() || self.dropout.is_some()
    }

    /// Weights of its kernel, without the bias.
    pub fn weights(&self) -> u64 {
        let (from, to) = (self.input.channels as u64, self.output.channels as u64);
        let area = |window: Window| (window.size * window.size) as u64;
        match self.kernel {
            None => 0,
            Some(Kernel::Image(window)) => area(window) * from * to,
            Some(Kernel::Spatial { window, groups }) => area(window) * from / groups as u64 * to,
            Some(Kernel::Pointwise | Kernel::Dense) => from * to,
            Some(Kernel::Depthwise(window)) => area(window) * to,
        }
    }
}

/// Layers that do not make a network: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    /// Below the network's list of layers; empty where the list as a whole is at fault.
    pub(in crate::config) at: KeyPath,
    pub(in crate::config) message: String,
    pub(in crate::config) help: String,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.help)
    }
}

impl Graph {
    /// The network of `spec` for `classes` classes and square colour images of `side` pixels.
    ///
    /// # Errors
    /// When a layer cannot follow the one before it.
    pub fn new(spec: &ModelSpec, classes: usize, side: usize) -> Result<Self, GraphError> {
        let layers = spec.layers();
        let mut list = List { items: Vec::new(), blocks: 0 };
        list.add(layers, &KeyPath::root(), 0)?;
        let items = with_knobs(list.items, spec);
        let image = Shape { side, channels: 3 };
        let mut build = Build {
            spec,
            classes,
            items: &items,
            next: 0,
            image: side,
            at: image,
            kept: Vec::new(),
            is_image: true,
            names: HashMap::new(),
            weights: 0,
            units: 0,
            steps: Vec::new(),
        };
        build.reserve_names();
        build.all()?;
        Ok(Self { steps: build.steps })
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.steps.iter().filter_map(|step| match step {
            Step::Node(unit) => Some(unit),
            _ => None,
        })
    }

    /// Whether some layer takes its normalisation from the experiment's knob.
    pub(in crate::config) fn has_norm(layers: &[Layer]) -> bool {
        any(layers, &|layer| matches!(layer, Layer::Norm(None)))
    }

    /// Whether the network has a place of this kind.
    pub(in crate::config) fn has_place(layers: &[Layer], place: DropoutPlace) -> bool {
        match place {
            DropoutPlace::Activation => any(layers, &|layer| matches!(layer, Layer::Act(_))),
            DropoutPlace::Norm => any(layers, &|layer| matches!(layer, Layer::Norm(_))),
            DropoutPlace::Convolution => {
                let mut list = List { items: Vec::new(), blocks: 0 };
                let is_whole = list.add(layers, &KeyPath::root(), 0).is_ok();
                !is_whole || list.items.iter().filter(|item| item.is_convolution()).count() > 1
            }
            DropoutPlace::Head => true,
        }
    }
}

fn any(layers: &[Layer], wanted: &dyn Fn(&Layer) -> bool) -> bool {
    layers.iter().any(|layer| match layer {
        Layer::Residual(Residual { layers, shortcut, .. }) => any(layers, wanted) || any(shortcut, wanted),
        Layer::Repeat(repeat) => {
            repeat.first.as_ref().is_some_and(|first| any(first, wanted)) || any(&repeat.layers, wanted)
        }
        Layer::Block(layers) => any(layers, wanted),
        other => wanted(other),
    })
}

/// One layer of the list in which repetitions and branches are written out.
struct Item<'a> {
    atom: Atom<'a>,
    at: KeyPath,
    /// Counted from 1; 0 outside blocks.
    block: u32,
}

enum Atom<'a> {
    Conv(&'a Conv),
    Depthwise(&'a Depthwise),
    Dense(&'a Dense),
    Norm(Option<Norm>),
    Act(Act),
    Dropout(NodeDropout),
    /// Dropout that `place: convolution` puts before one.
    InputDropout(NodeDropout),
    Pool(Pool),
    GlobalPool(PoolKind),
    Flatten,
    Fork,
    Exchange,
    Add,
}

impl Item<'_> {
    fn is_convolution(&self) -> bool {
        matches!(self.atom, Atom::Conv(_) | Atom::Depthwise(_))
    }
}

struct List<'a> {
    items: Vec<Item<'a>>,
    blocks: u32,
}

impl<'a> List<'a> {
    fn add(&mut self, layers: &'a [Layer], path: &KeyPath, block: u32) -> Result<(), GraphError> {
        for (index, layer) in layers.iter().enumerate() {
            let at = path.index(index);
            let at = if matches!(layer, Layer::Norm(None) | Layer::Flatten) { at } else { at.key(layer.word()) };
            if self.items.len() >= MOST_LAYERS {
                let message = format!("the network has more than {MOST_LAYERS} layers");
                return Err(GraphError { at, message, help: "repeat less".to_owned() });
            }
            let atom = match layer {
                Layer::Conv(conv) => Atom::Conv(conv),
                Layer::Depthwise(depthwise) => Atom::Depthwise(depthwise),
                Layer::Dense(dense) => Atom::Dense(dense),
                Layer::Norm(norm) => Atom::Norm(*norm),
                Layer::Act(act) => Atom::Act(*act),
                Layer::Dropout(dropout) if dropout.rate.is_zero() => continue,
                Layer::Dropout(LayerDropout { rate, kind, block_size }) => {
                    Atom::Dropout(NodeDropout::new(*rate, *kind, *block_size))
                }
                Layer::Pool(pool) => Atom::Pool(*pool),
                Layer::GlobalPool(kind) => Atom::GlobalPool(*kind),
                Layer::Flatten => Atom::Flatten,
                Layer::Residual(residual) => {
                    let block = self.block(block);
                    let inner = if residual.is_list { at.clone() } else { at.key("layers") };
                    let mark = |atom| Item { atom, at: at.clone(), block };
                    self.items.push(mark(Atom::Fork));
                    self.add(&residual.layers, &inner, block)?;
                    if !residual.shortcut.is_empty() {
                        self.items.push(mark(Atom::Exchange));
                        self.add(&residual.shortcut, &at.key("shortcut"), block)?;
                    }
                    self.items.push(mark(Atom::Add));
                    continue;
                }
                Layer::Repeat(repeat) => {
                    for time in 0..repeat.times {
                        match repeat.first.as_ref().filter(|_| time == 0) {
                            Some(first) => self.add(first, &at.key("first"), block)?,
                            None => self.add(&repeat.layers, &at.key("layers"), block)?,
                        }
                    }
                    continue;
                }
                Layer::Block(layers) => {
                    let block = self.block(block);
                    self.add(layers, &at, block)?;
                    continue;
                }
            };
            self.items.push(Item { atom, at, block });
        }
        Ok(())
    }

    /// The block that starts here; what lies in another is part of it.
    fn block(&mut self, outer: u32) -> u32 {
        if outer == 0 {
            self.blocks += 1;
            self.blocks
        } else {
            outer
        }
    }
}

/// The dropout that the experiment's knob asks for, where its place is.
fn with_knobs<'a>(items: Vec<Item<'a>>, spec: &ModelSpec) -> Vec<Item<'a>> {
    let Some(dropout) = spec.dropout else { return items };
    let dropout_here = NodeDropout::from(dropout);
    let mut all = Vec::with_capacity(items.len());
    let mut is_first = true;
    for item in items {
        let (at, block) = (item.at.clone(), item.block);
        if dropout.place == DropoutPlace::Convolution && item.is_convolution() {
            if !is_first {
                all.push(Item { atom: Atom::InputDropout(dropout_here), at: at.clone(), block });
            }
            is_first = false;
        }
        let is_place = match dropout.place {
            DropoutPlace::Activation => matches!(item.atom, Atom::Act(_)),
            DropoutPlace::Norm => matches!(item.atom, Atom::Norm(_)),
            DropoutPlace::Head | DropoutPlace::Convolution => false,
        };
        all.push(item);
        if is_place {
            all.push(Item { atom: Atom::Dropout(dropout_here), at, block });
        }
    }
    all
}

/// The walk through the list.
struct Build<'a> {
    spec: &'a ModelSpec,
    classes: usize,
    items: &'a [Item<'a>],
    next: usize,
    /// Side of the image in pixels.
    image: usize,
    /// What is at hand.
    at: Shape,
    kept: Vec<Shape>,
    /// Whether it is still the image.
    is_image: bool,
    /// How often each name was given.
    names: HashMap<String, u32>,
    weights: u64,
    units: u32,
    steps: Vec<Step>,
}

/// What follows a weight, up to the next thing that is none of its unit.
#[derive(Default)]
struct Tail {
    norm: Option<Norm>,
    has_norm: bool,
    dropout: Option<NodeDropout>,
    act: Option<Act>,
}

impl<'a> Build<'a> {
    /// Those of the two layers that every network ends with.
    fn reserve_names(&mut self) {
        for name in [FEATURES, LOGITS] {
            self.names.insert(name.to_owned(), 1);
        }
    }

    fn all(&mut self) -> Result<(), GraphError> {
        let last = self.items.iter().rposition(|item| !matches!(item.atom, Atom::Dropout(_)));
        let is_classifier = |item: &Item<'_>| matches!(&item.atom, Atom::Dense(dense) if dense.units == Units::Classes);
        if !last.is_some_and(|last| is_classifier(&self.items[last]) && last + 1 == self.items.len()) {
            let at = self.items.last().map_or_else(KeyPath::root, |item| item.at.clone());
            let message = "a network ends with one value for each class".to_owned();
            return Err(GraphError { at, message, help: "add `- dense: classes` as the last layer".to_owned() });
        }
        while self.next < self.items.len() {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), GraphError> {
        let item = &self.items[self.next];
        let is_last = self.next + 1 == self.items.len();
        match &item.atom {
            Atom::Conv(conv) => self.conv(item, conv),
            Atom::Depthwise(depthwise) => self.depthwise(item, depthwise),
            Atom::Dense(dense) => self.dense(item, dense, is_last),
            Atom::Norm(_) => self.unit(item, None, self.at, None, "norm"),
            Atom::Act(_) => self.unit(item, None, self.at, None, "act"),
            Atom::Dropout(_) => self.unit(item, None, self.at, None, "dropout"),
            Atom::InputDropout(_) => self.unit(item, None, self.at, None, "input"),
            Atom::Pool(pool) => self.pool(item, *pool),
            Atom::GlobalPool(kind) => {
                self.steps.push(Step::GlobalPool { kind: *kind, input: self.at });
                self.at.side = 1;
                self.next += 1;
                Ok(())
            }
            Atom::Flatten => {
                self.steps.push(Step::Flatten { input: self.at });
                self.at = Shape { side: 1, channels: self.at.values() };
                self.next += 1;
                Ok(())
            }
            Atom::Fork => {
                self.kept.push(self.at);
                self.push(Step::Fork)
            }
            Atom::Exchange => {
                if let Some(kept) = self.kept.last_mut() {
                    std::mem::swap(kept, &mut self.at);
                }
                self.push(Step::Exchange)
            }
            Atom::Add => self.add(item),
        }
    }

    fn push(&mut self, step: Step) -> Result<(), GraphError> {
        self.steps.push(step);
        self.next += 1;
        Ok(())
    }

    fn conv(&mut self, item: &Item<'_>, conv: &Conv) -> Result<(), GraphError> {
        let window = self.window(item, [conv.size, conv.stride, conv.dilation], conv.padding)?;
        let (from, groups) = (self.at.channels, conv.groups as usize);
        let to = match conv.filters {
            Filters::Count(count) => self.scaled(count, conv.narrow),
            Filters::Expand(factor) => from * factor as usize,
        };
        if !from.is_multiple_of(groups) || !to.is_multiple_of(groups) {
            let message = format!("{groups} groups do not divide {from} channels into {to}");
            let help = "`groups` must divide the channels of both the input and the output".to_owned();
            return Err(GraphError { at: item.at.key("groups"), message, help });
        }
        let kernel = match window {
            _ if groups == 1 && window.is_pointwise() => Kernel::Pointwise,
            _ if groups == 1 && self.is_image => Kernel::Image(window),
            _ => Kernel::Spatial { window, groups },
        };
        let output = Shape { side: window.output_size(self.at.side), channels: to };
        self.unit(item, Some(kernel), output, conv.bias, conv.name.as_deref().unwrap_or("conv"))
    }

    fn depthwise(&mut self, item: &Item<'_>, depthwise: &Depthwise) -> Result<(), GraphError> {
        let sizes = [depthwise.size, depthwise.stride, depthwise.dilation];
        let window = self.window(item, sizes, depthwise.padding)?;
        let output = Shape { side: window.output_size(self.at.side), channels: self.at.channels };
        let name = depthwise.name.as_deref().unwrap_or("depthwise");
        self.unit(item, Some(Kernel::Depthwise(window)), output, depthwise.bias, name)
    }

    fn dense(&mut self, item: &Item<'_>, dense: &Dense, is_last: bool) -> Result<(), GraphError> {
        if self.at.side != 1 {
            let message = format!("a dense layer reads a row of values, and here is a map of {}", self.at);
            let help = "put `- flatten` or `- global_pool` before it".to_owned();
            return Err(GraphError { at: item.at.clone(), message, help });
        }
        let channels = match dense.units {
            Units::Classes => self.classes,
            Units::Count(count) => self.scaled(count, true),
        };
        if is_last {
            self.features();
        }
        let name = dense.name.as_deref().unwrap_or("dense");
        self.unit(item, Some(Kernel::Dense), Shape { side: 1, channels }, dense.bias, name)?;
        if let Some(Step::Node(unit)) = self.steps.last_mut().filter(|_| is_last) {
            unit.name = LOGITS.into();
        }
        Ok(())
    }

    /// What enters the classifier, where `place: head` drops.
    fn features(&mut self) {
        let head = self.spec.dropout.filter(|dropout| dropout.place == DropoutPlace::Head);
        let dropout = head.map(NodeDropout::from);
        let (input, output) = (self.at, self.at);
        let number = self.number();
        let (kernel, bias, norm, act) = (None, false, Norm::None, None);
        let name = FEATURES.into();
        self.steps.push(Step::Node(Node { name, kernel, bias, norm, dropout, act, input, output, number }));
    }

    fn number(&mut self) -> u32 {
        self.units += 1;
        self.units - 1
    }

    /// A weight, where there is one, with what follows it.
    fn unit(
        &mut self,
        item: &Item<'_>,
        kernel: Option<Kernel>,
        output: Shape,
        bias: Option<bool>,
        name: &str,
    ) -> Result<(), GraphError> {
        let name = self.name(name, item.block);
        if kernel.is_some() {
            self.next += 1;
        }
        let is_input = matches!(item.atom, Atom::InputDropout(_));
        let tail = if is_input { self.input_dropout() } else { self.tail() };
        let unit = Node {
            name,
            kernel,
            bias: kernel.is_some() && bias.unwrap_or(!tail.has_norm),
            norm: tail.norm.unwrap_or(Norm::None),
            dropout: tail.dropout,
            act: tail.act,
            input: self.at,
            output,
            number: self.number(),
        };
        self.weights = self.weights.saturating_add(unit.weights());
        if self.weights > MOST_WEIGHTS {
            let message = format!("the network has more than {MOST_WEIGHTS} weights up to here");
            let help = "use fewer filters or units, or pool before this layer".to_owned();
            return Err(GraphError { at: item.at.clone(), message, help });
        }
        self.at = output;
        self.is_image = false;
        self.steps.push(Step::Node(unit));
        Ok(())
    }

    fn input_dropout(&mut self) -> Tail {
        let dropout = match self.items[self.next].atom {
            Atom::InputDropout(dropout) => Some(dropout),
            _ => None,
        };
        self.next += 1;
        Tail { dropout, ..Tail::default() }
    }

    /// Normalisation, dropout, activation, dropout: each where it is there, and one dropout at most. What is dropped before a
    /// convolution is one with the activation that it follows.
    fn tail(&mut self) -> Tail {
        let items = self.items;
        let mut tail = Tail::default();
        let atom = |at: usize| items.get(at).map(|item: &Item<'a>| &item.atom);
        if let Some(Atom::Norm(own)) = atom(self.next) {
            (tail.norm, tail.has_norm) = (Some(own.unwrap_or(self.spec.norm)), true);
            self.next += 1;
        }
        if let Some(Atom::Dropout(dropout)) = atom(self.next) {
            tail.dropout = Some(*dropout);
            self.next += 1;
        }
        let Some(Atom::Act(act)) = atom(self.next) else { return tail };
        tail.act = Some(*act);
        self.next += 1;
        match (&mut tail.dropout, atom(self.next)) {
            (Some(before), _) => before.is_before_act = true,
            (none, Some(Atom::Dropout(dropout) | Atom::InputDropout(dropout))) => {
                *none = Some(*dropout);
                self.next += 1;
            }
            (None, _) => {}
        }
        tail
    }

    fn pool(&mut self, item: &Item<'_>, pool: Pool) -> Result<(), GraphError> {
        let window = self.window(item, [pool.size, pool.stride, 1], pool.padding)?;
        let most = pool.size as usize / 2;
        if pool.padding != super::layer::Padding::Same && (window.before > most || window.after > most) {
            let message = format!("a pool of {0} x {0} pixels has padding of more than half its size", pool.size);
            let help = "some windows would hold nothing: use less padding".to_owned();
            return Err(GraphError { at: item.at.key("padding"), message, help });
        }
        let (name, input) = (self.name("pool", item.block), self.at);
        let output = Shape { side: window.output_size(input.side), ..input };
        self.at = output;
        self.push(Step::Pool { name, kind: pool.kind, window, input, output })
    }

    fn add(&mut self, item: &Item<'_>) -> Result<(), GraphError> {
        let kept = self.kept.pop().unwrap_or(self.at);
        if kept != self.at {
            let message = format!("a residual adds {kept} to {}", self.at);
            let help =
                "both must be of one size: give it a `shortcut` that makes them so, `{layers: […], shortcut: […]}`";
            return Err(GraphError { at: item.at.clone(), message, help: help.to_owned() });
        }
        let last = self.steps.iter().rev().find_map(|step| match step {
            Step::Node(unit) => Some(unit.name.clone()),
            _ => None,
        });
        let name = last.unwrap_or_else(|| "image".into());
        self.push(Step::Add { name, shape: kept })
    }

    fn window(
        &self,
        item: &Item<'_>,
        [size, stride, dilation]: [u32; 3],
        padding: super::layer::Padding,
    ) -> Result<Window, GraphError> {
        let [size, stride, dilation] = [size, stride, dilation].map(|pixels| pixels as usize);
        let window = Window::padded(size, stride, dilation, padding, self.at.side);
        if window.fits(self.at.side) {
            return Ok(window);
        }
        let (reach, image, map) = (window.reach(), self.image, self.at);
        let message = format!(
            "of images of {image} x {image} pixels a map of {map} is left, too small for {reach} x {reach} pixels"
        );
        let help = "raise `train.image_size`, pad it, or leave out a pool or stride before it".to_owned();
        Err(GraphError { at: item.at.clone(), message, help })
    }

    /// Channels times the width. The nearest multiple of 8, at least 8, and not more than a tenth below, as MobileNet's
    /// reference code has it (`_make_divisible`); as they are at width 1.
    fn scaled(&self, channels: u32, may_narrow: bool) -> usize {
        let width = if may_narrow { self.spec.width } else { self.spec.width.max(1.0) };
        if width == 1.0 {
            return channels as usize;
        }
        let exact = f64::from(channels) * width;
        let rounded = (((exact + 4.0) / 8.0) as usize * 8).max(8);
        if (rounded as f64) < 0.9 * exact { rounded + 8 } else { rounded }
    }

    /// `conv`, the next one `conv 2`, in each block anew.
    fn name(&mut self, base: &str, block: u32) -> LayerName {
        let base = if block == 0 { base.to_owned() } else { format!("block {block} {base}") };
        loop {
            let times = self.names.entry(base.clone()).or_insert(0);
            *times += 1;
            let name = if *times == 1 { base.clone() } else { format!("{base} {times}") };
            // A name that somebody gave may look like a counted one.
            if *times == 1 || self.names.insert(name.clone(), 1).is_none() {
                return name.as_str().into();
            }
        }
    }
}

const FEATURES: &str = "features";
const LOGITS: &str = "logits";
