//! The limits that count by one key alone: challenges handed out, reactions taken.

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use crate::{
    config::{Config, Site},
    domain::{Clock, SiteId},
    limit::single::SingleKeyLimits,
};

/// Clients remembered a site and kind.
const CLIENTS: usize = 100_000;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Metered {
    /// Proof-of-work challenges, each of which costs a key derivation.
    Challenge,
    /// Likes and reports.
    Reaction,
}

struct Meter {
    challenges: SingleKeyLimits,
    reactions: SingleKeyLimits,
}

/// Each site's meters.
pub(super) struct Meters {
    clock: Clock,
    sites: ArcSwap<HashMap<SiteId, Arc<Meter>>>,
}

impl Meters {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, sites: ArcSwap::default() }
    }

    /// Takes the settings' limits into force; a site that stays keeps its clients.
    pub(super) fn renew(&self, config: &Config) {
        let known = self.sites.load();
        let sites = config.sites.iter().map(|site| {
            let meter = known.get(&site.id).cloned().unwrap_or_else(|| Arc::new(self.fresh(site)));
            meter.challenges.renew(&site.limits.challenge);
            meter.reactions.renew(&site.limits.reactions);
            (site.id.clone(), meter)
        });
        self.sites.store(Arc::new(sites.collect()));
    }

    fn fresh(&self, site: &Site) -> Meter {
        let limits = |rates| SingleKeyLimits::new(rates, CLIENTS, self.clock.clone());
        Meter { challenges: limits(&site.limits.challenge), reactions: limits(&site.limits.reactions) }
    }

    pub(super) fn sweep(&self) {
        for meter in self.sites.load().values() {
            meter.challenges.sweep();
            meter.reactions.sweep();
        }
    }

    /// Counts one more of this client's.
    pub(super) fn charge(&self, site: &SiteId, what: Metered, key: &str) -> Result<(), Duration> {
        let sites = self.sites.load();
        let Some(meter) = sites.get(site) else { return Ok(()) };
        match what {
            Metered::Challenge => meter.challenges.check(key),
            Metered::Reaction => meter.reactions.check(key),
        }
    }
}
