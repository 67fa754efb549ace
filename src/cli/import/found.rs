//! What was found of results that exist already, and how it is written: an experiment file and a table.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::TABLE;
use crate::config::{MAX_VARIANTS, MetricName, Slug};
use crate::report::text::plain;
use crate::trainer::import::number;

/// The columns that say where in a trial a row stands.
pub const PLACES: [&str; 2] = ["epoch", "step"];
/// The columns of a long table.
pub const LONG: [&str; 2] = ["metric", "value"];
/// What people read of a variant or a metric is cut: names come from anybody.
const LONGEST_LABEL: usize = 200;
/// Of where results are from.
const LONGEST_COMMENT: usize = 1000;
/// More columns than this are no metrics.
const MOST_METRICS: usize = 1000;
/// Room for a number behind it, in names of 64 characters.
const LONGEST_NAME: usize = 56;

/// What there is of results.
#[derive(Default)]
pub struct Found {
    /// Id of each variant by what it was called there, in that order.
    variants: IndexMap<String, Slug>,
    seeds: BTreeMap<Slug, BTreeSet<u64>>,
    /// By what they were called there.
    metrics: IndexMap<String, MetricName>,
    rows: Vec<FoundRow>,
    /// Columns of which nothing was taken over.
    left_out: BTreeSet<String>,
}

/// What was found of one place of a trial.
struct FoundRow {
    variant: Slug,
    seed: u64,
    /// Of each of [`PLACES`], where it says so.
    place: [Option<String>; 2],
    /// By the number of the metric.
    values: Vec<(usize, String)>,
}

/// Where results come from, in words.
pub struct Heading {
    /// Lines of a comment: what the figures are from.
    pub comment: Vec<String>,
    pub title: String,
}

impl Found {
    /// Adds what one row says. Without a seed it counts as the next one of its variant.
    ///
    /// # Errors
    /// When there are more variants or metrics than an experiment can have.
    pub fn add<'a>(
        &mut self,
        variant: &str,
        seed: Option<u64>,
        place: impl IntoIterator<Item = (&'a str, String)>,
        values: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), String> {
        let variant = self.id_of(variant)?;
        let seeds = self.seeds.entry(variant.clone()).or_default();
        let seed = seed.unwrap_or(seeds.len() as u64 + 1);
        seeds.insert(seed);
        let mut row = FoundRow { variant, seed, place: [None, None], values: Vec::new() };
        for (name, at) in place {
            if let Some(number) = PLACES.iter().position(|place| *place == name) {
                row.place[number] = Some(at);
            }
        }
        for (name, value) in values.into_iter().filter(|(_, value)| !value.is_empty()) {
            let metric = if number(value, false).is_some() { self.metric_of(name)? } else { None };
            match metric {
                Some(metric) => row.values.push((metric, value.to_owned())),
                None => drop(self.left_out.insert(name.to_owned())),
            }
        }
        self.rows.push(row);
        Ok(())
    }

    pub fn trials(&self) -> usize {
        self.seeds.values().map(BTreeSet::len).sum()
    }

    pub fn variants(&self) -> usize {
        self.variants.len()
    }

    pub fn metrics(&self) -> usize {
        self.metrics.len()
    }

    /// Columns that hold no number anywhere, or have no name.
    pub fn left_out(&self) -> Vec<&str> {
        self.left_out.iter().filter(|name| !self.metrics.contains_key(*name)).map(String::as_str).collect()
    }

    /// Metrics that are called otherwise here: what they were called, and their names.
    pub fn renamed(&self) -> impl Iterator<Item = (&str, &MetricName)> {
        self.metrics
            .iter()
            .map(|(name, metric)| (name.as_str(), metric))
            .filter(|(name, metric)| *name != metric.as_str())
    }

    /// The id of a variant: its name as far as that can name a folder.
    fn id_of(&mut self, name: &str) -> Result<Slug, String> {
        if let Some(id) = self.variants.get(name) {
            return Ok(id.clone());
        }
        if self.variants.len() == MAX_VARIANTS {
            return Err(format!("there are more than {MAX_VARIANTS} variants, and no experiment has as many"));
        }
        let kept: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
        let kept = kept.trim_matches(['-', '_']).chars().take(LONGEST_NAME).collect::<String>().to_lowercase();
        let base = if kept.is_empty() { "variant".to_owned() } else { kept };
        let taken = |id: &Slug| self.variants.values().any(|known| known == id);
        let id = numbered(&base, '-').filter_map(|text| text.parse::<Slug>().ok()).find(|id| !taken(id));
        let id = id.ok_or("its variant has no usable name")?;
        self.variants.insert(name.to_owned(), id.clone());
        Ok(id)
    }

    /// The number of the metric that a column holds. What no metric may have in its name becomes an underscore, and no
    /// two columns become one; `None` for a column without a name.
    fn metric_of(&mut self, column: &str) -> Result<Option<usize>, String> {
        if let Some(number) = self.metrics.get_index_of(column) {
            return Ok(Some(number));
        }
        if column.trim().is_empty() {
            return Ok(None);
        }
        if self.metrics.len() == MOST_METRICS {
            return Err(format!("there are more than {MOST_METRICS} metrics, which nobody would read"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        let kept: String = column.trim().chars().map(|c| if allowed(c) { c } else { '_' }).collect();
        let starts_well = kept.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let base = if starts_well { kept } else { format!("_{kept}") };
        let is_free = |name: &MetricName| {
            let of_table = ["variant", "seed"].iter().chain(&PLACES).chain(&LONG).any(|own| *own == name.as_str());
            !of_table && self.metrics.values().all(|known| known != name)
        };
        let metric = numbered(&base, '_').filter_map(|text| text.parse().ok()).find(is_free);
        Ok(metric.map(|metric| self.metrics.insert_full(column.to_owned(), metric).0))
    }

    /// The table, as `trainer: {import: …}` reads it.
    pub fn table(&self) -> String {
        let is_there = |number: &usize| self.rows.iter().any(|row| row.place[*number].is_some());
        let places: Vec<usize> = (0..PLACES.len()).filter(is_there).collect();
        let of_places = places.iter().map(|number| PLACES[*number]);
        let of_metrics = self.metrics.values().map(MetricName::as_str);
        let columns: Vec<&str> = ["variant", "seed"].into_iter().chain(of_places).chain(of_metrics).collect();
        let mut text = columns.join(",") + "\n";
        for row in &self.rows {
            text.push_str(&format!("{},{}", row.variant, row.seed));
            let mut values = vec![""; self.metrics.len()];
            row.values.iter().for_each(|(metric, value)| values[*metric] = value);
            let at = places.iter().map(|number| row.place[*number].as_deref().unwrap_or_default());
            at.chain(values).for_each(|field| text.extend([",", field]));
            text.push('\n');
        }
        text
    }

    /// The experiment file, without claims.
    pub fn experiment(&self, heading: &Heading) -> String {
        let mut text: String =
            heading.comment.iter().map(|line| format!("# {}\n", shown(line, LONGEST_COMMENT))).collect();
        text.push_str(&format!(
            "schema: 1\ntitle: {}\ntrainer: {{ import: {TABLE} }}\n\n\
             # What matters most comes first. unit: fraction, seconds, bytes or any symbol; better: higher or lower.\nmetrics:\n",
            quoted(&heading.title)
        ));
        for (name, metric) in &self.metrics {
            let label = if name == metric.as_str() { String::new() } else { format!(" label: {} ", quoted(name)) };
            text.push_str(&format!("  {}: {{{label}}}\n", quoted(metric.as_str())));
        }
        let all: BTreeSet<&BTreeSet<u64>> = self.seeds.values().collect();
        let list = |seeds: &BTreeSet<u64>| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let shared = all.first().map(|seeds| list(seeds)).unwrap_or_default();
        text.push_str(&format!("\nseeds: [{shared}]\n\nvariants:\n"));
        for (name, id) in &self.variants {
            let own = self.seeds.get(id).map(list).filter(|own| *own != shared);
            let own = own.map(|own| format!(", seeds: [{own}]")).unwrap_or_default();
            let label = if plain(name).is_empty() { id.as_str() } else { name };
            text.push_str(&format!("  - {{ id: {}, label: {}{own} }}\n", quoted(id.as_str()), quoted(label)));
        }
        let mut ids = self.variants.values();
        if let (Some(first), Some(second), Some(metric)) = (ids.next(), ids.next(), self.metrics.values().next()) {
            text.push_str(&format!(
                "\n# For example:\n# claims:\n#   - id: better\n#     says: …\n#     test: {{ metric: {metric}, of: {second}, minus: {first}, above: 0 }}\n"
            ));
        }
        text
    }
}

/// A name, and the same with numbers from 2 on, for which its end makes room.
fn numbered(base: &str, between: char) -> impl Iterator<Item = String> {
    let short: String = base.chars().take(LONGEST_NAME).collect();
    let numbers = 2..=(MAX_VARIANTS + MOST_METRICS + 10);
    std::iter::once(base.to_owned()).chain(numbers.map(move |number| format!("{short}{between}{number}")))
}

/// A text from anywhere as people can read it on one line.
fn shown(text: &str, most: usize) -> String {
    plain(text).chars().take(most).collect()
}

/// The same as YAML, which JSON is.
fn quoted(text: &str) -> String {
    serde_json::to_string(&shown(text, LONGEST_LABEL)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[&str]) -> Found {
        let mut found = Found::default();
        found.add("a", Some(1), [], columns.iter().map(|column| (*column, "0.5"))).unwrap();
        found
    }

    #[test]
    fn no_two_columns_become_one_metric_and_none_a_column_of_the_table() {
        let found = found(&["val acc", "val_acc", "epoch", "step", "2nd", "Größe", "value", " "]);
        let heading = "variant,seed,val_acc,val_acc_2,epoch_2,step_2,_2nd,Gr__e,value_2\n";
        assert_eq!(found.table(), format!("{heading}a,1{}\n", ",0.5".repeat(7)));
        assert_eq!(found.left_out(), [" "]);
        let renamed: Vec<String> = found.renamed().map(|(name, metric)| format!("{name}={metric}")).collect();
        assert_eq!(renamed[..2], ["val acc=val_acc", "val_acc=val_acc_2"]);
    }

    #[test]
    fn hostile_names_become_ids_and_labels_that_cannot_leave_their_place() {
        let mut found = Found::default();
        for name in ["../../etc/passwd", "a\nclaims: []", "\u{202e}\u{1b}[31m", "ETC-PASSWD", "\", id: \"x"] {
            found.add(name, None, [], [("m\u{9b}\u{2028}: {}\n#", "1")]).unwrap();
        }
        found.add(&"x".repeat(9999), None, [], [(&*"y".repeat(9999), "1")]).unwrap();
        let comment = vec!["one\ntwo: \u{1b}\u{85}".to_owned()];
        let text = found.experiment(&Heading { comment, title: "a\u{7}\"\n".to_owned() });
        assert!(text.starts_with("# one two:\nschema: 1\ntitle: \"a\\\"\"\n"), "{text}");
        assert!(!text.chars().any(|c| c != '\n' && c.is_control()) && text.len() < 4000, "{text}");
        let file: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let ids: Vec<&str> =
            file["variants"].as_sequence().unwrap().iter().map(|variant| variant["id"].as_str().unwrap()).collect();
        assert_eq!(ids[..5], ["etc-passwd", "a-claims", "31m", "etc-passwd-2", "id---x"]);
        assert_eq!(file["variants"][1]["label"], "a claims: []");
        assert_eq!(file.as_mapping().unwrap().len(), 6, "{text}");
    }

    #[test]
    fn long_names_are_cut_and_told_apart() {
        let long = "x".repeat(64);
        let longer = ["y".repeat(65), "y".repeat(66)];
        let found = found(&[&long, &longer[0], &longer[1], &format!("{long}!")]);
        let y = "y".repeat(56);
        let columns = format!("variant,seed,{long},{y}_2,{y}_3,{}_2\n", "x".repeat(56));
        assert!(found.table().starts_with(&columns), "{}", found.table());
    }

    #[test]
    fn more_than_an_experiment_can_have_is_refused() {
        let mut found = Found::default();
        let mut add = |variant: &str, metric: &str| found.add(variant, None, [], [(metric, "1")]);
        (0..256).for_each(|number| add(&format!("?{number}"), "m").unwrap());
        assert!(add("one more", "m").unwrap_err().contains("more than 256 variants"));
        (1..1000).for_each(|number| add("?0", &format!("?{number}")).unwrap());
        assert!(add("?0", "one more").unwrap_err().contains("more than 1000 metrics"));
    }

    #[test]
    fn rows_without_seeds_are_the_trials_of_their_variant() {
        let mut found = Found::default();
        for variant in ["a", "b", "a"] {
            found.add(variant, None, [], [("acc", "1")]).unwrap();
        }
        assert_eq!(found.table(), "variant,seed,acc\na,1,1\nb,1,1\na,2,1\n");
    }
}
