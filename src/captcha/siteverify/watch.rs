//! How each endpoint does: its breaker and the last trouble, told once a change.
//!
//! An endpoint is a site's way to its provider, so that one site's wrong secret does not speak for
//! another's; with other settings it starts anew. Any answer that is one, whatever it says, shows
//! the provider alive: odd tokens from a stranger cannot open a breaker.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    captcha::{Standing, Why, breaker::Breaker},
    config::Provider,
    domain::{SiteId, Timestamp},
};

/// How long a page is not offered a provider that is out, when nobody else brings a token to try it with.
pub const OFFER: Duration = Duration::from_secs(60);

/// How a site's provider does, for `/readyz` and the metrics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// The site.
    pub site: SiteId,
    /// Its provider.
    pub provider: Provider,
    /// In one word.
    pub mood: Mood,
    /// The last answer's trouble, if it had any.
    pub trouble: Option<Why>,
}

/// How a provider does, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    /// Answers, or has not been asked yet.
    Well,
    /// Its breaker is open: it is spared but for a probe every few seconds.
    Down,
    /// It answers that the operator's settings are wrong.
    Misconfigured,
}

/// A site's way to its provider.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) site: &'a SiteId,
    pub(super) provider: Provider,
    /// Tells one set of settings from another and nothing else.
    pub(super) identity: [u8; 32],
    /// Longest that a request takes.
    pub(super) budget: Duration,
}

#[derive(Clone, Copy, Default)]
struct Endpoint {
    identity: [u8; 32],
    breaker: Breaker,
    trouble: Option<Why>,
    /// When it was last asked or offered.
    tried: Timestamp,
}

impl Endpoint {
    fn mood(self) -> Mood {
        if self.breaker.is_open() {
            Mood::Down
        } else if self.trouble == Some(Why::OperatorConfig) {
            Mood::Misconfigured
        } else {
            Mood::Well
        }
    }
}

/// All endpoints that were asked, one a site.
#[derive(Default)]
pub(super) struct Watch {
    endpoints: Mutex<HashMap<SiteId, Endpoint>>,
}

impl Watch {
    /// Whether the endpoint may be asked now.
    pub(super) fn admit(&self, way: &Way<'_>, now: Timestamp) -> bool {
        self.with(way, |endpoint| {
            let admitted = endpoint.breaker.admit(now, way.budget);
            if admitted {
                endpoint.tried = now;
            }
            admitted
        })
    }

    /// Whether it would be admitted and is not known to refuse our settings.
    pub(super) fn is_worth_asking(&self, way: &Way<'_>, now: Timestamp) -> bool {
        self.with(way, |endpoint| {
            endpoint.mood() != Mood::Misconfigured && endpoint.breaker.would_admit(now, way.budget)
        })
    }

    /// Whether a page may be sent to the provider: while it is out, one page each [`OFFER`] in which
    /// nobody else tried it, since without any token of its own nobody would notice that it is back.
    pub(super) fn offer(&self, way: &Way<'_>, now: Timestamp) -> bool {
        self.with(way, |endpoint| {
            let is_well = endpoint.mood() == Mood::Well;
            // The wall clock may have been set back.
            let offered = is_well || !(endpoint.tried..endpoint.tried.plus(OFFER)).contains(&now);
            if offered && !is_well {
                endpoint.tried = now;
            }
            offered
        })
    }

    /// Notes what came of asking.
    pub(super) fn record(&self, way: &Way<'_>, now: Timestamp, standing: Standing) {
        let trouble = match standing {
            Standing::Unverified(why) => Some(why),
            _ => None,
        };
        let answered = !matches!(trouble, Some(Why::Timeout | Why::Connect | Why::BadBody));
        let (before, after) = {
            let mut endpoints = self.lock();
            // What was asked under other settings says nothing of those in force.
            let known = endpoints.get_mut(way.site).filter(|endpoint| endpoint.identity == way.identity);
            let Some(endpoint) = known else { return };
            let before = endpoint.mood();
            endpoint.breaker.record(now, answered);
            endpoint.trouble = trouble;
            (before, endpoint.mood())
        };
        if before != after {
            tell(way.site, way.provider, after, trouble);
        }
    }

    pub(super) fn health(&self, way: &Way<'_>) -> Health {
        let (mood, trouble) = self.with(way, |endpoint| (endpoint.mood(), endpoint.trouble));
        Health { site: way.site.clone(), provider: way.provider, mood, trouble }
    }

    fn with<T>(&self, way: &Way<'_>, look: impl FnOnce(&mut Endpoint) -> T) -> T {
        let mut endpoints = self.lock();
        let endpoint = endpoints.entry(way.site.clone()).or_default();
        if endpoint.identity != way.identity {
            *endpoint = Endpoint { identity: way.identity, ..Endpoint::default() };
        }
        look(endpoint)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SiteId, Endpoint>> {
        // No invariant spans two entries, so what a panicking thread left is still good.
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(site: &SiteId, provider: Provider, mood: Mood, trouble: Option<Why>) {
    let (provider, why) = (provider.as_str(), trouble.map_or("", Why::as_str));
    match mood {
        Mood::Well => tracing::info!(%site, provider, "the captcha provider answers again"),
        Mood::Down => tracing::warn!(%site, provider, why, "the captcha provider is out"),
        Mood::Misconfigured => {
            tracing::error!(%site, provider, why, "the captcha provider refuses our settings: check secret and key kind");
        }
    }
}
