//! What differs between two sets of settings, key by key, for the log and the audit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::config::load::{Loaded, MASK, site_path};

/// One key that has another value now. A secret shows as `"***"`, and as `"*** (changed)"` where
/// both values are secrets.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Change {
    /// The key's path; a site is named by its id: `site[news].captcha.reject_below`.
    pub key: String,
    /// The value before; null where there was none.
    pub before: Value,
    /// The value now; null where there is none.
    pub after: Value,
}

/// Every difference, in the order of the keys.
pub(super) fn between(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let (before, after) = (flat(&old.outline), flat(&new.outline));
    let mut changes = Vec::new();
    let (order_before, order_after) = (site_ids(&old.outline), site_ids(&new.outline));
    if order_before != order_after {
        changes.push(Change { key: "site".to_owned(), before: order_before, after: order_after });
    }
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let value = |side: &BTreeMap<String, Value>| side.get(key).cloned().unwrap_or_default();
        let (before, mut after) = (value(&before), value(&after));
        if before == after && old.secrets.get(key) != new.secrets.get(key) {
            after = Value::from(format!("{MASK} (changed)"));
        }
        if before != after {
            changes.push(Change { key: key.clone(), before, after });
        }
    }
    for file in old.files.keys().chain(new.files.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (old.files.get(file), new.files.get(file));
        // A file that came or went shows in the list that names it.
        if let (Some((had, was)), Some((has, is))) = (before, after)
            && was != is
        {
            let entries = |count: &usize, note: &str| Value::from(format!("entries: {count}{note}"));
            changes.push(Change { key: file.clone(), before: entries(had, ""), after: entries(has, " (changed)") });
        }
    }
    changes
}

/// Which sites there are, in their order.
fn site_ids(settings: &Value) -> Value {
    let sites = settings.get("site").and_then(Value::as_array);
    sites.into_iter().flatten().map(|site| site.get("id").cloned().unwrap_or_default()).collect()
}

/// Every key with its value; lists are values, but sites are taken apart.
fn flat(settings: &Value) -> BTreeMap<String, Value> {
    let mut keys = BTreeMap::new();
    for (section, value) in settings.as_object().into_iter().flatten() {
        match (section.as_str(), value) {
            ("site", Value::Array(sites)) => sites.iter().for_each(|site| collect(site_path(site), site, &mut keys)),
            _ => collect(section.clone(), value, &mut keys),
        }
    }
    keys
}

fn collect(path: String, value: &Value, keys: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(inner) => inner.iter().for_each(|(key, value)| collect(format!("{path}.{key}"), value, keys)),
        value => drop(keys.insert(path, value.clone())),
    }
}
