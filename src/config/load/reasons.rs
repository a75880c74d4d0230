//! Files of reasons: `[[reason]]` with `id`, `label`, `ground` and `text`. Every fault is told with its line in that
//! file.
//!
//! A file is read once, however many sites name it. What the reasons are for is not known here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{Table, Value};

use super::{
    faults::{ConfigFault, Place},
    layer::Layer,
    scope::{Merged, Scope},
    seen::{Seen, reason as why},
};
use crate::{
    config::{
        Moderation, Reason,
        reasons::{Ground, SHIPPED},
        values::quoted,
    },
    keys::{Tag, digest},
};

/// Largest file, in bytes.
const MOST_BYTES: u64 = 1 << 20;
/// Most reasons of one list.
const MOST: usize = 200;
const KEY: &str = "moderation.reasons_file";
const KEYS: [&str; 4] = ["id", "label", "ground", "text"];
/// Most characters of each.
const LONGEST: [(&str, usize); 3] = [("id", 40), ("label", 80), ("text", 1_000)];

type List = Arc<[Reason]>;

/// Reads every file once.
pub(super) struct ReasonFiles<'a> {
    base: &'a Path,
    seen: &'a mut Seen,
    read: BTreeMap<PathBuf, Option<List>>,
    digests: BTreeMap<String, (usize, Tag)>,
}

impl<'a> ReasonFiles<'a> {
    pub(super) fn new(base: &'a Path, seen: &'a mut Seen) -> Self {
        Self { base, seen, read: BTreeMap::new(), digests: BTreeMap::new() }
    }

    /// Each file as it was named, with the number of its reasons and the digest of its content.
    pub(super) fn digests(self) -> BTreeMap<String, (usize, Tag)> {
        self.digests
    }

    /// Gives a site the reasons of its file, or those that are built in.
    pub(super) fn fill(
        &mut self,
        moderation: &mut Moderation,
        merged: &Merged,
        scope: Scope,
        faults: &mut Vec<ConfigFault>,
    ) {
        let named = !moderation.reasons_file.as_os_str().is_empty();
        let file = if named { self.base.join(&moderation.reasons_file) } else { PathBuf::new() };
        if !self.read.contains_key(&file) {
            let list = match named {
                true => self.listed(&file, merged, scope, faults),
                false => parsed(SHIPPED, Path::new("reasons.toml"), faults),
            };
            self.read.insert(file.clone(), list);
        }
        moderation.reasons = self.read.get(&file).cloned().flatten().unwrap_or_default();
        moderation.reasons_file = file;
    }

    fn listed(&mut self, file: &Path, merged: &Merged, scope: Scope, faults: &mut Vec<ConfigFault>) -> Option<List> {
        let name = file.display();
        let mut refuse = |wrong: String| {
            let right = "name a UTF-8 file of [[reason]] entries such as config/reasons.toml".to_owned();
            faults.push(merged.fault(scope, KEY, wrong, right));
            None
        };
        let bytes = match self.seen.read(file, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(fault) => return refuse(format!("{name} cannot be read: {}", why(&fault))),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else { return refuse(format!("{name} is not UTF-8")) };
        let list = parsed(text, file, faults)?;
        self.digests.insert(format!("reasons file {name}"), (list.len(), digest(&bytes)));
        Some(list)
    }
}

/// The reasons of a file; none where it has a fault.
fn parsed(text: &str, file: &Path, faults: &mut Vec<ConfigFault>) -> Option<List> {
    let known = faults.len();
    let layer = Layer::from_toml(text, file, faults)?;
    let mut reader = Reader { layer: &layer, whole: Place::Line(file.to_owned(), 1), faults };
    for key in layer.table.keys().filter(|key| *key != "reason") {
        reader.fault(key, "there is no such key", "write [[reason]] and its keys below");
    }
    let entries = layer.table.get("reason").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        reader.fault("reason", "there is no reason", "write [[reason]] with id, label, ground and text");
    }
    if entries.len() > MOST {
        reader.fault("reason", &format!("the list has {} reasons", entries.len()), &format!("keep it to {MOST}"));
    }
    let (mut list, mut ids) = (Vec::new(), BTreeSet::new());
    for (n, entry) in entries.iter().enumerate() {
        let path = format!("reason[{n}]");
        let Some(entry) = entry.as_table() else {
            reader.fault(&path, "it is no reason", "write [[reason]] and its keys below");
            continue;
        };
        if let Some(reason) = reader.reason(&path, entry) {
            if !ids.insert(reason.id.clone()) {
                reader.fault(&format!("{path}.id"), "it is the id of two reasons", "give each reason its own id");
            }
            list.push(reason);
        }
    }
    (faults.len() == known).then(|| list.into())
}

struct Reader<'l, 'f> {
    layer: &'l Layer,
    whole: Place,
    faults: &'f mut Vec<ConfigFault>,
}

impl Reader<'_, '_> {
    fn fault(&mut self, path: &str, wrong: &str, right: &str) {
        let place = self.layer.place(path).cloned().unwrap_or_else(|| self.whole.clone());
        self.faults.push(ConfigFault { key: path.to_owned(), place, wrong: wrong.to_owned(), right: right.to_owned() });
    }

    fn reason(&mut self, path: &str, entry: &Table) -> Option<Reason> {
        for key in entry.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            self.fault(&format!("{path}.{key}"), "there is no such key", "write id, label, ground and text");
        }
        let [id, label, text] = LONGEST.map(|(key, most)| self.text(path, entry, key, most));
        let ground = match entry.get("ground").map(Value::as_str) {
            None => Some(None),
            Some(Some("law")) => Some(Some(Ground::Law)),
            Some(Some("terms")) => Some(Some(Ground::Terms)),
            Some(_) => {
                let right = "write \"law\" or \"terms\", or leave it out where it is neither";
                self.fault(&format!("{path}.ground"), "it is no ground", right);
                None
            }
        };
        Some(Reason { id: id?, label: label?, ground: ground?, text: text? })
    }

    fn text(&mut self, path: &str, entry: &Table, key: &str, most: usize) -> Option<String> {
        let at = format!("{path}.{key}");
        let Some(value) = entry.get(key) else {
            self.fault(&at, "it is missing", "each reason has an id, a label and a text");
            return None;
        };
        let text = value.as_str().map(str::trim).unwrap_or_default();
        let of_an_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let wrong = if text.is_empty() {
            "it is no text"
        } else if text.chars().count() > most {
            "it is too long"
        } else if text.chars().any(char::is_control) {
            "it holds a line break or another control character"
        } else if key == "id" && !text.chars().all(of_an_id) {
            &format!("{} is no id", quoted(text))
        } else {
            return Some(text.to_owned());
        };
        let of = if key == "id" { "a-z, 0-9, - and _" } else { "plain text on one line" };
        self.fault(&at, wrong, &format!("write 1 to {most} characters: {of}"));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_is_built_in_is_sound_and_has_both_grounds() {
        let mut faults = Vec::new();
        let list = parsed(SHIPPED, Path::new("reasons.toml"), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        let list = list.unwrap();
        for ground in [Some(Ground::Law), Some(Ground::Terms), None] {
            assert!(list.iter().any(|reason| reason.ground == ground), "{ground:?}");
        }
        for id in ["insult", "hate", "incitement", "threat", "personal_data", "defamation", "copyright", "advertising"]
        {
            assert!(list.iter().any(|reason| reason.id == id), "{id}");
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_refused() {
        let entry = |n: usize| format!("[[reason]]\nid = \"r{n}\"\nlabel = \"R\"\ntext = \"T\"\n");
        let mut faults = Vec::new();
        let whole: String = (0..=MOST).map(entry).collect();
        assert!(parsed(&whole, Path::new("reasons.toml"), &mut faults).is_none());
        assert_eq!((faults.len(), faults[0].wrong.as_str()), (1, "the list has 201 reasons"));
    }
}
