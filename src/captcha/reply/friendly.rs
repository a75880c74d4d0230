//! Friendly Captcha v2: only status 200 means that a token was looked at; risk is 1 (very low) to 5.
//!
//! <https://developer.friendlycaptcha.com/docs/v2/api/siteverify>

use serde_json::Value;

use super::{Fields, Read, Score, Told, codes::gravest, fields};
use crate::captcha::{Standing, Why};

pub(super) fn read(status: u16, answer: &Fields) -> Read<'_> {
    if !fields::truth(answer, "success")? {
        let code = fields::section(answer, "error")?.map(|error| fields::text(error, "error_code")).transpose()?;
        let codes: Vec<String> = code.flatten().map(fields::code).into_iter().collect();
        let refusal = match gravest(&codes) {
            Standing::Fail(_) if status != 200 => Standing::Unverified(Why::ProviderInternal),
            standing => standing,
        };
        return Ok(Told { refusal: Some(refusal), codes, ..Told::default() });
    }
    if status != 200 {
        return Err(Standing::Unverified(Why::ProviderInternal));
    }
    let data = fields::section(answer, "data")?.ok_or(fields::BROKEN)?;
    let challenge = fields::section(data, "challenge")?.ok_or(fields::BROKEN)?;
    // A paid part; it has stood in `data` itself as well.
    let risk = fields::section(data, "risk_intelligence")?.unwrap_or(data);
    Ok(Told {
        score: fields::section(risk, "risk_scores")?.map(score).transpose()?.flatten(),
        host: fields::text(challenge, "origin")?,
        issued: fields::text(challenge, "timestamp")?,
        reasons: reasons(risk),
        ..Told::default()
    })
}

/// In steps of a quarter, since finer ones would promise more than five levels hold; 0 is unknown.
fn score(scores: &Fields) -> Result<Option<Score>, Standing> {
    let overall = scores.get("overall").filter(|overall| !overall.is_null());
    let Some(overall) = overall else { return Ok(None) };
    let level = overall.as_u64().and_then(|level| u8::try_from(level).ok()).filter(|level| *level <= 5);
    let raw = f64::from(level.ok_or(fields::BROKEN)?);
    Ok(Some(if raw < 1.0 { Score::withheld(raw) } else { Score { raw, human: Some((5.0 - raw) / 4.0) } }))
}

/// What it says beside the figure that a moderator may want to know; nothing of who somebody is.
fn reasons(risk: &Fields) -> Vec<&'static str> {
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(risk.get(*first)?, |value, name| value.get(name))
    };
    let yes = |path: &[&str]| at(path).and_then(Value::as_bool) == Some(true);
    let high = |path: &[&str]| at(path).and_then(Value::as_u64).is_some_and(|level| level >= 4);
    let seen = [
        ("automation", yes(&["client", "automation", "automation_tool", "detected"])),
        ("known_bot", yes(&["client", "automation", "known_bot", "detected"])),
        ("tor", yes(&["network", "anonymization", "tor"])),
        ("private_relay", yes(&["network", "anonymization", "icloud_private_relay"])),
        ("vpn", high(&["network", "anonymization", "vpn_score"])),
        ("proxy", high(&["network", "anonymization", "proxy_score"])),
        ("network_risk", high(&["risk_scores", "network"])),
        ("browser_risk", high(&["risk_scores", "browser"])),
    ];
    seen.into_iter().filter_map(|(name, seen)| seen.then_some(name)).collect()
}
