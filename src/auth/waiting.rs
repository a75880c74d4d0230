//! Sign-ins that the store could not keep, as with a full disk: they hold in this process until it can.
//!
//! Everything is still asked of whoever signs in, by what can be read. What has to be used up in the store, an
//! invitation or a recovery code, waits for the store. What the signed-in may do is not known here.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Auth, AuthError, Identity, OpenSession, of_person};
use crate::{
    domain::Timestamp,
    store::{Entry, Key, ModeratorRow, Opened, Opening, Proof, StoreError, Which},
    telemetry::chain,
};

/// How long one holds that the store does not keep. Who ends sessions on another instance does not reach it, so it is short.
const HOLDS_FOR: Duration = Duration::from_secs(3600);
/// How often at most the store is asked to keep one.
const TRIED_EVERY: Duration = Duration::from_secs(1);
/// So many hold at once.
const MOST: usize = 256;

/// Those that wait for the store.
#[derive(Default)]
pub(super) struct Waiting(Mutex<Held>);

#[derive(Default)]
struct Held {
    openings: HashMap<Key, (Opening, Timestamp)>,
    /// The newest step of each second factor that opened one: a code counts once here as well.
    steps: HashMap<String, i64>,
}

impl Waiting {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this one holds from now on.
    fn hold(&self, opening: Opening) -> bool {
        let (session, mut held) = (&opening.session, self.held());
        let (key, now) = (session.token, session.created_at);
        held.openings.retain(|_, (kept, _)| holds(kept, now));
        if held.openings.len() >= MOST {
            return false;
        }
        match opening.proof {
            None => {}
            Some(Proof::Step(step)) => {
                let newest = held.steps.entry(session.username.clone()).or_insert(0);
                if *newest >= step {
                    return false;
                }
                *newest = step;
            }
            Some(Proof::Recovery(_)) => return false,
        }
        held.openings.insert(key, (opening, now));
        true
    }

    /// The one of this key, and whether it is time to ask the store again, which is then taken as done.
    fn get(&self, key: &Key, now: Timestamp) -> Option<(Opening, bool)> {
        let mut held = self.held();
        let (opening, tried_at) = held.openings.get_mut(key).filter(|(opening, _)| holds(opening, now))?;
        // A clock that was set back must not put it off.
        let is_due = now.since(*tried_at) >= TRIED_EVERY || now < *tried_at;
        if is_due {
            *tried_at = now;
        }
        Some((opening.clone(), is_due))
    }

    /// Ends some of a person's; whether any held.
    pub(super) fn end(&self, username: &str, which: Which) -> bool {
        let mut held = self.held();
        let before = held.openings.len();
        held.openings.retain(|key, (opening, _)| {
            let is_meant = match which {
                Which::All => true,
                Which::AllBut(kept) => *key != kept,
                Which::One(one) => *key == one,
            };
            !(is_meant && opening.session.username == username)
        });
        held.openings.len() < before
    }
}

fn holds(opening: &Opening, now: Timestamp) -> bool {
    now < opening.session.created_at.plus(HOLDS_FOR)
}

/// Whether the store may keep it another time, and all that can be read speaks for it.
fn may_hold(opening: &Opening, fault: &StoreError) -> bool {
    let is_of_the_disk = match fault {
        StoreError::Database(_) | StoreError::Unreachable(_) => true,
        #[cfg(feature = "postgres")]
        StoreError::Postgres(_) => true,
        _ => false,
    };
    is_of_the_disk && matches!(opening.by, Entry::Password(_))
}

impl Auth {
    /// Lets a sign-in hold that the store could not keep; until when. The store will not keep it for longer either: who
    /// ended that person's sessions meanwhile, elsewhere, did not end this one.
    ///
    /// # Errors
    /// The store's fault where it may not hold; [`AuthError::WrongCode`] for a code that was used before.
    pub(super) async fn hold(&self, mut opening: Opening, fault: StoreError) -> Result<Timestamp, AuthError> {
        if !may_hold(&opening, &fault) {
            return Err(fault.into());
        }
        if let Some(Proof::Step(step)) = opening.proof {
            let (username, now) = (opening.session.username.clone(), opening.session.created_at);
            let row = self.store.second_factor(username.clone(), now).await?;
            if row.is_none_or(|row| row.last_step >= step) {
                return Err(self.wrong_code(&username, super::sign_in::NOBODY));
            }
        }
        let until = opening.session.created_at.plus(HOLDS_FOR);
        opening.session.expires_at = until;
        if !self.waiting.hold(opening) {
            return Err(fault.into());
        }
        tracing::warn!(
            error = chain(&fault),
            "a sign-in could not be stored: it holds in this process until the store can keep it"
        );
        Ok(until)
    }

    /// Who holds a session that waits for the store, which is asked once more to keep it.
    pub(super) async fn by_waiting(&self, key: Key, now: Timestamp) -> Result<Option<Identity>, AuthError> {
        let Some((opening, is_due)) = self.waiting.get(&key, now) else { return Ok(None) };
        let username = opening.session.username.clone();
        if is_due && let Ok(opened) = self.store.open_session(opening.clone()).await {
            self.waiting.end(&username, Which::One(key));
            if !matches!(opened, Opened::Yes) {
                return Ok(None);
            }
        }
        let person = self.store.moderator(username).await?.filter(|person| stands(person, &opening));
        let session = OpenSession::new(key, opening.session.expires_at, &self.keys);
        Ok(person.and_then(|person| of_person(person, session)))
    }
}

/// Whether what it rests on is still so.
fn stands(person: &ModeratorRow, opening: &Opening) -> bool {
    let is_theirs = matches!(&opening.by, Entry::Password(hash) if person.password.as_ref() == Some(hash));
    is_theirs && person.second_factor == opening.proof.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SessionRow;

    fn opening(number: u8, username: &str, at: i64, proof: Option<Proof>) -> Opening {
        let at = Timestamp(at);
        let expires_at = at.plus(super::super::SESSION_FOR);
        let session = SessionRow {
            token: [number; 32],
            username: username.into(),
            created_at: at,
            expires_at,
            seen_at: at,
            device: None,
        };
        Opening { session, by: Entry::Password("hash".into()), proof }
    }

    #[test]
    fn the_store_is_asked_again_once_a_second_also_after_the_clock_was_set_back() {
        let waiting = Waiting::default();
        assert!(waiting.hold(opening(1, "ada", 10_000, None)));
        for (now, is_due) in [(10_999, false), (11_000, true), (11_001, false), (5_000, true), (5_001, false)] {
            assert_eq!(waiting.get(&[1; 32], Timestamp(now)).unwrap().1, is_due, "{now}");
        }
        assert!(waiting.get(&[1; 32], Timestamp(10_000).plus(HOLDS_FOR)).is_none());
    }

    #[test]
    fn a_code_counts_once_and_a_recovery_code_waits_for_the_store() {
        let waiting = Waiting::default();
        assert!(waiting.hold(opening(1, "ada", 0, Some(Proof::Step(7)))));
        assert!(!waiting.hold(opening(2, "ada", 0, Some(Proof::Step(7)))));
        assert!(waiting.hold(opening(3, "bea", 0, Some(Proof::Step(7)))));
        assert!(waiting.end("ada", Which::All));
        assert!(!waiting.hold(opening(4, "ada", 0, Some(Proof::Step(6)))), "also once the session has ended");
        assert!(!waiting.hold(opening(5, "ada", 0, Some(Proof::Recovery([0; 32])))));
    }

    #[test]
    fn they_end_as_those_in_the_store_do_and_are_bounded() {
        let waiting = Waiting::default();
        for number in 1..=4 {
            assert!(waiting.hold(opening(number, if number == 4 { "bea" } else { "ada" }, 0, None)));
        }
        assert!(!waiting.end("bea", Which::One([1; 32])), "nobody ends another's");
        assert!(waiting.end("ada", Which::One([1; 32])));
        assert!(waiting.end("ada", Which::AllBut([2; 32])));
        let left = [1, 2, 3, 4].map(|number| waiting.get(&[number; 32], Timestamp(0)).is_some());
        assert_eq!(left, [false, true, false, true]);
        let most = u8::try_from(MOST - 1).unwrap();
        for number in 0..=most {
            let _bounded = waiting.hold(opening(number, "eve", 1, None));
        }
        assert!(waiting.held().openings.len() <= MOST);
    }
}
