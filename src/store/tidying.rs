//! What has outlived its time, whatever keeps it: of which table, since when, and whose addresses.

use std::time::Duration;

use super::IDEMPOTENCY_KEPT;
use crate::domain::Timestamp;

/// Rows dropped in one transaction, so that comments never wait long behind the broom.
pub(super) const SWEEP: u32 = 2_000;

/// How long a body counts as sent lately.
const BODIES_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a network's record is kept after the last decision. Its key is asked for at most 60 days, and a
/// decision on a comment may come late.
const REPUTATION_KEPT: Duration = Duration::from_secs(120 * 24 * 3600);

/// Rows of one table that go once the time in a column is so long ago.
pub(super) struct Sweep {
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    pub(super) time: &'static str,
    kept: Duration,
}

impl Sweep {
    /// The time of the newest row that goes.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        now.minus(self.kept)
    }
}

const fn sweep(table: &'static str, key: &'static str, time: &'static str, kept: Duration) -> Sweep {
    Sweep { table, key, time, kept }
}

/// All there is to sweep but addresses.
pub(super) const SWEEPS: [Sweep; 9] = [
    sweep("idempotency", "key", "at", IDEMPOTENCY_KEPT),
    sweep("kept_answers", "key", "at", IDEMPOTENCY_KEPT),
    sweep("recent_bodies", "key", "at", BODIES_KEPT),
    sweep("claimed_tokens", "key", "until", Duration::ZERO),
    sweep("network_reputation", "network_key", "at", REPUTATION_KEPT),
    sweep("unverified", "comment", "until", Duration::ZERO),
    sweep("claims", "comment", "until", Duration::ZERO),
    sweep("sessions", "token", "expires_at", Duration::ZERO),
    sweep("invitations", "username", "expires_at", Duration::ZERO),
];

/// Whose raw addresses go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    Everybodys,
    OfSite(String),
    /// Of all sites but these.
    OfOthers(Vec<String>),
}

/// Whose addresses go, and up to which time. Each site's go in its own time; those of a site that is no longer
/// configured in the shortest of all.
pub(super) fn addresses(now: Timestamp, retain: Vec<(String, Duration)>) -> Vec<(Whose, Timestamp)> {
    let spans = || retain.iter().map(|(_, span)| *span);
    let (Some(longest), Some(shortest)) = (spans().max(), spans().min()) else { return Vec::new() };
    let mut all = vec![(Whose::Everybodys, now.minus(longest))];
    if shortest < longest {
        let named = retain.iter().map(|(site, _)| site.clone()).collect();
        all.push((Whose::OfOthers(named), now.minus(shortest)));
        let sooner = retain.into_iter().filter(|(_, span)| *span < longest);
        all.extend(sooner.map(|(site, span)| (Whose::OfSite(site), now.minus(span))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn one_time_for_all_sites_is_one_sweep() {
        let day = Duration::from_secs(86_400);
        let all = addresses(NOW, vec![("a".into(), day), ("b".into(), day)]);
        assert_eq!(all, [(Whose::Everybodys, NOW.minus(day))]);
        assert_eq!(addresses(NOW, Vec::new()), []);
    }

    #[test]
    fn sites_that_nobody_knows_any_more_go_with_the_shortest() {
        let day = Duration::from_secs(86_400);
        let all = addresses(NOW, vec![("a".into(), day * 3), ("b".into(), day)]);
        let others = Whose::OfOthers(vec!["a".into(), "b".into()]);
        let wanted = [(Whose::Everybodys, 3), (others, 1), (Whose::OfSite("b".into()), 1)];
        assert_eq!(all, wanted.map(|(whose, days)| (whose, NOW.minus(day * days))));
    }
}
