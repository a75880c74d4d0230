//! What a change comes to and what the audit tells of it, for both back ends alike. How it is stored is theirs.

use serde_json::{Map, Value, json};

use super::{BanBatch, BanRow, ModeratorChange, ModeratorRow, PageChange, PageLine, PageRow};
use crate::domain::Status;

/// The row of a person once the change is made.
pub(super) fn changed(before: &ModeratorRow, change: &ModeratorChange) -> ModeratorRow {
    let mut after = before.clone();
    if let Some(role) = &change.role {
        after.role.clone_from(role);
    }
    if let Some(email) = &change.email {
        after.email.clone_from(email);
    }
    if let Some(sites) = &change.sites {
        after.sites.clone_from(sites);
    }
    if after.role == "admin" {
        // Settled here, on what stands: who can make people and tokens for all sites is not limited to some.
        after.sites = None;
    }
    after
}

/// What the audit tells of that; of an address only that it is another. Nothing where all is as before.
pub(super) fn of_person(before: &ModeratorRow, after: &ModeratorRow) -> Option<String> {
    let mut told = Map::new();
    if before.role != after.role {
        told.insert("role".into(), json!({ "from": before.role, "to": after.role }));
    }
    if before.sites != after.sites {
        told.insert("sites".into(), json!({ "from": before.sites, "to": after.sites }));
    }
    if before.email != after.email {
        told.insert("email".into(), true.into());
    }
    (!told.is_empty()).then(|| Value::Object(told).to_string())
}

/// A new ban. Its value may be somebody's address: the audit names the ban, not whom it meets.
pub(super) fn of_ban(ban: &BanRow) -> String {
    json!({ "kind": ban.kind, "mode": ban.mode, "site": ban.site, "reason": ban.reason }).to_string()
}

/// What a ban did to a comment of this site.
pub(super) fn of_ban_laid(batch: &BanBatch, (from, to): (Status, Status), version: i64, site: &str) -> String {
    let told = json!({
        "from": from, "to": to, "reason": batch.reason, "version": version, "site": site, "ban": batch.ban,
    });
    told.to_string()
}

/// A page as it is before anybody knows it.
pub(super) fn unknown(change: &PageChange) -> PageLine {
    let page = PageRow {
        id: 0,
        site: change.page.site.to_string(),
        key: change.page.key.clone(),
        url: change.page.url.clone(),
        title: None,
        closed: false,
        mode: None,
        first_at: None,
        revision: 0,
        approved: 0,
    };
    PageLine { page, pending: 0 }
}

/// Brings the row to what is asked for; what the audit tells of it, or nothing where all is as it was.
pub(super) fn bring(page: &mut PageRow, change: &PageChange) -> Option<String> {
    let (mut before, mut after) = (Map::new(), Map::new());
    let mut differs = |name: &str, (was, is): (Value, Value)| {
        before.insert(name.to_owned(), was);
        after.insert(name.to_owned(), is);
    };
    if let Some(closed) = change.closed.filter(|closed| *closed != page.closed) {
        differs("closed", (json!(page.closed), json!(closed)));
        page.closed = closed;
    }
    if let Some(title) = change.title.as_ref().filter(|title| **title != page.title) {
        differs("title", (json!(page.title), json!(title)));
        page.title.clone_from(title);
    }
    if let Some(mode) = change.mode.filter(|mode| *mode != page.mode) {
        differs("mode", (json!(page.mode), json!(mode)));
        page.mode = mode;
    }
    let told = || json!({ "site": page.site, "page": page.key, "before": before, "after": after }).to_string();
    (!before.is_empty()).then(told)
}
