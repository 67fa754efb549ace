//! Probes on networks whose insides are known.

use super::*;
use crate::bundle::probe::{Convolution, LayerFigure};
use crate::config::{Experiment, load_str};
use crate::data::{self, Cache};
use crate::engine::DeviceChoice;

fn experiment(model: &str) -> Experiment {
    let text = format!(
        "schema: 1\ntitle: T\ndata: {{source: synthetic, per_class: {{train: 10, test: 5}}}}\nseeds: [1]\n\
         model: {{width: 0.35, {model}}}\ntrain: {{epochs: 1, batch_size: 16, image_size: 64}}\nvariants: [{{id: v}}]\n"
    );
    load_str("probe.yaml", &text, std::path::Path::new(""), &[]).unwrap()
}

/// The probes of a network that was never trained, as if it were the result of a training.
fn probes(model: &str) -> ProbeRecord {
    let experiment = experiment(model);
    let engine = Engine::select(DeviceChoice::Auto).unwrap();
    let data = data::load(experiment.images(), &Cache::disabled(), &|_| {}).unwrap();
    let variant = experiment.variants[0].network();
    let device = engine.device().clone().autodiff();
    let network = Network::new(variant.model, 10, 64, Seed(1), &device);
    let subject =
        Subject { variant, seed: Seed(1), data: &data, engine: &engine, trained: Some(&network), accuracy: Some(0.1) };
    probe(subject)
}

fn value(figures: &[LayerFigure], layer: &str) -> f64 {
    figures.iter().find(|figure| figure.layer == layer).unwrap().value.unwrap()
}

fn silenced(record: &ProbeRecord, wanted: impl Fn(&crate::bundle::probe::MaskedUpdates) -> bool) -> f64 {
    let kernels: Vec<_> = record.masked_updates.iter().filter(|kernel| wanted(kernel)).collect();
    let sum =
        |of: fn(&crate::bundle::probe::MaskedUpdates) -> u64| kernels.iter().map(|kernel| of(kernel)).sum::<u64>();
    sum(|kernel| kernel.silenced) as f64 / sum(|kernel| kernel.entries) as f64
}

// The article's layout has 17 blocks, the first without an expansion: stem, 2 + 16 * 3 in blocks, head, features, logits.
#[test]
fn the_signal_of_every_layer_is_measured_in_order_and_dies_where_keras_kills_it() {
    let dead = probes("norm: none");
    let layers: Vec<&str> = dead.initial.training.iter().map(|figure| figure.layer.as_str()).collect();
    assert_eq!(layers.len(), 1 + 2 + 16 * 3 + 3);
    assert_eq!(layers[..4], ["stem", "block 1 depthwise", "block 1 project", "block 2 expand"]);
    assert_eq!(layers[layers.len() - 3..], ["head", "features", "logits"]);
    assert!(value(&dead.initial.training, "features") < 1e-6);
    let alive = probes("norm: none, initializer: he");
    assert!(value(&alive.initial.training, "features") > 1e-2);
    assert_eq!(alive.initial, alive.trained.unwrap(), "the same network, the same signal");
    assert!(alive.variance_shift.is_empty() && alive.masked_updates.is_empty() && alive.reestimation.is_none());
}

#[test]
fn gradients_are_as_small_as_the_signal() {
    let gradient = |model| value(&probes(model).gradient, "stem");
    let (dead, alive) = (gradient("norm: none"), gradient("norm: none, initializer: he"));
    assert!(dead < 1e-9 && alive > 1e-4, "{dead:e} {alive:e}");
}

// Inverted dropout of rate p multiplies a value's second moment by 1/(1-p): what enters the normalisation behind a
// depthwise convolution, whose nine inputs have a positive mean, gains variance by the share that is not the mean's.
#[test]
fn dropout_raises_the_variance_that_enters_normalisation() {
    let record = probes("norm: batch, dropout: 0.5");
    assert_eq!(record.variance_shift.len(), 52);
    assert_eq!(record.variance_shift[0].convolution, Convolution::Image);
    assert_eq!(
        record.variance_shift[0].dropout_on, record.variance_shift[0].dropout_off,
        "nothing is dropped before it"
    );
    let ratio = |layer: &str| {
        let shift = record.variance_shift.iter().find(|shift| shift.layer == layer).unwrap();
        shift.dropout_on.unwrap() / shift.dropout_off.unwrap()
    };
    assert!(ratio("block 1 depthwise") > 1.2, "{}", ratio("block 1 depthwise"));
    assert_eq!(record.reestimation.unwrap().images, 100);
}

// A dropped feature silences its whole row of the classifier: a share equal to the rate. A kernel that slides over many
// pixels keeps an entry as long as one pixel is kept.
#[test]
fn masks_silence_dense_updates_and_not_those_of_sliding_kernels() {
    let head = probes("norm: none, initializer: he, dropout: {rate: 0.3, place: head}");
    let dense = silenced(&head, |kernel| kernel.convolution == Convolution::Dense);
    assert!((dense - 0.3).abs() < 0.03, "{dense}");
    let element = probes("norm: none, initializer: he, dropout: 0.3");
    let sliding = silenced(&element, |kernel| kernel.pixels >= 64);
    assert!(sliding < 0.01, "{sliding}");
    let channel = probes("norm: none, initializer: he, dropout: {rate: 0.3, kind: channel}");
    // A channel of an expansion goes through its own mask and, alone, through the depthwise convolution to a second one:
    // 1 - 0.7 * 0.7 = 0.51 of its kernel's columns get no update.
    let expansion = silenced(&channel, |kernel| kernel.layer.ends_with("expand") && kernel.pixels >= 64);
    assert!((expansion - 0.51).abs() < 0.1, "{expansion}");
}

#[test]
fn statistics_estimated_from_the_very_batch_make_evaluation_what_training_was() {
    let experiment = experiment("norm: batch");
    let engine = Engine::select(DeviceChoice::Auto).unwrap();
    let data = data::load(experiment.images(), &Cache::disabled(), &|_| {}).unwrap();
    let train = DeviceImages::new(&data.train, data.height, data.width, &engine);
    let order = train.order(crate::train::plain_picks(32));
    let images = order.images(0..32, 64, experiment.variants[0].network().train.pixels);
    let network = Network::new(experiment.variants[0].network().model, 10, 64, Seed(1), engine.device());
    let step = TrainingStep { seed: Seed(1), epoch: 0, step: 0 };
    let mut pass = Pass::training(step);
    let trained = network.forward(images.clone(), &mut pass);
    let estimated = network.with_statistics_of(vec![pass.into_statistics()]);
    let evaluated = estimated.forward(images, &mut Pass::evaluation());
    let values = |logits: burn::tensor::Tensor<2>| logits.into_data().try_into_vec::<f32>().unwrap();
    let (trained, evaluated) = (values(trained), values(evaluated));
    let scale = trained.iter().fold(0.0f32, |scale, value| scale.max(value.abs()));
    assert!(trained.iter().zip(&evaluated).all(|(a, b)| (a - b).abs() < 1e-3 * scale));
}
