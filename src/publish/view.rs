//! The shapes in which readers get a page: what is told of a comment, and what is not.

use serde::Serialize;

use crate::{
    domain::{CommentId, Timestamp},
    store::ShownComment,
    text::markdown,
};

/// A stretch of a page's comments.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ThreadPage {
    /// The page.
    pub page: PageInfo,
    /// Approved comments on the whole page.
    pub total: u64,
    /// In reading order: a thread's first comment, then its replies, depth first.
    pub comments: Vec<CommentView>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

/// What readers may know of a page.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PageInfo {
    /// Its address.
    pub url: String,
    /// Its title, once a comment on it was approved.
    pub title: Option<String>,
    /// No new comments are taken.
    pub closed: bool,
}

/// A comment, or the place of a removed one that has replies.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum CommentView {
    /// As it is shown.
    Shown(Shown),
    /// It is gone; its replies are not.
    Removed(Removed),
}

/// A comment as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// The comment it answers.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub parent: Option<CommentId>,
    /// 0 for a thread's first comment.
    pub depth: u32,
    /// Its author's name, as text.
    pub name: String,
    /// Its author's site.
    pub url: Option<String>,
    /// The text as HTML that is safe to insert.
    pub html: String,
    /// When it was sent.
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// Since when readers see it; told only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = "date-time", required = false)]
    pub approved_at: Option<Timestamp>,
    /// When its author last changed it.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub edited_at: Option<Timestamp>,
    /// How many readers like it.
    pub likes: u64,
    /// Written by the newsroom.
    pub by_staff: bool,
}

/// The place of a removed comment.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Removed {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommentId,
    /// The comment it answered.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub parent: Option<CommentId>,
    /// 0 for a thread's first comment.
    pub depth: u32,
    /// Always true.
    pub removed: bool,
}

impl From<ShownComment> for CommentView {
    fn from(row: ShownComment) -> Self {
        let ShownComment { id, parent, depth, removed, .. } = row;
        if removed {
            return Self::Removed(Removed { id, parent, depth, removed });
        }
        Self::Shown(Shown {
            id,
            parent,
            depth,
            html: markdown::render(&row.body),
            name: row.name,
            url: row.url,
            created_at: row.created_at,
            approved_at: Some(row.approved_at),
            edited_at: row.edited_at,
            likes: row.likes,
            by_staff: row.by_staff,
        })
    }
}

impl CommentView {
    /// Without the time of approval, as it is told to those who did not ask for it.
    pub(super) fn plain(self) -> Self {
        match self {
            Self::Shown(shown) => Self::Shown(Shown { approved_at: None, ..shown }),
            Self::Removed(removed) => Self::Removed(removed),
        }
    }
}
