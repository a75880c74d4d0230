//! What has outlived its time: how long a site keeps it, and what is left of a comment whose words go.

use std::time::Duration;

use super::{Lesson, LessonText};
use crate::domain::{CommentId, Signal, Status, Timestamp};

/// How long a site keeps what is personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Which site.
    pub site: String,
    /// Raw addresses, from the comment's time on.
    pub address: Duration,
    /// Comments marked as spam, from the decision on; none is for good.
    pub spam: Option<Duration>,
    /// Rejected ones likewise, and those that their authors took back.
    pub rejected: Option<Duration>,
}

/// Whose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) enum Whose {
    Everybodys,
    OfSite(String),
    /// Of all sites but these.
    OfOthers(Vec<String>),
}

/// Comments of one status whose time is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OverQuery {
    pub(in crate::store) status: Status,
    pub(in crate::store) whose: Whose,
    pub(in crate::store) until: Timestamp,
    pub(in crate::store) limit: u32,
}

impl OverQuery {
    /// The status that they have.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// How many are asked for at once.
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }
}

/// A comment whose time is over, with what has to be known before its words go. It has no `Debug`: it is personal.
#[derive(Clone)]
pub struct Over {
    pub(in crate::store) seq: i64,
    pub(in crate::store) id: CommentId,
    pub(in crate::store) version: i64,
    pub(in crate::store) signals: Vec<Signal>,
    /// Of which site.
    pub site: String,
    /// What it taught, in its words.
    pub lessons: Vec<Lesson>,
}

impl Over {
    /// What is left of it: figures, and of each lesson the numbers that are made of its words.
    #[must_use]
    pub fn left(self, digest: impl Fn(&LessonText) -> Vec<u8>) -> Left {
        // What a rule says in words may quote the comment.
        let bare = |signal| Signal { text: String::new(), span: None, ..signal };
        let kept = |lesson: &Lesson| lesson.text.as_ref().map(|text| (lesson.row.seq, digest(text)));
        let lessons = self.lessons.iter().filter_map(kept).collect();
        let signals = self.signals.into_iter().map(bare).collect();
        Left { seq: self.seq, id: self.id, version: self.version, signals, lessons }
    }
}

/// What is left of a comment whose time is over.
#[derive(Clone, Debug)]
pub struct Left {
    pub(in crate::store) seq: i64,
    pub(in crate::store) id: CommentId,
    /// As it was seen: one that was moved or changed since begins its time anew.
    pub(in crate::store) version: i64,
    pub(in crate::store) signals: Vec<Signal>,
    pub(in crate::store) lessons: Vec<(i64, Vec<u8>)>,
}
