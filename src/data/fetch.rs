//! Downloads: with progress, resumed after a break, bounded in size, and checked before they count.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Cache, DataError, Listener, LoadEvent};
use crate::provenance::Digest;

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub url: String,
    /// Its name in the cache.
    pub name: &'static str,
    /// Exact size in bytes; more is never written.
    pub size: u64,
    pub digest: Digest,
}

/// The official archive of the binary version.
///
/// # Errors
/// Never: the digest is a constant, and a test reads it.
fn cifar10() -> Result<Source, DataError> {
    let digest = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd";
    Ok(Source {
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz".to_owned(),
        name: "cifar-10-binary.tar.gz",
        size: 170_052_171,
        digest: digest.parse().map_err(|error| DataError::broken("cifar-10", format!("{error}")))?,
    })
}

/// Downloads CIFAR-10 into the cache, unless it is there, and returns its path.
///
/// # Errors
/// When the download fails or is not the published file; the message says how to do it by hand.
pub fn fetch_cifar10(cache: &Cache, listener: Listener<'_>) -> Result<PathBuf, DataError> {
    fetch(&cifar10()?, cache, listener)
}

/// The path of the fetched archive.
///
/// # Errors
/// When it is not there.
pub(super) fn fetched_cifar10(cache: &Cache) -> Result<PathBuf, DataError> {
    let source = cifar10()?;
    let path = cache.folder().join(source.name);
    if path.is_file() {
        return Ok(path);
    }
    let how = format!(
        "run `retrial data fetch cifar10`, or {}; or name your copy with --data PATH",
        by_hand(&source, &path)
    );
    Err(DataError::Absent { place: cache.folder().to_owned(), how })
}

fn by_hand(source: &Source, path: &Path) -> String {
    format!("download {} (SHA-256 {}) and put it at {}", source.url, source.digest, path.display())
}

/// Downloads `source` into the cache unless it is there, and returns its path. An interrupted download is kept
/// beside it as `.part` and resumed by the next call.
///
/// # Errors
/// When the server cannot be reached, answers with an error or more than `size` bytes, or the digest is wrong.
pub fn fetch(source: &Source, cache: &Cache, listener: Listener<'_>) -> Result<PathBuf, DataError> {
    let path = cache.folder().join(source.name);
    if path.is_file() && digest_of(&path)? == source.digest {
        return Ok(path);
    }
    fs::create_dir_all(cache.folder()).map_err(|error| DataError::file("make", cache.folder(), error))?;
    let part = path.with_file_name(format!("{}.part", source.name));
    download(source, &part, listener).map_err(|failure| match failure {
        Failure::Disk(error) => DataError::file("write", &part, error),
        Failure::Net(reason) => DataError::Download {
            url: source.url.clone(),
            reason,
            how: format!("try again (it goes on where it stopped), or {}", by_hand(source, &path)),
        },
    })?;
    let found = digest_of(&part)?;
    if found != source.digest {
        // Resuming a wrong file would never make it right.
        fs::remove_file(&part).map_err(|error| DataError::file("remove", &part, error))?;
        return Err(DataError::Digest { file: source.url.clone(), found, expected: source.digest });
    }
    fs::rename(&part, &path).map_err(|error| DataError::file("rename", &part, error))?;
    Ok(path)
}

fn digest_of(path: &Path) -> Result<Digest, DataError> {
    fs::File::open(path).and_then(Digest::of_reader).map_err(|error| DataError::file("read", path, error))
}

enum Failure {
    Net(String),
    Disk(std::io::Error),
}

/// Appends to `part` what it lacks.
fn download(source: &Source, part: &Path, listener: Listener<'_>) -> Result<(), Failure> {
    let mut done = fs::metadata(part).map_or(0, |metadata| metadata.len());
    if done >= source.size {
        return if done == source.size { Ok(()) } else { fs::remove_file(part).map_err(Failure::Disk).and_then(|()| download(source, part, listener)) };
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_secs(30)))
        .timeout_recv_body(Some(Duration::from_secs(3600)))
        .build()
        .into();
    let mut request = agent.get(&source.url);
    if done > 0 {
        request = request.header("Range", format!("bytes={done}-"));
    }
    let mut response = request.call().map_err(|error| Failure::Net(error.to_string()))?;
    if response.status().as_u16() != 206 {
        // The server sends the whole file whatever was asked for.
        done = 0;
    }
    let mut file = OpenOptions::new()
        .create(true)
        .append(done > 0)
        .write(true)
        .truncate(done == 0)
        .open(part)
        .map_err(Failure::Disk)?;
    let mut body = response.body_mut().as_reader();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = body.read(&mut buffer).map_err(|error| Failure::Net(error.to_string()))?;
        if count == 0 {
            break;
        }
        done += count as u64;
        if done > source.size {
            drop(file);
            fs::remove_file(part).map_err(Failure::Disk)?;
            return Err(Failure::Net(format!("the server sends more than the {} bytes of the file", source.size)));
        }
        file.write_all(&buffer[..count]).map_err(Failure::Disk)?;
        listener(LoadEvent::Bytes { done, total: source.size });
    }
    file.sync_all().map_err(Failure::Disk)?;
    if done < source.size {
        return Err(Failure::Net(format!("the connection ended after {done} of {} bytes", source.size)));
    }
    Ok(())
}
