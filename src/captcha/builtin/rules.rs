//! The rules of the built-in score: each looks at one thing and says at most one signal.
//!
//! What each weighs is the table's to say. What is normal for somebody (no pointer on a keyboard or
//! with a screen reader, slow dictation, a blocked script) never weighs against them.

mod around;

use std::time::Duration;

use super::{Evidence, Finding, ProofSeen};
use crate::{
    captcha::{ClientFacts, OriginSeen},
    config::CaptchaSignal,
};

/// Tries a second that no browser reaches at our cost; a fast laptop does about 3,000.
const FASTEST_TRIES: f64 = 10_000.0;

/// Names of tools in a `User-Agent` that does not even say it is a browser; lower case.
const TOOLS: [&str; 16] = [
    "curl",
    "wget",
    "python",
    "aiohttp",
    "httpx",
    "go-http-client",
    "java/",
    "libwww",
    "lwp",
    "scrapy",
    "node",
    "undici",
    "axios",
    "guzzle",
    "php",
    "ruby",
];
/// Names of browsers that a program drives; lower case.
const DRIVEN: [&str; 3] = ["headless", "phantomjs", "selenium"];

/// Every rule on this evidence, in the order of the groups.
pub(super) fn look(evidence: &Evidence<'_>) -> Vec<Finding> {
    let (facts, proof) = (evidence.facts, evidence.proof);
    let mut seen: Vec<Finding> = Vec::new();
    let plain = [
        outcome(proof),
        too_fast(proof),
        moved(proof),
        honeypot(facts.honeypot_filled),
        form_time(proof),
        facts.interaction.map(interaction),
        facts.interaction.and_then(paste_only),
        user_agent(facts.user_agent),
        inconsistent(facts, evidence.https),
        origin(facts.origin),
    ];
    seen.extend(plain.into_iter().flatten().map(Finding::from));
    seen.extend(around::look(&facts.around, evidence.listed));
    seen.extend(evidence.vouched.then_some(CaptchaSignal::ProviderPass).map(Finding::from));
    seen
}

fn outcome(proof: ProofSeen) -> Option<CaptchaSignal> {
    match proof {
        ProofSeen::NotAsked => None,
        ProofSeen::Solved { .. } => Some(CaptchaSignal::PowOk),
        ProofSeen::Missing => Some(CaptchaSignal::PowMissing),
        ProofSeen::Expired => Some(CaptchaSignal::PowExpired),
        ProofSeen::Elsewhere => Some(CaptchaSignal::TokenPageMismatch),
        ProofSeen::Invalid => Some(CaptchaSignal::PowInvalid),
    }
}

/// The counter is the client's word, so only the honest are caught: it costs a liar nothing to pass.
fn too_fast(proof: ProofSeen) -> Option<CaptchaSignal> {
    let ProofSeen::Solved { age, counter, .. } = proof else { return None };
    (age.as_secs_f64() < f64::from(counter) / FASTEST_TRIES).then_some(CaptchaSignal::PowTooFast)
}

/// Phones change networks on the way, so this says little.
fn moved(proof: ProofSeen) -> Option<CaptchaSignal> {
    matches!(proof, ProofSeen::Solved { network_changed: true, .. }).then_some(CaptchaSignal::TokenNetworkChanged)
}

/// Autofill fills honeypots too, so this never decides alone.
fn honeypot(filled: bool) -> Option<CaptchaSignal> {
    filled.then_some(CaptchaSignal::Honeypot)
}

/// From the challenge to the submission, by the server's clock: the form itself has no time that can be
/// believed.
fn form_time(proof: ProofSeen) -> Option<CaptchaSignal> {
    let ProofSeen::Solved { age, .. } = proof else { return None };
    Some(if age < Duration::from_secs(2) {
        CaptchaSignal::FormTimeShort
    } else if age < Duration::from_secs(5) {
        CaptchaSignal::FormTimeQuick
    } else {
        CaptchaSignal::FormTimeHuman
    })
}

/// Any event counts, whatever the device; only "none at all though the script ran" weighs.
fn interaction([first, _total, keys, _jitter, moves, pastes]: [u32; 6]) -> CaptchaSignal {
    if [first, keys, moves, pastes].iter().any(|count| *count > 0) {
        CaptchaSignal::InteractionSeen
    } else {
        CaptchaSignal::InteractionNone
    }
}

fn paste_only([_first, _total, keys, _jitter, _moves, pastes]: [u32; 6]) -> Option<CaptchaSignal> {
    (pastes > 0 && keys == 0).then_some(CaptchaSignal::PasteOnly)
}

fn user_agent(user_agent: Option<&str>) -> Option<CaptchaSignal> {
    let agent = user_agent.unwrap_or_default().trim().to_ascii_lowercase();
    if agent.is_empty() {
        Some(CaptchaSignal::UserAgentEmpty)
    } else if is_tool(&agent) {
        Some(CaptchaSignal::UserAgentTool)
    } else {
        // Page checkers and readers' helpers say so too: a hint, where a hidden program would say nothing.
        DRIVEN.iter().any(|name| agent.contains(name)).then_some(CaptchaSignal::UserAgentDriven)
    }
}

/// Browsers all start with `Mozilla/` and may have anything behind it, a phone called `node` too.
fn is_tool(agent: &str) -> bool {
    !agent.starts_with("mozilla/") && TOOLS.iter().any(|name| agent.contains(name))
}

/// A client that says it is a browser and leaves out what that browser always sends. Chrome's own
/// headers come over https only.
fn inconsistent(facts: &ClientFacts<'_>, https: bool) -> Option<CaptchaSignal> {
    let agent = facts.user_agent.unwrap_or_default();
    let browser = agent.starts_with("Mozilla/");
    let chrome = browser && agent.contains("Chrome/");
    let bare_chrome = chrome && https && !facts.has_sec_fetch && !facts.has_client_hints;
    (bare_chrome || (browser && !facts.has_accept_language)).then_some(CaptchaSignal::HeadersInconsistent)
}

fn origin(seen: OriginSeen) -> Option<CaptchaSignal> {
    match seen {
        OriginSeen::Own => None,
        OriginSeen::Absent => Some(CaptchaSignal::NoOrigin),
        OriginSeen::Foreign => Some(CaptchaSignal::OriginForeign),
    }
}

#[cfg(test)]
mod tests;
