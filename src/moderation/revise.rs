//! Changing a comment's words for the newsroom. The author's own are kept beside them.

use super::{Item, Moderation, ModerationError, Viewer, view::bare};
use crate::{
    domain::{BodyText, CommentId, DisplayName, Website},
    store::{DecisionOutcome, Revision},
};

/// What the newsroom wants a comment to say. What is none stays as it is.
#[derive(Clone, Default)]
pub struct NewWords {
    /// The name.
    pub name: Option<String>,
    /// The author's site; blank takes it away.
    pub url: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// The version that was looked at; none changes whatever stands.
    pub version: Option<i64>,
}

impl Moderation {
    /// Gives a comment other words, of `least` to `most` characters; its status and score stay.
    ///
    /// # Errors
    /// `NotFound`, `Conflict`, `Words` for a text that no reader could have sent, the store's.
    pub async fn revise(
        &self,
        viewer: &Viewer,
        id: CommentId,
        new: NewWords,
        (least, most): (usize, usize),
    ) -> Result<Item, ModerationError> {
        let name = new.name.map(|raw| DisplayName::parse(&raw)).transpose().map_err(ModerationError::Words)?;
        let url = new.url.map(|raw| Website::parse(&raw)).transpose().map_err(ModerationError::Words)?;
        let body =
            new.body.map(|raw| BodyText::parse(&raw, least, most)).transpose().map_err(ModerationError::Words)?;
        let revision = Revision {
            id,
            version: new.version,
            name: name.map(|name| name.as_str().to_owned()),
            url: url.map(|url| url.map(|url| url.as_str().to_owned())),
            body: body.map(|body| body.as_str().to_owned()),
            by: viewer.actor.clone(),
            now: self.clock.now(),
            sites: viewer.sites.clone(),
        };
        let result = self.store.revise(revision).await?;
        match result.outcome {
            DecisionOutcome::Applied => {
                if let Some((site, key)) = &result.page {
                    (self.on_change)(site, key);
                }
                self.item(viewer, id).await
            }
            DecisionOutcome::Unchanged => self.item(viewer, id).await,
            DecisionOutcome::NotFound => Err(ModerationError::NotFound),
            DecisionOutcome::Conflict { by, status, at } => {
                let version = result.version.unwrap_or_default();
                Err(ModerationError::Conflict { by: by.map(bare), status, at, version })
            }
        }
    }
}
