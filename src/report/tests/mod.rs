//! The report as a whole, from made-up evidence: what it says, what it looks like in files, and what cannot get into it.

mod claims;
pub(crate) mod contrast;
mod figures;
mod files;
mod findings;
mod hostile;
pub(crate) mod outputs;
mod page;
mod probes;
mod texts;

use super::{Rendered, render};
use crate::bundle::evidence::Evidence;

fn rendered(evidence: &Evidence) -> Rendered {
    render(evidence, &[]).unwrap()
}

fn text(rendered: &Rendered, path: &str) -> String {
    String::from_utf8(rendered.files[path].clone()).unwrap()
}

fn complete() -> Rendered {
    let (evidence, judged) = super::sample::complete();
    render(&evidence, &judged).unwrap()
}
