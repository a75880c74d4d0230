//! Handing out proof-of-work challenges, each of which costs a key derivation: so many a client.

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use super::{Intake, Visitor};
use crate::{
    captcha::challenge::{Challenge, MintFault},
    config::{Config, Site},
    domain::{Clock, SiteId},
    limit::{self, single::SingleKeyLimits},
};

/// Clients remembered a site.
const CLIENTS: usize = 100_000;

/// Why there is no challenge.
#[derive(Debug)]
pub enum NoChallenge {
    /// Too many were asked for.
    Limited(Duration),
    /// It could not be minted.
    Mint(MintFault),
}

/// Each site's limit on challenges.
pub(super) struct Challenges {
    clock: Clock,
    sites: ArcSwap<HashMap<SiteId, Arc<SingleKeyLimits>>>,
}

impl Challenges {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, sites: ArcSwap::default() }
    }

    /// Takes the settings' limits into force; a site whose limits stay keeps its clients.
    pub(super) fn renew(&self, config: &Config) {
        let known = self.sites.load();
        let sites = config.sites.iter().map(|site| {
            let limits = known
                .get(&site.id)
                .cloned()
                .unwrap_or_else(|| Arc::new(SingleKeyLimits::new(&site.limits.challenge, CLIENTS, self.clock.clone())));
            limits.renew(&site.limits.challenge);
            (site.id.clone(), limits)
        });
        self.sites.store(Arc::new(sites.collect()));
    }

    pub(super) fn sweep(&self) {
        self.sites.load().values().for_each(|limits| limits.sweep());
    }

    pub(super) fn charge(&self, site: &SiteId, key: &str) -> Result<(), Duration> {
        self.sites.load().get(site).map_or(Ok(()), |limits| limits.check(key))
    }
}

impl Intake {
    /// A proof-of-work challenge for a visitor.
    ///
    /// # Errors
    /// See [`NoChallenge`].
    pub fn challenge(
        &self,
        site: &Site,
        page_key: &str,
        action: &str,
        visitor: &Visitor,
    ) -> Result<Challenge, NoChallenge> {
        let now = self.clock.now();
        if !limit::allowed(&site.limits, visitor.client.address) {
            self.challenges
                .charge(&site.id, &visitor.client.address_key(&self.keys, now))
                .map_err(NoChallenge::Limited)?;
        }
        let mark = visitor.client.network_mark(&self.keys);
        self.captcha.challenge(site, page_key, action, &mark, now).map_err(NoChallenge::Mint)
    }
}
