//! What moderators are shown of a comment: the wire shapes of the queue.
//!
//! Client addresses have no place here. `html` is safe to insert; everything else is plain text.

mod detail;

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

pub use detail::{Deed, Detail, Neighbour};

use crate::{
    domain::{AuthorId, CaptchaOutcome, CommentId, Signal, Span, Status, Timestamp, Verdict},
    store::{QueueItem, Revised},
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
    /// The page's title, once a form or a moderator told it.
    pub title: Option<String>,
    /// The comment it answers.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub parent: Option<CommentId>,
    /// The name as it was typed, or as the newsroom changed it.
    pub name: String,
    /// The address as it was typed.
    pub email: Option<String>,
    /// The author's site.
    pub url: Option<String>,
    /// The text as it was typed, or as the newsroom changed it.
    pub body: String,
    /// What its author wrote, where the newsroom changed it: signals point into that.
    pub original: Option<Original>,
    /// Written by the newsroom.
    pub by_staff: bool,
    /// The text as readers will see it, safe to insert.
    pub html: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its author changed it last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
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
    /// Until when that holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_until: Option<Timestamp>,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// The near-copies it is one of.
    pub cluster: Option<Cluster>,
}

/// What a comment said before the newsroom changed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Original {
    /// The name.
    pub name: String,
    /// The author's site.
    pub url: Option<String>,
    /// The text.
    pub body: String,
    /// Who changed it.
    pub revised_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub revised_at: Timestamp,
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
    /// Where in the author's own text it was seen.
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

/// The name alone of `moderator:NAME` or `token:NAME`.
pub(crate) fn bare(actor: String) -> String {
    match actor.split_once(':') {
        Some(("moderator" | "token", name)) => name.to_owned(),
        _ => actor,
    }
}

impl From<QueueItem> for Item {
    fn from(row: QueueItem) -> Self {
        let captcha = row.captcha;
        let (claimed_by, claimed_until) = row.claim.map(|claim| (bare(claim.actor), claim.until)).unzip();
        let record = row.record;
        Self {
            id: row.id,
            version: row.version,
            status: row.status,
            site: row.site,
            page: row.page.url,
            title: row.page.title,
            parent: row.parent,
            name: row.name,
            email: row.email,
            url: row.url,
            html: markdown::render(&row.body),
            body: row.body,
            original: row.revised.map(Original::from),
            by_staff: row.by_staff,
            created_at: row.created_at,
            edited_at: row.edited_at,
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
            claimed_by,
            claimed_until,
            decided_by: row.decided_by.map(bare),
            decided_at: row.decided_at,
            cluster: row.cluster.map(|(id, count)| Cluster { id, count }),
        }
    }
}

impl From<Revised> for Original {
    fn from(row: Revised) -> Self {
        Self { name: row.name, url: row.url, body: row.body, revised_by: bare(row.by), revised_at: row.at }
    }
}

impl From<Signal> for Evidence {
    fn from(signal: Signal) -> Self {
        let place = |Span { start, end }: Span| Place { start, end };
        Self { name: signal.name, weight: signal.weight, text: signal.text, span: signal.span.map(place) }
    }
}
