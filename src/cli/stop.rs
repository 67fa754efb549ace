//! Ctrl-C and SIGTERM: the first asks to stop in good order, a second one ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::events::Event;
use super::exit::Exit;
use super::output::errln;
use crate::trainer::command::end_all;

/// A flag that becomes true when somebody asks the process to stop, which is then also said: as JSON, or in words.
pub fn flag(is_json: bool) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&stop);
    let installed = ctrlc::set_handler(move || {
        if shared.swap(true, Ordering::Relaxed) {
            end_all();
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        say(&Event::Stopping, is_json);
    });
    if let Err(error) = installed {
        say(&Event::Note { text: &format!("Ctrl-C will stop without a checkpoint: {error}") }, is_json);
    }
    stop
}

fn say(event: &Event<'_>, is_json: bool) {
    if is_json {
        event.emit();
    } else if let Some(text) = event.in_words() {
        errln!("{text}");
    }
}
