//! The rules of the built-in score: each looks at one thing and says at most one signal.
//!
//! Weights are log-odds of a machine. What is normal for somebody (no pointer on a keyboard or
//! with a screen reader, slow dictation, a blocked script) never weighs against them.

use std::time::Duration;

use super::ProofSeen;
use crate::{
    captcha::{ClientFacts, OriginSeen},
    domain::Signal,
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

pub(super) fn proof(proof: ProofSeen) -> Vec<Signal> {
    let mut signals = Vec::from_iter(outcome(proof));
    if let ProofSeen::Solved { age, counter, network_changed } = proof {
        signals.extend(too_fast(age, counter));
        signals.extend(moved(network_changed));
    }
    signals
}

pub(super) fn client(facts: &ClientFacts<'_>, proof: ProofSeen) -> Vec<Signal> {
    let age = match proof {
        ProofSeen::Solved { age, .. } => Some(age),
        _ => None,
    };
    let rules = [
        honeypot(facts.honeypot_filled),
        age.map(form_time),
        facts.interaction.map(interaction),
        facts.interaction.and_then(paste_only),
    ];
    rules.into_iter().flatten().collect()
}

pub(super) fn headers(facts: &ClientFacts<'_>, https: bool) -> Vec<Signal> {
    [user_agent(facts.user_agent), inconsistent(facts, https), origin(facts.origin)].into_iter().flatten().collect()
}

pub(super) fn vouched(vouched: bool) -> Option<Signal> {
    vouched.then(|| Signal::new("provider_pass", -1.0, "The captcha provider let it pass and gives no score."))
}

fn outcome(proof: ProofSeen) -> Option<Signal> {
    match proof {
        ProofSeen::NotAsked => None,
        ProofSeen::Solved { .. } => Some(Signal::new("pow_ok", -1.2, "The browser did its proof of work.")),
        ProofSeen::Missing => {
            Some(Signal::new("pow_missing", 2.0, "No proof of work came, as from a browser without JavaScript."))
        }
        ProofSeen::Expired => Some(Signal::new("pow_expired", 2.0, "The proof of work came too late.")),
        ProofSeen::Elsewhere => {
            Some(Signal::new("token_page_mismatch", 1.5, "The proof of work was done for another page or form."))
        }
        ProofSeen::Invalid => Some(Signal::new("pow_invalid", 4.0, "The proof of work is forged or wrong.")),
    }
}

/// The counter is the client's word, so only the honest are caught: it costs a liar nothing to pass.
fn too_fast(age: Duration, counter: u32) -> Option<Signal> {
    (age.as_secs_f64() < f64::from(counter) / FASTEST_TRIES)
        .then(|| Signal::new("pow_too_fast", 0.8, "The proof of work was done faster than a browser can."))
}

fn moved(network_changed: bool) -> Option<Signal> {
    network_changed.then(|| {
        Signal::new("token_network_changed", 0.3, "The network changed between opening the form and sending it.")
    })
}

/// Autofill fills honeypots too, so this never decides alone.
fn honeypot(filled: bool) -> Option<Signal> {
    filled.then(|| Signal::new("honeypot", 3.0, "A field that people do not see was filled in."))
}

fn form_time(age: Duration) -> Signal {
    if age < Duration::from_secs(2) {
        Signal::new("form_time_short", 2.0, "Sent within two seconds of opening the form.")
    } else if age < Duration::from_secs(5) {
        Signal::new("form_time_quick", 0.6, "Sent within five seconds of opening the form.")
    } else {
        Signal::new("form_time_human", -0.4, "Took as long over the form as people do.")
    }
}

/// Any event counts, whatever the device; only "none at all though the script ran" weighs.
fn interaction([first, _total, keys, _jitter, moves, pastes]: [u32; 6]) -> Signal {
    if [first, keys, moves, pastes].iter().any(|count| *count > 0) {
        Signal::new("interaction_seen", -0.4, "Keys, pointer or touch were used in the form.")
    } else {
        Signal::new("interaction_none", 0.5, "The script ran, but nobody touched the form.")
    }
}

fn paste_only([_first, _total, keys, _jitter, _moves, pastes]: [u32; 6]) -> Option<Signal> {
    (pastes > 0 && keys == 0).then(|| Signal::new("paste_only", 0.3, "The text was pasted and no key pressed."))
}

fn user_agent(user_agent: Option<&str>) -> Option<Signal> {
    let agent = user_agent.unwrap_or_default().trim().to_ascii_lowercase();
    if agent.is_empty() {
        Some(Signal::new("user_agent_empty", 1.5, "The client does not say what it is."))
    } else if is_tool(&agent) {
        Some(Signal::new("user_agent_tool", 2.5, "The client says it is a tool, not a browser."))
    } else if DRIVEN.iter().any(|name| agent.contains(name)) {
        // Page checkers and readers' helpers say so too: a hint, where a hidden program would say nothing.
        Some(Signal::new("user_agent_driven", 0.5, "The browser says that a program drives it."))
    } else {
        None
    }
}

/// Browsers all start with `Mozilla/` and may have anything behind it, a phone called `node` too.
fn is_tool(agent: &str) -> bool {
    !agent.starts_with("mozilla/") && TOOLS.iter().any(|name| agent.contains(name))
}

/// A client that says it is a browser and leaves out what that browser always sends. Chrome's own
/// headers come over https only.
fn inconsistent(facts: &ClientFacts<'_>, https: bool) -> Option<Signal> {
    let agent = facts.user_agent.unwrap_or_default();
    let browser = agent.starts_with("Mozilla/");
    let chrome = browser && agent.contains("Chrome/");
    let bare_chrome = chrome && https && !facts.has_sec_fetch && !facts.has_client_hints;
    (bare_chrome || (browser && !facts.has_accept_language)).then(|| {
        Signal::new("headers_inconsistent", 0.8, "The client says it is a browser, but sends other headers than one.")
    })
}

fn origin(seen: OriginSeen) -> Option<Signal> {
    match seen {
        OriginSeen::Own => None,
        OriginSeen::Absent => Some(Signal::new("no_origin", 0.5, "The request does not say which page it came from.")),
        OriginSeen::Foreign => Some(Signal::new("origin_foreign", 2.0, "The form was sent from another site.")),
    }
}

#[cfg(test)]
mod tests;
