//! What moderators are shown of a comment: the wire shapes of the queue.
//!
//! Client addresses have no place here. `html` is safe to insert; everything else is plain text.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::{AuthorId, CaptchaOutcome, CommentId, Signal, Span, Status, Timestamp, Verdict},
    store::{AuditRow, QueueItem, ShownComment},
    text::markdown,
};

/// A comment in the queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// Moves with every decision and edit.
    pub version: i64,
    /// `pending`, `approved`, `rejected` or `spam`.
    #[schema(value_type = String)]
    pub status: Status,
    /// The site it is on.
    pub site: String,
    /// The page's address.
    pub page: String,
    /// The comment it answers.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub parent: Option<CommentId>,
    /// The name as it was typed.
    pub name: String,
    /// The address as it was typed.
    pub email: Option<String>,
    /// The author's site.
    pub url: Option<String>,
    /// The text as it was typed.
    pub body: String,
    /// The text as readers will see it, safe to insert.
    pub html: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// What the captcha came to.
    pub captcha: Captcha,
    /// In `[0,1]`; 1 is surely spam.
    pub risk: f64,
    /// What the pipeline made of it: `publish`, `hold`, `spam` or `reject`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// Why, strongest first.
    pub signals: Vec<Evidence>,
    /// How the author's comments fared.
    pub author: Author,
    /// What readers reported.
    pub reports: Reports,
    /// Who looks at it at the moment.
    pub claimed_by: Option<String>,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// The near-copies it is one of.
    pub cluster: Option<Cluster>,
}

/// What the captcha came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Captcha {
    /// Who was asked.
    pub provider: String,
    /// 1 is surely human, 0 surely not; null where there is none.
    pub score: Option<f64>,
    /// `pass`, `low`, `missing`, `unverified` or `off`.
    #[schema(value_type = String)]
    pub outcome: CaptchaOutcome,
}

/// One signal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// Its stable name, e.g. `word_hold`.
    #[schema(value_type = String)]
    pub name: Cow<'static, str>,
    /// Log-odds; positive speaks for spam.
    pub weight: f64,
    /// In words.
    pub text: String,
    /// Where in the body it was seen.
    pub span: Option<Place>,
}

/// A stretch of the body, in characters (Unicode scalar values), end exclusive.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Place {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// How an author's comments fared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Author {
    /// Tells one writer from another, and nothing else; `author=` lists by it.
    #[schema(value_type = String, format = "uuid")]
    pub id: AuthorId,
    /// A valid author token came with this comment.
    pub proven: bool,
    /// Approved so far.
    pub approved: u32,
    /// Rejected so far.
    pub rejected: u32,
    /// Marked as spam so far.
    pub spam: u32,
}

/// What readers reported.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Reports {
    /// How many.
    pub count: u32,
    /// What they said.
    pub reasons: Vec<String>,
}

/// A group of near-copies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Cluster {
    /// Which; `cluster=` lists its members.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// How many of them have the status of this one.
    pub count: u64,
}

/// A stretch of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemPage {
    /// The comments.
    pub items: Vec<Item>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

/// One comment with what was done to it and what it stands among.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// The comment.
    #[serde(flatten)]
    pub item: Item,
    /// Every decision and edit, oldest first.
    pub history: Vec<Deed>,
    /// The shown comments of its thread, in reading order; at most 200.
    pub thread: Vec<Neighbour>,
}

/// One thing that was done to a comment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deed {
    /// The name of who did it, or `author`.
    pub who: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub when: Timestamp,
    /// The reason that was given.
    #[schema(value_type = Option<String>)]
    pub why: Value,
    /// The status before.
    #[schema(value_type = Option<String>)]
    pub from: Value,
    /// The status after.
    #[schema(value_type = Option<String>)]
    pub to: Value,
    /// What, e.g. `comment.approve`.
    pub action: String,
    /// The version it led to.
    #[schema(value_type = Option<i64>)]
    pub version: Value,
}

/// A shown comment of the same thread, or the place of a removed one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Neighbour {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// The comment it answers.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub parent: Option<CommentId>,
    /// 0 for the thread's first comment.
    pub depth: u32,
    /// It was removed and keeps its place for the replies; the rest is null.
    pub removed: bool,
    /// The name.
    pub name: Option<String>,
    /// The text, safe to insert.
    pub html: Option<String>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Written by the newsroom.
    pub by_staff: bool,
}

/// The name alone of `moderator:NAME` or `token:NAME`.
pub(super) fn bare(actor: String) -> String {
    match actor.split_once(':') {
        Some(("moderator" | "token", name)) => name.to_owned(),
        _ => actor,
    }
}

impl From<QueueItem> for Item {
    fn from(row: QueueItem) -> Self {
        let captcha = row.captcha;
        let record = row.record;
        Self {
            id: row.id,
            version: row.version,
            status: row.status,
            site: row.site,
            page: row.page.url,
            parent: row.parent,
            name: row.name,
            email: row.email,
            url: row.url,
            html: markdown::render(&row.body),
            body: row.body,
            created_at: row.created_at,
            captcha: Captcha { provider: captcha.provider, score: captcha.score, outcome: captcha.outcome },
            risk: row.risk,
            verdict: row.verdict,
            signals: row.signals.into_iter().filter(|signal| !signal.quiet).map(Evidence::from).collect(),
            author: Author {
                id: row.author,
                proven: record.proven,
                approved: record.approved,
                rejected: record.rejected,
                spam: record.spam,
            },
            reports: Reports { count: row.reports, reasons: row.report_reasons },
            claimed_by: None,
            decided_by: row.decided_by.map(bare),
            decided_at: row.decided_at,
            cluster: row.cluster.map(|(id, count)| Cluster { id, count }),
        }
    }
}

impl From<Signal> for Evidence {
    fn from(signal: Signal) -> Self {
        let place = |Span { start, end }: Span| Place { start, end };
        Self { name: signal.name, weight: signal.weight, text: signal.text, span: signal.span.map(place) }
    }
}

impl From<AuditRow> for Deed {
    fn from(mut row: AuditRow) -> Self {
        let mut told = |name: &str| row.detail.remove(name).unwrap_or(Value::Null);
        let (why, from, to, version) = (told("reason"), told("from"), told("to"), told("version"));
        Self { who: bare(row.actor), when: row.at, why, from, to, action: row.action, version }
    }
}

impl From<ShownComment> for Neighbour {
    fn from(row: ShownComment) -> Self {
        let html = (!row.removed).then(|| markdown::render(&row.body));
        Self {
            id: row.id,
            parent: row.parent,
            depth: row.depth,
            removed: row.removed,
            name: (!row.removed).then_some(row.name),
            html,
            created_at: row.created_at,
            by_staff: row.by_staff,
        }
    }
}
