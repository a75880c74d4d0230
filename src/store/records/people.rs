//! People, sessions, API tokens, and the record of what was done.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{domain::Timestamp, store::Key};

/// A person who moderates.
#[derive(Clone, Debug)]
pub struct ModeratorRow {
    /// Unique name.
    pub username: String,
    /// `moderator` or `admin`.
    pub role: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A session by the digest of its cookie.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct SessionRow {
    pub token: Key,
    pub username: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An API token by its digest.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct TokenRow {
    pub name: String,
    pub token: Key,
    pub scope: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// One line of the audit.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Row number; 0 before it is stored.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `moderator:NAME`, `token:NAME`, `author`, `system`, `operator`.
    pub actor: String,
    /// What, e.g. `comment.approve`.
    pub action: String,
    /// To what: a comment's id, a ban's id, a name.
    pub subject: String,
    /// The rest.
    pub detail: BTreeMap<String, Value>,
}

/// Which audit rows.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Older than this row.
    pub before: Option<i64>,
    /// Only what this actor did, and what was done on these sites.
    pub within: Option<(String, Vec<String>)>,
    /// At most so many.
    pub limit: usize,
}
