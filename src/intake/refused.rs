//! Counting who is refused, cheaply: each network once a minute and site. What their number means is `rise`'s to say.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::rise::Rise;
use crate::domain::{SiteId, Timestamp};

/// Networks remembered at once. Where two meet in one place each may count more than once; nobody outside can choose which.
const REMEMBERED: usize = 16_384;
const MINUTE_MS: i64 = 60_000;

/// Who was refused lately, and how many on each site.
pub(super) struct Refused {
    marks: Vec<AtomicU64>,
    hasher: RandomState,
    sites: Mutex<HashMap<SiteId, Rise>>,
}

impl Default for Refused {
    fn default() -> Self {
        let marks = std::iter::repeat_with(AtomicU64::default).take(REMEMBERED).collect();
        Self { marks, hasher: RandomState::new(), sites: Mutex::default() }
    }
}

impl Refused {
    /// A refusal of somebody of this network, by its keyed hash; whether there are so many that it is an attack.
    pub(super) fn note(&self, site: &SiteId, network_key: &str, now: Timestamp) -> bool {
        let minute = now.0.div_euclid(MINUTE_MS);
        let mark = self.hasher.hash_one((site, network_key, minute));
        let place = usize::try_from(mark).unwrap_or(0) % REMEMBERED;
        let Some(place) = self.marks.get(place) else { return false };
        if place.swap(mark, Ordering::Relaxed) == mark {
            return false;
        }
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        match sites.get_mut(site) {
            Some(rise) => rise.refused(now),
            None => sites.entry(site.clone()).or_insert_with(|| Rise::new(now)).refused(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_counts_once_a_minute_and_a_crowd_for_what_it_is() {
        let (refused, news, now) = (Refused::default(), SiteId::new("news"), Timestamp(1_800_000_000_000));
        assert!((0..100_000).all(|_| !refused.note(&news, "one", now)));
        let met = (0..300).filter(|n| refused.note(&news, &n.to_string(), now)).count();
        assert!((190..=202).contains(&met), "from the hundredth on: {met}");
        assert!(!refused.note(&SiteId::new("sport"), "one", now), "each site by itself");
    }
}
