//! `siteverify` as reCAPTCHA made it and hCaptcha, Turnstile, Cap and others took it over; and mCaptcha's
//! still shorter answer.
//!
//! <https://developers.google.com/recaptcha/docs/verify>, <https://docs.hcaptcha.com/>,
//! <https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>

use serde_json::Value;

use super::{Fields, Read, Score, Told, codes::gravest, fields};
use crate::captcha::{FailKind, Standing, dialect::Scale};

pub(super) fn read(answer: &Fields, scale: Scale) -> Read<'_> {
    let success = fields::truth(answer, "success")?;
    let codes = codes(answer);
    if !success {
        return Ok(Told { refusal: Some(gravest(&codes)), codes, ..Told::default() });
    }
    let share = if scale == Scale::None { None } else { fields::share(answer, "score")? };
    Ok(Told {
        // A "yes, but": in maintenance, of a test key, seen before.
        refusal: (!codes.is_empty()).then(|| gravest(&codes)),
        score: share.map(if scale == Scale::Threat { Score::threat } else { Score::human }),
        action: fields::text(answer, "action")?,
        host: fields::text(answer, "hostname")?,
        app: answer.contains_key("apk_package_name"),
        site_key: fields::text(answer, "sitekey")?,
        issued: fields::text(answer, "challenge_ts")?,
        reasons: fields::texts(answer, "score_reason"),
        codes,
    })
}

/// A list, or one text; Cap says `error`.
fn codes(answer: &Fields) -> Vec<String> {
    let given = answer.get("error-codes").filter(|codes| !codes.is_null()).or_else(|| answer.get("error"));
    let codes = match given {
        Some(Value::Array(codes)) => codes.iter().map(|code| fields::code(code.as_str().unwrap_or_default())).collect(),
        Some(Value::String(code)) => vec![fields::code(code)],
        _ => Vec::new(),
    };
    codes.into_iter().filter(|code: &String| code != "no-error").collect()
}

/// `{valid}`: a wrong secret is told by the status alone.
pub(super) fn read_mcaptcha(answer: &Fields) -> Read<'_> {
    let valid = fields::truth(answer, "valid")?;
    Ok(Told { refusal: (!valid).then_some(Standing::Fail(FailKind::Refused)), ..Told::default() })
}
