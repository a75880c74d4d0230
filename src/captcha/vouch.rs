//! The built-in check for a site's other forms: what a server that holds their token may know of it.
//!
//! Only the token speaks: the request comes from the form's own server, so its headers say nothing of
//! the visitor. The token counts once, whoever asks.

use std::net::Ipv4Addr;

use super::{
    Around, Captcha, Claim, ClientFacts, FailKind, OriginSeen, Reputation,
    builtin::{self, Evidence, Listed, ProofSeen},
    challenge, proof,
};
use crate::{
    config,
    domain::{AuthorRecord, Timestamp},
    keys::Keyring,
};

/// What can be said of a good token.
#[derive(Clone, PartialEq, Debug)]
pub struct Vouched {
    /// In `[0,1]`, 1 = human.
    pub score: f64,
    /// What the challenge was asked for.
    pub action: String,
    /// When it was handed out.
    pub challenge_ts: Timestamp,
    /// To be claimed before anybody is told.
    pub claim: Claim,
}

/// What a visitor of whom nothing is known shows: nothing that weighs.
const UNKNOWN: ClientFacts<'_> = ClientFacts {
    network_mark: "",
    address: std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    user_agent: Some("Mozilla/5.0"),
    has_accept_language: true,
    has_sec_fetch: true,
    has_client_hints: true,
    origin: OriginSeen::Own,
    honeypot_filled: false,
    interaction: None,
    around: Around {
        reputation: Reputation { good: 0.0, bad: 0.0 },
        network_rate: 0.0,
        copies: 0,
        length: 0,
        links: 0,
        author: NOBODY,
        email: NOBODY,
    },
};
const NOBODY: AuthorRecord = AuthorRecord { proven: false, approved: 0, rejected: 0, spam: 0 };

impl Captcha {
    /// Checks a token of any page of the site.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn vouch(&self, site: &config::Site, token: &str, now: Timestamp) -> Result<Vouched, FailKind> {
        vouch(&self.keys, site, token, now)
    }
}

fn vouch(keys: &Keyring, site: &config::Site, token: &str, now: Timestamp) -> Result<Vouched, FailKind> {
    let proof = proof::verify_for_site(keys, token, &site.id, now)?;
    let seen = ProofSeen::Solved { age: now.since(proof.issued), counter: proof.counter, network_changed: false };
    let evidence = Evidence { proof: seen, facts: &UNKNOWN, listed: Listed::default(), https: true, vouched: false };
    let (score, _) = builtin::score(&evidence, &site.captcha.weights);
    Ok(Vouched { score, action: challenge::plain(&proof.action), challenge_ts: proof.issued, claim: proof.claim })
}
