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
mod stated;
mod texts;

use super::{Rendered, render};
use crate::bundle::evidence::Evidence;

fn rendered(evidence: &Evidence) -> Rendered {
    render(evidence, &[]).unwrap()
}

fn text(rendered: &Rendered, path: &str) -> String {
    String::from_utf8(rendered.files[path].clone()).unwrap()
}

/// Every page by its path.
fn html_pages(rendered: &Rendered) -> Vec<(&str, String)> {
    let pages = rendered.files.keys().filter(|path| path.ends_with(".html"));
    pages.map(|path| (path.as_str(), text(rendered, path))).collect()
}

fn complete() -> Rendered {
    let (evidence, judged) = super::sample::complete();
    render(&evidence, &judged).unwrap()
}
