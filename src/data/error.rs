//! Everything that can be wrong with a data set. Each error names the file and says what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::fetch::FetchProblem;
use crate::provenance::Digest;

/// Which half of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    Train = 0,
    Test = 1,
}

impl Split {
    pub const BOTH: [Self; 2] = [Self::Train, Self::Test];

    /// Also the name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A data set could not be loaded, fetched or shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DataError {
    #[error("cannot {action} {}: {source}", path.display())]
    #[diagnostic(
        code(retrial::data::file),
        help(
            "check that it exists, that you may access it, and that the disk is not full; `--data PATH` names another place"
        )
    )]
    File { action: &'static str, path: PathBuf, source: io::Error },

    #[error("{} is neither a folder nor an archive that can be read", .0.display())]
    #[diagnostic(
        code(retrial::data::format),
        help("give a folder, or a file whose name ends in `.tar`, `.tar.gz`, `.tgz` or `.tar.zst`")
    )]
    UnknownFormat(PathBuf),

    #[error("{} cannot be read as an archive, {}: {source}", archive.display(), after(previous.as_deref()))]
    #[diagnostic(
        code(retrial::data::archive),
        help("the file is probably cut off or damaged: copy or download it again")
    )]
    Archive { archive: PathBuf, previous: Option<String>, source: io::Error },

    #[error("{}: `{}` {problem}", container.display(), shown(entry))]
    #[diagnostic(code(retrial::data::entry), help("{}", problem.advice()))]
    Entry { container: PathBuf, entry: String, problem: EntryProblem },

    #[error("{} {problem}", container.display())]
    #[diagnostic(code(retrial::data::layout), help("{}", problem.advice()))]
    Layout { container: PathBuf, problem: LayoutProblem },

    #[error("{}: `{file}` {problem}", container.display())]
    #[diagnostic(
        code(retrial::data::cifar10),
        help("get the binary version again: `retrial data fetch cifar10`, or {}", super::fetch::CIFAR10.url)
    )]
    Cifar10 { container: PathBuf, file: String, problem: Cifar10Problem },

    #[error("{} {problem}", file.display())]
    #[diagnostic(code(retrial::data::binary), help("{}", problem.advice()))]
    Binary { file: PathBuf, problem: BinaryProblem },

    #[error("CIFAR-10 is not here: there is no {}", expected.display())]
    #[diagnostic(code(retrial::data::not_fetched), help("run `retrial data fetch cifar10`, or {}", super::fetch::CIFAR10.by_hand(expected)))]
    NotFetched { expected: PathBuf },

    #[error("CIFAR-10 has no path, and without a data cache there is no place to look for it")]
    #[diagnostic(code(retrial::data::no_cache), help("give `path` a folder or archive with the binary version"))]
    NoCache,

    #[error("cannot fetch {url}: {problem}")]
    #[diagnostic(code(retrial::data::fetch), help("{help}"))]
    Fetch { url: String, problem: FetchProblem, help: String },

    #[error("class `{class}` has {available} {split} images, but {wanted} of each class are asked for")]
    #[diagnostic(
        code(retrial::data::per_class),
        help("ask for at most {available} under `per_class`, or leave `per_class` out to use all")
    )]
    NotEnough { class: String, split: Split, wanted: u32, available: usize },

    #[error("synthetic images need `per_class` for `{split}`: there is no fixed number of them")]
    #[diagnostic(code(retrial::data::synthetic), help("set `per_class: {{ train: 400, test: 100 }}`, or other counts"))]
    CountMissing { split: Split },

    #[error("{} asks for more pixels than the limit of {limit} bytes", what)]
    #[diagnostic(code(retrial::data::too_large), help("ask for fewer images"))]
    TooLarge { what: &'static str, limit: u64 },

    #[error("images that are in both train and test, pixel for pixel: {across}")]
    #[diagnostic(
        code(retrial::data::leakage),
        help("take them out (`retrial data show` lists them), or leave `leakage: fail` out under `data:`")
    )]
    Leakage { across: u64 },

    #[error("cannot draw the contact sheet: {0}")]
    #[diagnostic(code(retrial::data::contact_sheet), help("ask for fewer images of each class"))]
    ContactSheet(String),
}

impl DataError {
    pub(super) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }

    pub(super) fn entry(container: &Path, entry: &str, problem: EntryProblem) -> Self {
        Self::Entry { container: container.to_owned(), entry: entry.to_owned(), problem }
    }

    pub(super) fn layout(container: &Path, problem: LayoutProblem) -> Self {
        Self::Layout { container: container.to_owned(), problem }
    }
}

/// What is wrong with one file or folder of a data set.
#[derive(Debug, thiserror::Error)]
pub enum EntryProblem {
    #[error("is not a safe relative path")]
    UnsafePath,
    #[error("is a {0}, not a file or a folder")]
    Kind(&'static str),
    #[error("has {size} bytes, more than the limit of {limit}")]
    TooLarge { size: u64, limit: u64 },
    #[error("is there twice")]
    Duplicate,
    #[error("does not belong among class folders")]
    Misplaced,
    #[error("is larger than the limits of {side} pixels a side and {pixels} in all")]
    TooManyPixels { side: u32, pixels: u64 },
    #[error("is {}x{} pixels: too long beside the other side to be scaled", size.1, size.0)]
    TooLong { size: (u32, u32) },
    #[error("holds no image")]
    NoImage,
    #[error("is a {0} file inside, whatever its name says")]
    OtherFormat(String),
    #[error("is {}x{} pixels, but `{}` is {}x{}", found.1, found.0, shown(other), expected.1, expected.0)]
    Size { found: (u32, u32), expected: (u32, u32), other: String },
    #[error("ends before its picture does")]
    CutOff,
    #[error("cannot be decoded: {0}")]
    Undecodable(String),
}

impl EntryProblem {
    fn advice(&self) -> &'static str {
        match self {
            Self::UnsafePath => "such names have no place in a data set: find out where this archive comes from",
            Self::Kind(_) => "put copies of the images where the links are, then pack the archive again",
            Self::TooLarge { .. } => "an image of a training set is much smaller than this: take the file out",
            Self::Duplicate => "rename one of the two, or take it out",
            Self::Misplaced => {
                "only `train/<class>/<image>` and `test/<class>/<image>` are read (or `val` for `test`), images being JPEG, \
                 PNG, WebP or BMP: take everything else out"
            }
            Self::TooManyPixels { .. } => "scale the image down first",
            Self::TooLong { .. } => "crop the image, or take it out",
            Self::OtherFormat(_) => "convert it to JPEG, PNG, WebP or BMP",
            Self::Size { .. } => {
                "say under `data:` how images are made one size, e.g. `fit: 224`, or `fit: { resize: 256, crop: 224 }`"
            }
            Self::NoImage | Self::CutOff | Self::Undecodable(_) => {
                "the file is damaged or no image: replace it or take it out"
            }
        }
    }
}

/// What is wrong with a data set as a whole.
#[derive(Debug, thiserror::Error)]
pub enum LayoutProblem {
    #[error("holds no images")]
    NoImages,
    #[error("holds no {split} images of class `{}`", shown(class))]
    ClassMissing { class: String, split: Split },
    #[error("holds one class only, `{}`", shown(.0))]
    OneClass(String),
    #[error("holds both `{0}` and `{1}`, and no `test`")]
    TwoValidations(&'static str, &'static str),
    #[error("holds {0} classes; at most 256 can be told apart")]
    TooManyClasses(usize),
    #[error("has two places for images: {} and {}", root(.0), root(.1))]
    TwoRoots(String, String),
    #[error("holds more than the limit of {limit} {unit}")]
    TooMuch { limit: u64, unit: &'static str },
    #[error("holds no `{name}`, which the {split} images need")]
    FileMissing { split: Split, name: String },
    #[error("holds images of {}x{} pixels to train with and {}x{} to test with", .0.1, .0.0, .1.1, .1.0)]
    TwoSizes((u32, u32), (u32, u32)),
    #[error("goes on after the end of its archive")]
    TrailingData,
}

impl LayoutProblem {
    fn advice(&self) -> &'static str {
        match self {
            Self::NoImages | Self::ClassMissing { .. } => {
                "every class needs images in both `train/<class>/` and `test/<class>/` (or `val/<class>/`)"
            }
            Self::OneClass(_) => {
                "there is nothing to tell apart: put the images of each class into a folder of its own"
            }
            Self::TwoValidations(..) => "rename the one to test with to `test`",
            Self::TooManyClasses(_) => "merge or leave out classes",
            Self::TwoRoots(..) => "put one `train` and one `test` folder side by side",
            Self::TooMuch { .. } => "this is far more than a small image data set: use fewer or smaller images",
            Self::FileMissing { .. } => "give the folder that holds the files as they were published",
            Self::TwoSizes(..) => "both halves of a data set need images of one size",
            Self::TrailingData => "pack the archive again, as one archive",
        }
    }
}

/// What is wrong with a file of labelled images.
#[derive(Debug, thiserror::Error)]
pub enum BinaryProblem {
    #[error("begins with {found:08x}, not with {expected:08x}")]
    Magic { found: u32, expected: u32 },
    #[error("ends before its header does")]
    CutOff,
    #[error("has {found} values where its header says {shape}")]
    Shape { found: u64, shape: String },
    #[error("has {labels} labels for {images} images")]
    Count { labels: u32, images: u32 },
    #[error("has {found} bytes, no multiple of {record}")]
    Records { found: u64, record: usize },
    #[error("has the label {label} at byte {offset}; labels are 0 to {most}")]
    Label { label: u8, most: usize, offset: usize },
    #[error("has {found} names instead of {expected}")]
    Names { found: usize, expected: usize },
}

impl BinaryProblem {
    fn advice(&self) -> &'static str {
        match self {
            Self::Magic { .. } => "it is no IDX file of unsigned bytes, or not the one that its name says",
            Self::Count { .. } => "the two files are of different sets: take both from one place",
            _ => "the file is cut off or damaged: get it again",
        }
    }
}

/// What is wrong with one file of CIFAR-10's binary version.
#[derive(Debug, thiserror::Error)]
pub enum Cifar10Problem {
    #[error("is missing")]
    Missing,
    #[error("has {found} bytes instead of {expected}")]
    Size { found: u64, expected: u64 },
    #[error("has the label {label} at byte {offset}; labels are 0 to 9")]
    Label { label: u8, offset: usize },
    #[error("has the SHA-256 digest {found} instead of the published {expected}")]
    Digest { found: Digest, expected: String },
}

/// A name from an archive, safe and short enough for a terminal.
fn shown(name: &str) -> String {
    const MOST: usize = 200;
    let escaped: String = name.escape_debug().take(MOST).collect();
    if name.chars().count() > MOST { format!("{escaped}…") } else { escaped }
}

fn root(folder: &str) -> String {
    if folder.is_empty() { "its top".to_owned() } else { format!("`{}`", shown(folder)) }
}

fn after(previous: Option<&str>) -> String {
    previous.map_or_else(|| "at its start".to_owned(), |entry| format!("after `{}`", shown(entry)))
}
