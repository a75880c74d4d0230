//! A submission as `accept_submissions` takes it, and its answers: the SQL type of the same name in JSON.
//!
//! Bytes and doubles go as text: JSON knows no bytes, and its numbers know neither each double nor its sign.

use std::fmt;

use serde::{Serialize, Serializer};
use tokio_postgres::Row;
use uuid::Uuid;

use super::rows::{get, id, named, time, to_json};
use crate::{
    domain::{AuthorId, CommentId, Status},
    store::{
        Accepted, IDEMPOTENCY_KEPT, Key, NewComment, Receipt, Replay, StoreError,
        accepting::{self, receipt},
    },
};

/// Written as PostgreSQL writes bytes.
struct Bytes<'a>(&'a Key);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex = |text: String, byte: &u8| format!("{text}{byte:02x}");
        serializer.serialize_str(&self.0.iter().fold("\\x".to_owned(), hex))
    }
}

/// Written with as many digits as tell it from every other.
struct Double(f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:e}", self.0))
    }
}

/// The fields of the SQL type.
#[derive(Serialize)]
pub(super) struct Submission<'a> {
    id: CommentId,
    site: &'a str,
    page_key: &'a str,
    page_url: &'a str,
    title: Option<&'a str>,
    parent: Option<CommentId>,
    status: &'static str,
    name: &'a str,
    email: Option<&'a str>,
    url: Option<&'a str>,
    body: &'a str,
    post_id: Option<&'a str>,
    created_at: i64,
    edit_until: i64,
    author: AuthorId,
    proven: bool,
    email_key: Option<i64>,
    sketch: Option<i64>,
    cluster: Option<CommentId>,
    founder: Option<CommentId>,
    address: Option<&'a str>,
    network_key: &'a str,
    captcha_provider: &'a str,
    captcha_outcome: &'static str,
    captcha_score: Option<Double>,
    captcha_raw: Option<Double>,
    sampled: Option<Double>,
    risk: Double,
    verdict: &'static str,
    signals: String,
    staff: Option<&'a str>,
    duplicate: Bytes<'a>,
    duplicate_since: i64,
    token: Option<Bytes<'a>>,
    token_until: Option<i64>,
    #[serde(flatten)]
    held: Option<Held<'a>>,
    idempotency: Option<Bytes<'a>>,
    content: Option<Bytes<'a>>,
    answered_since: i64,
    event: &'a str,
    told: String,
}

/// Tells the id and nothing that anybody wrote.
impl fmt::Debug for Submission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The token that nobody could verify.
#[derive(Serialize)]
struct Held<'a> {
    held_provider: &'a str,
    held_action: &'a str,
    held_token: &'a str,
    held_until: i64,
    held_due: i64,
}

impl<'a> From<&'a NewComment> for Submission<'a> {
    fn from(comment: &'a NewComment) -> Self {
        let event = accepting::event(comment);
        let held = comment.unverified.as_ref().map(|held| Held {
            held_provider: &held.provider,
            held_action: &held.action,
            held_token: &held.token.0,
            held_until: held.until.0,
            held_due: held.due.0,
        });
        Self {
            id: comment.id,
            site: comment.page.site.as_str(),
            page_key: &comment.page.key,
            page_url: &comment.page.url,
            title: comment.title.as_deref(),
            parent: comment.parent,
            status: comment.status.as_str(),
            name: &comment.name,
            email: comment.email.as_deref(),
            url: comment.url.as_deref(),
            body: &comment.body,
            post_id: comment.post_id.as_deref(),
            created_at: comment.created_at.0,
            edit_until: comment.edit_until.0,
            author: comment.author,
            proven: comment.proven,
            email_key: comment.email_key,
            sketch: comment.sketch,
            cluster: comment.cluster,
            founder: comment.founder,
            address: comment.address.as_deref(),
            network_key: &comment.network_key,
            captcha_provider: &comment.captcha.provider,
            captcha_outcome: comment.captcha.outcome.as_str(),
            captcha_score: comment.captcha.score.map(Double),
            captcha_raw: comment.captcha.raw_score.map(Double),
            sampled: comment.sampled.map(Double),
            risk: Double(comment.risk),
            verdict: comment.verdict.as_str(),
            signals: to_json(&comment.signals),
            staff: comment.staff.as_deref(),
            duplicate: Bytes(&comment.duplicate.0),
            duplicate_since: comment.duplicate.1.0,
            token: comment.claim.as_ref().map(|(key, _)| Bytes(key)),
            token_until: comment.claim.map(|(_, until)| until.0),
            held,
            idempotency: comment.idempotency.as_ref().map(|(key, _)| Bytes(key)),
            content: comment.idempotency.as_ref().map(|(_, content)| Bytes(content)),
            answered_since: comment.created_at.minus(IDEMPOTENCY_KEPT).0,
            event: event.kind,
            told: event.detail.to_string(),
        }
    }
}

/// What `accept_submissions` says of a comment.
pub(super) fn answer(row: &Row, comment: &NewComment) -> Result<Accepted, StoreError> {
    Ok(match get(row, "outcome")? {
        "stored" => Accepted::Stored(receipt(comment, get(row, "page_url")?)),
        "duplicate" => Accepted::Duplicate,
        "token_used" => Accepted::TokenUsed,
        "parent_gone" => Accepted::ParentGone,
        "replayed" => Accepted::Replayed(replay(row)?),
        _ => return Err(StoreError::Unreadable("outcome")),
    })
}

/// What was answered before under an idempotency key.
pub(super) fn replay(row: &Row) -> Result<Replay, StoreError> {
    let content: &[u8] = get(row, "content")?;
    Ok(Replay {
        content: content.try_into().map_err(|_length| StoreError::Unreadable("content"))?,
        receipt: Receipt {
            id: id(row, "comment")?,
            published: named::<Status>(row, "status")? == Status::Approved,
            edit_until: time(row, "edit_until")?,
            author: AuthorId::from_bytes(get::<Uuid>(row, "author")?.into_bytes()),
            email_key: get(row, "email_key")?,
            page_url: get(row, "page_url")?,
        },
    })
}
