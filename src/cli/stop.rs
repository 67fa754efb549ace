//! Ctrl-C and SIGTERM: the first asks to stop in good order, a second one ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;

/// A flag that becomes true when somebody asks the process to stop.
pub fn flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&stop);
    let installed = ctrlc::set_handler(move || {
        if shared.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        eprintln!("stopping: trials write a checkpoint first; once more to stop at once");
    });
    if let Err(error) = installed {
        eprintln!("note: Ctrl-C will stop without a checkpoint: {error}");
    }
    stop
}
