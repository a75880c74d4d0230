//! Passwords: which ones are taken, and their slow hash on a bounded pool.
//!
//! Argon2id costs 19 MiB and tens of milliseconds a time, so two run at once, a few wait and the
//! rest are told to come back. Whose password it is and what follows is not known here.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::common::is_common;

/// Hashes computed at once.
const AT_ONCE: usize = 2;
/// Callers that may wait for their turn; the next is [`PasswordError::Busy`].
const WAITING: usize = 32;
/// Fewest characters of a password.
pub(super) const LEAST: usize = 12;
/// Most characters of a password.
pub(super) const MOST: usize = 128;

/// A hash that no password opens, of the cost of a real one: what an unknown name is checked against.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$qkQ6Vn0Yb3m1o3x2p8YcS0d5h4vJ8t1w9LrZfGkXe2A";

/// Why a password is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordFault {
    /// Under `LEAST` characters.
    #[error("Choose a password of at least {LEAST} characters.")]
    TooShort,
    /// Over `MOST` characters.
    #[error("Choose a password of at most {MOST} characters.")]
    TooLong,
    /// Among the first that anybody would try.
    #[error("This password is among the first that are guessed; choose a less common one.")]
    Common,
    /// It contains the name of its owner.
    #[error("Choose a password that does not contain the user name.")]
    HoldsName,
}

/// Why there is no answer about a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// The hash could not be computed.
    #[error("a password could not be hashed")]
    Failed,
}

/// Whether this person may have this password.
///
/// # Errors
/// The first [`PasswordFault`] found.
pub(super) fn acceptable(password: &str, username: &str) -> Result<(), PasswordFault> {
    match password.chars().count() {
        n if n < LEAST => return Err(PasswordFault::TooShort),
        n if n > MOST => return Err(PasswordFault::TooLong),
        _ => {}
    }
    if !username.is_empty() && password.to_lowercase().contains(&username.to_lowercase()) {
        return Err(PasswordFault::HoldsName);
    }
    if is_common(password) { Err(PasswordFault::Common) } else { Ok(()) }
}

/// The bounded pool.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), inside: Arc::new(AtomicUsize::new(0)) }
    }
}

/// Counts a caller from its arrival until its hash is done, also where it goes away meanwhile.
struct Inside(Arc<AtomicUsize>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Passwords {
    /// A fresh salt and the PHC string to keep.
    ///
    /// # Errors
    /// `PasswordError`.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_fault| PasswordError::Failed)
        })
        .await?
    }

    /// Whether the password belongs to the kept hash. None is nobody's: it takes as long, and never does.
    ///
    /// # Errors
    /// `PasswordError`, also where the kept hash cannot be read.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, PasswordError> {
        self.run(move || {
            let hash = PasswordHash::new(kept.as_deref().unwrap_or(NOBODY)).map_err(|_fault| PasswordError::Failed)?;
            let opens = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            Ok(opens && kept.is_some())
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let before = self.inside.fetch_add(1, Ordering::AcqRel);
        let inside = Inside(Arc::clone(&self.inside));
        if before >= AT_ONCE + WAITING {
            return Err(PasswordError::Busy);
        }
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| PasswordError::Failed)?;
        spawn_blocking(move || {
            let done = work();
            drop((turn, inside));
            done
        })
        .await
        .map_err(|_panicked| PasswordError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicBool};

    use futures_util::{StreamExt as _, stream::FuturesUnordered};

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens_and_nobodys_never_does() {
        let pool = Passwords::default();
        let kept = pool.hash("correct horse battery".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, pool.hash("correct horse battery".into()).await.unwrap());
        assert!(pool.verify("correct horse battery".into(), Some(kept.clone())).await.unwrap());
        assert!(!pool.verify("correct horse batterz".into(), Some(kept)).await.unwrap());
        assert!(!pool.verify("correct horse battery".into(), None).await.unwrap());
        assert_eq!(pool.verify("x".into(), Some("plain".into())).await, Err(PasswordError::Failed));
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = Argon2::default().hash_password(b"x").unwrap();
        assert_eq!(nobody.params, real.params);
        assert_eq!(nobody.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
        assert_eq!((nobody.algorithm, nobody.version), (real.algorithm, real.version));
    }

    #[tokio::test]
    async fn a_crowd_is_turned_away_and_the_pool_empties_again() {
        let pool = Passwords::default();
        let gate = Arc::new(AtomicBool::new(false));
        let behind = || {
            let gate = Arc::clone(&gate);
            pool.run(move || {
                while !gate.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
            })
        };
        let mut crowd: FuturesUnordered<_> = (0..AT_ONCE + WAITING + 5).map(|_| behind()).collect();
        for _ in 0..5 {
            assert_eq!(crowd.next().await, Some(Err(PasswordError::Busy)));
        }
        gate.store(true, Ordering::Release);
        while let Some(answer) = crowd.next().await {
            assert_eq!(answer, Ok(()));
        }
        assert_eq!(pool.inside.load(Ordering::Acquire), 0);
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }

    #[test]
    fn weak_passwords_are_named_for_what_they_are() {
        for (password, fault) in [
            ("short", PasswordFault::TooShort),
            ("elevenchars", PasswordFault::TooShort),
            (&*"é".repeat(129), PasswordFault::TooLong),
            ("my-ADA-is-the-best-one", PasswordFault::HoldsName),
            ("password1234", PasswordFault::Common),
        ] {
            assert_eq!(acceptable(password, "ada"), Err(fault), "{password}");
        }
        assert_eq!(acceptable("correct horse battery", "bob"), Ok(()));
        assert_eq!(acceptable("kéwtmz 8 Brüggen", "bob"), Ok(()));
    }
}
