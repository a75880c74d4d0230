//! Secrets that are given as a path: `secret_file = "/run/secrets/x"`.

use std::path::Path;

use toml::{Table, Value};

use super::{
    faults::{ConfigFault, Place},
    known::{OVERRIDABLE, SECRETS},
    layer::{Layer, join},
    seen::{Seen, reason},
};

/// Longest secret file, in bytes.
const MOST: u64 = 65_536;

/// Puts the content of each `_file` in the place of its secret. Relative paths start at `base`.
pub(super) fn resolve(layer: &mut Layer, base: &Path, seen: &mut Seen, faults: &mut Vec<ConfigFault>) {
    let mut table = std::mem::take(&mut layer.table);
    let mut reading = Reading { layer, base, seen, faults };
    reading.scope(&mut table, "");
    if let Some(Value::Array(sites)) = table.get_mut("site") {
        for (n, site) in sites.iter_mut().enumerate() {
            if let Value::Table(site) = site {
                reading.scope(site, &format!("site[{n}]"));
            }
        }
    }
    layer.table = table;
}

struct Reading<'a> {
    layer: &'a mut Layer,
    base: &'a Path,
    seen: &'a mut Seen,
    faults: &'a mut Vec<ConfigFault>,
}

impl Reading<'_> {
    fn scope(&mut self, table: &mut Table, prefix: &str) {
        for (section, key) in SECRETS {
            if !prefix.is_empty() && !OVERRIDABLE.contains(&section) {
                continue;
            }
            let Some(Value::Table(given)) = table.get_mut(section) else { continue };
            let twin = format!("{key}_file");
            let Some(path) = given.remove(&twin) else { continue };
            let (twin, secret) = (join(&join(prefix, section), &twin), join(&join(prefix, section), key));
            if given.remove(key).is_some() {
                self.fault(&twin, format!("{secret} is given as well"), "give one of the two");
                self.layer.places.remove(&secret);
                continue;
            }
            if let Some(content) = self.content(&twin, &path) {
                given.insert(key.to_owned(), Value::String(content));
                let place = self.layer.place(&twin).cloned().unwrap_or(Place::Whole);
                self.layer.places.insert(secret, place);
            }
        }
    }

    fn content(&mut self, twin: &str, path: &Value) -> Option<String> {
        let Some(path) = path.as_str().filter(|path| !path.is_empty()) else {
            self.fault(twin, "it is no path".to_owned(), "write the file's path in quotes, e.g. \"/run/secrets/key\"");
            return None;
        };
        let full = self.base.join(path);
        let right = "give a readable text file that holds the secret and nothing else";
        let text = match self.seen.read(&full, MOST).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                self.fault(twin, format!("{} is not UTF-8", full.display()), right);
                return None;
            }
            Err(fault) => {
                self.fault(twin, format!("{} cannot be read: {}", full.display(), reason(&fault)), right);
                return None;
            }
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            self.fault(twin, format!("{} is empty", full.display()), right);
            return None;
        }
        Some(text.to_owned())
    }

    fn fault(&mut self, key: &str, wrong: String, right: &str) {
        let place = self.layer.place(key).cloned().unwrap_or(Place::Whole);
        self.faults.push(ConfigFault { key: key.to_owned(), place, wrong, right: right.to_owned() });
    }
}
