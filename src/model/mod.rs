//! MobileNetV2 (Sandler et al. 2018) laid out as the article's Keras code does, with the knobs an experiment turns.
//!
//! Activations are channels last, kernels have Keras's memory order. The forward pass is a function of parameters,
//! input and [`Pass`]: batch statistics come back as values, dropout masks from addresses.

mod architecture;
pub mod cost;
mod init;
mod kernels;
mod layers;
mod names;
mod pass;
#[cfg(test)]
mod tests;
pub mod timing;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, FloatDType, Tensor};

use crate::bundle::record::ParameterCount;
use crate::config::{Dropout, DropoutPlace, ModelSpec, Norm, Precision, Seed};
use crate::engine::kernels::{self as operations, Window};
use crate::provenance::{Digest, Digester};

use architecture::{Architecture, BlockShape, BlockWindow};
use init::{Initialization, Kernel};
use layers::{PostConvolution, PostSpec};

pub use kernels::KernelGradient;
pub use names::{LayerId, Role};
pub use pass::{BatchStatistics, Observation, Pass, TrainingStep};

/// The network. Parameters are visited in the order of the forward pass.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    /// `[9 * 3, c]`, a dense 3x3 kernel.
    stem: Param<Tensor<2>>,
    stem_post: PostConvolution,
    blocks: Vec<Block>,
    /// Dropout before the head's convolution, where the experiment asks for it.
    head_input: Option<PostConvolution>,
    head: Param<Tensor<2>>,
    head_post: PostConvolution,
    /// Dropout on the pooled features, where the experiment asks for it.
    pooled_post: PostConvolution,
    /// `[features, classes]`.
    classifier: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// Expansion (except in the first block), depthwise convolution, linear projection, and a shortcut where shapes allow.
#[derive(Module, Debug)]
struct Block {
    /// Dropout before the block's first convolution, where the experiment asks for it; the shortcut goes around it.
    input: Option<PostConvolution>,
    expand: Option<Param<Tensor<2>>>,
    expand_post: Option<PostConvolution>,
    /// `[3, 3, c]`.
    depthwise: Param<Tensor<3>>,
    depthwise_post: PostConvolution,
    project: Param<Tensor<2>>,
    project_post: PostConvolution,
    #[module(skip)]
    shape: BlockShape,
}

/// Builds layers in forward order, handing each its number: the address of its random numbers.
struct Builder<'a> {
    spec: &'a ModelSpec,
    init: Initialization<'a>,
    device: &'a Device,
    posts: u32,
}

impl Builder<'_> {
    fn dropout(&self, places: &[DropoutPlace]) -> Option<Dropout> {
        self.spec.dropout.filter(|dropout| places.contains(&dropout.place))
    }

    fn post(
        &mut self,
        name: LayerId,
        channels: usize,
        norm: Norm,
        relu6: bool,
        at: &[DropoutPlace],
    ) -> PostConvolution {
        let layer = self.posts;
        self.posts += 1;
        let dropout = self.dropout(at);
        PostConvolution::new(PostSpec { name, norm, relu6, dropout, layer }, channels, self.device)
    }

    /// What follows a convolution that is activated; another convolution comes next.
    fn activated(&mut self, name: LayerId, channels: usize) -> PostConvolution {
        let places = [DropoutPlace::Activation, DropoutPlace::Convolution, DropoutPlace::Norm];
        self.post(name, channels, self.spec.norm, true, &places)
    }

    /// What follows a linear projection.
    fn linear(&mut self, name: LayerId, channels: usize) -> PostConvolution {
        self.post(name, channels, self.spec.norm, false, &[DropoutPlace::Norm])
    }

    /// Dropout on what enters a convolution and is no activation's output.
    fn input(&mut self, name: LayerId, channels: usize) -> Option<PostConvolution> {
        let places = [DropoutPlace::Convolution];
        self.dropout(&places).map(|_| self.post(name, channels, Norm::None, false, &places))
    }

    fn block(&mut self, number: u32, shape: BlockShape) -> Block {
        let name = |role| LayerId { block: number, role };
        let expanded = shape.expanded();
        // Without an expansion the input is the stem's activation, which has its own dropout.
        let input = if shape.expand { self.input(name(Role::Input), shape.input) } else { None };
        let expand =
            shape.expand.then(|| self.init.kernel(Kernel::Pointwise { from: shape.input, to: expanded }, true));
        let expand_post = shape.expand.then(|| self.activated(name(Role::Expand), expanded));
        let depthwise = self.init.kernel(Kernel::Depthwise { channels: expanded }, true);
        let depthwise_post = self.activated(name(Role::Depthwise), expanded);
        let project = self.init.kernel(Kernel::Pointwise { from: expanded, to: shape.output }, false);
        let project_post = self.linear(name(Role::Project), shape.output);
        Block { input, expand, expand_post, depthwise, depthwise_post, project, project_post, shape }
    }
}

impl MobileNetV2 {
    /// A freshly initialised network for `classes` classes; equal arguments give equal bits on every device.
    ///
    /// Parameters require gradients when `device` is an autodiff device.
    pub fn new(spec: &ModelSpec, classes: usize, seed: Seed, device: &Device) -> Self {
        let architecture = Architecture::new(spec.width);
        let init = Initialization::new(spec.initializer, seed, device);
        let mut build = Builder { spec, init, device, posts: 0 };
        let stem = build.init.kernel(Kernel::Image { to: architecture.stem }, true);
        let stem_post = build.activated(LayerId::of(Role::Stem), architecture.stem);
        let blocks = (1..).zip(architecture.blocks).map(|(number, shape)| build.block(number, shape)).collect();
        let (from, features) = (architecture.last_block, architecture.features);
        let head_input = build.input(LayerId { block: 0, role: Role::Input }, from);
        let head = build.init.kernel(Kernel::Pointwise { from, to: features }, true);
        let places = [DropoutPlace::Activation, DropoutPlace::Norm];
        let head_post = build.post(LayerId::of(Role::Head), features, spec.norm, true, &places);
        let pooled_post = build.post(LayerId::of(Role::Features), features, Norm::None, false, &[DropoutPlace::Head]);
        let classifier = build.init.kernel(Kernel::Pointwise { from: features, to: classes }, false);
        let bias = Param::from_tensor(Tensor::zeros([classes], device));
        Self { stem, stem_post, blocks, head_input, head, head_post, pooled_post, classifier, bias }
    }

    /// Images `[n, size, size, 3]` to logits `[n, classes]`.
    pub fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        self.classify(self.features(images, pass), pass)
    }

    /// Images `[n, size, size, 3]` to pooled features `[n, features]`, in f32 whatever the pass computes with.
    pub fn features(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        let [_, size, _, _] = images.dims();
        let images = match pass.precision {
            Precision::Fp32 | Precision::Tf32 => images,
            Precision::Bf16 => images.cast(FloatDType::BF16),
        };
        let mut x = operations::image_convolution(images, self.stem.val(), Window::same(size, 2), pass.path);
        x = self.stem_post.forward(x, pass);
        for block in &self.blocks {
            x = block.forward(x, pass);
        }
        if let Some(input) = &self.head_input {
            x = input.forward(x, pass);
        }
        x = self.head_post.forward(operations::pointwise(x, self.head.val()), pass);
        let [n, h, w, c] = x.dims();
        let x = if pass.precision == Precision::Bf16 { x.cast(FloatDType::F32) } else { x };
        x.reshape([n, h * w, c]).mean_dim(1).reshape([n, c])
    }

    fn classify(&self, features: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let [n, c] = features.dims();
        let features = self.pooled_post.forward(features.reshape([n, 1, 1, c]), pass).reshape([n, c]);
        let logits = features.matmul(self.classifier.val()) + self.bias.val().unsqueeze_dim(0);
        let [_, classes] = logits.dims();
        pass.observe(LayerId::of(Role::Logits), &logits.clone().reshape([n, 1, 1, classes]));
        logits
    }

    /// Moves every running mean and variance towards the batch statistics that a training pass collected.
    pub fn absorb_statistics(mut self, pass: Pass) -> Self {
        let mut collected = pass.into_statistics().into_iter();
        for post in self.posts_mut() {
            post.absorb(&mut collected);
        }
        self
    }

    /// Normalises in future with the means and variances over several batches, each of which went through a pass that
    /// used its own statistics. Batches count by their number of values.
    pub fn with_statistics_of(mut self, batches: Vec<Vec<BatchStatistics>>) -> Self {
        let mut estimated = pass::pooled(batches).into_iter();
        for post in self.posts_mut() {
            post.replace_statistics(&mut estimated);
        }
        self
    }

    /// Every place behind a convolution, in the order of the forward pass.
    fn posts_mut(&mut self) -> impl Iterator<Item = &mut PostConvolution> {
        let blocks = self.blocks.iter_mut().flat_map(|block| {
            let first = block.input.iter_mut().chain(&mut block.expand_post);
            first.chain([&mut block.depthwise_post, &mut block.project_post])
        });
        let head = self.head_input.iter_mut().chain([&mut self.head_post, &mut self.pooled_post]);
        std::iter::once(&mut self.stem_post).chain(blocks).chain(head)
    }

    /// Scalar weights as Keras's `model.summary()` counts them: running statistics are not trainable.
    pub fn parameter_count(&self) -> ParameterCount {
        let blocks = self
            .blocks
            .iter()
            .flat_map(|block| block.expand_post.iter().chain([&block.depthwise_post, &block.project_post]));
        let posts = [&self.stem_post, &self.head_post].into_iter().chain(blocks);
        let running: usize = posts.map(PostConvolution::running_len).sum();
        let total = self.num_params() as u64;
        ParameterCount { total, trainable: total - running as u64 }
    }

    /// Digest of all parameters and running statistics: shapes and f32 bits, in forward order.
    pub fn digest(&self) -> Digest {
        let mut digests = ParameterDigest(Digester::default());
        self.visit(&mut digests);
        digests.0.finish()
    }
}

impl Block {
    fn forward(&self, input: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let mut x = input.clone();
        if let Some(dropout) = &self.input {
            x = dropout.forward(x, pass);
        }
        if let (Some(kernel), Some(post)) = (&self.expand, &self.expand_post) {
            x = post.forward(operations::pointwise(x, kernel.val()), pass);
        }
        let [_, size, _, _] = x.dims();
        let window = match self.shape.window {
            BlockWindow::Same => Window::same(size, 1),
            BlockWindow::HalvingAfterZeroPad => Window::zero_padded_after(2),
        };
        x = self.depthwise_post.forward(operations::depthwise(x, self.depthwise.val(), window, pass.path), pass);
        x = self.project_post.forward(operations::pointwise(x, self.project.val()), pass);
        if self.shape.shortcut { x + input } else { x }
    }
}

struct ParameterDigest(Digester);

impl ModuleVisitor for ParameterDigest {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().inner().into_data();
        for size in data.shape().iter() {
            self.0.update(&(*size as u64).to_le_bytes());
        }
        self.0.update(data.as_bytes());
    }
}
