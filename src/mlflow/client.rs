//! One call of the REST API: sent with credentials, bounded in time and size, and answered by JSON or an error that says
//! what to do.

use std::io::{self, Read as _};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::StatusCode;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};

use super::address::Address;

/// For a call as a whole. A page of a thousand runs takes a server a second or two.
const PATIENCE: Duration = Duration::from_secs(60);
/// A page of 25,000 values of a curve takes 3 MB.
const LARGEST_ANSWER: u64 = 64 << 20;
/// Of what a server says of an error, so much is shown.
const LONGEST_WORDS: usize = 300;

/// A tracking server.
pub struct Server {
    agent: ureq::Agent,
    base: String,
    authorization: Option<String>,
    largest: u64,
}

/// A server did not do as it was asked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{server}: {problem}")]
#[diagnostic(code(retrial::mlflow::server), help("{}", problem.help()))]
pub struct ServerError {
    /// Its address, without credentials.
    pub server: String,
    pub problem: Problem,
}

/// What is wrong with a server or its answer. What it said itself is cut, and made harmless where it is shown.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("it cannot be reached: {0}")]
    Unreachable(Box<ureq::Error>),
    #[error("it did not answer `{call}` within the limit of {seconds} seconds")]
    TooSlow { call: &'static str, seconds: u64 },
    #[error("the connection broke while it answered `{call}`: {reason}")]
    CutOff { call: &'static str, reason: String },
    #[error("its answer to `{call}` is larger than the limit of {limit} bytes")]
    TooLarge { call: &'static str, limit: u64 },
    #[error("it is no MLflow server: to `{call}` it answers with {found}")]
    NotMlflow { call: &'static str, found: String },
    #[error("it sends `{call}` on to {to}")]
    Redirected { call: &'static str, to: String },
    #[error("it denies `{call}` with {status}: {said}")]
    Denied { call: &'static str, status: StatusCode, said: String },
    #[error("it refuses `{call}` with {code}: {said}")]
    Refused { call: &'static str, code: String, said: String },
    #[error("it fails at `{call}` with {status}: {said}")]
    Failed { call: &'static str, status: StatusCode, said: String },
    #[error("its answer to `{call}` is not what MLflow's is: {reason}")]
    Malformed { call: &'static str, reason: String },
    #[error("its answers to `{call}` come to more than {most} {what}")]
    TooMany { call: &'static str, most: usize, what: &'static str },
}

impl Problem {
    fn help(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "check the address and that the server runs; by itself, `mlflow server` is at http://127.0.0.1:5000"
            }
            Self::TooSlow { .. } | Self::CutOff { .. } | Self::Failed { .. } => {
                "look at the server's log, and give the same command again: what is done already stays"
            }
            Self::TooLarge { .. } | Self::TooMany { .. } => "move the runs in question to an experiment of their own",
            Self::NotMlflow { .. } | Self::Malformed { .. } => {
                "give the address that MLFLOW_TRACKING_URI has for MLflow's own client, of MLflow 2 or newer"
            }
            Self::Redirected { .. } => {
                "nothing is sent on to another place: give the address that it leads to, or log in if that is what it wants"
            }
            Self::Denied { .. } => {
                "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, to those of somebody \
                 who may do this; a server that refuses its own address needs that among its `--allowed-hosts`"
            }
            Self::Refused { .. } => "the server's own words say what it does not take",
        }
    }
}

type Response = ureq::http::Response<ureq::Body>;

/// An error as MLflow writes it.
#[derive(serde::Deserialize)]
struct Refusal {
    error_code: String,
    #[serde(default)]
    message: String,
}

impl Server {
    /// The server at this address, asked with the credentials in the address or the environment. Nothing is sent yet.
    pub fn at(address: &Address) -> Self {
        let authorization = address.authorization(&|name| std::env::var(name).ok());
        Self::new(address, authorization, PATIENCE, LARGEST_ANSWER)
    }

    pub(super) fn new(address: &Address, authorization: Option<String>, patience: Duration, largest: u64) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            // Credentials and results are for the server that was named.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("retrial/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, base: address.as_str().to_owned(), authorization, largest }
    }

    /// Its address, without credentials.
    pub fn address(&self) -> &str {
        &self.base
    }

    pub(super) fn get<T: DeserializeOwned>(
        &self,
        call: &'static str,
        query: &[(&str, &str)],
    ) -> Result<T, ServerError> {
        let mut request = self.agent.get(self.url(call));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        for (name, value) in query {
            request = request.query(name, value);
        }
        self.answer(call, request.call())
    }

    pub(super) fn post<T: DeserializeOwned>(
        &self,
        call: &'static str,
        body: &impl Serialize,
    ) -> Result<T, ServerError> {
        let body = serde_json::to_vec(body).map_err(|error| self.malformed(call, error.to_string()))?;
        let mut request = self.agent.post(self.url(call)).header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        self.answer(call, request.send(&body[..]))
    }

    pub(super) fn error(&self, problem: Problem) -> ServerError {
        ServerError { server: self.base.clone(), problem }
    }

    pub(super) fn malformed(&self, call: &'static str, reason: impl Into<String>) -> ServerError {
        self.error(Problem::Malformed { call, reason: cut(&reason.into()) })
    }

    fn url(&self, call: &str) -> String {
        format!("{}/api/2.0/mlflow/{call}", self.base)
    }

    fn answer<T: DeserializeOwned>(
        &self,
        call: &'static str,
        sent: Result<Response, ureq::Error>,
    ) -> Result<T, ServerError> {
        let response = sent.map_err(|error| self.unreachable(call, error))?;
        let status = response.status();
        let header =
            |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let (location, kind) = (header(LOCATION), header(CONTENT_TYPE).unwrap_or_else(|| "no content type".to_owned()));
        let body = self.body(call, response)?;
        if status.is_success() {
            return match serde_json::from_slice(&body) {
                Ok(answer) => Ok(answer),
                Err(error) if error.is_data() => Err(self.malformed(call, error.to_string())),
                Err(_) => Err(self.error(Problem::NotMlflow { call, found: cut(&kind) })),
            };
        }
        let words = || cut(&String::from_utf8_lossy(&body));
        let refusal = serde_json::from_slice::<Refusal>(&body).ok();
        Err(self.error(match (status, refusal) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, refusal) => {
                let said = refusal.map_or_else(words, |refusal| cut(&refusal.message));
                Problem::Denied { call, status, said }
            }
            (_, Some(Refusal { error_code, message })) => {
                Problem::Refused { call, code: cut(&error_code), said: cut(&message) }
            }
            (status, None) if status.is_redirection() => {
                Problem::Redirected { call, to: cut(&location.unwrap_or_default()) }
            }
            (status, None) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Problem::Failed { call, status, said: words() }
            }
            (status, None) => Problem::NotMlflow { call, found: format!("{status}") },
        }))
    }

    fn unreachable(&self, call: &'static str, error: ureq::Error) -> ServerError {
        self.error(match error {
            ureq::Error::Timeout(_) => self.too_slow(call),
            other => Problem::Unreachable(Box::new(other)),
        })
    }

    fn too_slow(&self, call: &'static str) -> Problem {
        let patience = self.agent.config().timeouts().global.unwrap_or(PATIENCE);
        Problem::TooSlow { call, seconds: patience.as_secs() }
    }

    fn body(&self, call: &'static str, response: Response) -> Result<Vec<u8>, ServerError> {
        let mut body = Vec::new();
        let read = response.into_body().into_reader().take(self.largest + 1).read_to_end(&mut body);
        read.map_err(|error| {
            let is_late = error.kind() == io::ErrorKind::TimedOut
                || error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(is_timeout);
            let problem = || Problem::CutOff { call, reason: error.to_string() };
            self.error(if is_late { self.too_slow(call) } else { problem() })
        })?;
        if body.len() as u64 > self.largest {
            return Err(self.error(Problem::TooLarge { call, limit: self.largest }));
        }
        Ok(body)
    }
}

fn is_timeout(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Timeout(_))
}

/// What a server says, as far as anybody reads it.
fn cut(words: &str) -> String {
    let words = words.trim();
    match words.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
