//! The calls of the REST API that are needed, one function each: <https://mlflow.org/docs/latest/rest-api.html>.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::client::{Problem, Server, ServerError};
use super::records::{Entry, ExperimentInfo, Measured, Run, Status};

/// As many trials as an experiment file may have.
const MOST_RUNS: usize = 100_000;
/// Of a curve. A bundle's log of a trial may have as many lines.
const MOST_VALUES: usize = 1_000_000;
/// Names of experiments that are listed where the one asked for is not there.
const MOST_NAMES: usize = 1000;
/// A page may be empty and not be the last, so their number has a bound of its own.
const MOST_PAGES: usize = 10_000;
/// What the server gives at most at a time: `SEARCH_MAX_RESULTS_THRESHOLD` is 50,000, and curves have 25,000.
const RUNS_A_PAGE: usize = 1000;
const VALUES_A_PAGE: &str = "25000";
/// `MAX_METRICS_PER_BATCH` and `MAX_PARAMS_TAGS_PER_BATCH` in `mlflow/utils/validation.py`.
const METRICS_A_CALL: usize = 1000;
const PARAMS_A_CALL: usize = 100;

/// A part of a list, and where the next one starts.
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl Server {
    /// The experiment of this name, deleted or not; `None` where there is none.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn experiment(&self, name: &str) -> Result<Option<ExperimentInfo>, ServerError> {
        #[derive(Deserialize)]
        struct Answer {
            experiment: ExperimentInfo,
        }
        match self.get::<Answer>("experiments/get-by-name", &[("experiment_name", name)]) {
            Ok(answer) => Ok(Some(answer.experiment)),
            Err(ServerError { problem: Problem::Refused { code, .. }, .. }) if code == "RESOURCE_DOES_NOT_EXIST" => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The names of the experiments that there are, in alphabetical order.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn experiment_names(&self) -> Result<Vec<String>, ServerError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            experiments: Vec<ExperimentInfo>,
        }
        let body = json!({ "max_results": MOST_NAMES, "view_type": "ACTIVE_ONLY" });
        let answer: Answer = self.post("experiments/search", &body)?;
        let mut names: Vec<String> = answer.experiments.into_iter().map(|experiment| experiment.name).collect();
        names.sort();
        Ok(names)
    }

    /// The id of an experiment that is made with this name.
    ///
    /// # Errors
    /// When the server does not answer as it should, or has one of this name.
    pub fn create_experiment(&self, name: &str) -> Result<String, ServerError> {
        #[derive(Deserialize)]
        struct Answer {
            experiment_id: String,
        }
        let answer: Answer = self.post("experiments/create", &json!({ "name": name }))?;
        Ok(answer.experiment_id)
    }

    /// The runs of an experiment, deleted ones included, as they were started. `filter` is in MLflow's own language.
    ///
    /// # Errors
    /// When the server does not answer as it should, or there are more than any experiment has trials.
    pub fn runs(&self, experiment_id: &str, filter: &str) -> Result<Vec<Run>, ServerError> {
        const CALL: &str = "runs/search";
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            runs: Vec<Run>,
            next_page_token: Option<String>,
        }
        let mut runs = self.pages(CALL, MOST_RUNS, "runs", |token| {
            let mut body = Map::from_iter([
                ("experiment_ids".to_owned(), json!([experiment_id])),
                ("filter".to_owned(), filter.into()),
                ("run_view_type".to_owned(), "ALL".into()),
                ("max_results".to_owned(), RUNS_A_PAGE.into()),
                ("order_by".to_owned(), json!(["attributes.start_time ASC"])),
            ]);
            body.extend(token.map(|token| ("page_token".to_owned(), Value::from(token))));
            let answer: Answer = self.post(CALL, &body)?;
            Ok(Page { items: answer.runs, next: answer.next_page_token })
        })?;
        // Runs that were started in the same millisecond come in any order.
        runs.sort_by(|a, b| (a.info.start_time, &a.info.run_id).cmp(&(b.info.start_time, &b.info.run_id)));
        Ok(runs)
    }

    /// Every value that a run logged of a metric.
    ///
    /// # Errors
    /// When the server does not answer as it should, or there are too many.
    pub fn history(&self, run_id: &str, metric: &str) -> Result<Vec<Measured>, ServerError> {
        const CALL: &str = "metrics/get-history";
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            metrics: Vec<Measured>,
            next_page_token: Option<String>,
        }
        self.pages(CALL, MOST_VALUES, "values of a metric", |token| {
            let mut query = vec![("run_id", run_id), ("metric_key", metric), ("max_results", VALUES_A_PAGE)];
            query.extend(token.map(|token| ("page_token", token)));
            let answer: Answer = self.get(CALL, &query)?;
            Ok(Page { items: answer.metrics, next: answer.next_page_token })
        })
    }

    /// The id of a run that is started, with these tags. `start_time` is in milliseconds since 1970.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn create_run(
        &self,
        experiment_id: &str,
        name: &str,
        start_time: i64,
        tags: &[Entry],
    ) -> Result<String, ServerError> {
        #[derive(Deserialize)]
        struct Answer {
            run: Run,
        }
        let body = json!({ "experiment_id": experiment_id, "run_name": name, "start_time": start_time, "tags": tags });
        let answer: Answer = self.post("runs/create", &body)?;
        Ok(answer.run.info.run_id)
    }

    /// Adds parameters and values of metrics to a run, as many at a time as the server takes.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn log(&self, run_id: &str, params: &[Entry], metrics: &[Measured]) -> Result<(), ServerError> {
        let batch = |what: &str, entries: Value| -> Result<(), ServerError> {
            let mut body = Map::from_iter([("run_id".to_owned(), Value::from(run_id))]);
            body.insert(what.to_owned(), entries);
            self.post::<IgnoredAny>("runs/log-batch", &body).map(|_| ())
        };
        params.chunks(PARAMS_A_CALL).try_for_each(|some| batch("params", json!(some)))?;
        metrics.chunks(METRICS_A_CALL).try_for_each(|some| batch("metrics", json!(some)))
    }

    /// Says how a run ended, and when.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn end_run(&self, run_id: &str, status: Status, end_time: i64) -> Result<(), ServerError> {
        let body = json!({ "run_id": run_id, "status": status, "end_time": end_time });
        self.post::<IgnoredAny>("runs/update", &body).map(|_| ())
    }

    /// Deletes a run, which the server keeps as deleted.
    ///
    /// # Errors
    /// When the server does not answer as it should.
    pub fn delete_run(&self, run_id: &str) -> Result<(), ServerError> {
        self.post::<IgnoredAny>("runs/delete", &json!({ "run_id": run_id })).map(|_| ())
    }

    fn pages<T>(
        &self,
        call: &'static str,
        most: usize,
        what: &'static str,
        mut page: impl FnMut(Option<&str>) -> Result<Page<T>, ServerError>,
    ) -> Result<Vec<T>, ServerError> {
        let (mut all, mut token) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let Page { items, next } = page(token.as_deref())?;
            all.extend(items);
            if all.len() > most {
                return Err(self.error(Problem::TooMany { call, most, what }));
            }
            match next.filter(|next| !next.is_empty()) {
                None => return Ok(all),
                next if next == token => return Err(self.malformed(call, "a page follows itself")),
                next => token = next,
            }
        }
        Err(self.error(Problem::TooMany { call, most: MOST_PAGES, what: "pages" }))
    }
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
