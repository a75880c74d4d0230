//! Which pages and sites are under attack: held, never refused, until it ends by itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::domain::{SiteId, Timestamp};

/// Pages that are remembered at once; a flood over more than these is one on the site.
const MOST: usize = 10_000;

/// A site, and one of its pages or all of them.
type Place = (SiteId, Option<String>);

/// The attacks that go on.
#[derive(Default)]
pub(super) struct Attacks {
    until: Mutex<HashMap<Place, Timestamp>>,
}

/// One attack, as the summary tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attack {
    /// Where.
    pub site: SiteId,
    /// On which page; none is the whole site.
    pub page: Option<String>,
    /// When it ends if nothing more comes.
    pub until: Timestamp,
}

impl Attacks {
    /// A ceiling was passed: from now on, for so long, all that comes is held.
    pub(super) fn raise(&self, site: &SiteId, page: Option<&str>, now: Timestamp, last: Duration) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, end| *end > now);
        }
        let page = page.filter(|_| until.len() < MOST).map(str::to_owned);
        let fresh = until.insert((site.clone(), page), now.plus(last)).is_none_or(|end| end <= now);
        if fresh {
            tracing::warn!(site = %site, minutes = last.as_secs() / 60, "a ceiling was passed: comments are held");
        }
    }

    /// Whether the page or its site is under attack.
    #[must_use]
    pub(super) fn on(&self, site: &SiteId, page: &str, now: Timestamp) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        !until.is_empty()
            && [None, Some(page.to_owned())]
                .into_iter()
                .any(|page| until.get(&(site.clone(), page)).is_some_and(|end| *end > now))
    }

    /// All that go on.
    #[must_use]
    pub(super) fn all(&self, now: Timestamp) -> Vec<Attack> {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until
            .iter()
            .filter(|(_, end)| **end > now)
            .map(|((site, page), end)| Attack { site: site.clone(), page: page.clone(), until: *end })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_on_a_page_ends_by_itself_and_one_on_the_site_covers_all_pages() {
        let (attacks, site, t0) = (Attacks::default(), SiteId::new("news"), Timestamp(0));
        attacks.raise(&site, Some("/a"), t0, Duration::from_secs(60));
        assert!(attacks.on(&site, "/a", Timestamp(59_999)));
        assert!(!attacks.on(&site, "/b", t0));
        assert!(!attacks.on(&site, "/a", Timestamp(60_000)));
        attacks.raise(&site, None, t0, Duration::from_secs(60));
        assert!(attacks.on(&site, "/b", t0));
        assert_eq!(attacks.all(t0).len(), 2);
    }
}
