//! Columns to values and back; the one place that knows how each is spelled.

use std::str::FromStr;

use rusqlite::{Row, types::Type};

use crate::{
    domain::{AuthorRecord, CaptchaRecord, CommentId, Signal, Status, Timestamp},
    store::{PageRow, ShownComment, ThreadPlace},
};

/// A value that no version of the program writes.
pub(super) fn odd(column: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(0, column.to_owned(), Type::Null)
}

/// A closed set's member by its stored name.
pub(super) fn named<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_unknown| odd(column))
}

pub(super) fn id(row: &Row<'_>, column: &str) -> rusqlite::Result<CommentId> {
    row.get(column).map(CommentId::from_bytes)
}

pub(super) fn optional_id(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<CommentId>> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(CommentId::from_bytes))
}

pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

pub(super) fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp))
}

pub(super) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_fault| odd(column))
}

/// JSON text of a value that always has one.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_never| "null".to_owned())
}

pub(super) fn signals(row: &Row<'_>) -> rusqlite::Result<Vec<Signal>> {
    json(row, "signals")
}

pub(super) fn captcha(row: &Row<'_>) -> rusqlite::Result<CaptchaRecord> {
    Ok(CaptchaRecord {
        provider: row.get("captcha_provider")?,
        outcome: named(row, "captcha_outcome")?,
        score: row.get("captcha_score")?,
        raw_score: row.get("captcha_raw")?,
    })
}

/// The page's columns under the names that [`PAGE`](crate::store::fragments::PAGE) gives them.
pub(super) fn page(row: &Row<'_>) -> rusqlite::Result<PageRow> {
    Ok(PageRow {
        id: row.get("page_id")?,
        site: row.get("page_site")?,
        key: row.get("page_key")?,
        url: row.get("page_url")?,
        title: row.get("page_title")?,
        closed: row.get("page_closed")?,
        // A mode of a later version is none that this one could follow.
        mode: row.get::<_, Option<String>>("page_mode")?.and_then(|mode| mode.parse().ok()),
        first_at: optional_time(row, "page_first")?,
        revision: row.get("page_revision")?,
        approved: count(row, "page_approved")?,
    })
}

pub(super) fn shown(row: &Row<'_>) -> rusqlite::Result<ShownComment> {
    let state: i64 = row.get("shown")?;
    Ok(ShownComment {
        id: id(row, "id")?,
        parent: optional_id(row, "parent")?,
        depth: row.get("depth")?,
        removed: state == 2,
        name: row.get("name")?,
        url: row.get("url")?,
        body: row.get("body")?,
        created_at: time(row, "created_at")?,
        approved_at: time(row, "approved_at")?,
        edited_at: optional_time(row, "edited_at")?,
        likes: count(row, "likes")?,
        by_staff: row.get("by_staff")?,
        place: ThreadPlace { likes: count(row, "root_likes")?, root: id(row, "root")?, path: row.get("path")? },
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

/// `?, ?, ?` for so many values.
pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}
