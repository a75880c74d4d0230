//! Claims: telling the others who looks at a comment, for five minutes at a time. Nobody is kept from deciding.

use std::time::Duration;

use super::{Item, Moderation, ModerationError, Viewer, view::bare};
use crate::{
    domain::CommentId,
    store::{ClaimOrder, Claimed},
};

/// How long a claim holds unless it is renewed.
const LEASE: Duration = Duration::from_secs(5 * 60);

impl Moderation {
    /// Claims a comment for five minutes, or renews one's own claim.
    ///
    /// # Errors
    /// `NotFound`, `Claimed` where it is somebody else's, the store's.
    pub async fn claim(&self, viewer: &Viewer, id: CommentId) -> Result<Item, ModerationError> {
        let now = self.clock.now();
        let (by, until, sites) = (viewer.actor.clone(), now.plus(LEASE), viewer.sites.clone());
        match self.store.claim_comment(ClaimOrder { id, by, now, until, sites }).await? {
            Claimed::Held => self.item(viewer, id).await,
            Claimed::ByOther(claim) => Err(ModerationError::Claimed { by: bare(claim.actor), until: claim.until }),
            Claimed::NotFound => Err(ModerationError::NotFound),
        }
    }

    /// Gives one's own claim back; where there is none, nothing changes.
    ///
    /// # Errors
    /// `NotFound`, the store's.
    pub async fn unclaim(&self, viewer: &Viewer, id: CommentId) -> Result<(), ModerationError> {
        self.item(viewer, id).await?;
        self.store.release_claim(id, viewer.actor.clone(), self.clock.now()).await?;
        Ok(())
    }
}
