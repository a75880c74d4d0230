//! Listing the queue and looking at one comment.

use super::{
    Detail, Item, ItemPage, Moderation, ModerationError, Viewer,
    cursor::{open, seal},
};
use crate::{
    domain::{CommentId, EmailAddress, PageIdentity, Status, Timestamp},
    store::{QueueAuthor, QueueItem, QueueOrder, QueueQuery},
};

/// Comments of the thread that are shown beside one comment.
const AROUND: usize = 200;

/// Which comments to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// One status, or all.
    pub status: Option<Status>,
    /// One site.
    pub site: Option<String>,
    /// One page.
    pub page: Option<PageIdentity>,
    /// Text in body, name or email: every word of it must be found.
    pub text: Option<String>,
    /// An author's id, or an email or name.
    pub author: Option<String>,
    /// One cluster's members.
    pub cluster: Option<CommentId>,
    /// Only what readers reported.
    pub reported: bool,
    /// None before this.
    pub since: Option<Timestamp>,
    /// None after this.
    pub until: Option<Timestamp>,
    /// The captcha's score, least and most, both included.
    pub score: (Option<f64>, Option<f64>),
    /// The risk, least and most, both included.
    pub risk: (Option<f64>, Option<f64>),
    /// One row a cluster: its newest member.
    pub collapse: bool,
    /// Which way.
    pub order: QueueOrder,
}

impl Filter {
    /// One text for one question: a cursor is bound to it.
    fn question(&self) -> String {
        format!("queue {self:?}")
    }
}

impl Moderation {
    /// A stretch of the queue, at most `limit` comments.
    ///
    /// # Errors
    /// `NotFound` for a site that is not the viewer's, `Cursor`, the store's.
    pub async fn list(
        &self,
        viewer: &Viewer,
        filter: Filter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<ItemPage, ModerationError> {
        let sites = viewer.narrowed(filter.site.as_deref())?;
        let question = filter.question();
        let after = match cursor {
            Some(cursor) => {
                let place = open(&self.keys, &question, cursor).ok_or(ModerationError::Cursor)?;
                Some(place_of(&place).ok_or(ModerationError::Cursor)?)
            }
            None => None,
        };
        let page = match &filter.page {
            Some(page) => match self.store.page(page.site.as_str().to_owned(), page.key.clone()).await? {
                Some(row) => Some(row.id),
                None => return Ok(ItemPage { items: Vec::new(), next_cursor: None }),
            },
            None => None,
        };
        let query = QueueQuery {
            status: filter.status,
            sites,
            page,
            words: filter.text.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect(),
            author: filter.author.map(|text| self.author(text)),
            cluster: filter.cluster,
            reported: filter.reported,
            since: filter.since,
            until: filter.until,
            score: filter.score,
            risk: filter.risk,
            collapse: filter.collapse,
            order: filter.order,
            after,
            limit: limit + 1,
        };
        let mut rows = self.store.queue(query).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&self.keys, &question, &place(last)));
        Ok(ItemPage { items: rows.into_iter().map(|row| self.told(row)).collect(), next_cursor })
    }

    /// One comment with its history and thread.
    ///
    /// # Errors
    /// `NotFound`, also for a comment of a foreign site or one that its author took back; the store's.
    pub async fn detail(&self, viewer: &Viewer, id: CommentId) -> Result<Detail, ModerationError> {
        let item = self.item(viewer, id).await?;
        let history = self.store.history(id).await?;
        let thread = self.store.around(id, AROUND).await?;
        Ok(Detail {
            item,
            history: history.into_iter().map(Into::into).collect(),
            thread: thread.into_iter().map(Into::into).collect(),
        })
    }

    /// One comment as the queue shows it.
    ///
    /// # Errors
    /// As [`Moderation::detail`].
    pub async fn item(&self, viewer: &Viewer, id: CommentId) -> Result<Item, ModerationError> {
        let row = self.store.item(id).await?;
        row.filter(|row| viewer.sees(&row.site) && row.status != Status::Deleted)
            .map(|row| self.told(row))
            .ok_or(ModerationError::NotFound)
    }

    /// Whom a text means: an id, an email address by its number, else a name.
    fn author(&self, text: String) -> QueueAuthor {
        match (text.parse(), EmailAddress::parse(&text)) {
            (Ok(id), _) => QueueAuthor::Id(id),
            (_, Ok(Some(email))) => QueueAuthor::Email(self.keys.email(&email.canonical())),
            _ => QueueAuthor::Name(text),
        }
    }

    /// The comment as it is told now: a claim whose lease is over is none.
    pub(super) fn told(&self, mut row: QueueItem) -> Item {
        let now = self.clock.now();
        row.claim = row.claim.filter(|claim| claim.until > now);
        Item::from(row)
    }
}

/// A row's place in any order: a number and a risk.
fn place(row: &QueueItem) -> Vec<u8> {
    let (seq, risk) = row.place;
    [seq.to_be_bytes(), risk.to_be_bytes()].concat()
}

fn place_of(bytes: &[u8]) -> Option<(i64, f64)> {
    let (seq, risk) = bytes.split_first_chunk()?;
    Some((i64::from_be_bytes(*seq), f64::from_be_bytes(risk.try_into().ok()?)))
}
