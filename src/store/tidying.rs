//! What has outlived its time, whatever keeps it: of which table, since when, and whose.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{IDEMPOTENCY_KEPT, OverQuery, Retention, Whose};
use crate::domain::{Status, Timestamp};

/// Rows dropped in one transaction, so that comments never wait long behind the broom.
pub(super) const SWEEP: u32 = 500;
/// Comments whose words go in one transaction; each takes the place of some rows.
const WORDS: u32 = 50;
/// What is swept between two rests takes a quarter of the time at most, so that a backlog is worked off unnoticed.
const SHARE: u32 = 3;
/// The longest rest: a store that is slow for another reason is not waited for in vain.
const LONGEST_REST: Duration = Duration::from_secs(2);

/// How long a body counts as sent lately.
const BODIES_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long the row of a captcha refusal is kept: figures and thresholds are judged over as many days. There is nothing
/// personal in it.
const REFUSALS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
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
pub(super) const SWEEPS: [Sweep; 10] = [
    sweep("idempotency", "key", "at", IDEMPOTENCY_KEPT),
    sweep("kept_answers", "key", "at", IDEMPOTENCY_KEPT),
    sweep("recent_bodies", "key", "at", BODIES_KEPT),
    sweep("claimed_tokens", "key", "until", Duration::ZERO),
    sweep("network_reputation", "network_key", "at", REPUTATION_KEPT),
    sweep("unverified", "comment", "until", Duration::ZERO),
    sweep("claims", "comment", "until", Duration::ZERO),
    sweep("sessions", "token", "expires_at", Duration::ZERO),
    sweep("refusals", "id", "at", REFUSALS_KEPT),
    sweep("invitations", "username", "expires_at", Duration::ZERO),
];

/// What housekeeping calls the addresses that it dropped.
pub(super) const ADDRESSES: &str = "addresses";

/// Rests after a stretch that began then.
pub async fn rest(begun: Instant) {
    sleep((begun.elapsed() * SHARE).min(LONGEST_REST)).await;
}

/// How long a site keeps something; none is for good.
type Span = fn(&Retention) -> Option<Duration>;

/// Whose raw addresses go, and up to which time.
pub(super) fn addresses(now: Timestamp, retain: &[Retention]) -> Vec<(Whose, Timestamp)> {
    turns(now, retain, |one| Some(one.address))
}

/// Which comments' words go: of one status and of some sites each.
#[must_use]
pub fn over(now: Timestamp, retain: &[Retention]) -> Vec<OverQuery> {
    let kinds: [(Status, Span); 3] =
        [(Status::Spam, |one| one.spam), (Status::Rejected, |one| one.rejected), (Status::Deleted, |one| one.rejected)];
    let of = |(status, span)| {
        turns(now, retain, span).into_iter().map(move |(whose, until)| OverQuery { status, whose, until, limit: WORDS })
    };
    kinds.into_iter().flat_map(of).collect()
}

/// Each site's go in its own time, or never; those of a site that is no longer configured in the shortest of all.
fn turns(now: Timestamp, retain: &[Retention], span: Span) -> Vec<(Whose, Timestamp)> {
    let spans = || retain.iter().filter_map(span);
    let (Some(longest), Some(shortest)) = (spans().max(), spans().min()) else { return Vec::new() };
    let goes = retain.iter().filter_map(|one| span(one).map(|span| (&one.site, span)));
    let for_all = spans().count() == retain.len();
    let mut all = Vec::new();
    if for_all {
        all.push((Whose::Everybodys, now.minus(longest)));
    }
    if !for_all || shortest < longest {
        let named = retain.iter().map(|one| one.site.clone()).collect();
        all.push((Whose::OfOthers(named), now.minus(shortest)));
        let sooner = goes.filter(|(_, span)| !for_all || *span < longest);
        all.extend(sooner.map(|(site, span)| (Whose::OfSite(site.clone()), now.minus(span))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn keeps(site: &str, address: u32, spam: Option<u32>) -> Retention {
        let spam = spam.map(|days| DAY * days);
        Retention { site: site.into(), address: DAY * address, spam, rejected: None }
    }

    #[test]
    fn one_time_for_all_sites_is_one_sweep() {
        let all = addresses(NOW, &[keeps("a", 1, None), keeps("b", 1, None)]);
        assert_eq!(all, [(Whose::Everybodys, NOW.minus(DAY))]);
        assert_eq!(addresses(NOW, &[]), []);
    }

    #[test]
    fn sites_that_nobody_knows_any_more_go_with_the_shortest() {
        let all = addresses(NOW, &[keeps("a", 3, None), keeps("b", 1, None)]);
        let others = Whose::OfOthers(vec!["a".into(), "b".into()]);
        let wanted = [(Whose::Everybodys, 3), (others, 1), (Whose::OfSite("b".into()), 1)];
        assert_eq!(all, wanted.map(|(whose, days)| (whose, NOW.minus(DAY * days))));
    }

    #[test]
    fn a_site_that_keeps_for_good_is_left_out_and_the_others_are_not() {
        let some = over(NOW, &[keeps("a", 1, None), keeps("b", 1, Some(15))]);
        let others = Whose::OfOthers(vec!["a".into(), "b".into()]);
        let wanted = [others, Whose::OfSite("b".into())];
        let until = NOW.minus(DAY * 15);
        assert_eq!(some, wanted.map(|whose| OverQuery { status: Status::Spam, whose, until, limit: WORDS }));
        assert_eq!(over(NOW, &[keeps("a", 1, None)]), []);
    }
}
