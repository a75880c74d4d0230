//! How far a copy got, as it is kept in the target's `meta` beside the rows. While it is there, the target is no store.

use serde::{Deserialize, Serialize};

use super::value::Value;
use crate::store::StoreError;

/// Its row in `meta`.
pub(in crate::store) const KEY: &str = "transfer";

/// Where a copy stands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    /// What the source was like when it began.
    pub(super) source: String,
    /// What makes the triggers again that were taken away for the time of the copy.
    pub(super) triggers: Vec<String>,
    /// The table whose rows came last; none before the first.
    pub(super) table: Option<String>,
    /// The key of the last of them.
    pub(super) after: Option<Vec<Value>>,
    /// All rows are there, and the numbers stand as in the source.
    pub(super) is_all: bool,
}

impl Mark {
    /// Where nothing was copied yet.
    pub(super) fn new(source: &str, triggers: Vec<String>) -> Self {
        Self { source: source.to_owned(), triggers, table: None, after: None, is_all: false }
    }

    /// As it is kept.
    pub(super) fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|_never| StoreError::Unreadable(KEY))
    }

    pub(super) fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|_odd| {
            StoreError::Path(
                "the copy in the target was begun by another version of the program: make the target anew".to_owned(),
            )
        })
    }
}

/// Why such a store is not opened.
pub(in crate::store) fn unfinished() -> StoreError {
    StoreError::Path(
        "the store is the unfinished copy of another one: run the same `replydesk migrate --from … --to …` or `replydesk restore` again, until it says that it is complete"
            .to_owned(),
    )
}

/// Where somebody else moved the mark meanwhile.
pub(super) fn moved() -> StoreError {
    StoreError::Path("another process copies to the same target: let one of them end".to_owned())
}
