//! The compiled scorers of all sites, made anew when the settings change, and never while a comment waits.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;

use crate::{
    config::{Config, Site},
    domain::{Scorecard, Signal, SiteId, risk_of},
    learning::Learning,
    scoring::{CaptchaAgain, Facts, Scorer, Shelf},
};

/// Scorers by site, for one version of the settings.
#[derive(Default)]
pub struct Compiled {
    sites: HashMap<SiteId, (Scorer, Vec<String>)>,
    shelf: Shelf,
}

impl Compiled {
    /// A comment's score by its site's words and weights, and by what its moderators taught.
    pub(super) fn score(&self, site: &SiteId, facts: &Facts<'_>, learning: &Learning) -> Scorecard {
        match self.sites.get(site) {
            Some((scorer, _)) => learning.ask(site, |model| scorer.score_with(facts, Some(model))),
            // A site that a reload brings or takes away at this moment: what nobody scored waits.
            None => Scorecard { word_hold: true, ..Scorecard::default() },
        }
    }

    /// A card with another captcha outcome, by its site's weights.
    pub(super) fn with_captcha(&self, site: &SiteId, signals: Vec<Signal>, again: CaptchaAgain) -> Scorecard {
        match self.sites.get(site) {
            Some((scorer, _)) => scorer.with_captcha(signals, again),
            None => {
                Scorecard { risk: risk_of(signals.iter().map(|signal| signal.weight)), signals, ..Scorecard::default() }
            }
        }
    }

    /// A comment's signals with that of a ban that holds, by its site's weights, and the risk that follows; none
    /// where they have it, or the site is none of these.
    pub(super) fn with_ban_hold(&self, site: &str, signals: Vec<Signal>) -> Option<(Vec<Signal>, f64)> {
        self.sites.get(&SiteId::new(site)).and_then(|(scorer, _)| scorer.with_ban_hold(signals))
    }

    /// The hosts that are a site's own.
    pub(super) fn own_hosts(&self, site: &SiteId) -> &[String] {
        self.sites.get(site).map_or(&[], |(_, hosts)| hosts)
    }
}

/// The compiled scorers in force.
#[derive(Default)]
pub(super) struct Scorers(ArcSwap<Compiled>);

impl Scorers {
    /// Those in force.
    pub(super) fn get(&self) -> Arc<Compiled> {
        self.0.load_full()
    }

    /// Those of these settings. Lists that are in force already are taken from there; a new one of 100,000
    /// words takes a noticeable part of a second.
    pub(super) fn compile(&self, config: &Config) -> Compiled {
        let mut shelf = Shelf::after(&self.0.load().shelf);
        let scorer = |site: &Site, shelf: &mut Shelf| {
            let scorer = Scorer::new(&site.scoring, &site.moderation.words, shelf).speaking(&site.lang);
            (site.id.clone(), (scorer, site.hosts()))
        };
        let sites = config.sites.iter().map(|site| scorer(site, &mut shelf)).collect();
        shelf.settle();
        Compiled { sites, shelf }
    }

    /// Puts them in force.
    pub(super) fn install(&self, compiled: Compiled) {
        self.0.store(Arc::new(compiled));
    }
}
