//! Pages and comments on their way out: the readers' and the author's own.

use crate::domain::{AuthorId, CaptchaRecord, CommentId, Mode, Signal, Status, Timestamp, Verdict};

/// A page as stored.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Row number.
    pub id: i64,
    /// Site it is part of.
    pub site: String,
    /// Identity within the site.
    pub key: String,
    /// Where readers find it.
    pub url: String,
    /// Its title, once told.
    pub title: Option<String>,
    /// Closed by a moderator.
    pub closed: bool,
    /// Who publishes there without a moderator; none is as on the whole site.
    pub mode: Option<Mode>,
    /// When it was first commented; none before.
    pub first_at: Option<Timestamp>,
    /// Moves with everything readers see of it.
    pub revision: i64,
    /// Approved comments.
    pub approved: u64,
}

/// An author's own comment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct OwnComment {
    pub id: CommentId,
    pub page: PageRow,
    pub parent: Option<CommentId>,
    pub depth: u32,
    pub status: Status,
    pub version: i64,
    pub name: String,
    pub email: Option<String>,
    pub email_key: Option<i64>,
    pub url: Option<String>,
    pub body: String,
    pub by_staff: bool,
    pub likes: u64,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub edit_until: Timestamp,
    pub author: AuthorId,
    pub proven: bool,
    pub captcha: CaptchaRecord,
    pub risk: f64,
    pub signals: Vec<Signal>,
    pub verdict: Verdict,
}

/// A changed text with its new score.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct Edit {
    pub id: CommentId,
    pub seen_version: i64,
    pub body: String,
    pub sketch: Option<i64>,
    pub cluster: Option<CommentId>,
    pub status: Status,
    pub risk: f64,
    pub verdict: Verdict,
    pub signals: Vec<Signal>,
    pub now: Timestamp,
}

/// What became of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edited {
    /// Stored; the new version.
    Stored(i64),
    /// Somebody else changed the comment first.
    Conflict,
    /// There is no such comment any more.
    Gone,
}

/// Which way a page's threads run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ThreadOrder {
    /// First thread first.
    Oldest,
    /// Last thread first.
    Newest,
    /// Most liked thread first.
    Best,
}

/// A place in a page's reading order.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct ThreadPlace {
    /// Likes of the thread's first comment.
    pub likes: u64,
    /// The thread's first comment.
    pub root: CommentId,
    /// The path of the comment.
    pub path: Vec<u8>,
}

/// A stretch of a page.
#[derive(Clone, Debug)]
pub struct ThreadQuery {
    /// The page's row.
    pub page: i64,
    /// Which way.
    pub order: ThreadOrder,
    /// Behind this place.
    pub after: Option<ThreadPlace>,
    /// At most so many.
    pub limit: usize,
}

/// A comment as readers see it, or the place of a removed one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct ShownComment {
    pub id: CommentId,
    pub parent: Option<CommentId>,
    pub depth: u32,
    pub removed: bool,
    pub name: String,
    pub url: Option<String>,
    pub body: String,
    pub created_at: Timestamp,
    pub approved_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub likes: u64,
    pub by_staff: bool,
    pub place: ThreadPlace,
}

/// Whose newest comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FeedOf {
    /// A page's, by its row.
    Page(i64),
    /// A site's, by its id.
    Site(String),
}
