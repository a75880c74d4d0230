//! What moderators are told while they look: one short notice an event, with ids and states and nobody's words.

use serde_json::{Map, Value, json};

use super::{Viewer, view::bare};
use crate::store::EventRow;

/// A notice under its name.
#[derive(Debug)]
pub struct Notice {
    /// `comment`, `decision`, `edit` or `claim`.
    pub name: &'static str,
    /// Its members.
    pub data: Value,
}

impl Viewer {
    /// What this viewer is told of an event; none where it is on a site that is not theirs, or nothing to them.
    #[must_use]
    pub fn notice(&self, event: &EventRow) -> Option<Notice> {
        if !self.sees(&event.site) {
            return None;
        }
        let told = |member: &str| event.detail.get(member).cloned().unwrap_or(Value::Null);
        let by = event.detail.get("by").and_then(Value::as_str).map(|by| bare(by.to_owned()));
        let name = match event.kind.as_str() {
            "comment.received" | "comment.published" => "comment",
            "comment.claim" => "claim",
            "comment.captcha" | "comment.hold" | "comment.revised" | "comment.reported" => "edit",
            // A move that nobody decided is the author's: changed or taken back.
            kind if kind.starts_with("comment.") && by.is_none() => "edit",
            kind if kind.starts_with("comment.") => "decision",
            _ => return None,
        };
        let mut data =
            Map::from_iter([("id".to_owned(), json!(event.subject)), ("site".to_owned(), json!(event.site))]);
        let members: &[&str] = match name {
            "comment" => &["status"],
            "claim" => &["until"],
            "decision" => &["from", "status", "version"],
            _ => &["status", "version"],
        };
        data.extend(members.iter().map(|member| ((*member).to_owned(), told(member))));
        // It came in an attack: one of many, not to be told one by one.
        if told("attack") == Value::Bool(true) {
            data.insert("attack".to_owned(), Value::Bool(true));
        }
        if name != "comment" {
            data.insert("by".to_owned(), json!(by));
        }
        Some(Notice { name, data: Value::Object(data) })
    }
}
