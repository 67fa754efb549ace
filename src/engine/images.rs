//! Images held by an engine as bytes, turned into network input batch by batch.

use burn::tensor::{Tensor, TensorData};

use super::Engine;
use super::cpu::gather::{self, Pick, PixelScale, Stored};
use crate::config::PixelRange;
use crate::data::ImageSet;

/// The images of one split, ready to be gathered into batches where the engine computes.
#[derive(Debug)]
pub struct DeviceImages<'a> {
    stored: Stored<'a>,
    labels: &'a [u8],
    engine: &'a Engine,
    #[cfg(feature = "libtorch")]
    resident: Option<super::libtorch::images::Resident>,
}

impl<'a> DeviceImages<'a> {
    /// `height` and `width` are those of the stored images, in pixels.
    pub fn new(images: &'a ImageSet, height: u32, width: u32, engine: &'a Engine) -> Self {
        let stored = Stored { pixels: &images.pixels, height: height as usize, width: width as usize };
        Self {
            stored,
            labels: &images.labels,
            engine,
            #[cfg(feature = "libtorch")]
            resident: match engine.kind {
                super::Kind::Cuda(index) => {
                    Some(super::libtorch::images::Resident::new(stored, tch::Device::Cuda(index)))
                }
                _ => None,
            },
        }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The picked images as `[picks, size, size, 3]`, without gradient tracking.
    pub fn batch(&self, picks: &[Pick], size: usize, range: PixelRange) -> Tensor<4> {
        let scale = pixel_scale(range);
        #[cfg(feature = "libtorch")]
        if let Some(resident) = &self.resident {
            #[expect(
                deprecated,
                reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch"
            )]
            return Tensor::from_primitive::<burn::backend::LibTorch>(resident.gather(picks, size, scale));
        }
        let values = gather::gather(self.stored, picks, size, scale);
        Tensor::from_data(TensorData::new(values, [picks.len(), size, size, 3]), self.engine.device())
    }

    /// Class indices of the picked images.
    pub fn labels(&self, picks: &[Pick]) -> Vec<u8> {
        picks.iter().map(|pick| self.labels[pick.index as usize]).collect()
    }
}

fn pixel_scale(range: PixelRange) -> PixelScale {
    match range {
        PixelRange::Unit => PixelScale { factor: 1.0 / 255.0, offset: 0.0 },
        PixelRange::Signed => PixelScale { factor: 1.0 / 127.5, offset: -1.0 },
        PixelRange::Raw => PixelScale { factor: 1.0, offset: 0.0 },
    }
}
