//! What follows from a submission, whichever store takes it: its event, its row of the audit, its receipt.

use serde_json::json;

use super::{NewComment, Receipt, events::Event};
use crate::domain::Status;

/// Rows of a record that are looked at, so that one busy author costs no more than this.
pub(super) const RECORD_ROWS: i64 = 500;

/// The event that tells of a new comment.
pub(super) fn event(comment: &NewComment) -> Event<'_> {
    let kind = if comment.status == Status::Approved { "comment.published" } else { "comment.received" };
    Event {
        at: comment.created_at,
        kind,
        comment: comment.id,
        site: comment.page.site.as_str(),
        detail: comment.announced(),
    }
}

/// What the audit keeps of a reply by the newsroom.
pub(super) fn reply(comment: &NewComment) -> String {
    json!({ "to": comment.status, "site": comment.page.site.as_str(), "parent": comment.parent }).to_string()
}

/// What the sender is told, with the page's address as it is stored.
pub(super) fn receipt(comment: &NewComment, page_url: String) -> Receipt {
    Receipt {
        id: comment.id,
        published: comment.status == Status::Approved,
        edit_until: comment.edit_until,
        author: comment.author,
        email_key: comment.email_key,
        page_url,
    }
}
