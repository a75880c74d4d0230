//! Bans: who may set which, and what a moderator is shown of them.
//!
//! A moderator never sees a client's address: such a ban tells the comment it was drawn from.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Moderation, ModerationError, Viewer, ban_value,
    cursor::{open, seal},
    once::agreed,
    view::bare,
};
use crate::{
    domain::{BanId, BanKind, BanMode, CommentId, Timestamp},
    store::{BanRow, Once},
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
    /// It deals with what waits, too.
    pub apply: bool,
}

/// Which bans to list.
#[derive(Clone, Debug, Default)]
pub struct BanFilter {
    /// Of this kind.
    pub kind: Option<BanKind>,
    /// Set for this site, and for no other.
    pub site: Option<String>,
    /// Text in what they go by, as far as the viewer sees it, in the reason, or in the name of who set them.
    pub text: Option<String>,
}

/// A ban that is set, and has yet to be laid on what waits.
pub struct SetBan {
    pub(super) ban: BanRow,
    pub(super) apply: bool,
    pub(super) once: Option<Once>,
}

/// What became of setting a ban.
pub enum BanSet {
    /// It is set.
    Now(Box<SetBan>),
    /// The same request was answered before, with this JSON.
    Before(String),
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
    /// How many of the comments that waited it dealt with when it was set.
    pub applied: u64,
}

/// A stretch of the bans.
#[derive(Serialize, ToSchema)]
pub struct BanPage {
    /// Newest first.
    pub items: Vec<Ban>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

impl Moderation {
    /// The bans in force on the viewer's sites, newest first.
    ///
    /// # Errors
    /// `NotFound` for a foreign site, `Cursor`, the store's.
    pub async fn bans(
        &self,
        viewer: &Viewer,
        filter: BanFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<BanPage, ModerationError> {
        viewer.narrowed(filter.site.as_deref())?;
        let question = format!("bans {filter:?}");
        let before = match cursor {
            Some(cursor) => {
                let bytes = open(&self.keys, &question, cursor).ok_or(ModerationError::Cursor)?;
                Some(BanId::from_bytes(bytes.try_into().map_err(|_length| ModerationError::Cursor)?))
            }
            None => None,
        };
        let mut rows = self.store.bans(self.clock.now()).await?;
        rows.retain(|row| row.site.as_deref().is_none_or(|site| viewer.sees(site)));
        rows.retain(|row| before.is_none_or(|before| row.id < before));
        let mut bans: Vec<Ban> = rows.into_iter().map(|row| told(viewer, row)).collect();
        bans.retain(|ban| filter.passes(ban));
        let more = bans.len() > limit;
        bans.truncate(limit);
        let next_cursor = bans.last().filter(|_| more).map(|last| seal(&self.keys, &question, &last.id.bytes()));
        Ok(BanPage { items: bans, next_cursor })
    }

    /// Sets a ban; it is in force for what comes once the pipeline has read it. [`Moderation::enforce`] does the rest.
    ///
    /// # Errors
    /// `NeedsAdmin` on all sites, `NotFound` for a foreign site or comment, `BanValue`, `IdempotencyReused`, the
    /// store's.
    pub async fn ban(&self, viewer: &Viewer, new: NewBan, once: Option<Once>) -> Result<BanSet, ModerationError> {
        let (value, from_comment) = self.settled(viewer, &new).await?;
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
            applied: 0,
        };
        let kept = self.store.ban(row.clone(), once).await?;
        let (Some(kept), Some(once)) = (kept, once) else {
            return Ok(BanSet::Now(Box::new(SetBan { ban: row, apply: new.apply, once })));
        };
        let kept = agreed(kept, &once)?;
        if let Some(answer) = kept.answer {
            return Ok(BanSet::Before(answer));
        }
        // The first one is at work at this moment, or broke off: both together come to one end.
        let begun = self.store.bans(now).await?.into_iter().find(|row| row.id.to_string() == kept.subject);
        let begun = begun.ok_or(ModerationError::NotFound)?;
        Ok(BanSet::Now(Box::new(SetBan { ban: begun, apply: new.apply, once: Some(once) })))
    }

    /// What a ban goes by, and the comment that it was drawn from, where the viewer may set such a ban.
    pub(super) async fn settled(
        &self,
        viewer: &Viewer,
        new: &NewBan,
    ) -> Result<(String, Option<CommentId>), ModerationError> {
        match &new.site {
            None if !viewer.admin => return Err(ModerationError::NeedsAdmin),
            Some(site) if !viewer.sees(site) => return Err(ModerationError::NotFound),
            _ => {}
        }
        match &new.target {
            BanTarget::Value(raw) => Ok((ban_value::normal(new.kind, raw)?, None)),
            BanTarget::FromComment(id) => {
                let source = self.store.ban_source(*id).await?.filter(|source| viewer.sees(&source.site));
                Ok((ban_value::drawn(new.kind, &source.ok_or(ModerationError::NotFound)?)?, Some(*id)))
            }
        }
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

impl BanFilter {
    fn passes(&self, ban: &Ban) -> bool {
        let holds = |text: &str, part: &str| text.to_lowercase().contains(part);
        self.kind.is_none_or(|kind| kind.as_str() == ban.kind)
            && (self.site.is_none() || self.site == ban.site)
            && self.text.as_ref().map(|part| part.to_lowercase()).is_none_or(|part| {
                let told = [ban.value.as_deref(), ban.reason.as_deref(), Some(ban.created_by.as_str())];
                told.into_iter().flatten().any(|text| holds(text, &part))
            })
    }
}

/// A ban as this viewer may see it.
pub(super) fn told(viewer: &Viewer, row: BanRow) -> Ban {
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
        applied: row.applied,
    }
}
