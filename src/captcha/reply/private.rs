//! Private Captcha's own `/verify`: a truth and a number, and only 0 beside a "yes" is a pass.
//!
//! <https://docs.privatecaptcha.com/docs/reference/verify-api/>

use serde_json::Value;

use super::{Fields, Read, Told, codes::gravest, fields};

/// The codes' names in the order of their numbers.
const NAMES: [&str; 12] = [
    "no-error",
    "error-other",
    "solution-duplicates",
    "solution-invalid",
    "solution-bad-format",
    "puzzle-expired",
    "property-invalid",
    "property-owner-mismatch",
    "solution-verified-before",
    "maintenance-mode",
    "property-test",
    "integrity-error",
];

pub(super) fn read(answer: &Fields) -> Read<'_> {
    let success = fields::truth(answer, "success")?;
    let number = answer.get("code").and_then(Value::as_u64).ok_or(fields::BROKEN)?;
    let name = usize::try_from(number).ok().and_then(|number| NAMES.get(number).copied());
    let code = name.map_or_else(|| format!("code-{number}"), str::to_owned);
    let codes: Vec<String> = Some(code).filter(|code| code != "no-error").into_iter().collect();
    Ok(Told {
        refusal: (!success || !codes.is_empty()).then(|| gravest(&codes)),
        host: fields::text(answer, "origin")?,
        issued: fields::text(answer, "timestamp")?,
        codes,
        ..Told::default()
    })
}
