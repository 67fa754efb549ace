//! What a trial leaves behind: the types of `trial.json`, `fingerprints.jsonl` and `dataset.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::correctness::Correctness;
use crate::config::{ClaimId, Seed, Settle, VariantId};
use crate::provenance::Digest;

/// Major version of the record formats in this module.
pub const SCHEMA: u32 = 1;
/// That of a trial that was not run by this program itself, which version 1 could not describe.
pub const PROGRAM_SCHEMA: u32 = 2;

/// `trial.json`: what one trial was and how it ended. Holds nothing that differs between two runs of the same trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialRecord {
    pub schema: u32,
    pub variant: VariantId,
    pub seed: Seed,
    pub key: TrialKey,
    pub outcome: Outcome,
    /// Lines of `metrics.jsonl`: of a native trial its complete epochs.
    pub epochs: u32,
    /// Optimizer steps taken; native trials only, as the two that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Digest of all final parameters and running statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_count: Option<ParameterCount>,
    /// Which test images it got right in the end; `None` where nobody kept that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct: Option<Correctness>,
    /// Of a trial that another program performed: what it was told and what it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandRecord>,
}

/// What another program was told, and what it left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRecord {
    /// Program and arguments as they were run, but for the folders of this machine, which are `{out}` and `{data}`.
    pub arguments: Vec<String>,
    /// Where the figures of `metrics.jsonl` are from.
    pub stdout: Output,
    pub stderr: Output,
    /// Files that it left and the experiment names, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub artifacts: BTreeMap<String, Digest>,
    /// How far it repeated itself, where it was run more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
}

/// What a program wrote to one of its streams. The bundle keeps its beginning and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub bytes: u64,
    /// Of all of them.
    pub digest: Digest,
}

/// What was shown about repeating a trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// How often it was run.
    pub runs: u32,
    /// The largest difference of a figure from the first run's, relative to that; 0 where all were the same to the bit.
    pub difference: f64,
}

/// Number of scalar weights, as Keras counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterCount {
    /// Trainable and running statistics together.
    pub total: u64,
    pub trainable: u64,
}

/// SHA-256 over everything that may change a trial's result, with the digest of each part so that a change can be explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialKey {
    pub digest: Digest,
    pub parts: KeyParts,
}

/// The parts of a key, by who performs the trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyParts {
    Native(NativeParts),
    Command(CommandParts),
    Import(ImportParts),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeParts {
    /// Canonical JSON of the resolved model.
    pub model: Digest,
    /// Canonical JSON of the resolved recipe.
    pub recipe: Digest,
    pub seed: Seed,
    /// The images used, after subsetting.
    pub data: Digest,
    /// The engine that computed it, e.g. `flex-cpu`.
    pub engine: String,
    /// Digest of the sources and dependencies that numbers depend on.
    pub code: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandParts {
    /// Canonical JSON of the resolved command, and the values of the environment variables it names.
    pub command: Digest,
    /// Canonical JSON of the parameters.
    pub params: Digest,
    pub seed: Seed,
    /// Names and contents of the source files.
    pub sources: Digest,
    /// Names and contents of the files it trains on.
    pub data: Digest,
    /// The experiment's own images, where the command asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportParts {
    pub variant: VariantId,
    pub seed: Seed,
    /// Of the rows that are this trial's.
    pub figures: Digest,
}

impl KeyParts {
    /// The names of the parts in which two keys differ.
    pub fn differing(one: &Self, other: &Self) -> Vec<&'static str> {
        let parts = match (one, other) {
            (Self::Native(one), Self::Native(other)) => vec![
                ("model", one.model != other.model),
                ("recipe", one.recipe != other.recipe),
                ("seed", one.seed != other.seed),
                ("data", one.data != other.data),
                ("engine", one.engine != other.engine),
                ("code", one.code != other.code),
            ],
            (Self::Command(one), Self::Command(other)) => vec![
                ("command", one.command != other.command),
                ("params", one.params != other.params),
                ("seed", one.seed != other.seed),
                ("sources", one.sources != other.sources),
                ("data", one.data != other.data),
                ("images", one.images != other.images),
            ],
            (Self::Import(one), Self::Import(other)) => vec![
                ("variant", one.variant != other.variant),
                ("seed", one.seed != other.seed),
                ("figures", one.figures != other.figures),
            ],
            _ => vec![("trainer", true)],
        };
        parts.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    pub fn native(&self) -> Option<&NativeParts> {
        match self {
            Self::Native(parts) => Some(parts),
            Self::Command(_) | Self::Import(_) => None,
        }
    }

    #[cfg(test)]
    pub fn native_mut(&mut self) -> &mut NativeParts {
        match self {
            Self::Native(parts) => parts,
            Self::Command(_) | Self::Import(_) => panic!("it is of a trial of this program's own"),
        }
    }

    /// Who performed the trial: an engine of this program by its name, `command`, or `import`.
    pub fn performer(&self) -> &str {
        match self {
            Self::Native(parts) => &parts.engine,
            Self::Command(_) => "command",
            Self::Import(_) => "import",
        }
    }
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status", deny_unknown_fields)]
pub enum Outcome {
    Completed,
    /// The training loss stopped being a finite number at this step (counted from 0 over the whole trial); of another
    /// program, a figure that it was to leave is none.
    Diverged {
        epoch: u32,
        step: u64,
    },
}

/// One line of `fingerprints.jsonl`: enough to find the first step at which two runs part. Which steps have one is said
/// at [`StepFingerprint::kept`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFingerprint {
    /// Counted from 0 over the whole trial.
    pub step: u64,
    /// Bits of the batch's mean loss as f32, 8 hexadecimal digits.
    pub loss: String,
    /// First 16 hexadecimal digits of the SHA-256 of the batch's image indices (u32, little endian).
    pub batch: String,
    /// First 16 hexadecimal digits of the SHA-256 of all parameters after the step; taken at the last step of each epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameters: Option<String>,
}

impl StepFingerprint {
    /// The steps that a bundle keeps: all of the beginning, where two runs that differ part; then every so many, each
    /// with the digest of the parameters, and the last one. A difference does not heal, so the next kept step shows it.
    pub fn kept(all: &[Self]) -> impl Iterator<Item = &Self> {
        let last = all.last().map(|step| step.step);
        all.iter()
            .filter(move |step| Self::is_always_kept(step.step) || step.parameters.is_some() || Some(step.step) == last)
    }

    /// Whether a step is kept for its number alone.
    pub fn is_always_kept(step: u64) -> bool {
        const ALL_BELOW: u64 = 128;
        const THEN_EVERY: u64 = 64;
        step < ALL_BELOW || step.is_multiple_of(THEN_EVERY)
    }
}

/// `dataset.json`: which images the trials saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetRecord {
    pub schema: u32,
    /// What it is, in words for a report, e.g. `CIFAR-10, canonical binary version`.
    pub description: String,
    pub classes: Vec<String>,
    /// Height and width of the stored images in pixels.
    pub image: [u32; 2],
    /// Images per class, in the order of `classes`.
    pub train: Vec<u64>,
    pub test: Vec<u64>,
    /// Of the decoded images and labels used (after subsetting).
    pub digest: Digest,
    /// SHA-256 of the archive they came from, where there is one file.
    pub archive: Option<Digest>,
    /// What was done to images of the source, used here or not, on their way to 8-bit RGB, and to how many.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conversions: BTreeMap<Conversion, u64>,
    /// Images that are there more than once; `None` where there are none, or nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<DuplicatesRecord>,
}

/// What is done to an image so that it is 8-bit RGB like all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Its one channel stands for all three.
    Gray,
    /// Its transparency is dropped.
    Alpha,
    /// Inks are taken for light.
    Cmyk,
    /// Values are divided by 257.
    SixteenBit,
    /// It is taken as it is stored, although its EXIF data say that it was taken with the camera turned.
    NotTurned,
}

/// How many images a data set holds more than once, pixel for pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicatesRecord {
    /// Test images that are training images as well.
    pub across: u64,
    /// Those of them that are of another class there.
    pub across_classes: u64,
    /// Training images that are equal to one before them.
    pub train: u64,
    /// Test images that are equal to one before them.
    pub test: u64,
}

/// `registration.json`: what was claimed, and how it would be judged, before there was a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRecord {
    pub schema: u32,
    /// First to last; a further entry is added when a run starts with something changed.
    pub entries: Vec<RegistrationEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationEntry {
    /// Finished trials of the experiment that existed when this was written.
    pub finished_trials: u32,
    pub seeds: BTreeMap<VariantId, Vec<Seed>>,
    /// When these are looked at, and how the error is spent over the looks; `None` where there is one look, at all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<Settle>,
    /// Digest of each claim's canonical JSON.
    pub claims: BTreeMap<ClaimId, Digest>,
    /// Digest of the code that judges claims.
    pub analysis: Digest,
    /// All results that existed were replaced by new ones from here on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub started_over: bool,
}

/// How far two runs of the same training agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "level", deny_unknown_fields)]
pub enum Reproducibility {
    /// The loss of every step and the final parameters had the same bits.
    Bitwise,
    /// They did not; the largest difference of a step's loss, relative to the loss.
    Tolerance { loss: f64 },
}

/// Which code ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeVersion {
    /// The git commit it was built from; `None` outside a checkout, where the version stands for the code.
    pub commit: Option<String>,
    /// Digest of what differed from that commit; `None` for a clean build.
    pub changes: Option<String>,
    /// Digest of `Cargo.lock`.
    pub dependencies: Option<Digest>,
    /// Digest of the running program; `None` where the system does not give it.
    pub binary: Option<Digest>,
}

/// `environment.json`: on what kind of machine, and when. Never part of a comparison. It is published, so it names no host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    pub retrial: String,
    pub code: CodeVersion,
    pub engine: String,
    /// What the engine computes with, in its own terms: `CUDA`, `cuDNN`, `driver`, `GPU`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub engine_details: BTreeMap<String, String>,
    pub os: String,
    pub cpu: String,
    /// Instruction sets that kernels choose by, of those this processor has.
    pub cpu_features: Vec<String>,
    pub cores: usize,
    /// Trials at a time, and threads that each may use.
    pub jobs: usize,
    pub threads_per_job: usize,
    pub memory_bytes: u64,
    pub rustc: String,
    /// What the engine showed when a short training was run twice; `None` where that was not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproducibility: Option<Reproducibility>,
    /// RFC 3339, UTC.
    pub started: String,
    pub elapsed_seconds: f64,
    /// Of a trial that another program performed: the most memory that it and all it started had at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_in_which_two_keys_differ_are_named() {
        let digest = |text: &str| Digest::of_bytes(text.as_bytes());
        let key = NativeParts {
            model: digest("model"),
            recipe: digest("recipe"),
            seed: Seed(1),
            data: digest("data"),
            engine: "flex-cpu".to_owned(),
            code: digest("code"),
        };
        let of = |parts: &NativeParts| KeyParts::Native(parts.clone());
        assert_eq!(KeyParts::differing(&of(&key), &of(&key)), [""; 0]);
        let other = digest("other");
        for (changed, name) in [
            (NativeParts { model: other, ..key.clone() }, "model"),
            (NativeParts { recipe: other, ..key.clone() }, "recipe"),
            (NativeParts { seed: Seed(2), ..key.clone() }, "seed"),
            (NativeParts { data: other, ..key.clone() }, "data"),
            (NativeParts { engine: "libtorch-cpu".to_owned(), ..key.clone() }, "engine"),
            (NativeParts { code: other, ..key.clone() }, "code"),
        ] {
            assert_eq!(KeyParts::differing(&of(&key), &of(&changed)), [name]);
            assert_eq!(KeyParts::differing(&of(&changed), &of(&key)), [name]);
        }
        let several = NativeParts { engine: "cuda".to_owned(), model: other, ..key.clone() };
        assert_eq!(KeyParts::differing(&of(&key), &of(&several)), ["model", "engine"]);
    }
}
