//! Training throughput beside a peer, in alternation, so that a drifting machine favours neither.
//!
//!     cargo bench --bench peer -- --size 32 --batch 64 --device libtorch --peer "python3 benches/pytorch/train_step.py"
//!
//! The peer speaks the line protocol of `benches/pytorch/train_step.py`. Printed are the images/s of every round, the
//! medians, and the median of the rounds' ratios.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Int, Tensor, TensorData};
use clap::Parser;
use retrial::config::{Dropout, DropoutKind, DropoutPlace, Initializer, ModelSpec, Norm, Rate, Seed};
use retrial::engine::{DeviceChoice, Engine, ThreadPlan, available_cores};
use retrial::model::{MobileNetV2, Pass, TrainingStep};

/// Training images/s of retrial and of a peer, in alternation.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,
    /// Side of the images in pixels.
    #[arg(long, default_value_t = 32)]
    size: usize,
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Rounds; each trains here, then at the peer's.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Seconds that a round should take at each side.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// The peer's command, to which --size and --batch are added; none measures retrial alone.
    #[arg(long)]
    peer: Option<String>,
    /// What cargo adds to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A training loop on one batch of random images: full width, batch normalisation, dropout 0.1, plain SGD.
struct Training {
    model: Option<MobileNetV2>,
    images: Tensor<4>,
    labels: Tensor<1, Int>,
    step: u64,
}

impl Training {
    fn new(arguments: &Arguments, engine: &Engine) -> Self {
        let device = engine.device().clone().autodiff();
        let rate = Rate::new(0.1).expect("0.1 is a rate");
        let spec = ModelSpec {
            norm: Norm::Batch { momentum: 0.99, epsilon: 1e-3 },
            dropout: Some(Dropout {
                rate,
                kind: DropoutKind::Element,
                place: DropoutPlace::Activation,
                block_size: None,
            }),
            initializer: Initializer::Keras,
            width: 1.0,
        };
        let (size, batch) = (arguments.size, arguments.batch);
        let pixels: Vec<f32> = (0..batch * size * size * 3).map(|at| (at * 7919 % 256) as f32 / 255.0).collect();
        let labels: Vec<i64> = (0..batch as i64).map(|at| at % 10).collect();
        Self {
            model: Some(MobileNetV2::new(&spec, 10, Seed(1), &device)),
            images: Tensor::from_data(TensorData::new(pixels, [batch, size, size, 3]), &device),
            labels: Tensor::from_data(TensorData::new(labels, [batch]), &device),
            step: 0,
        }
    }

    /// Images/s over `steps` steps, with the device idle at both ends.
    fn run(&mut self, steps: usize) -> f64 {
        let device = self.images.device();
        let loss = CrossEntropyLossConfig::new().init(&device);
        let mut optimizer = SgdConfig::new().init();
        let [batch, ..] = self.images.dims();
        let start = Instant::now();
        for _ in 0..steps {
            let mut pass = Pass::training(TrainingStep { seed: Seed(1), epoch: 0, step: self.step });
            let model = self.model.take().expect("the model is only away within a step");
            let logits = model.forward(self.images.clone(), &mut pass);
            let gradients = GradientsParams::from_grads(loss.forward(logits, self.labels.clone()).backward(), &model);
            self.model = Some(optimizer.step(0.1, model, gradients).absorb_statistics(pass));
            self.step += 1;
        }
        device.sync().expect("the device finishes its work");
        (steps * batch) as f64 / start.elapsed().as_secs_f64()
    }
}

struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(command: &str, arguments: &Arguments) -> Self {
        let command = format!("exec {command} --size {} --batch {}", arguments.size, arguments.batch);
        let mut child = Command::new("sh")
            .args(["-c", &command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the peer's command starts");
        let input = child.stdin.take().expect("its input is piped");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the peer speaks");
        assert_eq!(line.trim(), "ready", "the peer says `ready` first");
        Self { child, input, output }
    }

    fn line(&mut self, request: &str, key: &str) -> f64 {
        writeln!(self.input, "{request}").expect("the peer listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the peer answers");
        let value = line.trim().strip_prefix(key).unwrap_or_else(|| panic!("`{key} …` expected, not `{line}`"));
        value.trim().parse().expect("the peer answers with a number")
    }

    fn run(&mut self, steps: usize) -> f64 {
        self.line(&format!("run {steps}"), "images_per_second")
    }

    /// Ends it; peak resident memory in MiB.
    fn end(mut self) -> f64 {
        let peak = self.line("quit", "peak_kib") / 1024.0;
        drop(self.input);
        self.child.wait().expect("the peer ends");
        peak
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// This process's peak resident memory in MiB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

fn main() {
    let arguments = Arguments::parse();
    let engine = Engine::select(arguments.device).unwrap_or_else(|error| panic!("{error}"));
    let threads = ThreadPlan::new(Some(1), 1, available_cores());
    engine.set_threads(threads);
    let pool = threads.pool().expect("threads start");
    let mut training = Training::new(&arguments, &engine);
    let mut here = |steps| pool.install(|| training.run(steps));
    here(2);
    let steps_for = |rate: f64| ((arguments.seconds * rate / arguments.batch as f64) as usize).max(2);
    let steps = steps_for(here(2));
    let mut peer = arguments.peer.as_deref().map(|command| Peer::start(command, &arguments));
    let peer_steps = peer.as_mut().map_or(0, |peer| {
        let rate = peer.run(2);
        steps_for(rate)
    });
    println!("{} at {} px, batch {}", engine.name(), arguments.size, arguments.batch);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 1..=arguments.rounds {
        ours.push(here(steps));
        theirs.extend(peer.as_mut().map(|peer| peer.run(peer_steps)));
        let rates = ours.last().into_iter().chain(theirs.last()).map(|rate| format!("{rate:8.1}"));
        println!("round {round}: {} images/s", rates.collect::<Vec<_>>().join("  "));
    }
    println!("median here {:.1} images/s, peak memory {:.0} MiB", median(&ours), peak_memory().unwrap_or(f64::NAN));
    if let Some(peer) = peer {
        let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        println!("median peer {:.1} images/s, peak memory {:.0} MiB", median(&theirs), peer.end());
        println!("median ratio {:.2}", median(&ratios));
    }
}
