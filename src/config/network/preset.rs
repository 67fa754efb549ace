//! Networks that are known by name. Each is a file in `configs/networks/`, in the language that everybody writes.

use std::fmt;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::Layer;

/// A network that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Preset {
    /// Sandler et al. 2018, as the article's Keras code lays it out.
    MobilenetV2,
    /// Simonyan and Zisserman 2015, with a depth of 11, 13, 16 (the default) or 19.
    Vgg,
    /// He et al. 2016 for small images, with a depth of 6 n + 2: 20 (the default), 32, 44, 56, …
    Resnet,
    /// Two hidden layers of 512 units.
    Mlp,
    /// Three convolutions and two dense layers.
    SimpleCnn,
}

/// A network as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    layers: Vec<Layer>,
}

/// The default.
static MOBILENET_V2: LazyLock<File> =
    LazyLock::new(|| parse(include_str!("../../../configs/networks/mobilenet_v2.yaml")));

/// Of depth 6 n + 2.
const MOST_RESNET_BLOCKS: u32 = 200;

/// # Panics
/// Never: the files are part of this program, and a test reads each.
fn parse(text: &str) -> File {
    serde_yaml::from_str(text).expect("a preset is a list of layers")
}

/// The layers of a network that names none.
pub(super) fn default_layers() -> &'static [Layer] {
    &MOBILENET_V2.layers
}

pub(in crate::config) const DEFAULT_NAME: &str = "MobileNetV2";

impl Preset {
    /// Its name, and its layers; `None` for those of a network that names none.
    ///
    /// # Errors
    /// The depths that there are, when `depth` is none of them.
    pub(in crate::config) fn network(self, depth: Option<u32>) -> Result<Option<(String, Vec<Layer>)>, &'static str> {
        let file = match self {
            Self::MobilenetV2 => return Ok(None),
            Self::Vgg => parse(include_str!("../../../configs/networks/vgg.yaml")),
            Self::Resnet => parse(include_str!("../../../configs/networks/resnet.yaml")),
            Self::Mlp => parse(include_str!("../../../configs/networks/mlp.yaml")),
            Self::SimpleCnn => parse(include_str!("../../../configs/networks/simple_cnn.yaml")),
        };
        let Some(depth) = depth else { return Ok(Some((file.name, file.layers))) };
        let times: Vec<u32> = match self {
            Self::Vgg => match depth {
                11 => vec![1, 1, 2, 2, 2],
                13 => vec![2, 2, 2, 2, 2],
                16 => vec![2, 2, 3, 3, 3],
                19 => vec![2, 2, 4, 4, 4],
                _ => return Err("11, 13, 16 or 19"),
            },
            _ => {
                let blocks = depth.checked_sub(2).filter(|rest| rest % 6 == 0).map(|rest| rest / 6);
                match blocks.filter(|blocks| (1..=MOST_RESNET_BLOCKS).contains(blocks)) {
                    Some(blocks) => vec![blocks; 3],
                    None => return Err("6 n + 2, so 8, 14, 20, 26, 32, …, 1202"),
                }
            }
        };
        let mut layers = file.layers;
        let repeats = layers.iter_mut().filter_map(|layer| match layer {
            Layer::Repeat(repeat) => Some(repeat),
            _ => None,
        });
        for (repeat, times) in repeats.zip(times) {
            repeat.times = times;
        }
        let (family, _) = file.name.rsplit_once('-').unwrap_or((&file.name, ""));
        Ok(Some((format!("{family}-{depth}"), layers)))
    }

    pub(in crate::config) fn has_depth(self) -> bool {
        matches!(self, Self::Vgg | Self::Resnet)
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MobilenetV2 => "mobilenet_v2",
            Self::Vgg => "vgg",
            Self::Resnet => "resnet",
            Self::Mlp => "mlp",
            Self::SimpleCnn => "simple_cnn",
        })
    }
}
