//! The compiled scorers of all sites, made anew when the settings change.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwapOption;

use crate::{
    config::Live,
    domain::{Scorecard, Signal, SiteId, risk_of},
    scoring::{CaptchaAgain, Facts, Scorer},
};

/// Scorers by site, for one version of the settings.
pub(super) struct Compiled {
    version: u64,
    sites: HashMap<SiteId, (Scorer, Vec<String>)>,
}

impl Compiled {
    /// A comment's score by its site's words and weights.
    pub(super) fn score(&self, site: &SiteId, facts: &Facts<'_>) -> Scorecard {
        let scorer = self.sites.get(site);
        // A site that a reload took away meanwhile: what nobody scored waits.
        scorer.map_or_else(|| Scorecard { word_hold: true, ..Scorecard::default() }, |(scorer, _)| scorer.score(facts))
    }

    /// A card with another captcha outcome, by its site's weights.
    pub(super) fn with_captcha(&self, site: &SiteId, signals: Vec<Signal>, again: CaptchaAgain) -> Scorecard {
        match self.sites.get(site) {
            Some((scorer, _)) => scorer.with_captcha(signals, again),
            None => Scorecard { risk: risk_of(&signals), signals, ..Scorecard::default() },
        }
    }

    /// The hosts that are a site's own.
    pub(super) fn own_hosts(&self, site: &SiteId) -> &[String] {
        self.sites.get(site).map_or(&[], |(_, hosts)| hosts)
    }
}

/// The compiled scorers in force.
#[derive(Default)]
pub(super) struct Scorers(ArcSwapOption<Compiled>);

impl Scorers {
    /// Those of the settings in force; compiled by whoever first sees a new version.
    pub(super) fn of(&self, live: &Live) -> Arc<Compiled> {
        let version = live.version();
        if let Some(compiled) = self.0.load_full().filter(|compiled| compiled.version == version) {
            return compiled;
        }
        let config = live.get();
        let sites = config
            .sites
            .iter()
            .map(|site| {
                let hosts = site
                    .origins
                    .iter()
                    .filter_map(|origin| url::Url::parse(origin).ok()?.host_str().map(str::to_owned))
                    .collect();
                (site.id.clone(), (Scorer::new(&site.scoring.weights, &site.moderation.words), hosts))
            })
            .collect();
        let compiled = Arc::new(Compiled { version, sites });
        self.0.store(Some(Arc::clone(&compiled)));
        compiled
    }
}
