//! Pages: which there are, what waits there, and what moderators change about them.

use super::{
    Moderation, ModerationError, Viewer,
    cursor::{open, seal},
};
use crate::{
    domain::{Mode, PageIdentity, Timestamp},
    store::{PageChange, PageLine, PageOrder, PageQuery},
};

/// Which pages to list.
#[derive(Clone, Debug)]
pub struct PageFilter {
    /// One site.
    pub site: Option<String>,
    /// Text in address or title.
    pub text: Option<String>,
    /// Those that a moderator has closed, or the others.
    pub closed: Option<bool>,
    /// Which way.
    pub order: PageOrder,
}

/// What to change about a page; what is none stays.
#[derive(Clone, Debug)]
pub struct NewPage {
    /// Which page; nobody needs to have commented there.
    pub page: PageIdentity,
    /// Closed; false leaves it to its age.
    pub closed: Option<bool>,
    /// The title, checked, or that it has none.
    pub title: Option<Option<String>>,
    /// Who publishes there, or that it is as on the whole site.
    pub mode: Option<Option<Mode>>,
}

/// A page as moderators see it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the wire's of the same name")]
pub struct PageView {
    pub site: String,
    pub page: String,
    pub title: Option<String>,
    pub closed: bool,
    pub mode: Option<Mode>,
    pub first_at: Option<Timestamp>,
    pub approved: u64,
    pub pending: u64,
}

/// A stretch of the pages.
pub struct PagesPage {
    /// The pages.
    pub items: Vec<PageView>,
    /// Where the next stretch starts; none at the end.
    pub next_cursor: Option<String>,
}

impl Moderation {
    /// A stretch of the pages on the viewer's sites.
    ///
    /// # Errors
    /// `NotFound` for a foreign site, `Cursor`, the store's.
    pub async fn pages(
        &self,
        viewer: &Viewer,
        filter: PageFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<PagesPage, ModerationError> {
        let sites = viewer.narrowed(filter.site.as_deref())?;
        let question = format!("pages {filter:?}");
        let after = match cursor {
            Some(cursor) => {
                let place = open(&self.keys, &question, cursor).and_then(|bytes| place_of(&bytes));
                Some(place.ok_or(ModerationError::Cursor)?)
            }
            None => None,
        };
        let PageFilter { text, closed, order, .. } = filter;
        let query = PageQuery { sites, text, closed, order, after, limit: limit + 1 };
        let mut rows = self.store.pages(query).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&self.keys, &question, &place(last)));
        Ok(PagesPage { items: rows.into_iter().map(PageView::from).collect(), next_cursor })
    }

    /// Changes a page; as it stands then. What changes holds at once.
    ///
    /// # Errors
    /// `NotFound` for a page of a foreign site, the store's.
    pub async fn change_page(&self, viewer: &Viewer, new: NewPage) -> Result<PageView, ModerationError> {
        let NewPage { page, closed, title, mode } = new;
        if !viewer.sees(page.site.as_str()) {
            return Err(ModerationError::NotFound);
        }
        let (site, key) = (page.site.clone(), page.key.clone());
        let change = PageChange { page, closed, title, mode, by: viewer.actor.clone(), now: self.clock.now() };
        let line = self.store.change_page(change).await?;
        (self.on_change)(site.as_str(), &key);
        Ok(line.into())
    }
}

/// A page's place in either order: how many wait, and its number.
fn place(line: &PageLine) -> Vec<u8> {
    [line.pending.to_be_bytes(), line.page.id.to_be_bytes()].concat()
}

fn place_of(bytes: &[u8]) -> Option<(i64, i64)> {
    let (pending, id) = bytes.split_first_chunk()?;
    Some((i64::from_be_bytes(*pending), i64::from_be_bytes(id.try_into().ok()?)))
}

impl From<PageLine> for PageView {
    fn from(line: PageLine) -> Self {
        let PageLine { page, pending } = line;
        Self {
            site: page.site,
            page: page.url,
            title: page.title,
            closed: page.closed,
            mode: page.mode,
            first_at: page.first_at,
            approved: page.approved,
            pending: u64::try_from(pending).unwrap_or(0),
        }
    }
}
