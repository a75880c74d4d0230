//! The newest comments of a page or a site as an Atom document (RFC 4287).
//!
//! Prepared once and kept until what it was made from moves. Everything that its words hang on is in what was asked
//! for, so that new settings make a new document.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use atom_syndication::{Content, Entry as AtomEntry, Feed, FixedDateTime, Generator, Link, Person, Text};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Entry, Prepared, Publish, PublishError};
use crate::{
    domain::{CommentId, Timestamp, Tongue},
    keys,
    store::{FeedOf, PageRow, ShownComment, StoreError},
    text::{escape::holdable, markdown},
};

/// Comments of one document.
const ENTRIES: usize = 50;
/// The media type of the document.
const MEDIA: &str = "application/atom+xml";

/// Whose newest comments, and how the document speaks of itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct WantedFeed {
    /// The site's id.
    pub site: String,
    /// `PageIdentity::key`; none for the whole site.
    pub key: Option<String>,
    /// The site's first origin, which completes what is known as a path only.
    pub origin: String,
    /// The site's language.
    pub lang: String,
    /// The language that its titles are in.
    pub tongue: Tongue,
    /// Where this service is reached, without a slash at the end.
    pub public_url: String,
}

/// Puts a title into words.
pub type Words = dyn Fn(FeedTitle<'_>) -> String;

/// What a title says.
#[derive(Clone, Copy)]
pub enum FeedTitle<'a> {
    /// What the whole is about: a page's title, or a site's host.
    Whole(&'a str),
    /// Who wrote a comment, and the title of its page.
    Entry(&'a str, &'a str),
}

impl Publish {
    /// The feed of a page or a site, prepared; its titles are put into words by `words`.
    ///
    /// # Errors
    /// See [`PublishError`]; never for a cursor.
    pub async fn feed(&self, wanted: WantedFeed, words: &Words) -> Result<Arc<Prepared>, PublishError> {
        let stirred = self.stirred.load(Ordering::Acquire);
        let now = self.clock.now();
        let known = self.feeds.get(&wanted);
        if let Some(entry) = known.as_ref().filter(|entry| entry.is_fresh(stirred, now) || self.outage.goes_on(now)) {
            return Ok(Arc::clone(&entry.answer));
        }
        let answer = self.feed_anew(wanted, words, known.clone(), stirred, now).await;
        self.outage.or_as_it_was(answer, known, self.clock.now())
    }

    async fn feed_anew(
        &self,
        wanted: WantedFeed,
        words: &Words,
        known: Option<Arc<Entry>>,
        stirred: u64,
        now: Timestamp,
    ) -> Result<Arc<Prepared>, PublishError> {
        let (page, revision) = self.standing(&wanted).await?;
        let of = (revision, false);
        if let Some(entry) = known.filter(|entry| entry.of == of) {
            return Ok(entry.confirmed(stirred, now));
        }
        let source = match (&wanted.key, &page) {
            (None, _) => Some(FeedOf::Site(wanted.site.clone())),
            (Some(_), page) => page.as_ref().map(|page| FeedOf::Page(page.id)),
        };
        let rows = match source {
            Some(of) => self.store.newest(of, ENTRIES).await?,
            None => Vec::new(),
        };
        let written = wanted.document(page.as_ref(), &rows, words).write_to(Vec::new())?;
        let answer = Arc::new(Prepared::new(written));
        // Pages that nobody commented on are as many as a stranger can think of.
        if revision.is_some() {
            let (stirred, asked) = (AtomicU64::new(stirred), AtomicI64::new(now.0));
            self.feeds.insert(wanted, Arc::new(Entry { answer: Arc::clone(&answer), of, stirred, asked }));
        }
        Ok(answer)
    }

    /// The page asked for, and a number that moves with what readers see. A site's adds up all its pages' revisions:
    /// asked at most twice a second, as a page's is.
    async fn standing(&self, wanted: &WantedFeed) -> Result<(Option<PageRow>, Option<i64>), StoreError> {
        match &wanted.key {
            Some(key) => {
                let page = self.store.page(wanted.site.clone(), key.clone()).await?;
                let revision = page.as_ref().map(|page| page.revision);
                Ok((page, revision))
            }
            None => Ok((None, self.store.site_revision(wanted.site.clone()).await?)),
        }
    }
}

impl WantedFeed {
    fn document(&self, page: Option<&PageRow>, rows: &[(PageRow, ShownComment)], words: &Words) -> Feed {
        let entries: Vec<AtomEntry> = rows.iter().map(|(page, row)| self.entry(page, row, words)).collect();
        let (about, alternate) = match (&self.key, page) {
            (Some(_), Some(page)) => (title(page), self.absolute(&page.url)),
            (Some(key), None) => (key.clone(), self.absolute(key)),
            (None, _) => (self.host().to_owned(), format!("{}/", self.origin)),
        };
        // The newest change of an entry; of none, the time before all comments.
        let changed = rows.iter().map(|(_, row)| changed(row).0).max().unwrap_or(0);
        Feed {
            title: plain(&words(FeedTitle::Whole(&about))),
            id: self.id(),
            updated: time(Timestamp(changed)),
            generator: Some(Generator {
                value: "Replydesk".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                uri: None,
            }),
            links: vec![link("self", &self.own_url(), MEDIA), link("alternate", &alternate, "text/html")],
            lang: Some(self.lang.clone()),
            entries,
            ..Feed::default()
        }
    }

    fn entry(&self, page: &PageRow, row: &ShownComment, words: &Words) -> AtomEntry {
        let (title, name) = (title(page), holdable(&row.name));
        let uri = row.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let place = format!("{}#comment-{}", self.absolute(&page.url), row.id);
        let content = Content {
            value: Some(holdable(&markdown::render(&row.body))),
            content_type: Some("html".to_owned()),
            ..Content::default()
        };
        AtomEntry {
            title: plain(&words(FeedTitle::Entry(&name, &title))),
            id: urn(row.id),
            updated: time(changed(row)),
            published: Some(time(row.approved_at)),
            authors: vec![Person { name, uri: uri.map(holdable), ..Person::default() }],
            links: vec![link("alternate", &place, "text/html")],
            content: Some(content),
            ..AtomEntry::default()
        }
    }

    /// Stays the same wherever the service is reached.
    fn id(&self) -> String {
        let key = self.key.as_deref().unwrap_or_default().as_bytes();
        let kind: &[u8] = if self.key.is_some() { b"page" } else { b"site" };
        let mut bytes = [0; 16];
        for (byte, digest) in bytes.iter_mut().zip(keys::digest_of(&[b"feed", kind, self.site.as_bytes(), key])) {
            *byte = digest;
        }
        format!("urn:uuid:{}", uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    fn own_url(&self) -> String {
        let (name, value) = match &self.key {
            Some(key) => ("page", self.absolute(key)),
            None => ("site", self.site.clone()),
        };
        let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
        let tongue = Some(self.tongue).filter(|tongue| *tongue != Tongue::asked_by(&self.lang).unwrap_or_default());
        let wish = tongue.map_or_else(String::new, |tongue| format!("&lang={}", tongue.tag()));
        format!("{}/feed.atom?{name}={value}{wish}", self.public_url)
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() }
    }

    fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host)
    }
}

fn title(page: &PageRow) -> String {
    page.title.clone().filter(|title| !title.trim().is_empty()).unwrap_or_else(|| page.key.clone())
}

fn changed(row: &ShownComment) -> Timestamp {
    row.edited_at.map_or(row.approved_at, |edited| edited.max(row.approved_at))
}

fn urn(id: CommentId) -> String {
    format!("urn:uuid:{id}")
}

fn plain(text: &str) -> Text {
    Text::plain(holdable(text))
}

fn link(rel: &str, href: &str, media: &str) -> Link {
    Link { href: holdable(href), rel: rel.to_owned(), mime_type: Some(media.to_owned()), ..Link::default() }
}

fn time(moment: Timestamp) -> FixedDateTime {
    moment.to_string().parse().unwrap_or_default()
}
