//! MobileNetV2 (Sandler et al. 2018) laid out as the article's Keras code does, with the knobs an experiment turns.
//!
//! Activations are channels last, kernels have Keras's memory order. The forward pass is a function of parameters,
//! input and [`Pass`]: batch statistics come back as values, dropout masks from addresses.

mod architecture;
mod init;
mod layers;
#[cfg(test)]
mod tests;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};

use crate::bundle::record::ParameterCount;
use crate::config::{Dropout, DropoutPlace, ModelSpec, Norm, Seed};
use crate::engine::kernels::{self, Window};
use crate::provenance::{Digest, Digester};

use architecture::{Architecture, BlockShape, BlockWindow};
use init::{Initialization, Kernel};
use layers::{PostConvolution, PostSpec};

pub use layers::{Pass, TrainingStep};

/// The network. Parameters are visited in the order of the forward pass.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    /// `[9 * 3, c]`, a dense 3x3 kernel.
    stem: Param<Tensor<2>>,
    stem_post: PostConvolution,
    blocks: Vec<Block>,
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
    fn dropout(&self, place: DropoutPlace) -> Option<Dropout> {
        self.spec.dropout.filter(|dropout| dropout.place == place)
    }

    fn post(&mut self, channels: usize, norm: Norm, relu6: bool, dropout: Option<Dropout>) -> PostConvolution {
        let layer = self.posts;
        self.posts += 1;
        PostConvolution::new(PostSpec { norm, relu6, dropout, layer }, channels, self.device)
    }

    /// What follows a convolution that is activated.
    fn activated(&mut self, channels: usize) -> PostConvolution {
        self.post(channels, self.spec.norm, true, self.dropout(DropoutPlace::Activation))
    }

    /// What follows a linear projection.
    fn linear(&mut self, channels: usize) -> PostConvolution {
        self.post(channels, self.spec.norm, false, None)
    }

    fn block(&mut self, shape: BlockShape) -> Block {
        let expanded = shape.expanded();
        let expand =
            shape.expand.then(|| self.init.kernel(Kernel::Pointwise { from: shape.input, to: expanded }, true));
        let expand_post = shape.expand.then(|| self.activated(expanded));
        let depthwise = self.init.kernel(Kernel::Depthwise { channels: expanded }, true);
        let depthwise_post = self.activated(expanded);
        let project = self.init.kernel(Kernel::Pointwise { from: expanded, to: shape.output }, false);
        let project_post = self.linear(shape.output);
        Block { expand, expand_post, depthwise, depthwise_post, project, project_post, shape }
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
        let stem_post = build.activated(architecture.stem);
        let blocks = architecture.blocks.into_iter().map(|shape| build.block(shape)).collect();
        let from = architecture.last_block;
        let head = build.init.kernel(Kernel::Pointwise { from, to: architecture.features }, true);
        let head_post = build.activated(architecture.features);
        let pooled_dropout = build.dropout(DropoutPlace::Head);
        let pooled_post = build.post(architecture.features, Norm::None, false, pooled_dropout);
        let classifier = build.init.kernel(Kernel::Pointwise { from: architecture.features, to: classes }, false);
        let bias = Param::from_tensor(Tensor::zeros([classes], device));
        Self { stem, stem_post, blocks, head, head_post, pooled_post, classifier, bias }
    }

    /// Images `[n, size, size, 3]` to logits `[n, classes]`.
    pub fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        self.classify(self.features(images, pass), pass)
    }

    /// Images `[n, size, size, 3]` to pooled features `[n, features]`.
    pub fn features(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        let [_, size, _, _] = images.dims();
        let mut x = kernels::image_convolution(images, self.stem.val(), Window::same(size, 2), pass.path);
        x = self.stem_post.forward(x, pass);
        for block in &self.blocks {
            x = block.forward(x, pass);
        }
        x = self.head_post.forward(kernels::pointwise(x, self.head.val()), pass);
        let [n, h, w, c] = x.dims();
        x.reshape([n, h * w, c]).mean_dim(1).reshape([n, c])
    }

    fn classify(&self, features: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let [n, c] = features.dims();
        let features = self.pooled_post.forward(features.reshape([n, 1, 1, c]), pass).reshape([n, c]);
        features.matmul(self.classifier.val()) + self.bias.val().unsqueeze_dim(0)
    }

    /// Moves every running mean and variance towards the batch statistics that a training pass collected.
    pub fn absorb_statistics(mut self, pass: Pass) -> Self {
        let mut collected = pass.into_statistics().into_iter();
        for post in self.posts_mut() {
            post.absorb(&mut collected);
        }
        self
    }

    /// Every place behind a convolution, in the order of the forward pass.
    fn posts_mut(&mut self) -> impl Iterator<Item = &mut PostConvolution> {
        let blocks = self
            .blocks
            .iter_mut()
            .flat_map(|block| block.expand_post.iter_mut().chain([&mut block.depthwise_post, &mut block.project_post]));
        std::iter::once(&mut self.stem_post).chain(blocks).chain([&mut self.head_post, &mut self.pooled_post])
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
        if let (Some(kernel), Some(post)) = (&self.expand, &self.expand_post) {
            x = post.forward(kernels::pointwise(x, kernel.val()), pass);
        }
        let [_, size, _, _] = x.dims();
        let window = match self.shape.window {
            BlockWindow::Same => Window::same(size, 1),
            BlockWindow::HalvingAfterZeroPad => Window::zero_padded_after(2),
        };
        x = self.depthwise_post.forward(kernels::depthwise(x, self.depthwise.val(), window, pass.path), pass);
        x = self.project_post.forward(kernels::pointwise(x, self.project.val()), pass);
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
