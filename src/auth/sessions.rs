//! Open sessions as people see them: when, since when not, and on what kind of device.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{Auth, AuthError, Identity, session::id_of};
use crate::{
    domain::Timestamp,
    store::{Key, SessionRow, Which},
};

/// How often at most it is noted that a session was used.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// Sessions whose last note is remembered.
const KEPT: usize = 10_000;

/// A session as its owner or an admin sees it.
pub struct SessionView {
    /// What it is called.
    pub id: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub seen_at: Timestamp,
    /// The device, e.g. "Firefox on Linux".
    pub device: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Auth {
    /// Somebody's open sessions, the newest first; none where nobody has this name.
    ///
    /// # Errors
    /// The store's.
    pub async fn sessions(&self, username: &str, asking: &Identity) -> Result<Option<Vec<SessionView>>, AuthError> {
        if self.store.moderator(username.to_owned()).await?.is_none() {
            return Ok(None);
        }
        let own = asking.session.as_ref().map(|session| session.key);
        let rows = self.store.sessions_of(username.to_owned(), self.clock.now()).await?;
        let view = |row: SessionRow| SessionView {
            id: id_of(&row.token, &self.keys),
            created_at: row.created_at,
            seen_at: row.seen_at,
            device: row.device,
            current: Some(row.token) == own,
        };
        Ok(Some(rows.into_iter().map(view).collect()))
    }

    /// Ends one of one's own sessions; false where there is none of this id.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_session(&self, who: &Identity, id: &str) -> Result<bool, AuthError> {
        let now = self.clock.now();
        let rows = self.store.sessions_of(who.name.clone(), now).await?;
        let Some(row) = rows.into_iter().find(|row| id_of(&row.token, &self.keys) == id) else { return Ok(false) };
        let which = Which::One(row.token);
        Ok(self.store.end_sessions(who.name.clone(), which, who.actor.clone(), now).await? > 0)
    }

    /// Ends all of one's own sessions but this one.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_other_sessions(&self, who: &Identity, this: Key) -> Result<(), AuthError> {
        let which = Which::AllBut(this);
        self.waiting.end(&who.name, which);
        self.store.end_sessions(who.name.clone(), which, who.actor.clone(), self.clock.now()).await?;
        Ok(())
    }

    /// Ends all sessions of somebody; false where nobody has this name.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_sessions_of(&self, username: &str, by: &str) -> Result<bool, AuthError> {
        if self.store.moderator(username.to_owned()).await?.is_none() {
            return Ok(false);
        }
        self.waiting.end(username, Which::All);
        self.store.end_sessions(username.to_owned(), Which::All, by.to_owned(), self.clock.now()).await?;
        Ok(true)
    }
}

/// When this process last noted that a session was used: many requests at once, or a store that cannot
/// write, must not make a note of each.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<Key, Timestamp>>);

impl Seen {
    /// Whether it is time to note that this session was used, which is then taken as done.
    pub(super) fn is_due(&self, session: &SessionRow, now: Timestamp) -> bool {
        if is_fresh(session.seen_at, now) {
            return false;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&session.token).is_some_and(|at| is_fresh(*at, now)) {
            return false;
        }
        if noted.len() >= KEPT {
            noted.retain(|_, at| is_fresh(*at, now));
        }
        if noted.len() < KEPT {
            noted.insert(session.token, now);
        }
        true
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.since(at) < NOTED_EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, seen_at: i64) -> SessionRow {
        let mut token = [0; 32];
        token[..4].copy_from_slice(&number.to_be_bytes());
        let at = Timestamp(seen_at);
        SessionRow { token, username: "ada".into(), created_at: at, expires_at: at, seen_at: at, device: None }
    }

    #[test]
    fn a_use_is_noted_once_a_minute_whatever_the_store_says_meanwhile() {
        let seen = Seen::default();
        assert!(!seen.is_due(&row(1, 0), Timestamp(59_999)));
        assert!(seen.is_due(&row(1, 0), Timestamp(60_000)));
        assert!(!seen.is_due(&row(1, 0), Timestamp(119_999)));
        assert!(seen.is_due(&row(1, 0), Timestamp(120_000)));
        assert!(seen.is_due(&row(2, 0), Timestamp(120_000)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let seen = Seen::default();
        for number in 0..20_000 {
            assert!(seen.is_due(&row(number, 0), Timestamp(60_000)));
        }
        assert!(seen.0.lock().unwrap().len() <= KEPT);
        assert!(seen.is_due(&row(20_000, 0), Timestamp(120_000)));
        assert_eq!(seen.0.lock().unwrap().len(), 1);
    }
}
