//! What is kept encrypted because it must be read again: sealed under a purpose's key and bound to its owner.
//!
//! ChaCha20-Poly1305 with a random nonce in front. What was sealed under another secret, for another purpose
//! or another owner, or was changed, does not open.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{Keyring, Purpose, random};

impl Keyring {
    /// Encrypts a few bytes that belong to this owner; none where the system gives no random bytes.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, owner: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random().ok()?;
        let mut inside = plain.to_vec();
        let (nonce_used, owner) = (Nonce::assume_unique_for_key(nonce), Aad::from(owner));
        self.cipher(purpose)?.seal_in_place_append_tag(nonce_used, owner, &mut inside).ok()?;
        Some([&nonce[..], &inside].concat())
    }

    /// The reverse of [`Keyring::seal`]; none for anything else.
    #[must_use]
    pub fn open(&self, purpose: Purpose, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, inside) = sealed.split_first_chunk()?;
        let (nonce, mut inside) = (Nonce::assume_unique_for_key(*nonce), inside.to_vec());
        let plain = self.cipher(purpose)?.open_in_place(nonce, Aad::from(owner), &mut inside).ok()?;
        Some(plain.to_vec())
    }

    fn cipher(&self, purpose: Purpose) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.key(purpose)).ok().map(LessSafeKey::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_for_its_owner_under_its_secret_alone() {
        let keys = Keyring::new(b"secret");
        let sealed = keys.seal(Purpose::SecondFactor, "ada", b"twenty secret bytes!").unwrap();
        assert_eq!(keys.open(Purpose::SecondFactor, "ada", &sealed).as_deref(), Some(&b"twenty secret bytes!"[..]));
        assert_ne!(keys.seal(Purpose::SecondFactor, "ada", b"twenty secret bytes!").unwrap(), sealed);
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(keys.open(Purpose::SecondFactor, "bea", &sealed), None);
        assert_eq!(keys.open(Purpose::Csrf, "ada", &sealed), None);
        assert_eq!(Keyring::new(b"other").open(Purpose::SecondFactor, "ada", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.open(Purpose::SecondFactor, "ada", &changed), None, "{at}");
            assert_eq!(keys.open(Purpose::SecondFactor, "ada", &sealed[..at]), None, "{at}");
        }
    }
}
