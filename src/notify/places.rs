//! Who has a place to listen: how many at once, and who gives way where somebody wants one too many.
//!
//! A closed tab is noticed only once something is sent to it, so the oldest of somebody's streams is most likely one that
//! nobody reads. It ends, and the new one begins; nobody's streams end for somebody else's.

use std::collections::{HashMap, VecDeque};

use tokio_util::sync::CancellationToken;

/// Who listens: each crowd has places of its own, so that readers never take the moderators'.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Crowd {
    /// Moderators, each by name.
    Desk,
    /// Readers, each by the key of their network.
    Readers,
}

impl Crowd {
    /// Listeners at most; each is an open connection.
    fn places(self) -> usize {
        match self {
            Self::Desk => 1_000,
            Self::Readers => 4_000,
        }
    }

    /// Of these, one name's.
    fn of_one(self) -> usize {
        match self {
            Self::Desk => 20,
            Self::Readers => 50,
        }
    }
}

/// Somebody in a crowd.
pub(super) type Who = (Crowd, String);

/// A place that was taken.
pub(super) struct Place {
    pub(super) number: u64,
    /// Cancelled where it is wanted for a newer one.
    pub(super) ended: CancellationToken,
}

/// The places of one process.
#[derive(Default)]
pub(super) struct Places {
    /// Of everybody who listens, the oldest first.
    taken: HashMap<Who, VecDeque<Place>>,
    last: u64,
}

impl Places {
    /// A place; none where others have all of them.
    pub(super) fn take(&mut self, who: &Who) -> Option<Place> {
        let all: usize = self.taken.iter().filter(|((crowd, _), _)| *crowd == who.0).map(|(_, own)| own.len()).sum();
        let own = self.taken.get(who).map_or(0, VecDeque::len);
        if own < who.0.of_one() && all >= who.0.places() {
            return None;
        }
        self.last += 1;
        let (number, ended) = (self.last, CancellationToken::new());
        let own = self.taken.entry(who.clone()).or_default();
        while own.len() >= who.0.of_one() {
            if let Some(oldest) = own.pop_front() {
                oldest.ended.cancel();
            }
        }
        own.push_back(Place { number, ended: ended.clone() });
        Some(Place { number, ended })
    }

    /// Gives a place back; one that was wanted for another is gone already.
    pub(super) fn leave(&mut self, who: &Who, number: u64) {
        if let Some(own) = self.taken.get_mut(who) {
            own.retain(|place| place.number != number);
            if own.is_empty() {
                self.taken.remove(who);
            }
        }
    }

    /// Nobody listens.
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(n: usize) -> Who {
        (Crowd::Readers, format!("network {n}"))
    }

    #[test]
    fn one_too_many_of_somebodys_ends_their_oldest_and_nobody_elses() {
        let mut places = Places::default();
        let other = places.take(&reader(1)).unwrap();
        let own: Vec<_> = (0..50).map(|_| places.take(&reader(0)).unwrap()).collect();
        assert!(own.iter().all(|place| !place.ended.is_cancelled()));
        let newest = places.take(&reader(0)).unwrap();
        let ended: Vec<_> = own.iter().filter(|place| place.ended.is_cancelled()).map(|place| place.number).collect();
        assert_eq!(ended, [own[0].number]);
        assert!(!other.ended.is_cancelled() && !newest.ended.is_cancelled());
        // The one that ended gives nothing back a second time.
        places.leave(&reader(0), own[0].number);
        assert!(!own[1].ended.is_cancelled());
        places.leave(&reader(0), own[1].number);
        places.take(&reader(0)).unwrap();
        assert!(!own[2].ended.is_cancelled());
    }

    #[test]
    fn a_full_house_takes_nobody_new_but_somebodys_newer_for_their_older() {
        let mut places = Places::default();
        for n in 0..80 {
            for _ in 0..50 {
                places.take(&reader(n)).unwrap();
            }
        }
        assert!(places.take(&reader(80)).is_none());
        let place = places.take(&reader(3)).unwrap();
        assert!(places.take(&(Crowd::Desk, "ada".to_owned())).is_some(), "the moderators' are their own");
        places.leave(&reader(3), place.number);
        assert!(places.take(&reader(80)).is_some());
        for who in [reader(80), (Crowd::Desk, "ada".to_owned())] {
            let numbers: Vec<_> = places.taken[&who].iter().map(|place| place.number).collect();
            numbers.into_iter().for_each(|number| places.leave(&who, number));
            assert!(!places.taken.contains_key(&who));
        }
    }
}
