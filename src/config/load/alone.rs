//! Each given key by itself: laid over the defaults, does its section still make sense?
//!
//! The defaults are sound, so whatever is wrong then is wrong with this key, and every bad key gets
//! its own fault. A bad key is taken out, so that the rest can be judged without it.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use toml::{Table, Value};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::{
    explain::{Trouble, explain},
    faults::{ConfigFault, Place},
    known::{Known, OVERRIDABLE, is_secret},
    layer::{Layer, join},
};
use crate::config::{Captcha, Limits, Moderation, Redis, Scoring, Server, Store, site::Basics};

/// Judges every key of the layer; the paths of the bad ones come back.
pub(super) fn sift(layer: &mut Layer, known: &Known, faults: &mut Vec<ConfigFault>) -> BTreeSet<String> {
    let mut table = std::mem::take(&mut layer.table);
    let mut judge = Judge { layer, known, faults, bad: BTreeSet::new() };
    judge.sections(&mut table, "");
    if let Some(Value::Array(sites)) = table.get_mut("site") {
        for (n, site) in sites.iter_mut().enumerate() {
            let Value::Table(site) = site else { continue };
            let path = format!("site[{n}]");
            judge.sections(site, &path);
            judge.keys(site, &Spot { section: "site", path: &path, inner: None, defaults: &known.site });
            judge.required(site, &path);
        }
    }
    let bad = judge.bad;
    layer.table = table;
    bad
}

/// One section to judge: where it stands, and the sound section it is laid over.
struct Spot<'s> {
    section: &'s str,
    path: &'s str,
    /// The table inside the section that holds the keys, where it is not the section itself.
    inner: Option<&'s str>,
    defaults: &'s Table,
}

struct Judge<'a> {
    layer: &'a Layer,
    known: &'a Known,
    faults: &'a mut Vec<ConfigFault>,
    bad: BTreeSet<String>,
}

impl Judge<'_> {
    fn sections(&mut self, table: &mut Table, prefix: &str) {
        for (section, given) in table.iter_mut() {
            let defaults = self.known.sections.get(section).and_then(Value::as_table);
            if let (Some(defaults), Value::Table(given)) = (defaults, given) {
                let path = join(prefix, section);
                self.keys(given, &Spot { section, path: &path, inner: None, defaults });
            }
        }
    }

    fn keys(&mut self, given: &mut Table, spot: &Spot<'_>) {
        given.retain(|key, value| {
            let path = join(spot.path, key);
            let section = spot.section == "site" && OVERRIDABLE.contains(&key);
            match (spot.inner, spot.defaults.get(key), &mut *value) {
                _ if section => true,
                (None, Some(Value::Table(_)), Value::Table(inner)) => {
                    self.keys(inner, &Spot { inner: Some(key), path: &path, ..*spot });
                    true
                }
                _ => self.key(key, value, &path, spot),
            }
        });
    }

    /// Whether the key is sound; if it is not, it is told and remembered.
    fn key(&mut self, key: &str, value: &Value, path: &str, spot: &Spot<'_>) -> bool {
        let Some(trouble) = not_finite(value).or_else(|| spot.trouble(key, value.clone())) else { return true };
        let default = spot.default_of(key);
        let guilty: Vec<(usize, Trouble)> = value
            .as_array()
            .filter(|_| default.is_some_and(Value::is_array))
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(|(n, item)| Some((n, spot.trouble(key, Value::Array(vec![item.clone()]))?)))
            .collect();
        let secret = is_secret(spot.section, key);
        let twin = format!("{path}_file");
        let told = if secret && self.layer.gives(&twin) { twin } else { path.to_owned() };
        if guilty.is_empty() {
            self.fault(&told, path, explain(key, value, default, &trouble, secret));
        }
        for (n, trouble) in guilty {
            let item = value.as_array().and_then(|items| items.get(n)).unwrap_or(value);
            let default = default.and_then(Value::as_array).and_then(|items| items.first());
            self.fault(&told, &format!("{path}[{n}]"), explain(key, item, default, &trouble, secret));
        }
        self.bad.insert(path.to_owned());
        false
    }

    fn fault(&mut self, key: &str, at: &str, (wrong, right): (String, String)) {
        let place = self.layer.place(at).cloned().unwrap_or(Place::Whole);
        self.faults.push(ConfigFault { key: key.to_owned(), place, wrong, right });
    }

    /// A site has no id and no origins but its own.
    fn required(&mut self, site: &Table, path: &str) {
        for (key, right) in [
            ("id", "name the site, e.g. id = \"news\""),
            ("origins", "say where its pages live, e.g. origins = [\"https://news.example\"]"),
        ] {
            let path_of_key = join(path, key);
            if !site.contains_key(key) && !self.bad.contains(&path_of_key) && !self.layer.gives(&path_of_key) {
                self.fault(&path_of_key, path, ("it is missing".to_owned(), right.to_owned()));
                self.bad.insert(path_of_key);
            }
        }
    }
}

impl Spot<'_> {
    fn default_of(&self, key: &str) -> Option<&Value> {
        match self.inner {
            None => self.defaults.get(key),
            Some(inner) => self.defaults.get(inner)?.as_table()?.get(key),
        }
    }

    /// What is wrong with the section once this key is laid over its defaults.
    fn trouble(&self, key: &str, value: Value) -> Option<Trouble> {
        let mut table = self.defaults.clone();
        let target = match self.inner {
            None => Some(&mut table),
            Some(inner) => table.get_mut(inner).and_then(Value::as_table_mut),
        };
        target?.insert(key.to_owned(), value);
        match self.section {
            "server" => check::<Server>(table).err(),
            "store" => check::<Store>(table).err(),
            "redis" => check::<Redis>(table).err(),
            "limits" => check::<Limits>(table).err(),
            "captcha" => check::<Captcha>(table).err(),
            "scoring" => check::<Scoring>(table).err(),
            "moderation" => check::<Moderation>(table).err(),
            _ => check::<Basics>(table).err(),
        }
    }
}

/// Makes a section of a table and judges each of its keys.
pub(super) fn check<T: DeserializeOwned + Validate>(table: Table) -> Result<T, Trouble> {
    let section = T::deserialize(Value::Table(table)).map_err(|fault| Trouble::Type(fault.message().to_owned()))?;
    match section.validate() {
        Ok(()) => Ok(section),
        Err(faults) => Err(Trouble::Range(first_message(&faults).unwrap_or_default())),
    }
}

fn first_message(faults: &ValidationErrors) -> Option<String> {
    faults.errors().values().find_map(|kind| match kind {
        ValidationErrorsKind::Field(faults) => faults.first()?.message.as_ref().map(ToString::to_string),
        ValidationErrorsKind::Struct(inner) => first_message(inner),
        ValidationErrorsKind::List(inner) => inner.values().find_map(|inner| first_message(inner)),
    })
}

/// No setting is NaN or infinite, whatever its range.
fn not_finite(value: &Value) -> Option<Trouble> {
    match value {
        Value::Float(number) if !number.is_finite() => {
            Some(Trouble::Type(format!("{number} is no number to count with; write e.g. 0.5")))
        }
        Value::Array(items) => items.iter().find_map(not_finite),
        _ => None,
    }
}
