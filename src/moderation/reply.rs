//! Replying as the newsroom: a comment like any other, marked, and shown at once.
//!
//! It passes no gate: who writes it is known, and what is said by the newsroom is nobody else's to judge.

use std::time::Duration;

use super::{Item, Moderation, ModerationError, Viewer, view::bare};
use crate::{
    domain::{
        AuthorId, BodyText, CaptchaOutcome, CaptchaRecord, CommentId, DisplayName, PageIdentity, SiteId, Status,
        Timestamp, Verdict,
    },
    keys::Purpose,
    store::{Accepted, NewComment},
};

/// How long the same reply to the same comment is a repetition.
const REPEATED: Duration = Duration::from_secs(24 * 3600);

/// A reply as it was typed.
pub struct NewReply {
    /// The comment it answers.
    pub parent: CommentId,
    /// The text.
    pub body: String,
    /// The sender's idempotency key.
    pub idempotency_key: Option<String>,
}

impl Moderation {
    /// Replies to a shown comment, with a text of `least` to `most` characters.
    ///
    /// # Errors
    /// `NotFound`, `ParentNotFound` where the comment is not shown, `Words`, `Duplicate`, `IdempotencyReused`,
    /// the store's.
    pub async fn reply(
        &self,
        viewer: &Viewer,
        new: NewReply,
        (least, most): (usize, usize),
    ) -> Result<Item, ModerationError> {
        let body = BodyText::parse(&new.body, least, most).map_err(ModerationError::Words)?;
        let row = self.store.item(new.parent).await?.filter(|row| viewer.sees(&row.site));
        let row = row.filter(|row| row.status != Status::Deleted).ok_or(ModerationError::NotFound)?;
        let now = self.clock.now();
        let page = PageIdentity { site: SiteId::new(&row.site), key: row.page.key, url: row.page.url };
        let (key, site) = (page.key.clone(), row.site);
        let comment = self.by_staff(viewer, page, &body, &new, now)?;
        let content = comment.idempotency.map(|(_, content)| content);
        let id = match self.store.accept(comment).await? {
            Accepted::Stored(receipt) => receipt.id,
            Accepted::Replayed(replay) if Some(replay.content) == content => replay.receipt.id,
            Accepted::Replayed(_) => return Err(ModerationError::IdempotencyReused),
            Accepted::Duplicate => return Err(ModerationError::Duplicate),
            Accepted::ParentGone => return Err(ModerationError::ParentNotFound),
            // It carries no token.
            Accepted::TokenUsed => return Err(ModerationError::NotFound),
        };
        (self.on_change)(&site, &key);
        self.item(viewer, id).await
    }

    fn by_staff(
        &self,
        viewer: &Viewer,
        page: PageIdentity,
        body: &BodyText,
        new: &NewReply,
        now: Timestamp,
    ) -> Result<NewComment, ModerationError> {
        let actor = viewer.actor.as_bytes();
        let name = DisplayName::parse(&bare(viewer.actor.clone())).map_err(ModerationError::Words)?;
        let [author @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            self.keys.tag(Purpose::Author, &[b"staff", actor]);
        let parent = new.parent.bytes();
        let said = self.keys.tag(Purpose::Duplicate, &[b"staff", actor, &parent, body.normalised().as_bytes()]);
        let idempotency = new.idempotency_key.as_ref().map(|key| {
            let key = self.keys.tag(Purpose::Idempotency, &[b"reply", actor, key.as_bytes()]);
            (key, self.keys.tag(Purpose::Idempotency, &[b"content", &parent, body.as_str().as_bytes()]))
        });
        Ok(NewComment {
            id: CommentId::new(now),
            page,
            title: None,
            parent: Some(new.parent),
            status: Status::Approved,
            name: name.as_str().to_owned(),
            email: None,
            url: None,
            body: body.as_str().to_owned(),
            post_id: None,
            created_at: now,
            edit_until: now,
            author: AuthorId::from_bytes(author),
            proven: true,
            email_key: None,
            sketch: None,
            cluster: None,
            founder: None,
            address: None,
            network_key: String::new(),
            captcha: CaptchaRecord {
                provider: "none".to_owned(),
                outcome: CaptchaOutcome::Off,
                score: None,
                raw_score: None,
            },
            sampled: None,
            risk: 0.0,
            verdict: Verdict::Publish,
            signals: Vec::new(),
            duplicate: (said, now.minus(REPEATED)),
            claim: None,
            unverified: None,
            idempotency,
            staff: Some(viewer.actor.clone()),
        })
    }
}
