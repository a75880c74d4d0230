//! How much networks and sites send at the moment: decaying counts of challenges and submissions, in
//! this process. What a rate means is the captcha room's to say.
//!
//! Bounded: where there is no room the least busy are forgotten. A network is named by its keyed hash.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    captcha::pressure::{HALF_LIFE, Pressure},
    config::Site,
    domain::Timestamp,
};

/// So many locks.
const SHARDS: usize = 16;
/// Networks counted at once; an entry has 24 bytes.
const MOST_NETWORKS: usize = 65_536;
/// Sites counted at once.
const MOST_SITES: usize = 4_096;
/// Under this a count is as good as none.
const FORGOTTEN: f64 = 0.5;

/// The counts.
pub(super) struct Rates {
    networks: Counts,
    sites: Counts,
}

impl Default for Rates {
    fn default() -> Self {
        Self { networks: Counts::new(MOST_NETWORKS), sites: Counts::new(MOST_SITES) }
    }
}

impl Rates {
    /// Counts one more challenge or submission; the network's and the site's pressure with it.
    pub(super) fn count(&self, site: &Site, network_key: &str, attack: bool, now: Timestamp) -> Pressure {
        let network = self.networks.add(network_key, now);
        let busy_site = is_busy(site, self.sites.add(site.id.as_str(), now));
        Pressure { network, busy_site, attack }
    }

    /// Forgets what has faded.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.networks.sweep(now);
        self.sites.sweep(now);
    }
}

/// Whether the site gets more than half of what one of its ceilings lets through, at once and for long. A
/// comment counts twice, by its challenge and by itself.
fn is_busy(site: &Site, count: f64) -> bool {
    // A steady rate keeps the count at the rate times the mean life.
    let mean_life_s = HALF_LIFE.as_secs_f64() / std::f64::consts::LN_2;
    site.limits.per_site.iter().any(|rate| {
        let one_each = Duration::from_micros(u64::try_from(rate.emission_us()).unwrap_or(1));
        count >= f64::from(rate.burst) && count * one_each.as_secs_f64() >= mean_life_s
    })
}

/// A bounded table of decaying counts.
struct Counts {
    shards: Vec<Mutex<HashMap<u64, Count>>>,
    hasher: RandomState,
    /// Entries of one shard.
    most: usize,
}

/// A count as of a moment.
#[derive(Clone, Copy)]
struct Count {
    count: f64,
    at: Timestamp,
}

impl Count {
    fn now(self, now: Timestamp) -> f64 {
        self.count * 0.5_f64.powf(now.since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64())
    }
}

impl Counts {
    fn new(most: usize) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { shards, hasher: RandomState::new(), most: most.div_ceil(SHARDS) }
    }

    /// Counts one more under the key, and tells the sum.
    fn add(&self, key: &str, now: Timestamp) -> f64 {
        let key = self.hasher.hash_one(key);
        let [nth, ..] = key.to_le_bytes();
        let Some(shard) = self.shards.get(usize::from(nth) % SHARDS) else { return 1.0 };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let count = 1.0 + shard.get(&key).map_or(0.0, |count| count.now(now));
        if shard.len() >= self.most && !shard.contains_key(&key) {
            make_room(&mut shard, now);
        }
        shard.insert(key, Count { count, at: now });
        count
    }

    fn sweep(&self, now: Timestamp) {
        for shard in &self.shards {
            keep_above(&mut shard.lock().unwrap_or_else(PoisonError::into_inner), FORGOTTEN, now);
        }
    }
}

/// Forgets the least busy quarter at least, so that room is made once for many.
fn make_room(shard: &mut HashMap<u64, Count>, now: Timestamp) {
    let mut counts: Vec<f64> = shard.values().map(|count| count.now(now)).collect();
    let quarter = counts.len() / 4;
    if quarter < counts.len() {
        let (_, bound, _) = counts.select_nth_unstable_by(quarter, f64::total_cmp);
        let bound = *bound;
        keep_above(shard, bound, now);
    }
}

/// A fresh map rather than `retain`: the old one's room is given back.
fn keep_above(shard: &mut HashMap<u64, Count>, bound: f64, now: Timestamp) {
    *shard = shard.iter().filter(|(_, count)| count.now(now) > bound).map(|(key, count)| (*key, *count)).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);

    fn len(counts: &Counts) -> usize {
        counts.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    #[test]
    fn a_count_halves_in_its_time_and_keys_do_not_share() {
        let counts = Counts::new(1_000);
        for _ in 0..8 {
            counts.add("busy", START);
        }
        assert!((counts.add("busy", START.plus(HALF_LIFE)) - 5.0).abs() < 1e-9);
        assert_eq!(counts.add("quiet", START.plus(HALF_LIFE)), 1.0);
    }

    #[test]
    fn however_many_keys_come_the_table_keeps_its_size_and_its_busiest() {
        let counts = Counts::new(1_600);
        for _ in 0..50 {
            counts.add("busy", START);
        }
        for n in 0..50_000 {
            counts.add(&n.to_string(), START);
            assert!(n % 1_000 != 0 || len(&counts) <= 1_600);
        }
        assert_eq!(counts.add("busy", START), 51.0);
    }

    #[test]
    fn what_has_faded_is_swept() {
        let counts = Counts::new(1_000);
        counts.add("once", START);
        counts.sweep(START.plus(HALF_LIFE / 2));
        assert_eq!(len(&counts), 1);
        counts.sweep(START.plus(HALF_LIFE));
        assert_eq!(len(&counts), 0);
    }

    #[test]
    fn a_site_is_busy_from_half_of_its_ceiling_on_and_one_without_a_ceiling_never() {
        let site = |per_site: &[&str]| {
            let mut config = crate::config::load::load(&crate::config::load::Sources::default()).unwrap().config;
            let mut site = config.sites.remove(0);
            site.limits.per_site = per_site.iter().map(|rate| rate.parse().unwrap()).collect();
            site
        };
        // Ten a second allowed; five comments a second are ten counts, for 433 seconds in the mean.
        assert!(!is_busy(&site(&["600/1m"]), 4_328.0) && is_busy(&site(&["600/1m"]), 4_329.0));
        assert!(!is_busy(&site(&["50/1d"]), 49.0) && is_busy(&site(&["50/1d"]), 50.0));
        assert!(!is_busy(&site(&[]), 1e9));
        assert!(is_busy(&site(&["600/1m", "50/1d"]), 50.0));
    }
}
