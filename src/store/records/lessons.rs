//! What moderators taught, in the order of commit, and models as they were after some of it.

use crate::domain::{CommentId, Signal, Timestamp};

/// What a row of the log says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LessonKind {
    /// A comment was approved.
    Ham,
    /// It was marked as spam.
    Spam,
    /// What the comment taught from this row on is taken back.
    Void {
        /// The first row taken back.
        since: i64,
    },
    /// The site's model is as it was before this row.
    Rollback {
        /// The first row taken back.
        since: i64,
    },
}

impl LessonKind {
    /// Its name in the store and in the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Spam => "spam",
            Self::Void { .. } => "void",
            Self::Rollback { .. } => "rollback",
        }
    }

    /// The first row that it takes back; none of a label.
    #[must_use]
    pub fn since(self) -> Option<i64> {
        match self {
            Self::Ham | Self::Spam => None,
            Self::Void { since } | Self::Rollback { since } => Some(since),
        }
    }
}

/// A row of a site's log, without anything anybody wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoggedLesson {
    /// Its number: greater than those of all rows committed before.
    pub seq: i64,
    /// What it says.
    pub kind: LessonKind,
    /// Of which comment; of none for a rollback.
    pub comment: Option<CommentId>,
}

/// What a moderator decided on. It has no `Debug`: it is personal.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct LessonText {
    pub name: String,
    pub url: Option<String>,
    pub body: String,
    pub signals: Vec<Signal>,
}

/// A row of the log with what was decided on.
#[derive(Clone)]
pub struct Lesson {
    /// Whose.
    pub site: String,
    /// The row.
    pub row: LoggedLesson,
    /// Of a label whose comment was not erased, and whose text's time is not over.
    pub text: Option<LessonText>,
    /// The numbers that the model makes of the text, once its time was over.
    pub digest: Option<Vec<u8>>,
}

/// Which lessons.
#[derive(Clone, Debug)]
pub struct LessonQuery {
    /// Of this site; of all without.
    pub site: Option<String>,
    /// Behind this row.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

/// A model as it was.
#[derive(Clone)]
pub struct Snapshot {
    /// What it is and after which row.
    pub mark: SnapshotMark,
    /// The model.
    pub bytes: Vec<u8>,
}

/// What is known of a snapshot without reading it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotMark {
    /// Whose.
    pub site: String,
    /// The last row of the log that it knows.
    pub seq: i64,
    /// The form of its bytes.
    pub version: String,
    /// Decisions that it learned.
    pub labels: i64,
    /// When it was made.
    pub at: Timestamp,
}

/// What a site's log holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSummary {
    /// Whose.
    pub site: String,
    /// Its last row.
    pub last: i64,
    /// When that was written.
    pub at: Timestamp,
}

/// Where a site's model is rolled back to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RollbackTo {
    /// As it was after this row.
    Seq(i64),
    /// As it was at this moment.
    Time(Timestamp),
}

/// A roll-back that was kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RolledBack {
    /// The row after which the model stands; 0 is before all.
    pub to: i64,
    /// The roll-back's own row.
    pub seq: i64,
    /// Rows that are behind it.
    pub undone: u64,
}
