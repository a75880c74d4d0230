//! Rules that look at two keys or more, over the settings as they would be in force.
//!
//! A rule is silent where one of its keys was already found bad.

mod provider;

use url::{Host, Url};

use super::{
    faults::ConfigFault,
    scope::{Merged, Scope},
};
use crate::config::{Captcha, Config, Scoring, Site};

/// Judges everything that takes two keys to judge.
pub(super) fn judge(merged: &Merged, config: &Config, global: (&Captcha, &Scoring)) -> Vec<ConfigFault> {
    let mut court = Court { merged, faults: Vec::new() };
    court.thresholds(None, global.0, global.1);
    let public = is_public(&config.server.public_url);
    for (n, site) in config.sites.iter().enumerate() {
        court.thresholds(Some(n), &site.captcha, &site.scoring);
        court.provider(Some(n), &site.captcha);
        if public && merged.sound(None, "server.public_url") {
            court.test_keys(Some(n), &site.captcha);
        }
        court.lengths(Some(n), site);
        court.template(Some(n), site);
    }
    court.unique(&config.sites);
    court.faults
}

/// Whether readers outside this machine use the address.
fn is_public(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => !address.is_loopback(),
        Some(Host::Ipv6(address)) => !address.is_loopback(),
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        None => false,
    }
}

struct Court<'m> {
    merged: &'m Merged,
    faults: Vec<ConfigFault>,
}

impl Court<'_> {
    fn tell(&mut self, scope: Scope, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        self.faults.push(self.merged.fault(scope, key, wrong.into(), right.into()));
    }

    fn sound(&self, scope: Scope, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.merged.sound(scope, key))
    }

    /// `low ≤ high`, told at the one that was given.
    fn ordered(&mut self, scope: Scope, low: (&str, f64), high: (&str, f64)) {
        if low.1 <= high.1 || !self.sound(scope, &[low.0, high.0]) {
            return;
        }
        let (low_path, high_path) = (self.merged.path(scope, low.0), self.merged.path(scope, high.0));
        let only_high_is_own = high_path != high.0 && low_path == low.0;
        if self.merged.given(scope, low.0) && !only_high_is_own {
            let wrong = format!("{} is above {high_path} = {}", low.1, high.1);
            self.tell(scope, low.0, wrong, format!("give at most {}, or raise {high_path}", high.1));
        } else {
            let wrong = format!("{} is below {low_path} = {}", high.1, low.1);
            self.tell(scope, high.0, wrong, format!("give at least {}, or lower {low_path}", low.1));
        }
    }

    fn thresholds(&mut self, scope: Scope, captcha: &Captcha, scoring: &Scoring) {
        let (reject, hold) = (captcha.reject_below, captcha.hold_below);
        self.ordered(scope, ("captcha.reject_below", reject), ("captcha.hold_below", hold));
        self.ordered(scope, ("scoring.hold_at", scoring.hold_at), ("scoring.spam_at", scoring.spam_at));
    }

    fn lengths(&mut self, scope: Scope, site: &Site) {
        if site.body_min <= site.body_max || !self.sound(scope, &["body_min", "body_max"]) {
            return;
        }
        let key = if self.merged.given(scope, "body_min") { "body_min" } else { "body_max" };
        let wrong = format!("body_min = {} is above body_max = {}", site.body_min, site.body_max);
        self.tell(scope, key, wrong, "give a body_min that is at most body_max");
    }

    /// Every page that the template names would be refused as a foreign one.
    fn template(&mut self, scope: Scope, site: &Site) {
        let Ok(address) = Url::parse(&site.page_by_id.replace("{id}", "1")) else { return };
        let origin = address.origin().ascii_serialization();
        if site.origins.contains(&origin) || !self.sound(scope, &["page_by_id", "origins"]) {
            return;
        }
        let right = "write a path, or an address on one of the site's origins";
        self.tell(scope, "page_by_id", format!("{origin:?} is none of the site's origins"), right);
    }

    fn unique(&mut self, sites: &[Site]) {
        for (n, site) in sites.iter().enumerate() {
            let earlier = || sites.iter().take(n).enumerate();
            let namesake = earlier().any(|(m, other)| other.id == site.id && self.sound(Some(m), &["id"]));
            if namesake && self.sound(Some(n), &["id"]) {
                let wrong = format!("{:?} is the id of two sites", site.id.as_str());
                self.tell(Some(n), "id", wrong, "give each site its own id");
            }
            for origin in &site.origins {
                let owner =
                    earlier().find(|(m, other)| other.origins.contains(origin) && self.sound(Some(*m), &["origins"]));
                if let Some((m, _)) = owner.filter(|_| self.sound(Some(n), &["origins"])) {
                    let wrong = format!("{origin:?} belongs to site[{m}] already");
                    self.tell(Some(n), "origins", wrong, "list an origin under one site only");
                }
            }
        }
    }
}
