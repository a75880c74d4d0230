//! The audit as it is read and taken along: who may see which rows of it, and in which order.
//!
//! A question is answered in stretches, so that one that few rows meet holds up nobody else's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Moderation, ModerationError, Viewer,
    cursor::{open, seal},
    export::{self, Format},
};
use crate::{
    domain::Timestamp,
    keys::hex,
    store::{AuditEntry, AuditFrom, AuditQuery, Store, StoreError},
};

/// Rows of an export that are in memory at once.
const AT_ONCE: usize = 1_000;

/// One line of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLine {
    /// Its place in the chain.
    pub id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `moderator:NAME`, `token:NAME`, `author`, `system` or `operator`.
    pub actor: String,
    /// What, e.g. `comment.approve`.
    pub action: String,
    /// To what: an id or a name.
    pub subject: String,
    /// The rest.
    #[schema(value_type = Object)]
    pub detail: BTreeMap<String, Value>,
    /// SHA-256 over this row and the hash of the one before, in hexadecimal; null where the program did not write it.
    pub hash: Option<String>,
}

/// A stretch of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// Newest first.
    pub items: Vec<AuditLine>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

/// Which lines of the audit.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// What this actor did.
    pub actor: Option<String>,
    /// This action; with a dot at its end, all below it.
    pub action: Option<String>,
    /// What was done to this.
    pub subject: Option<String>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// Up to then, to the end of its second.
    pub until: Option<Timestamp>,
}

impl Moderation {
    /// What was done, newest first: on the viewer's sites and by the viewer, or everything for who
    /// is limited to none.
    ///
    /// # Errors
    /// `Cursor`, the store's.
    pub async fn audit(
        &self,
        viewer: &Viewer,
        filter: AuditFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<AuditPage, ModerationError> {
        let question = format!("audit {filter:?}");
        let before = match cursor {
            Some(cursor) => {
                let bytes = open(&self.keys, &question, cursor).ok_or(ModerationError::Cursor)?;
                Some(i64::from_be_bytes(bytes.try_into().map_err(|_length| ModerationError::Cursor)?))
            }
            None => None,
        };
        let floor = before_all(&self.store, filter.since).await?.unwrap_or(i64::MIN);
        let AuditFilter { actor, action, subject, since, until } = filter;
        let (within, until) = (within(viewer), until.map(end_of_second));
        let from = AuditFrom::Newest(before);
        let mut query = AuditQuery { from, within, actor, action, subject, since, until, limit: limit + 1 };
        let mut rows = Vec::new();
        loop {
            let stretch = self.store.audit(query.clone()).await?;
            rows.extend(stretch.rows);
            query.limit = (limit + 1).saturating_sub(rows.len());
            match stretch.next {
                Some(AuditFrom::Newest(Some(next))) if query.limit > 0 && next > floor.saturating_add(1) => {
                    query.from = AuditFrom::Newest(Some(next));
                }
                _ => break,
            }
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&self.keys, &question, &last.id.to_be_bytes()));
        Ok(AuditPage { items: rows.into_iter().map(AuditLine::from).collect(), next_cursor })
    }

    /// The viewer's part of the audit as a file, oldest first.
    #[must_use]
    pub fn export(
        &self,
        viewer: &Viewer,
        format: Format,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Export {
        Export::new(self.store.clone(), within(viewer), format, since, until)
    }
}

/// The audit on its way into a file, a piece at a time.
pub struct Export {
    store: Store,
    format: Format,
    query: AuditQuery,
    at: Place,
}

enum Place {
    Start,
    Within,
    End,
}

impl Export {
    /// What this actor did and what was done on these sites, or everything; `until` counts to the end of its second.
    #[must_use]
    pub fn new(
        store: Store,
        within: Option<(String, Vec<String>)>,
        format: Format,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Self {
        let all = AuditQuery::all(AuditFrom::Oldest(None), AT_ONCE);
        let query = AuditQuery { within, since, until: until.map(end_of_second), ..all };
        Self { store, format, query, at: Place::Start }
    }

    /// The next piece, of whole lines; none at the end.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let mut text = String::new();
        if let Place::Start = self.at {
            self.query.from = AuditFrom::Oldest(before_all(&self.store, self.query.since).await?);
            text.push_str(export::head(self.format));
        }
        while !matches!(self.at, Place::End) {
            let stretch = self.store.audit(self.query.clone()).await?;
            self.at = match stretch.next {
                Some(next) => {
                    self.query.from = next;
                    Place::Within
                }
                None => Place::End,
            };
            stretch.rows.iter().for_each(|row| export::line(self.format, row, &mut text));
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// The row up to which nothing is as young as asked for.
async fn before_all(store: &Store, since: Option<Timestamp>) -> Result<Option<i64>, StoreError> {
    match since {
        Some(since) => store.audit_before(since).await,
        None => Ok(None),
    }
}

/// What a viewer who is limited to some sites sees of it.
fn within(viewer: &Viewer) -> Option<(String, Vec<String>)> {
    viewer.sites.clone().map(|sites| (viewer.actor.clone(), sites))
}

/// Times are told in whole seconds, so whoever names one means all of it.
fn end_of_second(moment: Timestamp) -> Timestamp {
    Timestamp(moment.0.div_euclid(1000).saturating_mul(1000).saturating_add(999))
}

impl From<AuditEntry> for AuditLine {
    fn from(row: AuditEntry) -> Self {
        // What is no object was not written by the program, and is shown all the same.
        let unreadable = |text: String| BTreeMap::from([("unreadable".to_owned(), Value::String(text))]);
        let detail = serde_json::from_str(&row.detail).unwrap_or_else(|_odd| unreadable(row.detail));
        let hash = row.hash.map(|hash| hex(&hash));
        Self { id: row.id, at: row.at, actor: row.actor, action: row.action, subject: row.subject, detail, hash }
    }
}
