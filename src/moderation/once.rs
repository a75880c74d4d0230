//! Requests that create something and are repeated: the same key with the same content gives the same answer.

use super::{Moderation, ModerationError, Viewer};
use crate::{
    keys::Purpose,
    store::{KeptAnswer, Once},
};

impl Moderation {
    /// A request's idempotency key within its scope, and what it asks for, as keyed hashes: both may be kept.
    #[must_use]
    pub fn once(&self, viewer: &Viewer, route: &str, key: &str, content: &[u8]) -> Once {
        let scope = [b"moderation", route.as_bytes(), viewer.actor.as_bytes(), key.as_bytes()];
        Once {
            key: self.keys.tag(Purpose::Idempotency, &scope),
            content: self.keys.tag(Purpose::Idempotency, &[b"content", content]),
        }
    }

    /// What this very request was answered within 24 h, JSON; none where it is new, or was never done to the end.
    ///
    /// # Errors
    /// `IdempotencyReused`, the store's.
    pub async fn answered(&self, once: Option<&Once>) -> Result<Option<String>, ModerationError> {
        let Some(once) = once else { return Ok(None) };
        match self.store.kept_answer(once.key, self.clock.now()).await? {
            Some(kept) => Ok(agreed(kept, once)?.answer),
            None => Ok(None),
        }
    }
}

/// What was kept, where it was kept of the same content.
pub(super) fn agreed(kept: KeptAnswer, once: &Once) -> Result<KeptAnswer, ModerationError> {
    if kept.content == once.content { Ok(kept) } else { Err(ModerationError::IdempotencyReused) }
}
