//! A packed bundle back into a folder. The file may come from anybody: nothing is written that its manifest does not
//! announce with path, size and digest, nothing outside the target, and no more than the limits below.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::files::FileError;
use super::folder::BundleError;
use super::manifest::{LARGEST, MANIFEST, Manifest, SIGNATURES, fault_of_signature};
use super::paths::fault_of;
use crate::config::Slug;
use crate::provenance::{Digest, Digester};

/// What the files of one bundle come to at most. A study of a hundred trials has a few megabytes.
pub(super) const LARGEST_BUNDLE: u64 = 2 << 30;
/// Memory for the decompressor's window, as a power of two: 128 MiB, zstd's own limit without `--long`.
const WINDOW: u32 = 27;
/// Between two files stands a header, and perhaps a long name, which tar reads into memory whatever its size.
const BETWEEN_FILES: u64 = 1 << 16;
const MOST_SIGNATURES: usize = 64;

/// A file that is no packed bundle, or one that asks for what no bundle asks for.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum UnpackError {
    #[error("{} is not a packed bundle: {reason}", path.display())]
    #[diagnostic(code(retrial::unpack::refused), help("nothing was unpacked; `retrial pack` makes such files"))]
    Refused { path: PathBuf, reason: String },
    #[error("{} is there already, and not empty", path.display())]
    #[diagnostic(code(retrial::unpack::exists), help("name another folder with `--out DIR`"))]
    Exists { path: PathBuf },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),
}

/// What was unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    pub folder: PathBuf,
    pub files: usize,
    /// Names the bundle.
    pub digest: Digest,
}

/// Unpacks `packed` into `out`, or into a folder of the current one with the name that the file gives it.
///
/// # Errors
/// When the file is no packed bundle, is damaged, or breaks a limit, or the folder is in use. The folder is then as it was.
pub fn unpack(packed: &Path, out: Option<&Path>) -> Result<Unpacked, UnpackError> {
    let file = File::open(packed).map_err(|error| FileError::new("read", packed, error))?;
    let refused = |reason: String| UnpackError::Refused { path: packed.to_owned(), reason };
    let unreadable = |error: io::Error| refused(error.to_string());
    let mut decoder = zstd::Decoder::new(file).map_err(unreadable)?;
    decoder.window_log_max(WINDOW).map_err(unreadable)?;
    let allowance = Cell::new(BETWEEN_FILES);
    let mut archive = tar::Archive::new(Metered { inner: decoder, allowance: &allowance });
    let mut entries = archive.entries().map_err(unreadable)?;

    let mut first = entries.next().ok_or_else(|| refused("it is empty".to_owned()))?.map_err(unreadable)?;
    let (folder, path) = place(&first).map_err(refused)?;
    if path != MANIFEST {
        return Err(refused(format!("its first file is {}, not {MANIFEST}", path.escape_debug())));
    }
    if first.size() > LARGEST {
        return Err(refused(format!("its {MANIFEST} has {} bytes, more than any manifest", first.size())));
    }
    allowance.set(first.size() + BETWEEN_FILES);
    let mut text = String::new();
    first.read_to_string(&mut text).map_err(unreadable)?;
    let manifest = Manifest::parse(&text, &packed.join(MANIFEST))?;
    let total = manifest.files.values().try_fold(0u64, |sum, record| sum.checked_add(record.size));
    if total.is_none_or(|total| total > LARGEST_BUNDLE) {
        return Err(refused(format!("its files would come to more than {} bytes", LARGEST_BUNDLE)));
    }

    let target = out.map_or_else(|| PathBuf::from(folder.as_str()), Path::to_owned);
    check_free(&target)?;
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| FileError::new("make the folder", parent, error))?;
    let inside = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(|error| FileError::new("make a folder in", parent, error))?;
    write(inside.path(), MANIFEST, &mut text.as_bytes(), text.len() as u64).map_err(|fault| fault.of(packed))?;

    let mut missing: BTreeSet<&str> = manifest.files.keys().map(String::as_str).collect();
    let mut signatures = HashSet::new();
    loop {
        allowance.set(BETWEEN_FILES);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(unreadable)?;
        let (other, path) = place(&entry).map_err(refused)?;
        let refuse = |what: &str| refused(format!("{} {what}", path.escape_debug()));
        if other != folder {
            return Err(refuse("lies in another folder than the manifest"));
        }
        if path.starts_with(SIGNATURES) {
            if let Some(fault) = fault_of_signature(&path, entry.size()) {
                return Err(refuse(fault));
            }
            if signatures.len() >= MOST_SIGNATURES || !signatures.insert(path.to_lowercase()) {
                return Err(refuse("is a signature too many"));
            }
            let size = entry.size();
            allowance.set(size + BETWEEN_FILES);
            write(inside.path(), &path, &mut entry, size).map_err(|fault| fault.of(packed))?;
            continue;
        }
        let Some(record) = manifest.files.get(&path) else { return Err(refuse("is not in its manifest")) };
        if !missing.remove(path.as_str()) {
            return Err(refuse("is there twice"));
        }
        if entry.size() != record.size {
            return Err(refuse(&format!("has {} bytes, and {} in the manifest", entry.size(), record.size)));
        }
        allowance.set(record.size + BETWEEN_FILES);
        let digest = write(inside.path(), &path, &mut entry, record.size).map_err(|fault| fault.of(packed))?;
        if digest != record.sha256 {
            return Err(refuse("is not what its digest in the manifest says"));
        }
    }
    if let Some(path) = missing.first() {
        return Err(refused(format!("{} is in its manifest, but not in it", path.escape_debug())));
    }

    let files = manifest.files.len() + signatures.len() + 1;
    if target.exists() {
        fs::remove_dir(&target).map_err(|error| FileError::new("replace", &target, error))?;
    }
    let ready = inside.keep();
    fs::rename(&ready, &target).map_err(|error| {
        // Still ours, and of no use to anybody.
        let _ = fs::remove_dir_all(&ready);
        FileError::new("write", &target, error)
    })?;
    make_readable(&target)?;
    Ok(Unpacked { folder: target, files, digest: Digest::of_bytes(text.as_bytes()) })
}

/// The bundle's folder and the path in it of a plain file.
fn place(entry: &tar::Entry<'_, impl Read>) -> Result<(Slug, String), String> {
    let bytes = entry.path_bytes();
    let shown = String::from_utf8_lossy(&bytes).escape_debug().to_string();
    let path = std::str::from_utf8(&bytes).map_err(|_| format!("{shown} is not plain text"))?;
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(format!("{shown} is not a plain file, but a link, a device or the like"));
    }
    let inside = path.split_once('/').and_then(|(folder, path)| Some((folder.parse::<Slug>().ok()?, path)));
    let (folder, path) = inside.ok_or_else(|| format!("{shown} does not lie in a folder with a bundle's name"))?;
    match fault_of(path) {
        Some(fault) => Err(format!("the path {shown} is refused: {fault}")),
        None => Ok((folder, path.to_owned())),
    }
}

fn check_free(target: &Path) -> Result<(), UnpackError> {
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::new("look at", target, error).into()),
        Ok(metadata) => {
            let is_empty = metadata.is_dir() && fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
            if is_empty { Ok(()) } else { Err(UnpackError::Exists { path: target.to_owned() }) }
        }
    }
}

/// Why a file could not be unpacked: the fault of the packed file, or of the disk.
enum Fault {
    Packed(io::Error),
    Disk(FileError),
}

impl Fault {
    fn of(self, packed: &Path) -> UnpackError {
        match self {
            Self::Packed(error) => UnpackError::Refused { path: packed.to_owned(), reason: error.to_string() },
            Self::Disk(error) => error.into(),
        }
    }
}

/// Writes exactly `size` bytes to a new file below `root`, and gives their digest.
fn write(root: &Path, path: &str, from: &mut impl Read, size: u64) -> Result<Digest, Fault> {
    let full = root.join(path);
    let failed = |error| Fault::Disk(FileError::new("write", &full, error));
    if let Some(folder) = full.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = File::options().write(true).create_new(true).open(&full).map_err(failed)?;
    let mut digester = Digester::default();
    let (mut left, mut buffer) = (size, vec![0; 1 << 16]);
    while left > 0 {
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = from.read(&mut buffer[..most]).map_err(Fault::Packed)?;
        if read == 0 {
            return Err(Fault::Packed(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early")));
        }
        digester.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(failed)?;
        left -= read as u64;
    }
    file.sync_all().map_err(failed)?;
    Ok(digester.finish())
}

/// Reads no further than it is allowed to.
struct Metered<'a, R> {
    inner: R,
    allowance: &'a Cell<u64>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.get();
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "more lies between two of its files than any needs",
            ));
        }
        let read = self.inner.read(&mut buffer[..most])?;
        self.allowance.set(left - read as u64);
        Ok(read)
    }
}

/// The temporary folder was private to its owner; a bundle is for everybody to read.
fn make_readable(folder: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let failed = |error| FileError::new("set the permissions of", folder, error);
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}
