//! Where a server is, and as whom it is asked.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// The address of a tracking server. What it says of a user is kept apart and never shown.
#[derive(Clone)]
pub struct Address {
    base: String,
    user: Option<(String, String)>,
}

/// The text is no address of a server. It is not quoted: there may be a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("that is no address of an MLflow server: {0}")]
#[diagnostic(
    code(retrial::mlflow::address),
    help("write it as in http://127.0.0.1:5000 or https://mlflow.example.org")
)]
pub struct NotAnAddress(&'static str);

impl Address {
    /// Without credentials, and without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// Whether a text is meant to be an address, and not a file.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with("http://") || text.starts_with("https://")
    }

    /// The header `Authorization` (RFC 7617, RFC 6750): by a user that the address names, or the variables that MLflow's
    /// client looks at, name and password before the token as there (`mlflow/utils/rest_utils.py`).
    pub(super) fn authorization(&self, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let user = self.user.clone();
        let user = user.or_else(|| set("MLFLOW_TRACKING_USERNAME").zip(set("MLFLOW_TRACKING_PASSWORD")));
        let basic = user.map(|(name, password)| format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))));
        basic.or_else(|| Some(format!("Bearer {}", set("MLFLOW_TRACKING_TOKEN")?)))
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    /// Takes what a browser shows as well: what follows `#` does not count.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(NotAnAddress("it has no http:// or https://"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(NotAnAddress("only http:// and https:// are known"));
        }
        let rest = rest.split('#').next().unwrap_or_default().trim_end_matches('/');
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        if host.is_empty() || host.starts_with(':') {
            return Err(NotAnAddress("it names no host"));
        }
        if !format!("{host}{path}").chars().all(|c| c.is_ascii_graphic() && !matches!(c, '?' | '\\' | '"' | '<' | '>'))
        {
            return Err(NotAnAddress("it has characters that no address has, or a query"));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = user.map(|user| user.split_once(':').unwrap_or((user, "")));
        let user = user.map(|(name, password)| (decoded(name), decoded(password)));
        Ok(Self { base: format!("{scheme}://{host}{path}"), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_a_browser_shows_is_an_address_as_well() {
        for (text, base) in [
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("http://127.0.0.1:5000/#/experiments/1", "http://127.0.0.1:5000"),
            ("https://example.org/mlflow/", "https://example.org/mlflow"),
            ("http://[::1]:5000/", "http://[::1]:5000"),
        ] {
            assert_eq!(address(text).as_str(), base);
        }
        for text in [
            "sqlite:///mlflow.db",
            "127.0.0.1:5000",
            "http://",
            "http://:5000",
            "http://a b",
            "http://a/?x=1",
            "http://a\nb",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_an_address_says_of_a_user_is_not_shown() {
        let named = address("http://me:s%40cret@example.org:5000/x");
        assert_eq!(named.as_str(), "http://example.org:5000/x");
        // echo -n 'me:s@cret' | base64
        assert_eq!(named.authorization(&|_| Some("other".to_owned())).as_deref(), Some("Basic bWU6c0BjcmV0"));
        let refused = "http://me:s3cret@".parse::<Address>().map(|_| ()).unwrap_err().to_string();
        assert!(!refused.contains("s3cret"), "{refused}");
    }

    #[test]
    fn credentials_come_from_the_variables_of_mlflow_s_client() {
        let with = |set: &'static [(&'static str, &'static str)]| {
            let value =
                move |name: &str| set.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
            address("http://a").authorization(&value)
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("MLFLOW_TRACKING_TOKEN", "abc")]).as_deref(), Some("Bearer abc"));
        // RFC 7617, section 2: Aladdin, open sesame.
        let aladdin = Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(with(&[("MLFLOW_TRACKING_USERNAME", "Aladdin")]), None);
        static BOTH: [(&str, &str); 3] = [
            ("MLFLOW_TRACKING_USERNAME", "Aladdin"),
            ("MLFLOW_TRACKING_PASSWORD", "open sesame"),
            ("MLFLOW_TRACKING_TOKEN", "abc"),
        ];
        assert_eq!(with(&BOTH).as_deref(), aladdin);
    }
}
