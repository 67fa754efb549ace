//! The command line: declarations in `args`, one file per command, exit codes in `exit`.

mod against;
mod args;
mod bench;
mod collect;
mod completions;
mod conclude;
mod data;
mod diff;
mod doctor;
mod events;
mod exit;
mod export;
mod gate;
mod import;
mod init;
mod man;
mod network;
mod output;
mod pack;
mod plan;
mod progress;
mod publish;
mod report;
mod rerun_programs;
mod retrain;
mod run;
mod settle;
mod sign;
mod site;
mod stop;
mod summary;
mod throughput;
mod tier;
mod trust;
mod verify;
mod visible;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
pub use exit::Exit;

/// Parses the arguments, does what they say, and prints what went wrong.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are errors to clap, too, but good ones.
            output::explain_usage(&error);
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    // Commands, addresses and digests in messages are there to be copied: a terminal wraps lines without breaking them.
    let handler = |_: &_| -> Box<dyn miette::ReportHandler> {
        Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())
    };
    std::panic::set_hook(Box::new(output::explain_panic));
    // Only a second hook is refused, and there is none.
    let _ = miette::set_hook(Box::new(handler));
    let is_json = matches!(&arguments.command, Command::Run(run) if run.json);
    match dispatch(arguments) {
        Ok(exit) => exit.into(),
        Err(report) => {
            let exit = exit::of_error(&report);
            if is_json {
                events::error(&report, exit).emit();
            } else {
                output::explain(&report);
            }
            exit.into()
        }
    }
}

fn dispatch(arguments: Arguments) -> miette::Result<Exit> {
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Publish(arguments) => publish::publish(&arguments),
        Command::Plan(arguments) => plan::plan(&arguments),
        Command::Network(arguments) => network::network(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Collect(arguments) => collect::collect(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Site(arguments) => site::site(&arguments),
        Command::Pack(arguments) => pack::pack(&arguments),
        Command::Unpack(arguments) => pack::unpack(&arguments),
        Command::Keygen(arguments) => sign::keygen(&arguments),
        Command::Sign(arguments) => sign::sign(&arguments),
        Command::Data(arguments) => data::data(&arguments),
        Command::Doctor(arguments) => doctor::doctor(&arguments),
        Command::Init(arguments) => init::init(&arguments),
        Command::Import(arguments) => import::import(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Schema => {
            output::print_own(&crate::config::json_schema());
            Ok(Exit::Success)
        }
        Command::Completions(arguments) => completions::completions(&arguments),
        Command::Man(arguments) => man::man(&arguments),
    }
}
