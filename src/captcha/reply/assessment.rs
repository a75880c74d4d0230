//! reCAPTCHA Enterprise's assessments: the token's properties, a risk analysis, or a Google RPC error.
//!
//! <https://cloud.google.com/recaptcha/docs/reference/rest/v1/projects.assessments>

use serde_json::Value;

use super::{Fields, Read, Score, Told, codes::gravest, fields};
use crate::captcha::{Standing, Why};

/// The site has too little traffic for its score to mean anything.
const LOW_CONFIDENCE: &str = "LOW_CONFIDENCE_SCORE";

pub(super) fn read(answer: &Fields) -> Read<'_> {
    if let Some(error) = fields::section(answer, "error")? {
        return rpc(error);
    }
    let token = fields::section(answer, "tokenProperties")?.ok_or(fields::BROKEN)?;
    if !fields::truth(token, "valid")? {
        let reason = fields::text(token, "invalidReason")?.unwrap_or("UNKNOWN_INVALID_REASON");
        let codes = vec![fields::code(reason)];
        return Ok(Told { refusal: Some(gravest(&codes)), codes, ..Told::default() });
    }
    let risk = fields::section(answer, "riskAnalysis")?;
    let reasons = risk.map(|risk| fields::texts(risk, "reasons")).unwrap_or_default();
    let share = risk.map(|risk| fields::share(risk, "score")).transpose()?.flatten();
    let as_score = if reasons.contains(&LOW_CONFIDENCE) { Score::withheld } else { Score::human };
    Ok(Told {
        score: share.map(as_score),
        action: fields::text(token, "action")?,
        host: fields::text(token, "hostname")?,
        app: token.contains_key("androidPackageName") || token.contains_key("iosBundleId"),
        site_key: fields::section(answer, "event")?.map(|event| fields::text(event, "siteKey")).transpose()?.flatten(),
        issued: fields::text(token, "createTime")?,
        reasons,
        ..Told::default()
    })
}

/// `{code, message, status}`. A bad API key comes as 400 `INVALID_ARGUMENT`, as an odd token may, and
/// only the details tell them apart.
fn rpc(error: &Fields) -> Read<'_> {
    let status = fields::text(error, "status")?.unwrap_or_default();
    let number = error.get("code").and_then(Value::as_u64).unwrap_or_default();
    let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
    let bad_key =
        details.filter_map(|detail| detail.get("reason")?.as_str()).any(|reason| reason.starts_with("API_KEY_"))
            || fields::text(error, "message")?.is_some_and(|message| message.contains("API key not valid"));
    let why = match number {
        _ if bad_key => Why::OperatorConfig,
        401 | 403 | 404 => Why::OperatorConfig,
        408 | 429 | 500..=599 => Why::BadBody,
        _ => Why::ProviderInternal,
    };
    let codes = Some(fields::code(status)).filter(|_| !status.is_empty()).into_iter().collect();
    Ok(Told { refusal: Some(Standing::Unverified(why)), codes, ..Told::default() })
}
