//! How often a sign-in may fail: a few times for one account from one network, more for a network.
//!
//! An account alone is never counted, so that a stranger elsewhere cannot lock a moderator out. An
//! attempt counts from its start and is forgiven when it succeeds, so that many at once are not
//! more than the limit. Counts live in the process, are keyed by hashes and bounded in number.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{domain::Timestamp, keys::Tag};

/// How long failures count, from the first one on.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failures for one account from one network.
const PER_ACCOUNT: u32 = 5;
/// Failures from one network, whatever the account.
const PER_NETWORK: u32 = 30;
/// What an attempt's look at the clock may lie behind another's.
const SLACK: Duration = Duration::from_secs(60);
/// Counts kept at most; the oldest makes room.
const KEPT: usize = 20_000;

#[derive(Clone, Copy)]
struct Count {
    since: Timestamp,
    failures: u32,
}

/// Who is trying: the account as seen from the network, and the network.
#[derive(Clone, Copy)]
pub(super) struct Tried {
    pub(super) account: Tag,
    pub(super) network: Tag,
}

/// The failures of the last while.
#[derive(Default)]
pub(super) struct Attempts {
    counts: Mutex<HashMap<Tag, Count>>,
}

impl Attempts {
    /// Counts an attempt as failed until it is [`Attempts::forgive`]n; says how long to wait where
    /// it is one too many, which counts nothing.
    pub(super) fn begin(&self, tried: &Tried, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = [(tried.account, PER_ACCOUNT), (tried.network, PER_NETWORK)];
        let wait = limits
            .iter()
            .filter_map(|(key, limit)| counts.get(key).filter(|count| count.failures >= *limit))
            .filter_map(|count| left(count, now))
            .max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        for (key, _) in limits {
            make_room(&mut counts, &key, now);
            let count = counts.entry(key).or_insert(Count { since: now, failures: 0 });
            if left(count, now).is_none() {
                *count = Count { since: now, failures: 0 };
            }
            count.failures += 1;
        }
        Ok(())
    }

    /// Takes one attempt back that did not fail.
    pub(super) fn forgive(&self, tried: &Tried) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [tried.account, tried.network] {
            if let Some(count) = counts.get_mut(&key) {
                count.failures = count.failures.saturating_sub(1);
            }
        }
    }

    /// Forgets an account's failures from this network, after the right password came.
    pub(super) fn succeeded(&self, tried: &Tried) {
        self.forgive(tried);
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(&tried.account);
    }
}

/// How long the count still holds; none once it is over, or the clock was set back behind its beginning: nobody waits until
/// it has caught up.
fn left(count: &Count, now: Timestamp) -> Option<Duration> {
    let is_of_the_past = count.since <= now.plus(SLACK);
    Some(count.since.plus(WINDOW).since(now)).filter(|left| is_of_the_past && !left.is_zero())
}

fn make_room(counts: &mut HashMap<Tag, Count>, key: &Tag, now: Timestamp) {
    if counts.len() < KEPT || counts.contains_key(key) {
        return;
    }
    counts.retain(|_, count| left(count, now).is_some());
    if counts.len() >= KEPT
        && let Some(oldest) = counts.iter().min_by_key(|(_, count)| count.since).map(|(key, _)| *key)
    {
        counts.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn tried(account: u8, network: u8) -> Tried {
        Tried { account: [account; 32], network: [network; 32] }
    }

    #[test]
    fn the_sixth_failure_waits_and_other_networks_do_not() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            assert!(attempts.begin(&tried(1, 100), NOW).is_ok());
        }
        let later = NOW.plus(Duration::from_secs(60));
        assert_eq!(attempts.begin(&tried(1, 100), later), Err(Duration::from_secs(14 * 60)));
        // The same account from another network is another count.
        assert!(attempts.begin(&tried(2, 101), later).is_ok());
        assert!(attempts.begin(&tried(1, 100), NOW.plus(WINDOW)).is_ok());
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_out_until_it_has_caught_up() {
        let attempts = Attempts::default();
        let late = NOW.plus(Duration::from_secs(3_600));
        for _ in 0..5 {
            assert!(attempts.begin(&tried(1, 100), late).is_ok());
        }
        assert!(attempts.begin(&tried(1, 100), late.minus(Duration::from_secs(59))).is_err());
        for _ in 0..5 {
            assert!(attempts.begin(&tried(1, 100), NOW).is_ok());
        }
        assert!(attempts.begin(&tried(1, 100), NOW).is_err());
    }

    #[test]
    fn a_network_that_tries_many_accounts_waits_too() {
        let attempts = Attempts::default();
        for account in 0..30 {
            assert!(attempts.begin(&tried(account, 100), NOW).is_ok());
        }
        assert!(attempts.begin(&tried(31, 100), NOW).is_err());
        assert!(attempts.begin(&tried(32, 101), NOW).is_ok());
    }

    #[test]
    fn success_clears_the_account_and_charges_the_network_nothing() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            assert!(attempts.begin(&tried(1, 100), NOW).is_ok());
            attempts.succeeded(&tried(1, 100));
        }
        for _ in 0..4 {
            assert!(attempts.begin(&tried(1, 100), NOW).is_ok());
        }
        attempts.succeeded(&tried(1, 100));
        for _ in 0..5 {
            assert!(attempts.begin(&tried(1, 100), NOW).is_ok());
        }
        assert!(attempts.begin(&tried(1, 100), NOW).is_err());
    }

    #[test]
    fn the_table_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..u32::try_from(KEPT).unwrap() {
            let mut tag = [0; 32];
            tag[..4].copy_from_slice(&number.to_be_bytes());
            let _room = attempts.begin(&Tried { account: tag, network: [0xee; 32] }, NOW);
            tag[31] = 1;
            let _room = attempts.begin(&Tried { account: [0xdd; 32], network: tag }, NOW);
        }
        assert!(attempts.counts.lock().unwrap().len() <= KEPT);
    }
}
