//! Downloads CIFAR-10 into the cache: resumed where it stopped, bounded, and kept only if its digest is the published one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::StatusCode;
use ureq::http::header::{CONTENT_RANGE, RANGE};

use super::{Cache, DataError, LoadEvent, Watcher};
use crate::provenance::Digest;

/// A file of known size and content somewhere on the web.
#[derive(Debug, Clone, Copy)]
pub(super) struct Download<'a> {
    /// Its name in the cache.
    pub file: &'a str,
    pub url: &'a str,
    pub sha256: &'a str,
    pub bytes: u64,
}

/// The archive its authors publish, <https://www.cs.toronto.edu/~kriz/cifar.html>.
pub(super) const CIFAR10: Download<'static> = Download {
    file: "cifar-10-binary.tar.gz",
    url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    bytes: 170_052_171,
};

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchProblem {
    #[error("{0}")]
    Request(Box<ureq::Error>),
    #[error("the server answers {0}")]
    Status(StatusCode),
    #[error("the connection ended at byte {done} of {total}: {reason}")]
    CutOff { done: u64, total: u64, reason: String },
    #[error("it is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("its SHA-256 digest is {found} instead of {expected}")]
    Digest { found: Digest, expected: String },
    #[error("another process is fetching it")]
    Busy,
}

/// Downloads the canonical binary version of CIFAR-10 unless it is in the cache already; says where it is.
/// What a failed download left behind is continued by the next.
///
/// # Errors
/// When the cache cannot be written, or the download fails; the error says how to get the file by hand.
pub fn fetch_cifar10(cache: &Cache, watch: Watcher) -> Result<PathBuf, DataError> {
    CIFAR10.fetch(cache, watch)
}

impl Download<'_> {
    /// What to do without this program, with the file to end up at `target`.
    pub fn by_hand(&self, target: &Path) -> String {
        format!("download {} (SHA-256 {}) yourself and put it at {}", self.url, self.sha256, target.display())
    }

    fn fetch(&self, cache: &Cache, watch: Watcher) -> Result<PathBuf, DataError> {
        let folder = cache.folder().ok_or(DataError::NoCache)?;
        let target = folder.join(self.file);
        if self.is_at(&target, watch)? {
            return Ok(target);
        }
        fs::create_dir_all(folder).map_err(|source| DataError::file("make the folder", folder, source))?;
        let part = folder.join(format!("{}.part", self.file));
        let problem = self.fetch_part(&part, watch).map_err(|error| match error {
            Failure::File(source) => DataError::file("write", &part, source),
            Failure::Problem(problem) => self.failed(problem, &target),
        });
        problem?;
        fs::rename(&part, &target).map_err(|source| DataError::file("rename", &part, source))?;
        Ok(target)
    }

    /// Whether a file with the right content is there.
    fn is_at(&self, target: &Path, watch: Watcher) -> Result<bool, DataError> {
        let digest = |file: &File| Digest::of_reader(file).map_err(|source| DataError::file("read", target, source));
        match File::open(target) {
            Ok(file) if digest(&file)?.to_string() == self.sha256 => Ok(true),
            Ok(_) => {
                watch(LoadEvent::Note(format!("{} is not the published file and is fetched again", target.display())));
                Ok(false)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(DataError::file("open", target, source)),
        }
    }

    fn failed(&self, problem: FetchProblem, target: &Path) -> DataError {
        let help = match problem {
            FetchProblem::Busy => "wait until it is done".to_owned(),
            FetchProblem::CutOff { .. } => {
                format!("run the same command again to continue, or {}", self.by_hand(target))
            }
            _ => format!("check the network connection and try again, or {}", self.by_hand(target)),
        };
        DataError::Fetch { url: self.url.to_owned(), problem, help }
    }

    /// Completes the file at `path`, or removes it when it can never become the right one.
    fn fetch_part(&self, path: &Path, watch: Watcher) -> Result<(), Failure> {
        let mut part = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        part.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Failure::Problem(FetchProblem::Busy),
            TryLockError::Error(error) => Failure::File(error),
        })?;
        let outcome = self.transfer(&mut part, watch).and_then(|()| self.check(&mut part));
        if let Err(Failure::Problem(FetchProblem::TooLarge { .. } | FetchProblem::Digest { .. })) = outcome {
            fs::remove_file(path)?;
        }
        outcome
    }

    fn transfer(&self, part: &mut File, watch: Watcher) -> Result<(), Failure> {
        let mut done = part.seek(SeekFrom::End(0))?;
        if done == self.bytes {
            return Ok(());
        }
        let mut response = self.request(done)?;
        if done > 0 && !continues(&response, done) {
            // The server does not know ranges, or our part is none of its file: from the start.
            done = 0;
            part.set_len(0)?;
            part.rewind()?;
            if response.status() != StatusCode::OK {
                response = self.request(0)?;
            }
        }
        if !response.status().is_success() {
            return Err(Failure::Problem(FetchProblem::Status(response.status())));
        }
        self.copy(response.into_body().into_reader(), done, part, watch)
    }

    fn request(&self, from: u64) -> Result<Response, Failure> {
        let mut request = agent().get(self.url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        request.call().map_err(|error| Failure::Problem(FetchProblem::Request(Box::new(error))))
    }

    fn copy(&self, mut body: impl Read, mut done: u64, part: &mut File, watch: Watcher) -> Result<(), Failure> {
        const STEP: usize = 1 << 16;
        let total = self.bytes;
        let cut_off = |done, reason: String| Failure::Problem(FetchProblem::CutOff { done, total, reason });
        let mut buffer = vec![0; STEP];
        loop {
            watch(LoadEvent::Bytes { done, total });
            let count = match body.read(&mut buffer) {
                Ok(0) if done == total => return Ok(()),
                Ok(0) => return Err(cut_off(done, "there is no more".to_owned())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(cut_off(done, error.to_string())),
            };
            if done + count as u64 > total {
                return Err(Failure::Problem(FetchProblem::TooLarge { limit: total }));
            }
            part.write_all(&buffer[..count])?;
            done += count as u64;
        }
    }

    fn check(&self, part: &mut File) -> Result<(), Failure> {
        part.sync_all()?;
        part.rewind()?;
        let found = Digest::of_reader(part)?;
        if found.to_string() == self.sha256 {
            return Ok(());
        }
        Err(Failure::Problem(FetchProblem::Digest { found, expected: self.sha256.to_owned() }))
    }
}

type Response = ureq::http::Response<ureq::Body>;

/// Whether this is the rest of the file from byte `from` on.
fn continues(response: &Response, from: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.status() == StatusCode::PARTIAL_CONTENT && range.starts_with(&format!("bytes {from}-"))
}

fn agent() -> ureq::Agent {
    const PATIENCE: Duration = Duration::from_secs(30);
    ureq::Agent::config_builder()
        .timeout_resolve(Some(PATIENCE))
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .http_status_as_error(false)
        // The digest is of the file as it is, not of what a decoder makes of it.
        .accept_encoding("identity")
        .build()
        .into()
}

/// What went wrong before it is known which file and address to name.
enum Failure {
    File(io::Error),
    Problem(FetchProblem),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
