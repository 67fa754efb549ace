//! Variants side by side that share what matters most: the first setting that decides whether the network learns.

use super::analysis::Analysis;
use super::analysis::knobs::{differences, setting_in_words};
use super::causes;
use super::language::say;
use super::text::{capitalised, plain};

/// More groups than this would be a list of their own.
const MOST_GROUPS: usize = 6;

/// Variants with one value of the setting.
pub struct Group {
    /// `None` where nothing groups the variants.
    pub name: Option<String>,
    /// Places among the analysis's variants, in their order.
    pub members: Vec<usize>,
}

/// Every variant in one group, groups in the order of their first variants.
pub fn of(analysis: &Analysis) -> Vec<Group> {
    let together = || vec![Group { name: None, members: (0..analysis.variants.len()).collect() }];
    let Some(setting) = causes::first_deciding(analysis) else { return together() };
    let mut groups: Vec<(String, Group)> = vec![];
    for index in 0..analysis.variants.len() {
        let Some(value) = value_of(analysis, index, &setting) else { return together() };
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, group)) => group.members.push(index),
            None => {
                let label = capitalised(&setting_in_words(&setting));
                let name = Some(say!("page-labelled", label = label, value = plain(&value)));
                groups.push((value, Group { name, members: vec![index] }));
            }
        }
    }
    let groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    let is_grouping = groups.len() <= MOST_GROUPS && groups.len() < analysis.variants.len();
    if is_grouping { groups } else { together() }
}

/// What a variant has of a setting in which it differs from some other one.
fn value_of(analysis: &Analysis, index: usize, setting: &str) -> Option<String> {
    let variant = analysis.variants[index].variant;
    analysis.variants.iter().find_map(|other| {
        let found = differences(variant, other.variant).into_iter().find(|difference| difference.knob == setting);
        found.map(|difference| difference.minuend)
    })
}
