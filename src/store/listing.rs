//! The queue as both back ends list it: which words of a comment stand, and how a word is sought.

use std::time::Duration;

use super::Revised;
use crate::domain::Timestamp;

/// Comments that come at the same time get their ids and numbers in no fixed order.
pub(super) const SLACK: Duration = Duration::from_secs(60);
/// Reasons of reports that are told at most.
pub(super) const REASONS: i64 = 20;

/// What a comment says.
pub(super) struct Words {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) body: String,
}

/// The words that stand, and the author's own where the newsroom changed them, with who did and when.
pub(super) fn standing(own: Words, desk: Option<(Words, String, Timestamp)>) -> (Words, Option<Revised>) {
    match desk {
        None => (own, None),
        Some((words, by, at)) => (words, Some(Revised { name: own.name, url: own.url, body: own.body, by, at })),
    }
}

/// The pattern that finds a word wherever it stands; `\` takes its own characters for what they are.
pub(super) fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
