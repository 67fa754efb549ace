//! The `retrial` command: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    retrial::cli::main()
}
