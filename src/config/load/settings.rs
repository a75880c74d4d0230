//! The settings in force as JSON with every secret masked, and the digests that tell a changed
//! secret from an unchanged one.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Table;

use super::known::SECRETS;
use crate::keys::{Tag, digest};

/// What stands in a secret's place.
pub(in crate::config) const MASK: &str = "***";

/// The settings as JSON, secrets masked; and each secret's digest by its path, sites by their id.
pub(super) fn masked(table: &Table) -> (Value, BTreeMap<String, Tag>) {
    let mut secrets = BTreeMap::new();
    let mut json = serde_json::to_value(table).unwrap_or_default();
    mask(&mut json, "", &mut secrets);
    for site in json.get_mut("site").and_then(Value::as_array_mut).into_iter().flatten() {
        let prefix = site_path(site);
        mask(site, &format!("{prefix}."), &mut secrets);
    }
    (json, secrets)
}

/// How a change names a site: by its id, which outlives its place in the list.
pub(in crate::config) fn site_path(site: &Value) -> String {
    format!("site[{}]", site.get("id").and_then(Value::as_str).unwrap_or_default())
}

fn mask(scope: &mut Value, prefix: &str, secrets: &mut BTreeMap<String, Tag>) {
    for (section, key) in SECRETS {
        let Some(secret) = scope.get_mut(section).and_then(|section| section.get_mut(key)) else { continue };
        if let Some(text) = secret.as_str().filter(|text| !text.is_empty()) {
            secrets.insert(format!("{prefix}{section}.{key}"), digest(text.as_bytes()));
            *secret = Value::from(MASK);
        }
    }
}
