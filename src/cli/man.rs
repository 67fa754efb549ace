//! `retrial man`: manual pages, made from the declaration of the command line.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use miette::IntoDiagnostic as _;

use super::args::{Arguments, ManArguments};
use super::exit::Exit;
use super::output::{outln, print_own};
use crate::bundle::FileError;

/// Prints `retrial.1`, or writes it and a page for each command into a folder.
pub fn man(arguments: &ManArguments) -> miette::Result<Exit> {
    let Some(folder) = &arguments.folder else {
        print_own(&page(Arguments::command())?);
        return Ok(Exit::Success);
    };
    fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
    let written = |error| FileError::new("write the pages into", folder, error);
    clap_mangen::generate_to(Arguments::command(), folder).map_err(written)?;
    outln!("Pages: {}", Path::new(folder).join("retrial*.1").display());
    Ok(Exit::Success)
}

fn page(command: Command) -> miette::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).into_diagnostic()?;
    String::from_utf8(page).into_diagnostic()
}
