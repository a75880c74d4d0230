//! Pages as moderators see and change them.

use super::PageRow;
use crate::domain::{Mode, PageIdentity, Timestamp};

/// The order of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageOrder {
    /// The one that was first seen last comes first.
    Newest,
    /// The one where most waits comes first.
    Waiting,
}

/// Which pages.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// Of these sites; of all without.
    pub sites: Option<Vec<String>>,
    /// Text in address or title.
    pub text: Option<String>,
    /// Those that a moderator has closed, or the others.
    pub closed: Option<bool>,
    /// Which way.
    pub order: PageOrder,
    /// Behind this one: how many wait there, and its number.
    pub after: Option<(i64, i64)>,
    /// At most so many.
    pub limit: usize,
}

/// A page with what waits there.
#[derive(Clone, Debug)]
pub struct PageLine {
    /// The page.
    pub page: PageRow,
    /// Comments that wait.
    pub pending: i64,
}

/// What a moderator changes about a page; what is none stays.
#[derive(Clone, Debug)]
pub struct PageChange {
    /// Which page; one that nobody knows yet is made.
    pub page: PageIdentity,
    /// Closed by a moderator.
    pub closed: Option<bool>,
    /// The title, or that it has none.
    pub title: Option<Option<String>>,
    /// Who publishes there without a moderator, or that it is as on the whole site.
    pub mode: Option<Option<Mode>>,
    /// Who.
    pub by: String,
    /// When.
    pub now: Timestamp,
}
