//! `retrial network`: the layers that an experiment's networks consist of, with sizes.

use super::args::NetworkArguments;
use super::exit::Exit;
use super::output::{out, outln};
use super::run::overrides;
use super::summary::{Align, render_table};
use crate::config::{Act, DropoutKind, Graph, Kernel, NativeVariant, Node, Norm, Step, Window, load};

/// Prints each different network once, with the variants that have it.
pub fn network(arguments: &NetworkArguments) -> miette::Result<Exit> {
    let experiment = load(&arguments.experiment.config, &overrides(&arguments.experiment))
        .map_err(|error| miette::Report::new(*error))?;
    let mut shown: Vec<(Vec<NativeVariant<'_>>, Graph)> = Vec::new();
    for variant in experiment.native_variants() {
        let graph = Graph::new(variant.model, arguments.classes, variant.train.image_size as usize);
        let graph = graph.map_err(|error| miette::miette!("the network of variant `{}`: {error}", variant.id))?;
        match shown.iter_mut().find(|(_, known)| *known == graph) {
            Some((variants, _)) => variants.push(variant),
            None => shown.push((vec![variant], graph)),
        }
    }
    if shown.is_empty() {
        outln!("No variant of this experiment has a network of this program.");
    }
    for (number, (variants, graph)) in shown.iter().enumerate() {
        if number > 0 {
            outln!("");
        }
        let ids: Vec<String> = variants.iter().map(|variant| variant.id.to_string()).collect();
        let (first, size) = (variants[0], variants[0].train.image_size);
        let name = first.model.network_name().unwrap_or("layers of its own");
        outln!("{}: {name}, images of {size} x {size} pixels, {} classes", ids.join(", "), arguments.classes);
        print(graph);
    }
    Ok(Exit::Success)
}

fn print(graph: &Graph) {
    let mut rows = vec![["layer", "kind", "then", "output", "parameters", "multiply-adds"].map(str::to_owned).to_vec()];
    let (mut parameters, mut multiply_adds) = (0, 0);
    for step in &graph.steps {
        let row = match step {
            Step::Node(node) => {
                let (own, adds) = (parameters_of(node), node.multiply_adds());
                (parameters, multiply_adds) = (parameters + own, multiply_adds + adds);
                let kind = node.kernel.map_or_else(String::new, kind_in_words);
                [node.name.to_string(), kind, then(node), node.output.to_string(), own.to_string(), adds.to_string()]
            }
            Step::Pool { name, kind, window, output, .. } => {
                let kind = format!("{kind} pool {}", in_words(*window));
                plain(name.as_str(), kind, output.to_string())
            }
            Step::GlobalPool { kind, input } => {
                plain("global pool", kind.to_string(), format!("1 x 1 x {}", input.channels))
            }
            Step::Flatten { input } => plain("flatten", String::new(), format!("1 x 1 x {}", input.values())),
            Step::Add { name, shape } => plain("sum", format!("{name} + shortcut"), shape.to_string()),
            Step::Fork | Step::Exchange => continue,
        };
        rows.push(row.to_vec());
    }
    out!("{}", render_table(&rows, &[&[Align::Left; 4][..], &[Align::Right; 2]].concat()));
    outln!("{parameters} parameters, {multiply_adds} multiply-adds for an image");
}

fn plain(name: &str, kind: String, output: String) -> [String; 6] {
    [name.to_owned(), kind, String::new(), output, "0".to_owned(), "0".to_owned()]
}

/// Weights, biases, and what normalisation scales, shifts and keeps, as Keras's `model.summary()` counts them.
fn parameters_of(node: &Node) -> u64 {
    let channels = node.output.channels as u64;
    let norm = match node.norm {
        Norm::None => 0,
        Norm::Batch { .. } => 4,
        Norm::Group { .. } => 2,
    };
    node.weights() + (norm + u64::from(node.bias)) * channels
}

fn kind_in_words(kernel: Kernel) -> String {
    match kernel {
        Kernel::Image(window) | Kernel::Spatial { window, groups: 1 } => format!("conv {}", in_words(window)),
        Kernel::Spatial { window, groups } => format!("conv {} in {groups} groups", in_words(window)),
        Kernel::Pointwise => "conv 1 x 1".to_owned(),
        Kernel::Depthwise(window) => format!("depthwise {}", in_words(window)),
        Kernel::Dense => "dense".to_owned(),
    }
}

fn in_words(window: Window) -> String {
    let mut words = format!("{0} x {0}", window.size);
    if window.stride > 1 {
        words += &format!(" / {}", window.stride);
    }
    if window.dilation > 1 {
        words += &format!(", dilation {}", window.dilation);
    }
    words
}

/// What follows the kernel, in the order in which it acts.
fn then(node: &Node) -> String {
    let norm = match node.norm {
        Norm::None => None,
        Norm::Batch { .. } => Some("batch norm".to_owned()),
        Norm::Group { groups, .. } => Some(format!("group norm of {groups}")),
    };
    let act = node.act.map(|act| {
        match act {
            Act::Relu => "relu",
            Act::Relu6 => "relu6",
            Act::Gelu => "gelu",
            Act::Silu => "silu",
        }
        .to_owned()
    });
    let is_before = node.dropout.is_some_and(|dropout| dropout.is_before_act);
    let dropout = node.dropout.map(|dropout| {
        let kind = match dropout.kind {
            DropoutKind::Element => "",
            DropoutKind::Channel => " of channels",
            DropoutKind::Block => " of blocks",
        };
        format!("dropout {}{kind}", dropout.rate.get())
    });
    let bias = node.bias.then(|| "bias".to_owned());
    let last = if is_before { [dropout, act] } else { [act, dropout] };
    [bias, norm].into_iter().chain(last).flatten().collect::<Vec<_>>().join(", ")
}
