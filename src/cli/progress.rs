//! Progress of long work: a bar on a terminal, plain lines elsewhere, JSON or nothing when asked for. All on stderr.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::events::Event;
use super::output::errln;
use super::visible;

/// The least time between two events that only count.
const BETWEEN_COUNTS: Duration = Duration::from_secs(1);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Bar,
    Lines,
    /// One event a line.
    Json,
    Quiet,
}

impl Manner {
    /// As asked for, and otherwise what suits standard error.
    pub fn of(is_quiet: bool, is_json: bool) -> Self {
        match (is_quiet, is_json) {
            (true, _) => Self::Quiet,
            (false, true) => Self::Json,
            (false, false) if std::io::stderr().is_terminal() => Self::Bar,
            (false, false) => Self::Lines,
        }
    }
}

/// Shows events that stay, and a bar or counts of what is done.
pub struct Progress {
    bar: ProgressBar,
    manner: Manner,
    /// When something was last counted aloud.
    counted: Mutex<Instant>,
}

impl Progress {
    /// `total` in `unit`s; what a unit is, is for people.
    pub fn new(total: u64, unit: &str, manner: Manner) -> Self {
        let template = format!("{{wide_bar}} {{pos}}/{{len}} {unit}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()).with_style(style);
        let progress = Self { bar, manner, counted: Mutex::new(Instant::now()) };
        progress.draw_if_due();
        progress
    }

    /// Shows the bar from when there is something to count: `0/0` tells nobody anything.
    fn draw_if_due(&self) {
        if self.manner == Manner::Bar && self.bar.is_hidden() && self.bar.length().is_some_and(|length| length > 0) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(500));
        }
    }

    /// Tells what happened.
    pub fn tell(&self, event: &Event<'_>) {
        match (self.manner, event.in_words()) {
            (Manner::Json, _) => event.emit(),
            (Manner::Bar, Some(text)) if !self.bar.is_hidden() => self.bar.println(visible::line(&text)),
            (Manner::Bar | Manner::Lines, Some(text)) => errln!("{text}"),
            (Manner::Quiet, _) | (_, None) => {}
        }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        self.tell(&Event::Note { text });
    }

    pub fn advance(&self, amount: u64) {
        self.bar.inc(amount);
        if self.manner == Manner::Json {
            let mut counted = self.counted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            if counted.elapsed() >= BETWEEN_COUNTS {
                *counted = Instant::now();
                self.count();
            }
        }
    }

    pub fn set(&self, position: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(position);
        self.draw_if_due();
    }

    pub fn finish(&self) {
        if self.manner == Manner::Json && self.bar.position() > 0 {
            self.count();
        }
        self.bar.finish_and_clear();
    }

    fn count(&self) {
        Event::Progress { training_images: self.bar.position(), of: self.bar.length().unwrap_or(0) }.emit();
    }
}
