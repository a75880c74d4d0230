//! What a ban would have met, before it is set.
//!
//! It is counted on what is kept: of addresses that is less than of all else.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{BanTarget, Moderation, ModerationError, NewBan, Viewer, sieve::Sieve};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{Portion, QueueItem, Written},
};

/// How far back it looks.
const LATELY: Duration = Duration::from_secs(30 * 24 * 3600);
/// Most comments that are looked at; the newest.
const MOST: usize = 200_000;
/// Examples that are shown.
const EXAMPLES: usize = 5;
/// Characters of a text that an example shows.
const EXCERPT: usize = 160;

/// What a ban would have met.
#[derive(Debug, Serialize, ToSchema)]
pub struct BanPreview {
    /// Comments were counted from here on: 30 days back, or less where more than 200,000 came since.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Of a ban on addresses: they are kept from here on, and of what came before nobody knows. Null for other kinds.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub addresses_since: Option<Timestamp>,
    /// Comments since then that it would have met. Of spam and rejected ones those whose words are still kept
    /// (`moderation.retain_spam`, `retain_rejected`).
    pub hits: u64,
    /// Of these, approved ones.
    pub approved: u64,
    /// Comments that wait now, whenever they came, and that it would deal with when it is set.
    pub waiting: u64,
    /// The newest it would have met, five at most. None of a ban on addresses by their value, but for admins.
    pub examples: Vec<BanExample>,
}

/// A comment that a ban would have met.
#[derive(Debug, Serialize, ToSchema)]
pub struct BanExample {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// The name as it was typed.
    pub name: String,
    /// The page's address.
    pub page: String,
    /// `pending`, `approved`, `rejected` or `spam`.
    #[schema(value_type = String)]
    pub status: Status,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How the text begins, plain.
    pub excerpt: String,
}

impl Moderation {
    /// What this ban would have met of the last 30 days, and what waits. `address_kept_for` is how long the sites it
    /// is for keep addresses.
    ///
    /// # Errors
    /// As of setting it.
    pub async fn preview(
        &self,
        viewer: &Viewer,
        new: &NewBan,
        address_kept_for: Duration,
    ) -> Result<BanPreview, ModerationError> {
        // Who could try addresses one by one, and see what each meets, would soon know everybody's.
        if new.kind.is_address() && !viewer.admin && matches!(new.target, BanTarget::Value(_)) {
            return Err(ModerationError::Guess);
        }
        let (value, _) = self.settled(viewer, new).await?;
        let sieve = Sieve::new(new.kind, &value, viewer.banning(new.site.as_deref()))?;
        // It may be much to read: two at a time leave the store to others.
        let _turn = self.previews.acquire().await;
        let now = self.clock.now();
        let since = now.minus(LATELY);
        let addresses_since = new.kind.is_address().then(|| since.max(now.minus(address_kept_for)));
        let preview = BanPreview { since, addresses_since, hits: 0, approved: 0, waiting: 0, examples: Vec::new() };
        let mut preview = self.look_back(&sieve, preview).await?;
        let mut portion = Some(Portion::Waiting { after: 0 });
        while let Some(stretch) = portion {
            let sifted = sieve.stretch(&self.store, stretch).await?;
            preview.waiting += count(&sifted.met);
            portion = sifted.next;
        }
        Ok(preview)
    }

    async fn look_back(&self, sieve: &Sieve, mut preview: BanPreview) -> Result<BanPreview, ModerationError> {
        let (mut shown, mut looked_at) = (Vec::new(), 0);
        let mut portion = Some(Portion::Lately { since: preview.since, before: None });
        while let Some(stretch) = portion {
            let sifted = sieve.stretch(&self.store, stretch).await?;
            preview.hits += count(&sifted.met);
            preview.approved += count(sifted.met.iter().filter(|row| row.status == Status::Approved));
            shown.extend(sifted.met.iter().map(|row| row.id).take(EXAMPLES - shown.len()));
            looked_at += sifted.looked_at;
            portion = sifted.next.filter(|_| looked_at < MOST);
            if portion.is_none() && sifted.next.is_some() {
                preview.since = sifted.reached.unwrap_or(preview.since);
            }
        }
        for id in shown {
            preview.examples.extend(self.store.item(id).await?.map(BanExample::from));
        }
        Ok(preview)
    }
}

fn count<'a>(rows: impl IntoIterator<Item = &'a Written>) -> u64 {
    u64::try_from(rows.into_iter().count()).unwrap_or(u64::MAX)
}

impl From<QueueItem> for BanExample {
    fn from(row: QueueItem) -> Self {
        let page = row.page.url;
        Self {
            id: row.id,
            name: row.name,
            page,
            status: row.status,
            created_at: row.created_at,
            excerpt: excerpt(&row.body),
        }
    }
}

/// How a text begins, on one line.
fn excerpt(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}
