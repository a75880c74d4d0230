//! One comment with what was done to it and the thread it stands in.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Item, bare};
use crate::{
    domain::{CommentId, Timestamp},
    store::{AuditRow, ShownComment},
    text::markdown,
};

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
    /// The ban that did it when it was set; null for all else.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub ban: Value,
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

impl From<AuditRow> for Deed {
    fn from(mut row: AuditRow) -> Self {
        let mut told = |name: &str| row.detail.remove(name).unwrap_or(Value::Null);
        let (why, from, to, version) = (told("reason"), told("from"), told("to"), told("version"));
        let ban = told("ban");
        Self { who: bare(row.actor), when: row.at, why, from, to, action: row.action, version, ban }
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
