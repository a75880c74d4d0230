//! One field of an answer at a time: of the type that the contract says, absent, or a broken contract.

use serde_json::Value;

use super::{Fields, MOST_WORDS, Score};
use crate::captcha::{Standing, Why};

pub(super) const BROKEN: Standing = Standing::Unverified(Why::BadBody);
/// Longest code or reason, in bytes.
const LONGEST: usize = 64;

/// A text that says something, or nothing.
pub(super) fn text<'a>(answer: &'a Fields, name: &str) -> Result<Option<&'a str>, Standing> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(BROKEN),
    }
}

/// A truth that must be there.
pub(super) fn truth(answer: &Fields, name: &str) -> Result<bool, Standing> {
    answer.get(name).and_then(Value::as_bool).ok_or(BROKEN)
}

/// A section, or nothing.
pub(super) fn section<'a>(answer: &'a Fields, name: &str) -> Result<Option<&'a Fields>, Standing> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(section)) => Ok(Some(section)),
        Some(_) => Err(BROKEN),
    }
}

/// A finite number from 0 to 1, or nothing.
pub(super) fn share(answer: &Fields, name: &str) -> Result<Option<f64>, Standing> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(share) if (0.0..=1.0).contains(&share) => Ok(Some(share)),
            _ => Err(BROKEN),
        },
    }
}

/// A list's texts; what is no text in it is passed over, since it explains and decides nothing.
pub(super) fn texts<'a>(answer: &'a Fields, name: &str) -> Vec<&'a str> {
    let list = answer.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).take(MOST_WORDS).collect()
}

/// A provider's code, cut to the signs that codes are made of: it goes to the log. What is left of
/// none is `?`.
pub(super) fn code(text: &str) -> String {
    let signs = text.chars().map(|sign| if sign == ' ' { '-' } else { sign.to_ascii_lowercase() });
    let code: String =
        signs.filter(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(*sign)).take(LONGEST).collect();
    if code.is_empty() { "?".to_owned() } else { code }
}

/// A reason as part of a signal's name, or nothing.
pub(super) fn word(text: &str) -> Option<String> {
    let word = code(text).replace(['-', '.'], "_");
    (word != "?").then_some(word)
}

impl Score {
    /// 1 is a human.
    pub(super) fn human(raw: f64) -> Self {
        Self { raw, human: Some(raw) }
    }
    /// 1 is a threat.
    pub(super) fn threat(raw: f64) -> Self {
        Self { raw, human: Some(1.0 - raw) }
    }
    /// It means nothing, says who gives it.
    pub(super) fn withheld(raw: f64) -> Self {
        Self { raw, human: None }
    }
}
