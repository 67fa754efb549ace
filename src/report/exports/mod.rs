//! The findings in the formats of others: for programs, spreadsheets, LaTeX and bibliographies.

pub mod bibtex;
pub mod croissant;
pub mod latex;
pub mod results;
pub mod ro_crate;
