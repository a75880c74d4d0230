//! Which pages and sites are under attack, as this process knows it: held, never refused, until it ends by itself.
//!
//! What is raised here holds here at once. The store has what all instances share; `attacks` reads and writes it, and the
//! way of a comment never does.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    domain::{AttackCause, SiteId, Timestamp},
    store::{AttackRaise, AttackRow, Raised, attack_place},
};

/// Pages of a site that are remembered at once; a flood over more than these is one on the site.
const MOST: usize = 1_000;
/// The store learns of an attack that goes on at most this often, or each tenth of its length where that is less.
const TOLD_EACH: Duration = Duration::from_secs(10);

/// A site, and a page's place on it; blank is all of it.
type Place = (String, String);

/// The attacks that go on, and what rests after one.
#[derive(Default)]
pub(super) struct Attacks {
    known: Mutex<HashMap<Place, Known>>,
}

#[derive(Debug)]
struct Known {
    row: AttackRow,
    /// How long the store says it lasts; none where it has not heard of it.
    stored: Option<Timestamp>,
    told_at: Timestamp,
    each: Duration,
}

impl Known {
    /// The store has yet to hear how long it lasts.
    fn is_untold(&self) -> bool {
        self.row.rests_until.is_none() && self.stored.is_none_or(|stored| stored < self.row.until)
    }
}

impl Attacks {
    fn known(&self) -> MutexGuard<'_, HashMap<Place, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, for so long, all that comes is held. True where the store should hear of it soon.
    pub(super) fn raise(
        &self,
        site: &SiteId,
        page: Option<&str>,
        cause: AttackCause,
        now: Timestamp,
        last: Duration,
    ) -> bool {
        let mut known = self.known();
        let site = site.to_string();
        let whole = (site.clone(), String::new());
        // A page of a site that is under attack is held already.
        if page.is_some() && known.get(&whole).is_some_and(|one| one.row.is_on(now)) {
            return false;
        }
        let of_site = || known.keys().filter(|(at, _)| *at == site).count();
        let page =
            page.filter(|page| known.contains_key(&(site.clone(), attack_place(Some(page)))) || of_site() < MOST);
        let page = page.map(str::to_owned);
        let place = (site.clone(), attack_place(page.as_deref()));
        let (until, each) = (now.plus(last), (last / 10).min(TOLD_EACH));
        match known.get_mut(&place) {
            Some(one) if one.row.rests(now) => false,
            Some(one) if one.row.is_on(now) => {
                (one.row.until, one.each) = (one.row.until.max(until), each);
                false
            }
            _ => {
                let row = AttackRow { site, page, cause, by: None, since: now, until, rests_until: None };
                known.insert(place, Known { row, stored: None, told_at: now, each });
                true
            }
        }
    }

    /// Whether the page or its site is under attack.
    #[must_use]
    pub(super) fn on(&self, site: &SiteId, page: &str, now: Timestamp) -> bool {
        let known = self.known();
        !known.is_empty()
            && [None, Some(page)]
                .into_iter()
                .any(|page| known.get(&(site.to_string(), attack_place(page))).is_some_and(|one| one.row.is_on(now)))
    }

    /// All that go on, by site and page.
    #[must_use]
    pub(super) fn all(&self, now: Timestamp) -> Vec<AttackRow> {
        let mut rows: Vec<AttackRow> =
            self.known().values().filter(|one| one.row.is_on(now)).map(|one| one.row.clone()).collect();
        rows.sort_by_cached_key(|row| (row.site.clone(), row.place()));
        rows
    }

    /// What the store has yet to hear; with `at_once` also what it heard a moment ago.
    pub(super) fn untold(&self, now: Timestamp, at_once: bool) -> Vec<AttackRaise> {
        let known = self.known();
        let due =
            |one: &&Known| one.is_untold() && (at_once || one.stored.is_none() || now.since(one.told_at) >= one.each);
        let order = |one: &Known| {
            let AttackRow { site, page, cause, since, until, .. } = one.row.clone();
            AttackRaise { site, page, cause, since, until, now }
        };
        known.values().filter(due).map(order).collect()
    }

    /// What the store answered.
    pub(super) fn told(&self, order: &AttackRaise, raised: Raised) {
        let mut known = self.known();
        let place = (order.site.clone(), attack_place(order.page.as_deref()));
        if raised == Raised::Rests {
            known.remove(&place);
        } else if let Some(one) = known.get_mut(&place) {
            (one.stored, one.told_at) = (Some(order.until), order.now);
        }
    }

    /// Takes over what the store has. What was raised here meanwhile stays.
    pub(super) fn take(&self, rows: Vec<AttackRow>, now: Timestamp) {
        let mut known = self.known();
        let mut fresh = HashMap::with_capacity(rows.len());
        for mut row in rows {
            let place = (row.site.clone(), row.place());
            let mut one = Known { stored: Some(row.until), told_at: now, each: TOLD_EACH, row: row.clone() };
            if let Some(before) = known.remove(&place) {
                (one.told_at, one.each) = (before.told_at, before.each);
                if row.is_on(now) && before.is_untold() && before.row.is_on(now) {
                    row.until = row.until.max(before.row.until);
                    one.row = row;
                }
            }
            fresh.insert(place, one);
        }
        let untold = known.drain().filter(|(_, one)| one.stored.is_none() && one.row.is_on(now));
        fresh.extend(untold);
        *known = fresh;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Duration = Duration::from_secs(60);

    fn raise(attacks: &Attacks, page: Option<&str>, now: i64) -> bool {
        attacks.raise(&SiteId::new("news"), page, AttackCause::Ceiling, Timestamp(now), LAST)
    }

    fn on(attacks: &Attacks, page: &str, now: i64) -> bool {
        attacks.on(&SiteId::new("news"), page, Timestamp(now))
    }

    #[test]
    fn an_attack_on_a_page_ends_by_itself_and_one_on_the_site_covers_all_pages() {
        let attacks = Attacks::default();
        assert!(raise(&attacks, Some("/A"), 0));
        assert!(on(&attacks, "/a", 59_999), "whatever the spelling");
        assert!(!on(&attacks, "/b", 0));
        assert!(!on(&attacks, "/a", 60_000));
        assert!(raise(&attacks, None, 0));
        assert!(on(&attacks, "/b", 0));
        assert_eq!(attacks.all(Timestamp(0)).len(), 2);
        assert!(!raise(&attacks, Some("/c"), 0), "held already");
    }

    #[test]
    fn the_store_hears_of_it_at_once_and_then_each_tenth_of_its_length() {
        let attacks = Attacks::default();
        raise(&attacks, None, 0);
        let first = attacks.untold(Timestamp(0), false);
        attacks.told(&first[0], Raised::Begun);
        assert!(attacks.untold(Timestamp(0), false).is_empty());
        for now in 1..6_000 {
            assert!(!raise(&attacks, None, now));
            assert!(attacks.untold(Timestamp(now), false).is_empty());
        }
        assert_eq!(attacks.untold(Timestamp(6_000), false)[0].until, Timestamp(65_999));
        assert_eq!(attacks.untold(Timestamp(5_999), true).len(), 1);
    }

    #[test]
    fn what_the_store_has_is_taken_over_and_nothing_that_was_raised_meanwhile_is_lost() {
        let attacks = Attacks::default();
        raise(&attacks, None, 0);
        let stored = attacks.all(Timestamp(0));
        attacks.told(&attacks.untold(Timestamp(0), false)[0], Raised::Begun);
        raise(&attacks, None, 500);
        attacks.take(stored.clone(), Timestamp(500));
        assert!(on(&attacks, "/", 60_499), "prolonged here");
        attacks.take(Vec::new(), Timestamp(600));
        assert!(!on(&attacks, "/", 600), "ended elsewhere");
        raise(&attacks, None, 700);
        attacks.take(Vec::new(), Timestamp(700));
        assert!(on(&attacks, "/", 700), "not told yet");
        let rests = AttackRow { rests_until: Some(Timestamp(5_000)), until: Timestamp(800), ..stored[0].clone() };
        attacks.take(vec![rests], Timestamp(800));
        assert!(!on(&attacks, "/", 800) && !raise(&attacks, None, 4_999) && !on(&attacks, "/", 4_999));
        assert!(raise(&attacks, None, 5_000));
    }
}
