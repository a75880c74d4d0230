//! Bytes that are ready to send, in every coding that was asked for so far.

use std::sync::OnceLock;

use bytes::Bytes;

use crate::keys;

/// One answer: its bytes, a hash of them, and room for its coded forms.
#[derive(Debug)]
pub struct Prepared {
    /// As they are.
    pub plain: Bytes,
    /// 64 bits of the SHA-256 in hex: the stem of the entity tags.
    pub hash: String,
    coded: [OnceLock<Bytes>; 2],
}

impl Prepared {
    /// From the plain bytes.
    #[must_use]
    pub fn new(plain: Vec<u8>) -> Self {
        let hash = keys::digest(&plain).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { plain: plain.into(), hash, coded: Default::default() }
    }

    /// The bytes in the coding with this number (0 or 1), made by `make` on their first use. None where
    /// they could not be made.
    pub fn coded(&self, number: usize, make: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Bytes> {
        let slot = self.coded.get(number)?;
        if slot.get().is_none() {
            // Two at once make the same; the first to finish is kept.
            let _kept = slot.set(make(&self.plain)?.into());
        }
        slot.get().cloned()
    }

    /// Bytes it takes in memory, coded forms reckoned in.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.plain.len() * 2 + 256
    }
}
