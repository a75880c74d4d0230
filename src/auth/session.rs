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
    /// What it is called to people: nothing follows from it about the key or the cookie.
    pub id: String,
    /// What `X-CSRF-Token` has to say on every unsafe method.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl OpenSession {
    pub(super) fn new(key: Key, expires_at: Timestamp, keys: &Keyring) -> Self {
        Self { key, id: id_of(&key, keys), csrf: keys.token(Purpose::Csrf, &[&key]), expires_at }
    }

    /// Whether this is the session's CSRF token, in constant time.
    #[must_use]
    pub fn proves(&self, csrf: &str) -> bool {
        keys::same(self.csrf.as_bytes(), csrf.as_bytes())
    }
}

/// What the session of this key is called to people.
pub(super) fn id_of(key: &Key, keys: &Keyring) -> String {
    keys.token(Purpose::SessionId, &[key])
}

/// A fresh cookie value, and the digest to store.
pub(super) fn fresh() -> Result<(String, Key), getrandom::Error> {
    let secret = keys::random::<32>()?;
    Ok((keys::encode(&secret), keys::digest(&secret)))
}

/// The digest of a cookie's value; none for what no sign-in ever made.
#[must_use]
pub fn key_of(cookie: &str) -> Option<Key> {
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
    fn the_id_of_a_session_is_its_own_and_neither_its_key_nor_its_csrf_token() {
        let keys = Keyring::new(b"secret");
        let (one, other) =
            (OpenSession::new([1; 32], Timestamp(0), &keys), OpenSession::new([2; 32], Timestamp(0), &keys));
        assert_eq!(one.id.len(), 22);
        assert_ne!(one.id, other.id);
        assert_ne!(one.id, one.csrf);
        assert!(!keys::encode(&one.key).starts_with(&one.id));
        assert_ne!(one.id, OpenSession::new([1; 32], Timestamp(0), &Keyring::new(b"other")).id);
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
