//! Progress of long work: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet. All on stderr.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Bar,
    Lines,
    Quiet,
}

/// Shows lines that stay, and a bar of what is done.
pub struct Progress {
    bar: ProgressBar,
    manner: Manner,
}

impl Progress {
    /// `total` in `unit`s; what a unit is, is for people.
    pub fn new(total: u64, unit: &str, quiet: bool) -> Self {
        let manner = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Manner::Quiet,
            (false, true) => Manner::Bar,
            (false, false) => Manner::Lines,
        };
        let target = if manner == Manner::Bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let template = format!("{{wide_bar}} {{pos}}/{{len}} {unit}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        if manner == Manner::Bar {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Self { bar, manner }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        match self.manner {
            Manner::Bar => self.bar.println(text),
            Manner::Lines => eprintln!("{text}"),
            Manner::Quiet => {}
        }
    }

    pub fn advance(&self, amount: u64) {
        self.bar.inc(amount);
    }

    pub fn set(&self, position: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(position);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
