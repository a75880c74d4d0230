//! What a moderator's words change of those that are shown, whatever keeps them.

use serde_json::{Value, json};

use super::{DecisionOutcome, DecisionResult, Revision, standing::Standing};

/// Words as readers see them.
pub(super) struct Words {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) body: String,
}

/// The comment that may be revised, or the answer to who may not.
pub(super) fn open<'a>(new: &Revision, standing: Option<&'a Standing>) -> Result<&'a Standing, DecisionResult> {
    let Some(standing) = standing.filter(|standing| standing.is_for(new.sites.as_deref())) else {
        return Err(DecisionResult { id: new.id, outcome: DecisionOutcome::NotFound, version: None, page: None });
    };
    if new.version.is_some_and(|seen| seen != standing.version) {
        return Err(standing.result(standing.conflict(), standing.version));
    }
    Ok(standing)
}

/// Puts the new words in the place of those shown; which of them that changes.
pub(super) fn put(new: &Revision, words: &mut Words) -> Vec<&'static str> {
    let mut changed = Vec::new();
    if let Some(name) = new.name.as_ref().filter(|name| **name != words.name) {
        words.name.clone_from(name);
        changed.push("name");
    }
    if let Some(url) = new.url.as_ref().filter(|url| **url != words.url) {
        words.url.clone_from(url);
        changed.push("url");
    }
    if let Some(body) = new.body.as_ref().filter(|body| **body != words.body) {
        words.body.clone_from(body);
        changed.push("body");
    }
    changed
}

/// The detail of its audit row: what was changed, not what stood there, for the record outlives the words.
pub(super) fn told(standing: &Standing, changed: &[&str]) -> String {
    let (status, site, version) = (standing.status, &standing.site, standing.next_version());
    let none = Value::Null;
    json!({ "from": status, "to": status, "reason": none, "version": version, "site": site, "changed": changed })
        .to_string()
}

/// What its event tells.
pub(super) fn news(standing: &Standing, by: &str) -> Value {
    json!({ "status": standing.status, "version": standing.next_version(), "by": by })
}
