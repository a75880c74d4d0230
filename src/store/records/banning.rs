//! What bans are held against, what they do to it, and answers that are given twice.

use std::sync::Arc;

use crate::{
    domain::{BanId, BanKind, CommentId, Decision, Signal, Status, Timestamp},
    store::Key,
};

/// Portion of the comments that people wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Portion {
    /// Those since then, the newest first, before this one.
    Lately {
        /// The oldest that count.
        since: Timestamp,
        /// Where the last stretch left off.
        before: Option<CommentId>,
    },
    /// Those that wait, the oldest first, behind this number.
    Waiting {
        /// Where the last stretch left off; 0 at first.
        after: i64,
    },
}

/// A stretch of what people wrote, as one kind of ban sees it.
#[derive(Clone, Debug)]
pub struct WrittenQuery {
    /// Of these sites; of all without.
    pub sites: Option<Vec<String>>,
    /// What is asked for of each.
    pub kind: BanKind,
    /// Portion ones.
    pub portion: Portion,
    /// So many are looked at, the staff's and other sites' among them.
    pub limit: usize,
}

impl WrittenQuery {
    /// The stretch that these rows make, of so many that were looked at up to this last one: number, id and time.
    pub(in crate::store) fn stretch(
        &self,
        rows: Vec<Written>,
        looked_at: usize,
        last: Option<(i64, CommentId, Timestamp)>,
    ) -> WrittenStretch {
        let next = last.filter(|_| looked_at == self.limit).map(|(seq, id, _)| match self.portion {
            Portion::Lately { since, .. } => Portion::Lately { since, before: Some(id) },
            Portion::Waiting { .. } => Portion::Waiting { after: seq },
        });
        WrittenStretch { rows, next, reached: last.map(|(.., at)| at) }
    }
}

/// A comment by a reader, with no more than its kind of ban goes by.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct Written {
    pub id: CommentId,
    pub status: Status,
    pub version: i64,
    pub created_at: Timestamp,
    pub name: Option<String>,
    pub email: Option<String>,
    pub url: Option<String>,
    pub body: Option<String>,
    pub address: Option<String>,
}

/// What was found, and where to go on.
#[derive(Clone, Debug)]
pub struct WrittenStretch {
    /// The comments.
    pub rows: Vec<Written>,
    /// What comes next; none at the end.
    pub next: Option<Portion>,
    /// When the last one that was looked at came, whosever it was.
    pub reached: Option<Timestamp>,
}

/// Gives a site's comment one more signal: all of them and the risk that follows, or none where it has it already.
pub type Mark = Arc<dyn Fn(&str, Vec<Signal>) -> Option<(Vec<Signal>, f64)> + Send + Sync>;

/// What a ban does to a comment that waits.
#[derive(Clone)]
pub enum BanDeed {
    /// It leaves a mark, and the comment waits on.
    Mark(Mark),
    /// It decides.
    Decide(Decision),
}

/// A ban that is laid on some comments.
#[derive(Clone)]
pub struct BanBatch {
    /// Portion ban.
    pub ban: BanId,
    /// What it does.
    pub deed: BanDeed,
    /// Whom it met, in which version; whoever was touched since is left alone.
    pub met: Vec<(CommentId, i64)>,
    /// Why.
    pub reason: Option<String>,
}

/// What came of that.
#[derive(Clone, Debug)]
pub struct BanApplied {
    /// Comments that the ban dealt with, these and those before.
    pub applied: u64,
    /// Sites and keys of the pages where it did now.
    pub pages: Vec<(String, String)>,
}

/// A request that creates something and may be repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Once {
    /// Its idempotency key within its scope: route and actor.
    pub key: Key,
    /// Hash of what it asks for.
    pub content: Key,
}

/// What a request with this key was answered.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    /// Hash of what it asked for.
    pub content: Key,
    /// What it created.
    pub subject: String,
    /// The answer, JSON; none while it is not done.
    pub answer: Option<String>,
}
