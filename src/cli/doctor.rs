//! `retrial doctor`: what is there to compute with, and what it may promise.

use super::args::DoctorArguments;
use super::events::level_in_words;
use super::exit::Exit;
use super::output::out;
use super::summary::{Align, render_table};
use crate::engine::{self, Engine, ThreadPlan, available_cores};
use crate::sweep;

pub fn doctor(arguments: &DoctorArguments) -> miette::Result<Exit> {
    let mut rows = vec![vec!["retrial".to_owned(), env!("CARGO_PKG_VERSION").to_owned()]];
    let engine = Engine::select(arguments.device);
    rows.extend(engine::describe::findings().into_iter().map(|finding| vec![finding.about.to_owned(), finding.found]));
    let chosen = engine.as_ref().map_or_else(ToString::to_string, |engine| engine.name().to_owned());
    rows.push(vec![format!("--device {}", arguments.device), chosen]);
    if arguments.determinism
        && let Ok(engine) = &engine
    {
        let threads = ThreadPlan::new(Some(1), 1, available_cores());
        engine.set_threads(threads);
        rows.push(vec!["determinism".to_owned(), level_in_words(sweep::self_test(engine, threads)?)]);
    }
    out!("{}", render_table(&rows, &[Align::Left, Align::Left]));
    engine?;
    Ok(Exit::Success)
}
