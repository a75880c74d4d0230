//! What a provider's `siteverify` answer means: a table of the providers' differences, and one reading.
//!
//! Pure, over bytes that may be anything. `success: true` says only that the token is real, so
//! score, host, action and age are all looked at. It knows nothing of HTTP: an answer is read alike
//! under every status.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{FailKind, Standing, Why};
use crate::{config::Provider, domain::Timestamp};

/// Google's own clock may run this far ahead of ours.
const SKEW: Duration = Duration::from_secs(60);

/// Where one provider differs from the others. Another provider is another row.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in logs and claims.
    pub provider: Provider,
    /// Where it is asked, where `captcha.verify_url` is empty.
    pub url: &'static str,
    /// Whether an answer without `score` is one.
    pub score: Demand,
    /// Whether an answer without `action` is one.
    pub action: Demand,
}

/// How a field of an answer is treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    /// It must be there.
    Always,
    /// It is checked where it is.
    WhenGiven,
}

/// The table.
static DIALECTS: [Dialect; 2] = [
    Dialect {
        provider: Provider::RecaptchaV3,
        url: "https://www.google.com/recaptcha/api/siteverify",
        score: Demand::Always,
        action: Demand::Always,
    },
    Dialect {
        provider: Provider::Siteverify,
        url: "https://www.google.com/recaptcha/api/siteverify",
        score: Demand::WhenGiven,
        action: Demand::WhenGiven,
    },
];

impl Dialect {
    /// The provider's row; none where no one outside is asked.
    #[must_use]
    pub fn of(provider: Provider) -> Option<&'static Self> {
        DIALECTS.iter().find(|dialect| dialect.provider == provider)
    }
}

/// What a token must have been minted for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The action.
    pub action: &'a str,
    /// Hosts without port, in any case.
    pub hosts: &'a [String],
    /// How old a token may be.
    pub max_age: Duration,
    /// The present.
    pub now: Timestamp,
}

/// What an answer means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Answer {
    /// Pass, fail or unverified.
    pub standing: Standing,
    /// From 0 to 1 = human.
    pub human_score: Option<f64>,
    /// As it came.
    pub raw_score: Option<f64>,
}

impl From<Standing> for Answer {
    fn from(standing: Standing) -> Self {
        Self { standing, human_score: None, raw_score: None }
    }
}

/// Reads an answer. Whatever is not as the contract says is [`Why::BadBody`], never a pass.
#[must_use]
pub fn read(body: &[u8], dialect: &Dialect, expected: &Expected<'_>) -> Answer {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return Standing::Unverified(Why::BadBody).into();
    };
    match answer.get("success") {
        Some(Value::Bool(true)) => passed(&answer, dialect, expected).unwrap_or_else(Answer::from),
        Some(Value::Bool(false)) => refused(&answer).into(),
        _ => Standing::Unverified(Why::BadBody).into(),
    }
}

/// The fault of a real token, or its pass with the score.
fn passed(answer: &Map<String, Value>, dialect: &Dialect, expected: &Expected<'_>) -> Result<Answer, Standing> {
    let raw_score = score(answer)?;
    let mut result = Answer { standing: Standing::Pass, human_score: raw_score, raw_score };
    if raw_score.is_none() && dialect.score == Demand::Always {
        // A v2 key answers like this: neither 0 nor 1 would be true of the visitor.
        return Err(Standing::Unverified(Why::OperatorConfig));
    }
    if let Some(kind) = mismatch(answer, dialect, expected)? {
        result.standing = Standing::Fail(kind);
    }
    Ok(result)
}

fn mismatch(
    answer: &Map<String, Value>,
    dialect: &Dialect,
    expected: &Expected<'_>,
) -> Result<Option<FailKind>, Standing> {
    let action = text(answer, "action")?;
    let host = text(answer, "hostname")?;
    let issued = text(answer, "challenge_ts")?.map(moment).transpose()?;
    Ok(if host.map_or(answer.contains_key("apk_package_name"), |host| !is_listed(host, expected.hosts)) {
        Some(FailKind::HostMismatch)
    } else if action.map_or(dialect.action == Demand::Always, |action| action != expected.action) {
        Some(FailKind::ActionMismatch)
    } else if issued.is_some_and(|issued| issued > expected.now.plus(SKEW)) {
        Some(FailKind::FromFuture)
    } else if issued.is_some_and(|issued| expected.now.since(issued) > expected.max_age) {
        Some(FailKind::Expired)
    } else {
        None
    })
}

/// A finite number from 0 to 1, or nothing.
fn score(answer: &Map<String, Value>) -> Result<Option<f64>, Standing> {
    match answer.get("score") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(score) if (0.0..=1.0).contains(&score) => Ok(Some(score)),
            _ => Err(Standing::Unverified(Why::BadBody)),
        },
    }
}

/// A text that says something, or nothing.
fn text<'a>(answer: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, Standing> {
    match answer.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(Standing::Unverified(Why::BadBody)),
    }
}

fn moment(text: &str) -> Result<Timestamp, Standing> {
    text.parse::<jiff::Timestamp>()
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_no_time| Standing::Unverified(Why::BadBody))
}

fn is_listed(host: &str, hosts: &[String]) -> bool {
    let host = host.trim_end_matches('.');
    hosts.iter().any(|listed| listed.trim_end_matches('.').eq_ignore_ascii_case(host))
}

/// What a refusal's codes say, the gravest first. The set is open: a code that nobody here knows is
/// the provider's trouble and not the visitor's.
fn refused(answer: &Map<String, Value>) -> Standing {
    let codes: Vec<&str> = match answer.get("error-codes") {
        Some(Value::Array(codes)) => codes.iter().map(|code| code.as_str().unwrap_or("?")).collect(),
        Some(Value::String(code)) => vec![code.as_str()],
        _ => Vec::new(),
    };
    let meanings: Vec<Standing> = codes.into_iter().map(meaning).collect();
    let operator = Standing::Unverified(Why::OperatorConfig);
    let used = Standing::Fail(FailKind::ExpiredOrDuplicate);
    let invalid = Standing::Fail(FailKind::Refused);
    let internal = Standing::Unverified(Why::ProviderInternal);
    // A plain "no" without any code is a "no".
    [operator, used, invalid, internal].into_iter().find(|standing| meanings.contains(standing)).unwrap_or(invalid)
}

/// The codes of reCAPTCHA and of the services that took its contract over; none means two things.
fn meaning(code: &str) -> Standing {
    match code {
        "missing-input-secret"
        | "invalid-input-secret"
        | "invalid-keys"
        | "invalid-parsed-secret"
        | "invalid-widget-id"
        | "sitekey-secret-mismatch"
        | "not-using-dummy-passcode" => Standing::Unverified(Why::OperatorConfig),
        "timeout-or-duplicate"
        | "expired-input-response"
        | "already-seen-response"
        | "invalid-or-already-seen-response" => Standing::Fail(FailKind::ExpiredOrDuplicate),
        "missing-input-response" | "invalid-input-response" | "browser-error" => Standing::Fail(FailKind::Refused),
        _ => Standing::Unverified(Why::ProviderInternal),
    }
}

#[cfg(test)]
mod tests;
