//! `retrial pack` and `retrial unpack`: a bundle as one file, and back.

use super::args::{PackArguments, UnpackArguments};
use super::exit::Exit;
use super::output::outln;
use crate::bundle::{self, BundleLock};
use crate::report::text::counted;

pub fn pack(arguments: &PackArguments) -> miette::Result<Exit> {
    let _lock = BundleLock::take(&arguments.bundle)?;
    let out = arguments.out.clone().unwrap_or_else(|| bundle::default_name(&arguments.bundle));
    let digest = bundle::pack(&arguments.bundle, &out)?;
    outln!("{}: bundle {digest}", out.display());
    Ok(Exit::Success)
}

pub fn unpack(arguments: &UnpackArguments) -> miette::Result<Exit> {
    let unpacked = bundle::unpack(&arguments.file, arguments.out.as_deref())?;
    let folder = unpacked.folder.display();
    outln!("{folder}: {}, bundle {}", counted(unpacked.files, "file"), unpacked.digest);
    outln!("Every file is as the manifest says. To check more: retrial verify {folder}");
    Ok(Exit::Success)
}
