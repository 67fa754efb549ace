//! The command line: declarations in `args`, one file per command, exit codes in `exit`.

mod args;
mod bench;
mod collect;
mod data;
mod doctor;
mod exit;
mod plan;
mod progress;
mod publish;
mod report;
mod run;
mod stop;
mod summary;
mod throughput;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
pub use exit::Exit;

/// Parses the arguments, does what they say, and prints what went wrong.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are errors to clap, too, but good ones. A closed pipe is no reason to complain.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    // Commands, addresses and digests in messages are there to be copied: a terminal wraps lines without breaking them.
    let handler = |_: &_| -> Box<dyn miette::ReportHandler> {
        Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())
    };
    // Only a second hook is refused, and there is none.
    let _ = miette::set_hook(Box::new(handler));
    match dispatch(arguments) {
        Ok(exit) => exit.into(),
        Err(report) => {
            eprintln!("{report:?}");
            exit::of_error(&report).into()
        }
    }
}

fn dispatch(arguments: Arguments) -> miette::Result<Exit> {
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Plan(arguments) => plan::plan(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Collect(arguments) => collect::collect(&arguments),
        Command::Data(arguments) => data::data(&arguments),
        Command::Doctor(arguments) => doctor::doctor(&arguments),
        Command::Schema => {
            print!("{}", crate::config::json_schema());
            Ok(Exit::Success)
        }
    }
}
