//! A bundle as one file: a `.tar.zst` that is the same bytes whenever and wherever the same bundle is packed.
//!
//! The manifest comes first, so that whoever unpacks knows what must follow before writing anything; then every file it
//! lists, and the signatures, in the order of their paths, with no times, owners or modes of their own. The bytes also
//! depend on the version of the compressor, so a packed file is compared by its bundle's name, the manifest's digest.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::files::{FileError, read_bounded};
use super::folder::{BundleError, BundleFolder};
use super::manifest::{LARGEST, MANIFEST, Manifest, signatures_of};
use super::unpack::LARGEST_BUNDLE;
use crate::provenance::Digest;

/// Strong enough for text, and still seconds for a large bundle.
const LEVEL: i32 = 19;

/// Packs the bundle at `root` into `out`, and gives the digest that names the bundle.
///
/// # Errors
/// When the bundle is not what its manifest says, or something cannot be read or written; `out` is then not there.
pub fn pack(root: &Path, out: &Path) -> Result<Digest, BundleError> {
    let name = BundleFolder::new(root).experiment()?.id;
    let stale = |reason: String| BundleError::Malformed { path: root.join(MANIFEST), reason };
    let manifest = Manifest::read(root)?.ok_or_else(|| stale("it is missing; `retrial report` makes it".to_owned()))?;
    if Manifest::of_folder(root)? != manifest {
        return Err(stale("the bundle is not what it says; `retrial verify` names what differs".to_owned()));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| FileError::new("write", out, error);
    let mut file = tempfile::Builder::new().prefix(".packing-").tempfile_in(folder).map_err(failed)?;
    let bytes = read_bounded(&root.join(MANIFEST), LARGEST)
        .map_err(|error| FileError::new("read", &root.join(MANIFEST), error))?;
    let mut packing = Packing::new(&mut file, name.as_str()).map_err(failed)?;
    packing.add(MANIFEST, &bytes).map_err(failed)?;
    for (path, record) in &manifest.files {
        let bytes = read(&root.join(path))?;
        if Digest::of_bytes(&bytes) != record.sha256 {
            return Err(stale(format!("{path} changed while it was packed")));
        }
        packing.add(path, &bytes).map_err(failed)?;
    }
    for path in signatures_of(root)? {
        packing.add(&path, &read(&root.join(&path))?).map_err(failed)?;
    }
    packing.finish().map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    super::files::set_ordinary_permissions(file.as_file()).map_err(failed)?;
    file.persist(out).map_err(|error| failed(error.error))?;
    Ok(Digest::of_bytes(&bytes))
}

/// Where a bundle is packed to if nothing is said.
pub fn default_name(root: &Path) -> PathBuf {
    let name = root.canonicalize().ok().and_then(|path| path.file_name().map(|name| name.to_os_string()));
    let mut name = name.unwrap_or_else(|| "bundle".into());
    name.push(".tar.zst");
    PathBuf::from(name)
}

fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    Ok(read_bounded(path, LARGEST_BUNDLE).map_err(|error| FileError::new("read", path, error))?)
}

struct Packing<'a, W: Write> {
    archive: tar::Builder<zstd::Encoder<'static, W>>,
    folder: &'a str,
}

impl<'a, W: Write> Packing<'a, W> {
    fn new(out: W, folder: &'a str) -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(out, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self { archive: tar::Builder::new(encoder), folder })
    }

    fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        self.archive.append_data(&mut header, format!("{}/{path}", self.folder), bytes)
    }

    fn finish(self) -> io::Result<()> {
        self.archive.into_inner()?.finish()?.flush()
    }
}
