//! API tokens: `rd_` and 256 random bits, known to the store by their digest alone.

use crate::{keys, store::Key};

/// What every token starts with, so that a leaked one is recognised for what it is.
const PREFIX: &str = "rd_";

/// A fresh token, shown once, and the digest to store.
pub(super) fn fresh() -> Result<(String, Key), getrandom::Error> {
    let token = format!("{PREFIX}{}", keys::encode(&keys::random::<32>()?));
    let digest = keys::digest(token.as_bytes());
    Ok((token, digest))
}

/// The digest of what looks like a token; none for anything else.
#[must_use]
pub fn key_of(token: &str) -> Option<Key> {
    let secret = token.strip_prefix(PREFIX)?;
    keys::decode(secret).filter(|bytes| bytes.len() == 32).map(|_looks_right| keys::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_digest_and_nothing_else_does() {
        let (token, key) = fresh().unwrap();
        assert_eq!(token.len(), 46);
        assert_eq!(key_of(&token), Some(key));
        for bad in
            ["", "rd_", "rd_x", token.trim_start_matches("rd_"), &format!("{token}A"), &token.replace("rd_", "RD_")]
        {
            assert_eq!(key_of(bad), None, "{bad}");
        }
    }
}
