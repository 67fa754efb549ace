//! `retrial doctor`: what is there to compute with, and what it may promise.

use super::args::DoctorArguments;
use super::events::level_in_words;
use super::exit::Exit;
use super::output::out;
use super::summary::{Align, render_table};
use crate::config::Precision;
use crate::engine::{self, Engine, EngineError, ThreadPlan, available_cores};
use crate::sweep;

pub fn doctor(arguments: &DoctorArguments) -> miette::Result<Exit> {
    let mut rows = vec![vec!["retrial".to_owned(), env!("CARGO_PKG_VERSION").to_owned()]];
    let engine = Engine::select(arguments.device);
    rows.extend(engine::describe::findings().into_iter().map(|finding| vec![finding.about.to_owned(), finding.found]));
    let chosen = engine.as_ref().map_or_else(ToString::to_string, |engine| engine.name().to_owned());
    rows.push(vec![format!("--device {}", arguments.device), chosen]);
    let engine = engine.and_then(|engine| able(engine, arguments));
    if arguments.determinism
        && let Ok(engine) = &engine
    {
        let threads = ThreadPlan::new(Some(1), 1, available_cores());
        engine.set_threads(threads);
        let precision = arguments.precision.map_or(Precision::default(), Precision::from);
        let about = arguments.precision.map_or(String::new(), |precision| format!(", {precision}"));
        let shown = sweep::self_test(engine, threads, precision)?;
        rows.push(vec![format!("determinism{about}"), level_in_words(shown)]);
    }
    out!("{}", render_table(&rows, &[Align::Left, Align::Left]));
    engine?;
    Ok(Exit::Success)
}

/// The engine, if it computes in the precision asked for.
fn able(engine: Engine, arguments: &DoctorArguments) -> Result<Engine, EngineError> {
    if let Some(precision) = arguments.precision {
        engine.check_precision(precision.into())?;
    }
    Ok(engine)
}
