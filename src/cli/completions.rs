//! `retrial completions`: what a shell needs to complete the command line, made from its declaration.

use clap::CommandFactory as _;
use miette::IntoDiagnostic as _;

use super::args::{Arguments, CompletionsArguments};
use super::exit::Exit;
use super::output;

/// Prints the script of one shell.
pub fn completions(arguments: &CompletionsArguments) -> miette::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "retrial", &mut script);
    output::print_own(&String::from_utf8(script).into_diagnostic()?);
    Ok(Exit::Success)
}
