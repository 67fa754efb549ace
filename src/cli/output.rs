//! Standard output and standard error, as every command writes to them.
//!
//! Output is what a command was asked for. When its reader goes away (`retrial plan … | head -1`), the process ends the way
//! Unix tools do, by SIGPIPE and without a word: no exit code of ours then says that something held or was done. Whatever
//! else keeps it from being written is an error. What is said on standard error is for whoever listens: nobody listening
//! is no reason to stop training. Whatever came from outside is made harmless here, see [`visible`].

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

use clap::Parser as _;

use super::args::Arguments as CommandLine;
use super::exit::Exit;
use super::visible;

/// Writes to standard output what `format!` would give.
macro_rules! out {
    ($($text:tt)*) => { $crate::cli::output::print(format_args!($($text)*)) };
}
/// A line of it; what belongs to several is written with [`out`].
macro_rules! outln {
    ($($text:tt)*) => { $crate::cli::output::print_line(format_args!($($text)*)) };
}
/// A line on standard error.
macro_rules! errln {
    ($($text:tt)*) => { $crate::cli::output::note(format_args!($($text)*)) };
}
pub(super) use {errln, out, outln};

pub fn print(text: Arguments<'_>) {
    write(&visible::text(&text.to_string()));
}

pub fn print_line(text: Arguments<'_>) {
    write(&format!("{}\n", visible::line(&text.to_string())));
}

/// A line that a CI system is to obey, made of parts that are harmless: what the others may not be.
pub fn print_command(line: &str) {
    write(&format!("{line}\n"));
}

/// JSON for programs, and the end of a line.
pub fn print_json(json: &str) {
    write(&visible::json(json));
    write("\n");
}

/// What is all our own, as it stands: a script, a manual page.
pub fn print_own(text: &str) {
    write(text);
}

pub fn note(text: Arguments<'_>) {
    note_as_it_stands(&format!("{}\n", visible::line(&text.to_string())));
}

/// What is wrong with a command line. What was said there is made harmless before clap adds its colours.
pub fn explain_usage(error: &clap::Error) {
    let said: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let harmless: Vec<String> = said.iter().map(|argument| visible::cell(argument)).collect();
    if said == harmless {
        // A closed pipe is no reason to complain.
        let _ = error.print();
        return;
    }
    match CommandLine::try_parse_from(harmless) {
        Err(same) => drop(same.print()),
        Ok(_) => note(format_args!("{}", error.render())),
    }
}

/// A panic, as Rust itself would tell of it.
pub fn explain_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let backtrace = std::backtrace::Backtrace::capture();
    let thread = std::thread::current();
    let text = format!("thread '{}' {panic}\n", thread.name().unwrap_or("<unnamed>"));
    note_as_it_stands(&visible::text(&text));
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        note_as_it_stands(&visible::text(&format!("{backtrace}\n")));
    }
}

/// An error with what explains it.
pub fn explain(error: &miette::Report) {
    note_as_it_stands(&format!("{:?}\n", miette::Report::new(visible::Shown::of(error.as_ref()))));
}

/// An event as one line of JSON on standard error.
pub fn note_json(json: &str) {
    note_as_it_stands(&format!("{}\n", visible::json(json)));
}

fn note_as_it_stands(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn write(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        end(&error);
    }
}

fn end(error: &std::io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        // Rust ignores this signal from the start; what ignoring it keeps from happening is done here.
        #[cfg(unix)]
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
    } else {
        note(format_args!("cannot write to standard output: {error}"));
    }
    std::process::exit(i32::from(Exit::Failure as u8));
}
