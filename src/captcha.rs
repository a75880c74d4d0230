//! The captcha room: was this submission made by somebody who took the check, and how human do they look?
//!
//! It assesses one submission and hands out a [`Claim`], the mark by which a token counts once. It
//! refuses to know the store and the limiter: the store commits the claim together with the
//! comment, so a submission that fails later leaves its token unspent. What follows from an
//! assessment under the operator's thresholds is [`bands`]' business.

mod again;
pub mod bands;
pub mod breaker;
pub mod builtin;
pub mod challenge;
pub mod dialect;
mod facts;
pub mod pressure;
mod probe;
pub mod proof;
pub mod question;
mod reasons;
pub mod reply;
pub mod siteverify;
mod standin;
mod standing;
mod vouch;

use std::{net::IpAddr, time::Duration};

use crate::{
    config::{self, Provider, ScoreSource},
    domain::{Clock, Signal, Timestamp},
    keys::{Keyring, Purpose, Tag},
};

use builtin::{Evidence, Listed, ProofSeen};
use challenge::{Binding, Challenge, MintFault};
use dialect::Dialect;
use pressure::Difficulty;
use question::Asked;
use siteverify::{Health, Providers};

pub use again::Again;
pub use facts::{Around, ClientFacts, OriginSeen, Reputation};
pub use probe::Probe;
pub use standing::{FailKind, Reason, Standing, Why};
pub use vouch::Vouched;

/// One submission's captcha and what its client showed.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The site with its settings.
    pub site: &'a config::Site,
    /// `PageIdentity::key` of the page it is for.
    pub page_key: &'a str,
    /// What the token must have been minted for.
    pub action: &'a str,
    /// As sent; none or blank counts as missing.
    pub token: Option<&'a str>,
    /// When it arrived.
    pub now: Timestamp,
    /// What its client showed.
    pub facts: ClientFacts<'a>,
}

/// What is known of one submission's captcha.
#[derive(Clone, PartialEq, Debug)]
pub struct Assessment {
    /// Who checked.
    pub provider: Provider,
    /// What it came to.
    pub standing: Standing,
    /// From 0 to 1 = human: what the thresholds are compared with. None where `captcha.score`
    /// asks for a provider's score and there is none.
    pub score: Option<f64>,
    /// The provider's score in the same polarity.
    pub provider_score: Option<f64>,
    /// The provider's figure as it came.
    pub raw_score: Option<f64>,
    /// Always computed; from 0 to 1 = human.
    pub builtin_score: f64,
    /// What the built-in score was made of: with [`builtin::PRIOR`] they add up to it. Their weights are
    /// log-odds of *a machine* and count in `builtin_score` alone: content scoring weighs what it takes
    /// from here by its own table. Behind them the provider's own reasons, which weigh nothing.
    pub signals: Vec<Signal>,
    /// To be committed with the comment; only where the token passed.
    pub claim: Option<Claim>,
    /// From minting the built-in challenge to its token's arrival, by the server's clock; none where none
    /// was solved.
    pub age: Option<Duration>,
}

impl Assessment {
    /// The same once it is known that the token was used before.
    #[must_use]
    pub fn replayed(&self, settings: &config::Captcha) -> Self {
        let (builtin_score, signals) = builtin::replayed(&self.signals, &settings.weights);
        let score = chosen(self.provider, settings.score, self.provider_score, builtin_score);
        let standing = Standing::Fail(FailKind::Replayed);
        Self { standing, score, builtin_score, signals, claim: None, ..self.clone() }
    }
}

/// The mark by which one token is accepted once, however its text was varied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// A keyed hash; says nothing about the token.
    pub key: Tag,
    /// From then on the token is refused for its age and the mark may be forgotten.
    pub until: Timestamp,
}

/// What one way of checking found, before the built-in score is added.
struct Finding {
    standing: Standing,
    proof: ProofSeen,
    provider_score: Option<f64>,
    raw_score: Option<f64>,
    reasons: Vec<Signal>,
    claim: Option<Claim>,
}

impl Finding {
    fn bare(standing: Standing) -> Self {
        let (proof, reasons) = (ProofSeen::NotAsked, Vec::new());
        Self { standing, proof, provider_score: None, raw_score: None, reasons, claim: None }
    }
}

/// The room's face: one a process, shared by reference.
pub struct Captcha {
    keys: Keyring,
    providers: Providers,
}

impl Captcha {
    /// Ready to assess. The HTTP client is built here, once; no connection is made.
    #[must_use]
    pub fn new(keys: Keyring, clock: Clock) -> Self {
        Self { keys, providers: Providers::new(clock) }
    }

    /// Checks one submission's token: at most one call to the provider, at most `captcha.timeout` long.
    pub async fn assess(&self, request: Request<'_>) -> Assessment {
        let provider = request.site.captcha.provider;
        let (checked_by, finding) = match (Dialect::of(&request.site.captcha), sent(request.token)) {
            (Some(dialect), Some(token)) => match self.stand_in(dialect, token, &request) {
                Some(finding) => (Provider::Builtin, finding),
                None => (provider, self.ask(dialect, token, &request).await),
            },
            (None, token) if provider == Provider::Builtin => (provider, self.prove(token, &request)),
            (Some(_), None) => (provider, Finding::bare(Standing::Missing)),
            (None, _) => (provider, Finding::bare(Standing::Off)),
        };
        conclude(&request, checked_by, finding)
    }

    /// The assessment of a token that is known to be spent, without checking it.
    #[must_use]
    pub fn replayed(&self, request: Request<'_>) -> Assessment {
        let settings = &request.site.captcha;
        conclude(&request, settings.provider, Finding::bare(Standing::Missing)).replayed(settings)
    }

    /// The mark of a provider's token, were it to pass now; none where the token is another's to check.
    #[must_use]
    pub fn claim_of(&self, request: &Request<'_>) -> Option<Claim> {
        let token = sent(request.token)?;
        Dialect::of(&request.site.captcha)?;
        Some(siteverify::claim(&self.keys, request.site, token, request.now))
    }

    /// A fresh proof-of-work challenge. Takes about 1.6 ms of one core, so an async caller may
    /// prefer to run it elsewhere; answer it with `Cache-Control: no-store`.
    ///
    /// # Errors
    /// See [`MintFault`].
    pub fn challenge(
        &self,
        site: &config::Site,
        page_key: &str,
        action: &str,
        network_mark: &str,
        difficulty: Difficulty,
        now: Timestamp,
    ) -> Result<Challenge, MintFault> {
        challenge::mint(&self.keys, Binding { site: &site.id, page_key, action, network_mark }, difficulty, now)
    }

    /// How each site's outside provider does, for `/readyz`; sites without one are left out.
    #[must_use]
    pub fn state(&self, sites: &[config::Site]) -> Vec<Health> {
        self.providers.health(sites)
    }

    fn prove(&self, token: Option<&str>, request: &Request<'_>) -> Finding {
        let Some(token) = token else {
            return Finding { proof: ProofSeen::Missing, ..Finding::bare(Standing::Missing) };
        };
        let binding = Binding {
            site: &request.site.id,
            page_key: request.page_key,
            action: request.action,
            network_mark: request.facts.network_mark,
        };
        match proof::verify(&self.keys, token, binding, request.now) {
            Ok(proof) => Finding {
                proof: ProofSeen::Solved {
                    age: request.now.since(proof.issued),
                    counter: proof.counter,
                    network_changed: proof.network_changed,
                },
                claim: Some(proof.claim),
                ..Finding::bare(Standing::Pass)
            },
            Err(kind) => Finding { proof: ProofSeen::of(kind), ..Finding::bare(Standing::Fail(kind)) },
        }
    }

    async fn ask(&self, dialect: &Dialect, token: &str, request: &Request<'_>) -> Finding {
        let again = self.again(dialect, token);
        let asked = Asked { action: request.action, token, address: Some(request.facts.address), again: &again };
        let answer = self.providers.ask(dialect, request.site, &asked, request.now).await;
        let claim = (answer.standing == Standing::Pass)
            .then(|| siteverify::claim(&self.keys, request.site, token, request.now));
        Finding {
            provider_score: answer.human_score,
            raw_score: answer.raw_score,
            reasons: answer.reasons.iter().map(|reason| reasons::signal(dialect.reason, reason)).collect(),
            claim,
            ..Finding::bare(answer.standing)
        }
    }

    /// A UUID of its own for each token: asked about the same token again, after no answer came or the
    /// comment could not be stored, a provider that takes it does not call the token spent.
    fn again(&self, dialect: &Dialect, token: &str) -> String {
        let parts = [b"captcha", dialect.provider.as_str().as_bytes(), token.as_bytes()];
        let tag = self.keys.tag(Purpose::Idempotency, &parts);
        let bytes = tag.first_chunk().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

/// What the operator's lists say of an address.
fn listed(site: &config::Site, address: IpAddr) -> Listed {
    let networks = &site.captcha.lists.networks;
    Listed { tor: networks.is_tor(address), hosting: networks.is_hosting(address) }
}

/// The token, where one came.
fn sent(token: Option<&str>) -> Option<&str> {
    token.map(str::trim).filter(|token| !token.is_empty())
}

/// Adds the built-in score to what was found.
fn conclude(request: &Request<'_>, checked_by: Provider, finding: Finding) -> Assessment {
    let evidence = Evidence {
        proof: finding.proof,
        facts: &request.facts,
        listed: listed(request.site, request.facts.address),
        https: request.site.origins.iter().all(|origin| origin.starts_with("https:")),
        vouched: finding.proof == ProofSeen::NotAsked
            && finding.standing == Standing::Pass
            && finding.provider_score.is_none(),
    };
    let (builtin_score, mut signals) = builtin::score(&evidence, &request.site.captcha.weights);
    signals.extend(finding.reasons);
    Assessment {
        provider: checked_by,
        standing: finding.standing,
        score: chosen(checked_by, request.site.captcha.score, finding.provider_score, builtin_score),
        provider_score: finding.provider_score,
        raw_score: finding.raw_score,
        builtin_score,
        signals,
        claim: finding.claim,
        age: match finding.proof {
            ProofSeen::Solved { age, .. } => Some(age),
            _ => None,
        },
    }
}

/// The score that the thresholds are compared with, as `captcha.score` says.
fn chosen(checked_by: Provider, source: ScoreSource, provider: Option<f64>, builtin: f64) -> Option<f64> {
    match (checked_by, source) {
        (Provider::None, _) => None,
        (Provider::Builtin, _) | (_, ScoreSource::Builtin) => Some(builtin),
        (_, ScoreSource::Provider) => provider,
        (_, ScoreSource::Min) => Some(provider.map_or(builtin, |score| score.min(builtin))),
    }
}
