//! What a provider's answer means: each shape is brought to one form, and that form is judged once.
//!
//! Pure, over bytes that may be anything. A success says only that the token is real, so score, host,
//! action, site key and age are all looked at. It knows nothing of HTTP but the status beside the
//! bytes, which speaks only where they do not.

mod assessment;
mod classic;
mod codes;
mod fields;
mod friendly;
mod private;

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    FailKind, Standing, Why,
    dialect::{Demand, Dialect, Shape},
};
use crate::domain::Timestamp;

/// The provider's own clock may run this far ahead of ours.
const SKEW: Duration = Duration::from_secs(60);

/// What a token must have been minted for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The action.
    pub action: &'a str,
    /// Hosts without port, in any case.
    pub hosts: &'a [String],
    /// The site key; empty where there is none.
    pub site_key: &'a str,
    /// How old a token may be.
    pub max_age: Duration,
    /// The present.
    pub now: Timestamp,
}

/// What an answer means.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// Pass, fail or unverified.
    pub standing: Standing,
    /// From 0 to 1 = human.
    pub human_score: Option<f64>,
    /// As it came.
    pub raw_score: Option<f64>,
    /// Why the provider scored so: each a-z, 0-9 and `_`.
    pub reasons: Vec<String>,
    /// The provider's codes, cut to the signs that codes are made of.
    pub codes: Vec<String>,
    /// Those among them that nobody here knows.
    pub unknown: Vec<String>,
}

impl From<Standing> for Answer {
    fn from(standing: Standing) -> Self {
        let none = Vec::new;
        Self { standing, human_score: None, raw_score: None, reasons: none(), codes: none(), unknown: none() }
    }
}

/// An answer of any shape, in one form.
#[derive(Default)]
struct Told<'a> {
    /// What a "no", or a "yes" that is none, comes to.
    refusal: Option<Standing>,
    score: Option<Score>,
    action: Option<&'a str>,
    host: Option<&'a str>,
    /// It names an app in place of a host.
    app: bool,
    site_key: Option<&'a str>,
    issued: Option<&'a str>,
    reasons: Vec<&'a str>,
    codes: Vec<String>,
}

/// A provider's figure.
#[derive(Clone, Copy)]
struct Score {
    raw: f64,
    /// None where the provider itself says that it means nothing.
    human: Option<f64>,
}

type Read<'a> = Result<Told<'a>, Standing>;

/// Most reasons and codes that are kept of an answer.
const MOST_WORDS: usize = 16;

/// Reads an answer. Whatever is not as the contract says is unverified, never a pass.
#[must_use]
pub fn read(status: u16, body: &[u8], dialect: &Dialect, expected: &Expected<'_>) -> Answer {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return unreadable(status).into();
    };
    let told = match dialect.shape {
        Shape::Classic(scale) => classic::read(&answer, scale),
        Shape::Private => private::read(&answer),
        Shape::Mcaptcha => classic::read_mcaptcha(&answer),
        Shape::Friendly => friendly::read(status, &answer),
        Shape::Assessment => assessment::read(&answer),
    };
    match told {
        Ok(told) => judge(told, dialect, expected),
        // A well-made error of a gateway is still no answer: the status says more than it.
        Err(Standing::Unverified(Why::BadBody)) => unreadable(status).into(),
        Err(standing) => standing.into(),
    }
}

/// What a status says beside a body that says nothing. The key was refused or there is nobody at that
/// address: the operator's; any other refusal may be a stranger's odd token and shows the provider alive.
fn unreadable(status: u16) -> Standing {
    Standing::Unverified(match status {
        401 | 403 | 404 | 405 | 410 => Why::OperatorConfig,
        408 | 429 => Why::BadBody,
        400..=499 => Why::ProviderInternal,
        _ => Why::BadBody,
    })
}

fn judge(told: Told<'_>, dialect: &Dialect, expected: &Expected<'_>) -> Answer {
    let standing = match told.refusal {
        Some(standing) => standing,
        // A v2 key answers without a score: neither 0 nor 1 would be true of the visitor.
        None if told.score.is_none() && dialect.score == Demand::Always => Standing::Unverified(Why::OperatorConfig),
        None => match mismatch(&told, dialect, expected) {
            Ok(None) => Standing::Pass,
            Ok(Some(kind)) => Standing::Fail(kind),
            Err(standing) => standing,
        },
    };
    let real = matches!(standing, Standing::Pass | Standing::Fail(_)) && told.refusal.is_none();
    let score = told.score.filter(|_| real);
    let reasons = told.reasons.iter().filter(|_| real).filter_map(|reason| fields::word(reason));
    let codes: Vec<String> = told.codes.iter().take(MOST_WORDS).cloned().collect();
    Answer {
        standing,
        human_score: score.and_then(|score| score.human),
        raw_score: score.map(|score| score.raw),
        reasons: reasons.take(MOST_WORDS).collect(),
        unknown: codes.iter().filter(|code| codes::meaning(code).is_none()).cloned().collect(),
        codes,
    }
}

/// What is wrong with a real token.
fn mismatch(told: &Told<'_>, dialect: &Dialect, expected: &Expected<'_>) -> Result<Option<FailKind>, Standing> {
    let issued = told.issued.map(moment).transpose()?;
    if issued.is_none() && dialect.may_ask_again() {
        // What may be asked again may be answered again long after the token's claim is forgotten.
        return Err(fields::BROKEN);
    }
    let other_key = |key: &str| !expected.site_key.is_empty() && key != expected.site_key;
    Ok(if told.host.map_or(told.app, |host| !is_listed(host, expected.hosts)) {
        Some(FailKind::HostMismatch)
    } else if told.site_key.is_some_and(other_key) {
        Some(FailKind::KeyMismatch)
    } else if told.action.map_or(dialect.action == Demand::Always, |action| action != expected.action) {
        Some(FailKind::ActionMismatch)
    } else if issued.is_some_and(|issued| issued > expected.now.plus(SKEW)) {
        Some(FailKind::FromFuture)
    } else if issued.is_some_and(|issued| expected.now.since(issued) > expected.max_age) {
        Some(FailKind::Expired)
    } else {
        None
    })
}

fn moment(text: &str) -> Result<Timestamp, Standing> {
    text.parse::<jiff::Timestamp>()
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_no_time| Standing::Unverified(Why::BadBody))
}

/// A host as it is, or the one of an origin.
fn is_listed(host: &str, hosts: &[String]) -> bool {
    let parsed = url::Url::parse(host).ok().filter(|_| host.contains("://"));
    let host = parsed.as_ref().and_then(url::Url::host_str).unwrap_or(host).trim_end_matches('.');
    hosts.iter().any(|listed| listed.trim_end_matches('.').eq_ignore_ascii_case(host))
}

/// An answer's fields by name.
type Fields = Map<String, Value>;

#[cfg(test)]
mod tests;
