//! Networks whose sizes others published, and layers that do not fit together.

use super::*;
use crate::config::{DropoutKind, DropoutPlace, Experiment, Norm, load_str};
use std::path::Path;

/// The experiment with this `model:`.
fn experiment(model: &str, size: u32) -> Experiment {
    let text = format!(
        "schema: 1\ntitle: T\ndata: {{source: synthetic}}\nseeds: [1]\nmodel: {model}\n\
         train: {{epochs: 1, image_size: {size}}}\nvariants: [{{id: v}}]\n"
    );
    load_str("network.yaml", &text, Path::new(""), &[]).unwrap_or_else(|error| panic!("{model}: {error:?}"))
}

fn graph(model: &str, classes: usize, size: u32) -> Graph {
    Graph::new(experiment(model, size).variants[0].network().model, classes, size as usize).unwrap()
}

/// Weights and biases, and two numbers for each normalised channel.
fn parameters(graph: &Graph) -> u64 {
    let of = |node: &Node| {
        let channels = node.output.channels as u64;
        node.weights() + if node.bias { channels } else { 0 } + if node.norm == Norm::None { 0 } else { 2 * channels }
    };
    graph.nodes().map(of).sum()
}

fn multiply_adds(graph: &Graph) -> u64 {
    graph.nodes().map(Node::multiply_adds).sum()
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes().map(|node| node.name.as_str()).collect()
}

// torchvision.models: vgg11, vgg13, vgg16, vgg19 have 132,863,336, 133,047,848, 138,357,544 and 143,667,240 parameters,
// vgg16_bn 138,365,992.
#[test]
fn vgg_has_the_parameters_of_torchvisions() {
    for (depth, published) in [(11, 132_863_336), (13, 133_047_848), (16, 138_357_544), (19, 143_667_240)] {
        let vgg = graph(&format!("{{preset: vgg, depth: {depth}, norm: none}}"), 1000, 224);
        assert_eq!(parameters(&vgg), published, "{depth}");
    }
    assert_eq!(parameters(&graph("vgg", 1000, 224)), 138_365_992);
    // Simonyan and Zisserman 2015 give none; torchvision's table has 15.47 G multiply-adds for vgg16.
    let counted = multiply_adds(&graph("vgg", 1000, 224)) as f64 / 1e9;
    assert!((counted - 15.47).abs() < 0.01, "{counted}");
}

// He et al. 2016, table 6: 0.27, 0.46, 0.66, 0.85 and 1.7 million parameters, with shortcuts that have none; the two
// convolutions on shortcuts here have 2,560 weights and 192 numbers for their normalisation.
#[test]
fn layers_without_a_value_are_refused_and_not_taken_for_the_default_network() {
    let text = "schema: 1\ntitle: T\ndata: {source: synthetic}\nmodel: {layers: }\nvariants: [{id: a}]\n";
    let error = load_str("network.yaml", text, Path::new(""), &[]).unwrap_err();
    assert!(format!("{error:?}").contains("it has no layers"), "{error:?}");
}

#[test]
fn resnet_has_the_layers_and_parameters_of_the_paper() {
    for (depth, published) in [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)] {
        let resnet = graph(&format!("{{preset: resnet, depth: {depth}}}"), 10, 32);
        let without_shortcuts = (parameters(&resnet) - 2_560 - 192) as f64 / 1e6;
        assert!((without_shortcuts / published - 1.0).abs() < 0.03, "{depth}: {without_shortcuts}");
        let weighted = resnet.nodes().filter(|node| node.kernel.is_some()).count();
        assert_eq!(weighted, depth + 2, "two of them on shortcuts");
    }
    // By hand: 1,024 * 432; 6 * 1,024 * 2,304; 256 * (4,608 + 5 * 9,216 + 512); 64 * (18,432 + 5 * 36,864 + 2,048); 640.
    let by_hand = 442_368 + 14_155_776 + 13_107_200 + 13_107_200 + 640;
    assert_eq!(multiply_adds(&graph("resnet", 10, 32)), by_hand);
    assert_eq!(
        experiment("{preset: resnet, depth: 56}", 32).variants[0].network().model.network_name(),
        Some("ResNet-56")
    );
}

#[test]
fn every_preset_is_a_network_and_mobilenet_is_the_default() {
    for preset in ["mobilenet_v2", "vgg", "resnet", "mlp", "simple_cnn"] {
        let graph = graph(preset, 7, 32);
        let last = graph.nodes().last().unwrap();
        assert_eq!((last.name.as_str(), last.output), ("logits", Shape { side: 1, channels: 7 }), "{preset}");
    }
    assert_eq!(experiment("mobilenet_v2", 32).variants[0], experiment("{width: 1}", 32).variants[0]);
}

#[test]
fn mobilenets_layers_have_the_names_and_addresses_that_they_always_had() {
    let full = graph("mobilenet_v2", 10, 224);
    let names = names(&full);
    assert_eq!(names.len(), 1 + 2 + 16 * 3 + 3);
    assert_eq!(names[..4], ["stem", "block 1 depthwise", "block 1 project", "block 2 expand"]);
    assert_eq!(names[names.len() - 5..], ["block 17 depthwise", "block 17 project", "head", "features", "logits"]);
    assert!(full.nodes().zip(0..).all(|(node, number)| node.number == number));
    // Channels of keras.applications.MobileNetV2(alpha=0.35) and (alpha=1.4), read off its layer shapes.
    let projected = |width: &str| {
        let graph = graph(&format!("{{width: {width}}}"), 10, 224);
        let wanted = graph.nodes().filter(|node| node.name.as_str().ends_with("project"));
        let outputs: Vec<usize> = wanted.map(|node| node.output.channels).collect();
        let of = |name| graph.nodes().find(|node| node.name.as_str() == name).unwrap().output.channels;
        (of("stem"), outputs, of("features"))
    };
    let (stem, outputs, features) = projected("0.35");
    assert_eq!((stem, features), (16, 1280));
    assert_eq!(outputs, [8, 8, 8, 16, 16, 16, 24, 24, 24, 24, 32, 32, 32, 56, 56, 56, 112]);
    let (stem, outputs, features) = projected("1.4");
    assert_eq!((stem, features), (48, 1792));
    assert_eq!(outputs[..3], [24, 32, 32]);
    assert_eq!(full.steps.iter().filter(|step| matches!(step, Step::Add { .. })).count(), 10);
}

fn dropped(graph: &Graph) -> Vec<(&str, bool)> {
    let drops = graph.nodes().filter_map(|node| Some((node.name.as_str(), node.dropout?.is_before_act)));
    drops.collect()
}

#[test]
fn dropout_stands_where_its_place_is() {
    let layers = "layers: [{conv: 8}, norm, {act: relu}, {residual: [{conv: 8}, norm]}, {pool: max}, {conv: 8}, {act: silu}, \
                  global_pool, {dense: 8}, {act: relu}, {dense: classes}]";
    let at = |place: &str| {
        let graph = graph(&format!("{{{layers}, dropout: {{rate: 0.1, place: {place}}}}}"), 10, 32);
        dropped(&graph).into_iter().map(|(name, before)| (name.to_owned(), before)).collect::<Vec<_>>()
    };
    let named =
        |list: &[(&str, bool)]| list.iter().map(|(name, before)| ((*name).to_owned(), *before)).collect::<Vec<_>>();
    assert_eq!(at("activation"), named(&[("conv", false), ("conv 2", false), ("dense", false)]));
    assert_eq!(at("norm"), named(&[("conv", true), ("block 1 conv", false)]));
    assert_eq!(at("head"), named(&[("features", false)]));
    // The shortcut goes around the first; the second follows a pool.
    assert_eq!(at("convolution"), named(&[("block 1 input", false), ("input", false)]));
}

#[test]
fn a_list_has_its_own_dropout_and_normalisation_beside_the_knobs() {
    let layers = "layers: [{conv: 8}, {norm: {kind: group, groups: 2}}, {act: relu}, {dropout: 0.2}, {conv: 8}, norm, \
                  flatten, {dropout: {rate: 0.5, kind: channel}}, {dense: classes}]";
    let graph = graph(&format!("{{{layers}, norm: none, dropout: 0.1}}"), 10, 8);
    let rates: Vec<_> = graph.nodes().filter_map(|node| Some((node.name.as_str(), node.dropout?.rate.get()))).collect();
    assert_eq!(rates, [("conv", 0.1), ("dropout", 0.2), ("dropout 2", 0.5)]);
    let norms: Vec<_> = graph.nodes().filter(|node| node.kernel.is_some()).map(|node| node.norm).collect();
    assert_eq!(norms, [Norm::Group { groups: 2, epsilon: 0.001 }, Norm::None, Norm::None]);
    let biases: Vec<bool> = graph.nodes().filter(|node| node.kernel.is_some()).map(|node| node.bias).collect();
    assert_eq!(biases, [false, false, true], "`norm` has a shift of its own, even where a knob takes it away");
    let kind = graph.nodes().find(|node| node.name.as_str() == "dropout 2").unwrap().dropout.unwrap().kind;
    assert_eq!(kind, DropoutKind::Channel);
}

#[test]
fn names_are_counted_and_given_once() {
    let layers = "layers: [{conv: {filters: 8, name: conv 2}}, {conv: 8}, {conv: 8}, {conv: {filters: 8, name: logits}}, \
                  {block: [{conv: 8}]}, {block: [{residual: [{conv: 8}, {conv: 8}]}]}, global_pool, {dense: classes}]";
    let graph = graph(&format!("{{{layers}}}"), 10, 8);
    let names = names(&graph);
    assert_eq!(
        names,
        [
            "conv 2",
            "conv",
            "conv 3",
            "logits 2",
            "block 1 conv",
            "block 2 conv",
            "block 2 conv 2",
            "features",
            "logits"
        ]
    );
}

#[test]
fn kernels_are_told_apart() {
    let layers = "layers: [{conv: {filters: 8, size: 5, stride: 2}}, {conv: {filters: 8, groups: 4, dilation: 2}}, \
                  {conv: {filters: 4, size: 1}}, {conv: {expand: 3, size: 1, stride: 2}}, {depthwise: 5}, flatten, \
                  {dense: classes}]";
    let graph = graph(&format!("{{{layers}}}"), 10, 9);
    let kernels: Vec<Kernel> = graph.nodes().filter_map(|node| node.kernel).collect();
    let window = |size, stride, before, after, dilation| Window { size, stride, before, after, dilation };
    assert_eq!(
        kernels,
        [
            // 9 pixels to 5: reach 13, so two on either side.
            Kernel::Image(window(5, 2, 2, 2, 1)),
            Kernel::Spatial { window: window(3, 1, 2, 2, 2), groups: 4 },
            Kernel::Pointwise,
            Kernel::Spatial { window: window(1, 2, 0, 0, 1), groups: 1 },
            Kernel::Depthwise(window(5, 1, 2, 2, 1)),
            Kernel::Dense,
        ]
    );
    let flat = graph.nodes().last().unwrap().input;
    assert_eq!(flat, Shape { side: 1, channels: 3 * 3 * 12 });
}

#[test]
fn a_first_repetition_may_differ_and_widths_are_rounded_as_mobilenets_are() {
    let layers = "layers: [{repeat: {times: 3, first: [{conv: {filters: 20, stride: 2}}], layers: [{conv: 20}]}}, \
                  global_pool, {dense: classes}]";
    let sides = |width: &str| {
        let graph = graph(&format!("{{{layers}, width: {width}}}"), 10, 32);
        graph.nodes().map(|node| (node.output.side, node.output.channels)).collect::<Vec<_>>()
    };
    assert_eq!(sides("1"), [(16, 20), (16, 20), (16, 20), (1, 20), (1, 10)]);
    // _make_divisible(10, 8) = 16: 8 would be less than nine tenths of it. _make_divisible(30, 8) = 32.
    assert_eq!(sides("0.5")[0], (16, 16));
    assert_eq!(sides("1.5")[0], (16, 32));
}

#[test]
fn dropout_place_is_known_before_anything_is_built() {
    let place =
        |model: &str, place| Graph::has_place(experiment(model, 32).variants[0].network().model.layers(), place);
    assert!(place("mlp", DropoutPlace::Activation) && place("mlp", DropoutPlace::Norm));
    assert!(place("mlp", DropoutPlace::Head) && !place("mlp", DropoutPlace::Convolution));
    assert!(place("simple_cnn", DropoutPlace::Convolution));
}
