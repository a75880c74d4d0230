//! A session: a random secret in a cookie, known to the store by its digest alone.

use std::time::Duration;

use crate::{
    domain::Timestamp,
    keys::{self, Keyring, Purpose},
    store::Key,
};

/// How long one sign-in holds.
pub const SESSION_FOR: Duration = Duration::from_secs(12 * 3600);

/// What a request that came with a session cookie has to prove, and until when it holds.
#[derive(Clone)]
pub struct OpenSession {
    /// The digest under which the store knows it.
    pub key: Key,
    /// What `X-CSRF-Token` has to say on every unsafe method.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl OpenSession {
    pub(super) fn new(key: Key, expires_at: Timestamp, keys: &Keyring) -> Self {
        Self { key, csrf: keys.token(Purpose::Csrf, &[&key]), expires_at }
    }

    /// Whether this is the session's CSRF token, in constant time.
    #[must_use]
    pub fn proves(&self, csrf: &str) -> bool {
        keys::same(self.csrf.as_bytes(), csrf.as_bytes())
    }
}

/// A fresh cookie value, and the digest to store.
pub(super) fn fresh() -> Result<(String, Key), getrandom::Error> {
    let secret = keys::random::<32>()?;
    Ok((keys::encode(&secret), keys::digest(&secret)))
}

/// The digest of a cookie's value; none for what no sign-in ever made.
pub(super) fn key_of(cookie: &str) -> Option<Key> {
    keys::decode(cookie).filter(|secret| secret.len() == 32).map(|secret| keys::digest(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_leads_to_its_digest_and_nothing_else_does() {
        let (cookie, key) = fresh().unwrap();
        assert_eq!(cookie.len(), 43);
        assert_eq!(key_of(&cookie), Some(key));
        for bad in ["", "x", &cookie.repeat(2), &format!("{cookie}A"), "é"] {
            assert_eq!(key_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_csrf_token_belongs_to_one_session_under_one_secret() {
        let keys = Keyring::new(b"secret");
        let (one, other) = ([1; 32], [2; 32]);
        let session = OpenSession::new(one, Timestamp(0), &keys);
        assert!(session.proves(&session.csrf.clone()));
        assert!(!session.proves(&OpenSession::new(other, Timestamp(0), &keys).csrf));
        assert!(!session.proves(&OpenSession::new(one, Timestamp(0), &Keyring::new(b"other")).csrf));
        assert!(!session.proves(""));
    }
}
