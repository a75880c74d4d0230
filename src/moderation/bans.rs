//! Bans: who may set which, and what a moderator is shown of them.
//!
//! A moderator never sees a client's address: such a ban tells the comment it was drawn from.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Moderation, ModerationError, Viewer, ban_value,
    cursor::{open, seal},
    view::bare,
};
use crate::{
    domain::{BanId, BanKind, BanMode, CommentId, Timestamp},
    store::BanRow,
};

/// What a ban goes by.
#[derive(Clone)]
pub enum BanTarget {
    /// This value.
    Value(String),
    /// What this comment's author has of the kind.
    FromComment(CommentId),
}

/// A ban as it was asked for.
#[derive(Clone)]
pub struct NewBan {
    /// What it goes by.
    pub kind: BanKind,
    /// Whom it meets.
    pub target: BanTarget,
    /// What it does.
    pub mode: BanMode,
    /// Where; none is on all sites.
    pub site: Option<String>,
    /// Until when; none is for good.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// A ban as it is told.
#[derive(Clone, Serialize, ToSchema)]
pub struct Ban {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: BanId,
    /// `ip`, `network`, `email`, `email_domain`, `link_domain` or `name`.
    pub kind: String,
    /// Whom it meets; null where that is an address and the viewer no admin.
    pub value: Option<String>,
    /// The comment it was drawn from.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub from_comment: Option<CommentId>,
    /// `refuse`, `hold` or `shadow`.
    pub mode: String,
    /// Where; null is on all sites.
    pub site: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who set it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when; null is for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// A stretch of the bans.
#[derive(Serialize, ToSchema)]
pub struct BanPage {
    /// Newest first.
    pub items: Vec<Ban>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

const QUESTION: &str = "bans";

impl Moderation {
    /// The bans in force on the viewer's sites, newest first.
    ///
    /// # Errors
    /// `Cursor`, the store's.
    pub async fn bans(&self, viewer: &Viewer, limit: usize, cursor: Option<&str>) -> Result<BanPage, ModerationError> {
        let before = match cursor {
            Some(cursor) => {
                let bytes = open(&self.keys, QUESTION, cursor).ok_or(ModerationError::Cursor)?;
                Some(BanId::from_bytes(bytes.try_into().map_err(|_length| ModerationError::Cursor)?))
            }
            None => None,
        };
        let mut rows = self.store.bans(self.clock.now()).await?;
        rows.retain(|row| row.site.as_deref().is_none_or(|site| viewer.sees(site)));
        rows.retain(|row| before.is_none_or(|before| row.id < before));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&self.keys, QUESTION, &last.id.bytes()));
        Ok(BanPage { items: rows.into_iter().map(|row| told(viewer, row)).collect(), next_cursor })
    }

    /// Sets a ban.
    ///
    /// # Errors
    /// `NeedsAdmin` on all sites, `NotFound` for a foreign site or comment, `BanValue`, the store's.
    pub async fn ban(&self, viewer: &Viewer, new: NewBan) -> Result<Ban, ModerationError> {
        match &new.site {
            None if !viewer.admin => return Err(ModerationError::NeedsAdmin),
            Some(site) if !viewer.sees(site) => return Err(ModerationError::NotFound),
            _ => {}
        }
        let (value, from_comment) = match new.target {
            BanTarget::Value(raw) => (ban_value::normal(new.kind, &raw)?, None),
            BanTarget::FromComment(id) => {
                let source = self.store.ban_source(id).await?.filter(|source| viewer.sees(&source.site));
                (ban_value::drawn(new.kind, &source.ok_or(ModerationError::NotFound)?)?, Some(id))
            }
        };
        let now = self.clock.now();
        let row = BanRow {
            id: BanId::new(now),
            kind: new.kind.as_str().to_owned(),
            value,
            mode: new.mode.as_str().to_owned(),
            site: new.site,
            reason: new.reason,
            created_by: viewer.actor.clone(),
            created_at: now,
            expires_at: new.expires_at,
            from_comment,
        };
        self.store.ban(row.clone()).await?;
        Ok(told(viewer, row))
    }

    /// Ends a ban.
    ///
    /// # Errors
    /// `NotFound`, also for one of a foreign site; `NeedsAdmin` for one on all sites; the store's.
    pub async fn unban(&self, viewer: &Viewer, id: BanId) -> Result<(), ModerationError> {
        let now = self.clock.now();
        let bans = self.store.bans(now).await?;
        let ban = bans.into_iter().find(|ban| ban.id == id).ok_or(ModerationError::NotFound)?;
        match &ban.site {
            Some(site) if !viewer.sees(site) => return Err(ModerationError::NotFound),
            None if !viewer.admin => return Err(ModerationError::NeedsAdmin),
            _ => {}
        }
        let ended = self.store.unban(id, viewer.actor.clone(), now).await?;
        if ended { Ok(()) } else { Err(ModerationError::NotFound) }
    }
}

fn told(viewer: &Viewer, row: BanRow) -> Ban {
    // A ban of all sites may name somebody who never wrote on the viewer's.
    let elsewhere = row.site.is_none() && viewer.sites.is_some();
    let hidden = !viewer.admin && (elsewhere || row.kind.parse().is_ok_and(BanKind::is_address));
    Ban {
        id: row.id,
        kind: row.kind,
        value: (!hidden).then_some(row.value),
        from_comment: row.from_comment,
        mode: row.mode,
        site: row.site,
        reason: row.reason,
        created_by: bare(row.created_by),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }
}
