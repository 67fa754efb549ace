//! `retrial keygen` and `retrial sign`: keys, and signed statements about a bundle.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use miette::IntoDiagnostic as _;

use super::args::{KeygenArguments, SignArguments};
use super::exit::Exit;
use super::output::outln;
use crate::audit::digests;
use crate::audit::signature::Statement;
use crate::bundle::manifest::{LARGEST, MANIFEST, Manifest};
use crate::bundle::record::SCHEMA;
use crate::bundle::{BundleError, BundleFolder, BundleLock, FileError, read_text_bounded};
use crate::claims;
use crate::provenance::Digest;
use crate::provenance::key::{KeyError, PublicKey, SecretKey};

/// What cannot be signed, or signed with.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SignError {
    #[error("{} cannot be used: {source}", path.display())]
    #[diagnostic(code(retrial::sign::key), help("`retrial keygen` makes a pair of keys"))]
    Key { path: PathBuf, source: KeyError },
    #[error("{} is there already, and a key is never overwritten", path.display())]
    #[diagnostic(code(retrial::sign::exists), help("name another one with `--out NAME`"))]
    Exists { path: PathBuf },
    #[error("{} is not what its manifest says, so there is nothing to stand for", path.display())]
    #[diagnostic(code(retrial::sign::stale), help("`retrial verify` names what differs"))]
    Stale { path: PathBuf },
    #[error("{} is no audit of this bundle: {reason}", path.display())]
    #[diagnostic(
        code(retrial::sign::audit),
        help("`retrial verify BUNDLE --tier rerun` writes audit.json into the bundle")
    )]
    OtherAudit { path: PathBuf, reason: String },
}

/// Makes a pair of keys, NAME.pem and NAME.pub.pem.
pub fn keygen(arguments: &KeygenArguments) -> miette::Result<Exit> {
    let key = SecretKey::generate().into_diagnostic()?;
    let with = |ending: &str| {
        let mut name = arguments.out.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let (secret, public) = (with(".pem"), with(".pub.pem"));
    if public.exists() {
        return Err(SignError::Exists { path: public }.into());
    }
    write_new(&secret, &key.pem().into_diagnostic()?, 0o600)?;
    write_new(&public, &key.public().pem().into_diagnostic()?, 0o644)?;
    outln!("{}: the private key, which only you should be able to read", secret.display());
    outln!("{}: the public key, to publish where your bundles are; key {}", public.display(), key.public().id());
    Ok(Exit::Success)
}

fn write_new(path: &Path, text: &str, mode: u32) -> miette::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(SignError::Exists { path: path.to_owned() }.into());
        }
        opened => opened.map_err(|error| FileError::new("write", path, error))?,
    };
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    Ok(written.map_err(|error| FileError::new("write", path, error))?)
}

/// Signs the bundle, or what an audit of it found.
pub fn sign(arguments: &SignArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let _lock = BundleLock::take(bundle.root())?;
    let key = SecretKey::from_pem(&read(&arguments.key)?)
        .map_err(|source| SignError::Key { path: arguments.key.clone(), source })?;
    let experiment = bundle.experiment()?;
    let stale = || SignError::Stale { path: bundle.root().to_owned() };
    let manifest = Manifest::read(bundle.root())?.ok_or_else(stale)?;
    if !digests::check(bundle.root(), &manifest)?.is_empty() {
        return Err(stale().into());
    }
    let name = Digest::of_bytes(read(&bundle.root().join(MANIFEST))?.as_bytes());
    let statement = match &arguments.audit {
        None => {
            let evidence = bundle.evidence(experiment)?;
            Statement::of_bundle(name, &evidence, &claims::judge(&evidence))
        }
        Some(path) => {
            let other = |reason: String| SignError::OtherAudit { path: path.clone(), reason };
            let audit: serde_json::Value =
                serde_json::from_str(&read(path)?).map_err(|error| other(error.to_string()))?;
            let found = audit.get("schema").and_then(serde_json::Value::as_u64);
            if let Some(found) = found.filter(|found| *found > u64::from(SCHEMA)) {
                return Err(BundleError::Newer { newest: SCHEMA, path: path.clone(), found }.into());
            }
            if audit.get("bundle").and_then(serde_json::Value::as_str) != Some(name.to_string().as_str()) {
                return Err(other(format!("this bundle is {name}")).into());
            }
            Statement::of_audit(name, audit)
        }
    };
    let path = statement.sign(bundle.root(), &key)?;
    outln!("{}: bundle {name}, by key {}", bundle.root().join(path).display(), key.public().id());
    Ok(Exit::Success)
}

/// The public key in a file.
pub fn public_key(path: &Path) -> miette::Result<PublicKey> {
    PublicKey::from_pem(&read(path)?).map_err(|source| SignError::Key { path: path.to_owned(), source }.into())
}

fn read(path: &Path) -> miette::Result<String> {
    Ok(read_text_bounded(path, LARGEST).map_err(|error| FileError::new("read", path, error))?)
}
