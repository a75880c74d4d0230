//! Where comments are kept: some seventy operations, each one transaction that means something.
//!
//! An enum rather than a trait: the set of back ends is closed, every operation is one `match`, and
//! an in-memory folder with a real SQLite file is the test double. The store knows neither HTTP nor
//! policy nor scores' meaning; what may be shown or decided is settled before it is called.

#[macro_use]
mod operations;
mod accepting;
mod accounts;
mod arrangements;
mod attacking;
mod auditing;
mod backup;
mod chain;
mod error;
mod events;
mod fragments;
mod kind;
mod lessons;
mod listing;
mod migrate;
#[cfg(feature = "postgres")]
mod postgres;
mod recorded;
mod records;
mod reputation;
mod revising;
mod sqlite;
mod standing;
mod statistics;
mod tidying;
mod told;
mod transfer;

use uuid::Uuid;

pub use backup::{Held, backup, draft_of, restore};
pub use chain::{ChainHead, Deed, NOTHING, link};
#[cfg(feature = "postgres")]
pub use error::PostgresFault;
pub use error::StoreError;
#[cfg(feature = "postgres")]
pub use postgres::{Listening, Postgres};
pub use records::*;
pub use sqlite::Sqlite;
pub use tidying::{over, rest};
pub use transfer::{Told, transfer};

use self::kind::Kind;
use crate::domain::{CommentId, RefusalId, Timestamp};

/// The back ends there are.
#[derive(Clone)]
pub enum Store {
    /// One file on this machine.
    Sqlite(Sqlite),
    /// A PostgreSQL database, for any number of instances.
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

operations! {
    // Submitting
    /// What a submission with this idempotency key was answered, within 24 h.
    fn replay(&self, key: Key, now: Timestamp) -> Option<Replay>;
    /// Everything the pipeline needs to know around a draft, in one trip.
    fn surroundings(&self, query: SurroundingsQuery) -> Surroundings;
    /// Stores a comment with its token claim, idempotency key and outbox event, or says why not.
    fn accept(&self, comment: NewComment) -> Accepted;
    /// Claims a captcha token outside of a comment; false where it was claimed before.
    fn claim(&self, key: Key, until: Timestamp) -> bool;
    /// Leaves the row of a captcha refusal.
    fn refuse(&self, row: RefusalRow) -> ();
    /// The page that a WordPress form's `comment_post_ID` is known to mean.
    fn page_of_post(&self, site: String, post_id: String) -> Option<String>;

    // The author's own comment
    /// One comment with what its author may need of it.
    fn own(&self, id: CommentId) -> Option<OwnComment>;
    /// Gives a comment its new text, score and status, if its version is still the one seen.
    fn edit(&self, edit: Edit) -> Edited;
    /// Takes a comment back.
    fn withdraw(&self, id: CommentId, now: Timestamp) -> bool;

    // Readers
    /// Keeps a reader's like of an approved comment or takes it back; the count, or none where there is none.
    fn like(&self, id: CommentId, reader: Key, liked: bool, now: Timestamp) -> Option<u64>;
    /// Keeps a reader's report of an approved comment; false where there is none.
    fn report(&self, id: CommentId, reader: Key, reason: String, now: Timestamp) -> bool;

    // Reading
    /// A page's row, or none where nothing was ever commented.
    fn page(&self, site: String, key: String) -> Option<PageRow>;
    /// A stretch of a page's shown comments in reading order.
    fn thread(&self, query: ThreadQuery) -> Vec<ShownComment>;
    /// The comments above an approved comment of the page, itself, and what follows it in the order; none where it is
    /// not there. One of `limit` is kept for what follows.
    fn thread_at(&self, at: CommentId, query: ThreadQuery) -> Option<Vec<ShownComment>>;
    /// Approved comments of each page asked for, in the same order.
    fn counts(&self, pages: Vec<(String, String)>) -> Vec<u64>;
    /// The newest approved comments of a page or a site with their pages, newest first.
    fn newest(&self, of: FeedOf, limit: usize) -> Vec<(PageRow, ShownComment)>;
    /// A number that moves whenever readers see a change on any page of the site; none before its first page.
    fn site_revision(&self, site: String) -> Option<i64>;
    /// The page of a comment, and the comment where it is approved.
    fn placed(&self, id: CommentId) -> Option<(PageRow, Option<ShownComment>)>;
    /// One shown comment.
    fn shown(&self, id: CommentId) -> Option<(PageRow, ShownComment)>;

    // Moderating
    /// A stretch of the queue.
    fn queue(&self, query: QueueQuery) -> Vec<QueueItem>;
    /// One comment as the queue shows it.
    fn item(&self, id: CommentId) -> Option<QueueItem>;
    /// What is shown of the thread that a comment is in, in reading order.
    fn around(&self, id: CommentId, limit: usize) -> Vec<ShownComment>;
    /// What was done to a comment, oldest first; the last 500.
    fn history(&self, id: CommentId) -> Vec<AuditRow>;
    /// Takes decisions together: each applied, unchanged, in conflict or not found.
    fn decide(&self, decisions: Vec<DecisionOrder>, by: String, now: Timestamp) -> Vec<DecisionResult>;
    /// Takes a claim on a comment or renews it.
    fn claim_comment(&self, order: ClaimOrder) -> Claimed;
    /// Gives a claim back; false where it is not theirs.
    fn release_claim(&self, id: CommentId, by: String, now: Timestamp) -> bool;
    /// Gives a comment the newsroom's words, if its version is still the one seen.
    fn revise(&self, revision: Revision) -> DecisionResult;
    /// What happened behind an event, or where the events end; at most so many.
    fn events(&self, after: Option<i64>, most: u32) -> EventStretch;
    /// Where a cluster of near-copies ends for a moderator of these sites.
    fn cluster_end(&self, cluster: CommentId, up_to: UpTo, sites: Option<Vec<String>>) -> ClusterEnd;
    /// Decides on the next members of a cluster, some hundreds at most; with the number of the last
    /// one, where more may follow.
    fn decide_cluster(&self, order: ClusterOrder, by: String, now: Timestamp) -> (Vec<DecisionResult>, Option<i64>);
    /// Comments a status, for sites (all when none are named).
    fn totals(&self, sites: Option<Vec<String>>) -> Vec<(String, u64)>;
    /// Captcha refusals, newest first.
    fn refusals(&self, query: RefusalQuery) -> Vec<RefusalRow>;
    /// A stretch of what was recorded of comments, without anything anybody wrote.
    fn recorded(&self, query: RecordedQuery) -> Vec<RecordedRow>;
    /// A stretch of what the captcha's score refused, newest first: of these sites (all without), since then, before
    /// this one.
    fn refused_by_score(&self, sites: Option<Vec<String>>, since: Timestamp, before: Option<RefusalId>, limit: usize)
        -> Vec<RefusedRow>;

    // What decisions teach, and models that learned it
    /// Lessons with what was decided on, in the order of commit.
    fn lessons(&self, query: LessonQuery) -> Vec<Lesson>;
    /// A site's log behind a row, without anything anybody wrote.
    fn lesson_log(&self, site: String, after: i64) -> Vec<LoggedLesson>;
    /// The end of each site's log.
    fn lesson_logs(&self) -> Vec<LogSummary>;
    /// The last lesson of all sites; 0 before the first.
    fn last_lesson(&self) -> i64;
    /// Takes back all that a site's moderators taught since, with its audit row; none where there is nothing.
    fn roll_back(&self, site: String, to: RollbackTo, by: String, now: Timestamp) -> Option<RolledBack>;
    /// A site's newest snapshot up to a row.
    fn snapshot(&self, site: String, up_to: i64) -> Option<Snapshot>;
    /// What is known of a site's snapshots, or of all; by site, newest first.
    fn snapshots(&self, site: Option<String>) -> Vec<SnapshotMark>;
    /// Keeps a snapshot; false where it is there, or knows a lesson that was taken back.
    fn keep_snapshot(&self, snapshot: Snapshot) -> bool;
    /// Drops a site's snapshots of these rows.
    fn drop_snapshots(&self, site: String, rows: Vec<i64>) -> ();

    // Captcha tokens that could not be verified
    /// Sites that have tokens to ask about now.
    fn unverified_sites(&self, now: Timestamp) -> Vec<String>;
    /// Takes a token up, so that no other instance asks about it before `until`.
    fn take_up(&self, waiting: Waiting, now: Timestamp, until: Timestamp) -> Take;
    /// Puts a token back, not to be asked about before `due`.
    fn put_back(&self, comment: CommentId, due: Timestamp) -> ();
    /// Gives a comment that still waits what a second check came to, and forgets the token.
    fn recheck(&self, recheck: Recheck) -> Rechecked;

    // Near-copies
    /// Where to begin to read sketches: at the first comment since, at the last `most` at the earliest, and
    /// behind all that was done.
    fn sketches_begin(&self, since: Timestamp, most: i64) -> SketchCursor;
    /// The next comments, at most so many, and those to which something was done since; with how far
    /// that led.
    fn sketches(&self, after: SketchCursor, most: u32) -> (Vec<Sketched>, SketchCursor);
    /// Corrects who is grouped with whom, in batches.
    fn regroup(&self, moves: Vec<Regroup>) -> ();

    // Figures about the work, a stretch at a time
    /// Comments of others than staff, a day and verdict.
    fn arrived(&self, query: CountQuery<CommentId>) -> Arrived;
    /// Captcha refusals a day.
    fn refused(&self, query: CountQuery<RefusalId>) -> Refused;
    /// What moderators and tokens did with comments, in the order of time.
    fn worked(&self, query: CountQuery<(Timestamp, i64)>) -> Worked;
    /// Comments that wait, behind a row number; at most so many rows are looked at.
    fn waiting(&self, sites: Option<Vec<String>>, after: i64, limit: usize) -> Waits;

    // Keeping house
    /// A value that all instances on this store share, made by the first that asks.
    fn shared_value(&self, key: &'static str, fresh: String) -> String;
    /// Appends an audit row.
    fn record(&self, row: AuditRow) -> ();
    /// A stretch of the audit.
    fn audit(&self, query: AuditQuery) -> AuditStretch;
    /// The row before the first one since, where that is found soon: no need to look at those up to it.
    fn audit_before(&self, since: Timestamp) -> Option<i64>;
    /// The next rows of the audit, whoever they concern, and the head that is kept.
    fn audit_chain(&self, after: Option<i64>, limit: usize) -> ChainStretch;
    /// Drops what has outlived its time, but for comments; how many rows of what, where there were any.
    fn tidy(&self, now: Timestamp, retain: Vec<Retention>) -> Vec<(&'static str, u64)>;
    /// The next comments whose time is over, the oldest first.
    fn over(&self, query: OverQuery) -> Vec<Over>;
    /// Takes the words and all that is personal from comments whose time is over; how many were still as they were seen.
    fn let_go(&self, left: Vec<Left>) -> u64;
    /// Sees to it that what was dropped cannot be read in the store's own log either; false where that must wait.
    fn clear_log(&self) -> bool;
    /// Notes that an instance is there, forgets those not seen since, and tells of all that are.
    fn meet(&self, instance: InstanceRow, since: Timestamp) -> Vec<InstanceRow>;
    /// Forgets an instance that ends.
    fn part(&self, instance: Uuid) -> ();
    /// Whether a write would go through now.
    fn writable(&self) -> ();
}

impl Store {
    /// Opens `sqlite:PATH`, making the folder, or `postgres://…`, and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened, is unfit, cannot be migrated, or is newer than the program.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        match Kind::of(url)? {
            Kind::Sqlite(path) => Sqlite::open(path).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres => Postgres::open(url).await.map(Self::Postgres),
        }
    }

    /// Opens a store that is there and up to date, to read only: beside a server it takes no lock that the
    /// server could wait for. A SQLite file answers every operation that writes with [`StoreError::Closed`].
    ///
    /// # Errors
    /// [`StoreError`] where there is none, or its schema is another than this program's.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        match Kind::of(url)? {
            Kind::Sqlite(path) => Sqlite::open_to_read(path).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres => Postgres::open_to_read(url).await.map(Self::Postgres),
        }
    }

    /// Somebody who hears, from the database, of what any instance commits; none over SQLite, which tells nobody.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn listening(&self) -> Option<Listening> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(store) => Some(store.listening()),
        }
    }

    /// Jobs that wait to be written.
    #[must_use]
    pub fn backlog(&self) -> usize {
        match self {
            Self::Sqlite(store) => store.backlog(),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.backlog(),
        }
    }

    /// Waits until all that was handed over is stored; call once, last.
    pub fn close(self) {
        match self {
            Self::Sqlite(store) => store.close(),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close(),
        }
    }
}

/// A 256-bit key of a row.
pub type Key = [u8; 32];
