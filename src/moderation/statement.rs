//! What a statement of reasons rests on: which decision stands on a comment, who took it, why, and what programs had to
//! do with it.
//!
//! Which words it is told in, and what a site's reasons say, is not known here.

use super::{Moderation, ModerationError, Viewer};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{AuditRow, QueueItem},
};

/// The facts.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which comment.
    pub id: CommentId,
    /// On which site.
    pub site: String,
    /// On which page.
    pub page: String,
    /// Who wrote it.
    pub name: String,
    /// Where they can be reached, if they said so.
    pub email: Option<String>,
    /// What they wrote.
    pub body: String,
    /// When it came.
    pub created_at: Timestamp,
    /// `Rejected` or `Spam`.
    pub status: Status,
    /// It had been shown before.
    pub removed: bool,
    /// Since when that stands.
    pub decided_at: Timestamp,
    /// What was noted with the decision.
    pub reason: Option<String>,
    /// A program found something against it.
    pub detected: bool,
    /// A program decided: ours when the comment came, or another by an API token.
    pub automated: bool,
    /// Readers reported it.
    pub reported: bool,
}

impl Moderation {
    /// The facts of a comment that is turned down.
    ///
    /// # Errors
    /// `NotFound` as for the comment itself, `NotTurnedDown` for one that waits or is shown, the store's.
    pub async fn facts(&self, viewer: &Viewer, id: CommentId) -> Result<Facts, ModerationError> {
        let row = self.store.item(id).await?;
        let row = row.filter(|row| viewer.sees(&row.site) && row.status != Status::Deleted);
        let row = row.ok_or(ModerationError::NotFound)?;
        if !matches!(row.status, Status::Rejected | Status::Spam) {
            return Err(ModerationError::NotTurnedDown);
        }
        Ok(facts(row, &self.store.history(id).await?))
    }
}

fn facts(row: QueueItem, history: &[AuditRow]) -> Facts {
    let says = |deed: &AuditRow, field: &str, status: Status| {
        deed.detail.get(field).and_then(|value| value.as_str()) == Some(status.as_str())
    };
    let led_here =
        |deed: &&AuditRow| says(deed, "to", row.status) && (decides(deed) || !says(deed, "from", row.status));
    let deed = history.iter().rev().find(led_here);
    // What a ban did in somebody's name nobody read, and its reason is a note about the ban.
    let by_hand = deed.filter(|deed| decides(deed) && !deed.detail.contains_key("ban"));
    let was_shown = |deed: &AuditRow| ["from", "to"].iter().any(|field| says(deed, field, Status::Approved));
    let listed = row.signals.iter().any(|signal| !signal.quiet && signal.weight > 0.0);
    // The author knows their own words, not what the newsroom made of them.
    let (name, body) = row.revised.map_or((row.name, row.body), |own| (own.name, own.body));
    Facts {
        id: row.id,
        site: row.site,
        page: row.page.url,
        name,
        email: row.email,
        body,
        created_at: row.created_at,
        status: row.status,
        removed: history.iter().any(was_shown),
        decided_at: deed.map_or(row.created_at, |deed| deed.at),
        reason: by_hand.and_then(|deed| Some(deed.detail.get("reason")?.as_str()?.to_owned())),
        detected: listed || by_hand.is_none(),
        automated: by_hand.is_none_or(|deed| deed.actor.starts_with("token:")),
        reported: row.reports > 0,
    }
}

/// Whether somebody decided, rather than that a program judged anew what its author changed.
fn decides(deed: &AuditRow) -> bool {
    matches!(&*deed.action, "comment.approve" | "comment.reject" | "comment.spam")
        && (deed.actor.starts_with("moderator:") || deed.actor.starts_with("token:"))
}
