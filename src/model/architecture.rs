//! The table of MobileNetV2's blocks, as the article's code has it, and the channel multiplier of the reference code.

/// Channels of every stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Architecture {
    pub stem: usize,
    pub blocks: Vec<BlockShape>,
    pub last_block: usize,
    pub features: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockShape {
    pub input: usize,
    pub output: usize,
    /// Six times the input channels before the depthwise convolution; the first block has no expansion.
    pub expand: bool,
    pub window: BlockWindow,
    pub shortcut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockWindow {
    Same,
    /// Stride 2 without padding, after one zero row below and one zero column to the right.
    HalvingAfterZeroPad,
}

/// Output channels, repetitions and first stride of each group of blocks (table 2 of the paper).
const GROUPS: [(usize, usize, usize); 7] =
    [(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)];
const EXPANSION: usize = 6;

impl BlockShape {
    /// Channels of the depthwise convolution.
    pub fn expanded(&self) -> usize {
        if self.expand { self.input * EXPANSION } else { self.input }
    }
}

impl Architecture {
    pub fn new(width: f64) -> Self {
        let stem = scaled(32, width);
        let mut input = stem;
        let mut blocks = Vec::new();
        for (output, repetitions, stride) in GROUPS {
            let output = scaled(output, width);
            for repetition in 0..repetitions {
                let halving = repetition == 0 && stride == 2;
                blocks.push(BlockShape {
                    input,
                    output,
                    expand: !blocks.is_empty(),
                    window: if halving { BlockWindow::HalvingAfterZeroPad } else { BlockWindow::Same },
                    shortcut: repetition > 0,
                });
                input = output;
            }
        }
        // The reference implementation widens the last layer but never narrows it.
        Self { stem, blocks, last_block: input, features: scaled(1280, width.max(1.0)) }
    }
}

/// Nearest multiple of 8, at least 8, and not more than a tenth below `channels * width` (`_make_divisible`).
fn scaled(channels: usize, width: f64) -> usize {
    let exact = channels as f64 * width;
    let rounded = (((exact + 4.0) / 8.0) as usize * 8).max(8);
    if (rounded as f64) < 0.9 * exact { rounded + 8 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_width_has_the_seventeen_blocks_of_the_paper() {
        let full = Architecture::new(1.0);
        assert_eq!((full.stem, full.blocks.len(), full.last_block, full.features), (32, 17, 320, 1280));
        assert_eq!(full.blocks.iter().filter(|block| block.shortcut).count(), 10);
        assert_eq!(full.blocks.iter().filter(|block| block.window == BlockWindow::HalvingAfterZeroPad).count(), 4);
    }

    // Channels of keras.applications.MobileNetV2(alpha=0.35) and (alpha=1.4), read off its layer shapes.
    #[test]
    fn narrow_and_wide_networks_have_the_channels_of_the_reference_implementation() {
        let outputs = |width| Architecture::new(width).blocks.iter().map(|block| block.output).collect::<Vec<_>>();
        assert_eq!(Architecture::new(0.35).stem, 16);
        assert_eq!(outputs(0.35), [8, 8, 8, 16, 16, 16, 24, 24, 24, 24, 32, 32, 32, 56, 56, 56, 112]);
        assert_eq!(Architecture::new(0.35).features, 1280);
        assert_eq!(Architecture::new(1.4).stem, 48);
        assert_eq!(outputs(1.4)[..3], [24, 32, 32]);
        assert_eq!(Architecture::new(1.4).features, 1792);
    }
}
