//! Columns to values and back; the one place that knows how each is spelled here.

use std::str::FromStr;

use tokio_postgres::{Row, types::FromSql};
use uuid::Uuid;

use crate::{
    domain::{AuthorId, AuthorRecord, CaptchaRecord, CommentId, RefusalId, Signal, Status, Timestamp},
    store::{Key, PageRow, ShownComment, StoreError, ThreadPlace},
};

/// A column's value.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::from)
}

/// A closed set's member by its stored name.
pub(super) fn named<T: FromStr>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|_unknown| StoreError::Unreadable(column))
}

/// A comment's id as the database takes it.
pub(super) fn uid(id: CommentId) -> Uuid {
    Uuid::from_bytes(id.bytes())
}

/// Comments' ids as the database takes them.
pub(super) fn uids(ids: &[CommentId]) -> Vec<Uuid> {
    ids.iter().copied().map(uid).collect()
}

/// An author's id as the database takes it.
pub(super) fn author_uid(id: AuthorId) -> Uuid {
    Uuid::from_bytes(id.bytes())
}

pub(super) fn id(row: &Row, column: &str) -> Result<CommentId, StoreError> {
    get::<Uuid>(row, column).map(|id| CommentId::from_bytes(id.into_bytes()))
}

pub(super) fn author_id(row: &Row, column: &str) -> Result<AuthorId, StoreError> {
    get::<Uuid>(row, column).map(|id| AuthorId::from_bytes(id.into_bytes()))
}

pub(super) fn refusal_id(row: &Row, column: &str) -> Result<RefusalId, StoreError> {
    get::<Uuid>(row, column).map(|id| RefusalId::from_bytes(id.into_bytes()))
}

pub(super) fn optional_id(row: &Row, column: &str) -> Result<Option<CommentId>, StoreError> {
    let id: Option<Uuid> = get(row, column)?;
    Ok(id.map(|id| CommentId::from_bytes(id.into_bytes())))
}

/// A key or digest.
pub(super) fn key_of(row: &Row, column: &'static str) -> Result<Key, StoreError> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map_err(|_odd| StoreError::Unreadable(column))
}

pub(super) fn time(row: &Row, column: &str) -> Result<Timestamp, StoreError> {
    get(row, column).map(Timestamp)
}

pub(super) fn optional_time(row: &Row, column: &str) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = get(row, column)?;
    Ok(millis.map(Timestamp))
}

pub(super) fn count(row: &Row, column: &str) -> Result<u64, StoreError> {
    let number: i64 = get(row, column)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// So many rows at most, as the database takes it.
pub(super) fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A whole number that fits 32 bits wherever this program wrote it.
pub(super) fn small(row: &Row, column: &'static str) -> Result<u32, StoreError> {
    let number: i64 = get(row, column)?;
    u32::try_from(number).map_err(|_odd| StoreError::Unreadable(column))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text: &str = get(row, column)?;
    serde_json::from_str(text).map_err(|_fault| StoreError::Unreadable(column))
}

/// JSON text of a value that always has one.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_never| "null".to_owned())
}

pub(super) fn signals(row: &Row) -> Result<Vec<Signal>, StoreError> {
    json(row, "signals")
}

pub(super) fn captcha(row: &Row) -> Result<CaptchaRecord, StoreError> {
    Ok(CaptchaRecord {
        provider: get(row, "captcha_provider")?,
        outcome: named(row, "captcha_outcome")?,
        score: get(row, "captcha_score")?,
        raw_score: get(row, "captcha_raw")?,
    })
}

/// The page's columns under the names that [`PAGE`](crate::store::fragments::PAGE) gives them.
pub(super) fn page(row: &Row) -> Result<PageRow, StoreError> {
    Ok(PageRow {
        id: get(row, "page_id")?,
        site: get(row, "page_site")?,
        key: get(row, "page_key")?,
        url: get(row, "page_url")?,
        title: get(row, "page_title")?,
        closed: get(row, "page_closed")?,
        // A mode of a later version is none that this one could follow.
        mode: get::<Option<&str>>(row, "page_mode")?.and_then(|mode| mode.parse().ok()),
        first_at: optional_time(row, "page_first")?,
        revision: get(row, "page_revision")?,
        approved: count(row, "page_approved")?,
    })
}

pub(super) fn shown(row: &Row) -> Result<ShownComment, StoreError> {
    let state: i64 = get(row, "shown")?;
    Ok(ShownComment {
        id: id(row, "id")?,
        parent: optional_id(row, "parent")?,
        depth: small(row, "depth")?,
        removed: state == 2,
        name: get(row, "name")?,
        url: get(row, "url")?,
        body: get(row, "body")?,
        created_at: time(row, "created_at")?,
        approved_at: time(row, "approved_at")?,
        edited_at: optional_time(row, "edited_at")?,
        likes: count(row, "likes")?,
        by_staff: get(row, "by_staff")?,
        place: ThreadPlace { likes: count(row, "root_likes")?, root: id(row, "root")?, path: get(row, "path")? },
    })
}

/// Adds a status' count to a record.
pub(super) fn tally(record: &mut AuthorRecord, status: Status, count: u32) {
    match status {
        Status::Approved => record.approved = count,
        Status::Rejected => record.rejected = count,
        Status::Spam => record.spam = count,
        Status::Pending | Status::Deleted => {}
    }
}
