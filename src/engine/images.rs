//! Images held by an engine as bytes, turned into network input batch by batch.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use retrial_kernels::gather::{self, Pick, PixelScale, Stored};

use super::Engine;
use crate::config::PixelRange;
use crate::data::{ImageSet, Pixels};

/// The images of one split, ready to be gathered into batches where the engine computes.
#[derive(Debug)]
pub struct DeviceImages<'a> {
    stored: Stored<'a>,
    source: &'a Pixels,
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
            source: &images.pixels,
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

    /// These picks in this order, sent to where the images are, all at once.
    pub fn order(&self, picks: Vec<Pick>) -> Ordered<'_> {
        let labels: Vec<u8> = picks.iter().map(|pick| self.labels[pick.index as usize]).collect();
        let classes: Vec<i64> = labels.iter().map(|&label| i64::from(label)).collect();
        let count = labels.len();
        Ordered {
            stored: self.stored,
            source: self.source,
            device: self.engine.device(),
            #[cfg(feature = "libtorch")]
            resident: self.resident.as_ref().map(|resident| resident.order(&picks)),
            targets: Tensor::from_data(TensorData::new(classes, [count]), self.engine.device()),
            picks,
            labels,
        }
    }
}

/// Images in the order in which batches are taken.
#[derive(Debug)]
pub struct Ordered<'a> {
    stored: Stored<'a>,
    source: &'a Pixels,
    device: &'a Device,
    picks: Vec<Pick>,
    labels: Vec<u8>,
    targets: Tensor<1, Int>,
    #[cfg(feature = "libtorch")]
    resident: Option<super::libtorch::images::Order<'a>>,
}

impl Ordered<'_> {
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// The places of batch after batch of `size` images, the last one as long as there are images.
    pub fn batches(&self, size: usize) -> impl ExactSizeIterator<Item = Range<usize>> + use<> {
        let count = self.len();
        (0..count.div_ceil(size)).map(move |batch| batch * size..((batch + 1) * size).min(count))
    }

    /// These images as `[n, size, size, 3]`, without gradient tracking. As many behind them are fetched from the disk, where
    /// that is where they are, while these are computed on.
    pub fn images(&self, at: Range<usize>, size: usize, range: PixelRange) -> Tensor<4> {
        let scale = pixel_scale(range);
        #[cfg(feature = "libtorch")]
        if let Some(resident) = &self.resident {
            #[expect(
                deprecated,
                reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch"
            )]
            return Tensor::from_primitive::<burn::backend::LibTorch>(resident.gather(at, size, scale));
        }
        let picks = &self.picks[at.clone()];
        let values = gather::gather(self.stored, picks, size, scale);
        self.read_ahead(at.end..(at.end + at.len()).min(self.len()));
        Tensor::from_data(TensorData::new(values, [picks.len(), size, size, 3]), self.device)
    }

    fn read_ahead(&self, next: Range<usize>) {
        let image = self.stored.height * self.stored.width * 3;
        for pick in &self.picks[next] {
            let start = pick.index as usize * image;
            self.source.read_ahead(start..start + image);
        }
    }

    /// Their classes on the device `[n]`, without gradient tracking.
    pub fn targets(&self, at: Range<usize>) -> Tensor<1, Int> {
        self.targets.clone().slice([at])
    }

    /// Their classes on the host.
    pub fn labels(&self, at: Range<usize>) -> &[u8] {
        &self.labels[at]
    }

    pub fn picks(&self, at: Range<usize>) -> &[Pick] {
        &self.picks[at]
    }
}

fn pixel_scale(range: PixelRange) -> PixelScale {
    match range {
        PixelRange::Unit => PixelScale { factor: 1.0 / 255.0, offset: 0.0 },
        PixelRange::Signed => PixelScale { factor: 1.0 / 127.5, offset: -1.0 },
        PixelRange::Raw => PixelScale { factor: 1.0, offset: 0.0 },
    }
}
