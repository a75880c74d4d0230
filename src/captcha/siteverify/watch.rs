//! How each endpoint does: its breaker and the last trouble, told once a change.
//!
//! An endpoint is a site's way to its provider, so that one site's wrong secret does not speak for
//! another's. Any answer that is one, whatever it says, shows the provider alive: odd tokens from
//! a stranger cannot open a breaker.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    captcha::{Standing, Why, breaker::Breaker},
    config::Provider,
    domain::{SiteId, Timestamp},
};

/// How a site's provider does, for `/readyz`.
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

#[derive(Clone, Copy, Default)]
struct Endpoint {
    breaker: Breaker,
    trouble: Option<Why>,
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

/// All endpoints that were asked, at most one a site and configured URL.
#[derive(Default)]
pub(super) struct Watch {
    endpoints: Mutex<HashMap<(SiteId, String), Endpoint>>,
}

impl Watch {
    /// Whether the endpoint may be asked now.
    pub(super) fn admit(&self, site: &SiteId, url: &str, now: Timestamp) -> bool {
        self.lock().entry((site.clone(), url.to_owned())).or_default().breaker.admit(now)
    }

    /// Notes what came of asking.
    pub(super) fn record(&self, site: &SiteId, provider: Provider, url: &str, now: Timestamp, standing: Standing) {
        let trouble = match standing {
            Standing::Unverified(why) => Some(why),
            _ => None,
        };
        let answered = !matches!(trouble, Some(Why::Timeout | Why::Connect | Why::BadBody));
        let (before, after) = {
            let mut endpoints = self.lock();
            let endpoint = endpoints.entry((site.clone(), url.to_owned())).or_default();
            let before = endpoint.mood();
            endpoint.breaker.record(now, answered);
            endpoint.trouble = trouble;
            (before, endpoint.mood())
        };
        if before != after {
            tell(site, provider, after, trouble);
        }
    }

    pub(super) fn health(&self, site: &SiteId, provider: Provider, url: &str) -> Health {
        let endpoint = self.lock().get(&(site.clone(), url.to_owned())).copied().unwrap_or_default();
        Health { site: site.clone(), provider, mood: endpoint.mood(), trouble: endpoint.trouble }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(SiteId, String), Endpoint>> {
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
