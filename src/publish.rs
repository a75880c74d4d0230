//! The way out: a page's comments as readers get them.
//!
//! Answers are prepared once and served from memory until the page's revision in the store moves;
//! the store is asked for that at most twice a second a page, and at once after a change made by this
//! process. While the store gives no answer, what is in memory is served as it was. What may be seen was settled when the comment was decided; nothing is judged here.

pub mod cursor;
mod feed;
mod kept;
mod news;
mod prepared;
mod view;

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use moka::sync::Cache;

use kept::{Entry, Outage, kept};

pub use feed::{FeedTitle, WantedFeed, Words};
pub use news::News;
pub use prepared::Prepared;
pub use view::{CommentView, PageInfo, Removed, Shown, ThreadPage};
// The rim names the order, and never touches the store.
pub use crate::store::ThreadOrder;

use crate::{
    config::Site,
    domain::{Clock, CommentId, Timestamp},
    keys::Keyring,
    store::{PageRow, Store, StoreError, ThreadQuery},
};

/// Bytes of prepared answers kept.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of prepared feeds kept.
const FEED_BYTES: u64 = 16 * 1024 * 1024;

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The cursor is not one of ours, or of another page or order.
    #[error("the cursor is not valid")]
    InvalidCursor,
    /// The comment to begin at is not approved, or on another page.
    #[error("the comment is not there")]
    NotThere,
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer could not be written down.
    #[error("the answer could not be written")]
    Json(#[from] serde_json::Error),
    /// The feed could not be written down.
    #[error("the feed could not be written")]
    Feed(#[from] atom_syndication::Error),
}

/// Which stretch of which page.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Wanted {
    /// The site's id.
    pub site: String,
    /// `PageIdentity::key`
    pub key: String,
    /// Which way the threads run.
    pub order: ThreadOrder,
    /// 1 to 200.
    pub limit: usize,
    /// Where it begins.
    pub start: Start,
    /// Whether it tells since when each comment is seen.
    pub with_approved: bool,
}

/// Where a stretch begins.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Start {
    /// At the page's first comment.
    Top,
    /// Behind the place of a cursor from an earlier answer.
    Behind(String),
    /// At a comment, with those it answers before it.
    At(CommentId),
}

/// An answer that may be given again for as long as [`Publish::holds`] says so.
#[derive(Clone)]
pub struct Held(Arc<Entry>);

/// An answer after a question to the store.
enum Anew {
    Kept(Arc<Entry>),
    Passing(Arc<Prepared>),
}

/// The read side of one process.
pub struct Publish {
    store: Store,
    keys: Keyring,
    clock: Clock,
    cache: Cache<Wanted, Arc<Entry>>,
    feeds: Cache<WantedFeed, Arc<Entry>>,
    placed: news::Placed,
    stirred: AtomicU64,
    outage: Outage,
}

impl Publish {
    /// The read side over a store.
    #[must_use]
    pub fn new(store: Store, keys: Keyring, clock: Clock) -> Self {
        let (cache, feeds) = (kept(CACHE_BYTES), kept(FEED_BYTES));
        Self {
            store,
            keys,
            clock,
            cache,
            feeds,
            placed: news::placed(),
            stirred: AtomicU64::new(0),
            outage: Outage::default(),
        }
    }

    /// Something that readers see was changed by this process: ask the store before the next answer.
    pub fn stir(&self) {
        self.stirred.fetch_add(1, Ordering::Release);
    }

    /// A stretch of a page as JSON, prepared. `asked` is the address as the reader gave it.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn thread(
        &self,
        site: &Site,
        wanted: Wanted,
        asked: &str,
    ) -> Result<(Arc<Prepared>, Option<Held>), PublishError> {
        let stirred = self.stirred.load(Ordering::Acquire);
        let now = self.clock.now();
        let known = self.cache.get(&wanted);
        if let Some(entry) = &known
            && (entry.is_fresh(stirred, now) || self.outage.goes_on(now))
        {
            return Ok((Arc::clone(&entry.answer), known.map(Held)));
        }
        let (answer, held) = match self.asked_anew(site, wanted, asked, known.clone(), stirred, now).await {
            Ok(Anew::Kept(entry)) => (Ok(Arc::clone(&entry.answer)), Some(Held(entry))),
            Ok(Anew::Passing(answer)) => (Ok(answer), None),
            Err(fault) => (Err(fault), None),
        };
        Ok((self.outage.or_as_it_was(answer, known, self.clock.now())?, held))
    }

    /// Whether the page is still what the answer says, without a question to the store.
    #[must_use]
    pub fn holds(&self, held: &Held) -> bool {
        held.0.is_fresh(self.stirred.load(Ordering::Acquire), self.clock.now())
    }

    /// The answer after a question to the store.
    async fn asked_anew(
        &self,
        site: &Site,
        wanted: Wanted,
        asked: &str,
        known: Option<Arc<Entry>>,
        stirred: u64,
        now: Timestamp,
    ) -> Result<Anew, PublishError> {
        let page = self.store.page(wanted.site.clone(), wanted.key.clone()).await?;
        let closed = page.as_ref().is_some_and(|page| is_closed(page, site, now));
        let of = (page.as_ref().map(|page| page.revision), closed);
        if let Some(entry) = known.filter(|entry| entry.of == of) {
            entry.confirmed(stirred, now);
            return Ok(Anew::Kept(entry));
        }
        let answer = self.stretch(page.as_ref(), closed, &wanted, asked).await?;
        let answer = Arc::new(Prepared::new(serde_json::to_vec(&answer)?));
        if page.is_none() {
            return Ok(Anew::Passing(answer));
        }
        let (stirred, asked) = (AtomicU64::new(stirred), AtomicI64::new(now.0));
        let entry = Arc::new(Entry { answer, of, stirred, asked });
        self.cache.insert(wanted, Arc::clone(&entry));
        Ok(Anew::Kept(entry))
    }

    /// A stretch of a page, for a page of our own.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn page(&self, site: &Site, wanted: &Wanted, asked: &str) -> Result<ThreadPage, PublishError> {
        let page = self.store.page(wanted.site.clone(), wanted.key.clone()).await?;
        let closed = page.as_ref().is_some_and(|page| is_closed(page, site, self.clock.now()));
        self.stretch(page.as_ref(), closed, wanted, asked).await
    }

    async fn stretch(
        &self,
        page: Option<&PageRow>,
        closed: bool,
        wanted: &Wanted,
        asked: &str,
    ) -> Result<ThreadPage, PublishError> {
        let after = match &wanted.start {
            Start::Behind(text) => Some(cursor::read(&self.keys, wanted, text).ok_or(PublishError::InvalidCursor)?),
            Start::Top | Start::At(_) => None,
        };
        let Some(page) = page else {
            if matches!(wanted.start, Start::At(_)) {
                return Err(PublishError::NotThere);
            }
            let page = PageInfo { url: asked.to_owned(), title: None, closed: false };
            return Ok(ThreadPage { page, total: 0, comments: Vec::new(), next_cursor: None });
        };
        let query = ThreadQuery { page: page.id, order: wanted.order, after, limit: wanted.limit + 1 };
        let mut rows = match wanted.start {
            Start::At(id) => self.store.thread_at(id, query).await?.ok_or(PublishError::NotThere)?,
            Start::Top | Start::Behind(_) => self.store.thread(query).await?,
        };
        let more = rows.len() > wanted.limit;
        rows.truncate(wanted.limit);
        let told = |view: CommentView| if wanted.with_approved { view } else { view.plain() };
        let last = rows.last().filter(|_| more);
        let next_cursor = last.map(|row| cursor::write(&self.keys, wanted, &row.place));
        Ok(ThreadPage {
            page: PageInfo { url: page.url.clone(), title: page.title.clone().filter(|_| page.approved > 0), closed },
            total: page.approved,
            comments: rows.into_iter().map(CommentView::from).map(told).collect(),
            next_cursor,
        })
    }

    /// Approved comments of each page, in the order asked.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn counts(&self, pages: Vec<(String, String)>) -> Result<Vec<u64>, StoreError> {
        self.store.counts(pages).await
    }

    /// One approved comment with its page's site.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn one(&self, id: CommentId) -> Result<Option<(PageRow, CommentView)>, StoreError> {
        let found = self.store.shown(id).await?;
        Ok(found.map(|(page, row)| (page, CommentView::from(row).plain())))
    }

    /// The page that a WordPress form's number is known to mean.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn page_of_post(&self, site: &str, post_id: &str) -> Result<Option<String>, StoreError> {
        self.store.page_of_post(site.to_owned(), post_id.to_owned()).await
    }
}

/// Closed by a moderator, or by its age.
fn is_closed(page: &PageRow, site: &Site, now: Timestamp) -> bool {
    page.closed || site.moderation.is_over(page.first_at, now)
}
