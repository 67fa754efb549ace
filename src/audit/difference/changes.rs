//! Two JSON values, and the places at which they differ.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

/// One place. `None` where a side does not have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Keys from the outside in, with dots; in a list, the element's `id`, or its number from 0.
    pub path: String,
    pub a: Option<Value>,
    pub b: Option<Value>,
}

/// The differing places, the innermost of each, in the order of `a` and then of what only `b` has.
pub fn changes(a: &Value, b: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    collect(&mut found, String::new(), Some(a), Some(b));
    found
}

fn collect(found: &mut Vec<Change>, path: String, a: Option<&Value>, b: Option<&Value>) {
    if a == b {
        return;
    }
    let parts = a.zip(b).and_then(|(a, b)| Some((parts(a)?, parts(b)?)));
    let Some((one, other)) = parts else {
        found.push(Change { path, a: a.cloned(), b: b.cloned() });
        return;
    };
    let before = found.len();
    let mut seen = BTreeSet::new();
    for name in one.iter().chain(&other).map(|(name, _)| name) {
        if seen.insert(name) {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(found, inner, value_of(&one, name), value_of(&other, name));
        }
    }
    if found.len() == before {
        // The same elements by name, in another order.
        found.push(Change { path, a: a.cloned(), b: b.cloned() });
    }
}

fn value_of<'a>(parts: &[(String, &'a Value)], name: &str) -> Option<&'a Value> {
    parts.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
}

/// What a value is made of; `None` for one to be shown whole: a number, a text, or a list of such.
fn parts(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Object(fields) => Some(fields.iter().map(|(name, value)| (name.clone(), value)).collect()),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
            let name = |(at, item): (usize, &Value)| match item.get("id").and_then(Value::as_str) {
                Some(id) => id.to_owned(),
                None => at.to_string(),
            };
            Some(items.iter().enumerate().map(|(at, item)| (name((at, item)), item)).collect())
        }
        _ => None,
    }
}
