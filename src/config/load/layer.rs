//! One layer of settings: the values, and where each was given.
//!
//! A layer comes from TOML text or from the environment; layers are laid over each other key by
//! key. What a key may be called or hold is not known here.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::{
    Spanned, Table, Value,
    de::{DeTable, DeValue},
};

use super::faults::{ConfigFault, Place};

/// Values and their places, the places by path: `captcha.secret`, `site[0].lang`, `limits.per_ip[1]`.
#[derive(Clone, Default, Debug)]
pub(super) struct Layer {
    pub(super) table: Table,
    pub(super) places: BTreeMap<String, Place>,
}

/// `a` and `b` as `a.b`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn under(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl Layer {
    /// Parses a whole document. Where it is not TOML, the faults say so and the layer is none.
    pub(super) fn from_toml(text: &str, file: &Path, faults: &mut Vec<ConfigFault>) -> Option<Self> {
        let lines = Lines::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = error.span().map_or_else(
                || Place::File(file.to_owned()),
                |span| {
                    let (line, column) = lines.of(span.start);
                    Place::Column(file.to_owned(), line, column)
                },
            );
            if faults.iter().any(|known| same_line(&known.place, &place)) {
                continue;
            }
            let at = error.span().and_then(|span| text.get(span)).unwrap_or_default();
            faults.push(not_toml(place, error.message(), at));
        }
        if !errors.is_empty() {
            return None;
        }
        let mut reader = Reader { lines, file: file.to_owned(), places: BTreeMap::new(), faults };
        let table = reader.table("", document.get_ref());
        Some(Self { table, places: reader.places })
    }

    /// Lays another layer over this one: tables key by key, all else whole.
    pub(super) fn lay_over(&mut self, top: Self) {
        let mut replaced = Vec::new();
        overlay(&mut self.table, top.table, "", &mut replaced);
        self.places.retain(|path, _| !replaced.iter().any(|gone| under(path, gone)));
        self.places.extend(top.places);
    }

    /// Where the value at the path was given, or the nearest thing that holds it.
    pub(super) fn place(&self, path: &str) -> Option<&Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(place);
            }
            let end = path.rfind(['.', '['])?;
            path = path.get(..end)?;
        }
    }

    /// Whether this very path was given.
    pub(super) fn gives(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }
}

/// Lays `top` over `base` and lists the paths that were replaced whole.
pub(super) fn overlay(base: &mut Table, top: Table, path: &str, replaced: &mut Vec<String>) {
    for (key, value) in top {
        let path = join(path, &key);
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above, &path, replaced),
            (_, value) => {
                replaced.push(path);
                base.insert(key, value);
            }
        }
    }
}

fn same_line(a: &Place, b: &Place) -> bool {
    matches!((a, b), (Place::Column(_, a, _), Place::Column(_, b, _)) if a == b)
}

fn not_toml(place: Place, message: &str, at: &str) -> ConfigFault {
    let (wrong, right) = match message {
        "duplicate key" => (format!("{at} is given twice"), "keep one of the two".to_owned()),
        other => match other.split_once(", expected ") {
            Some((wrong, expected)) => (format!("not TOML: {wrong}"), format!("expected {expected}")),
            None => (format!("not TOML: {other}"), "mend the line; text stands in double quotes".to_owned()),
        },
    };
    ConfigFault { key: String::new(), place, wrong, right }
}

/// Byte offsets as lines and columns.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn of(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset.min(self.text.len())).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}

struct Reader<'t, 'f> {
    lines: Lines<'t>,
    file: PathBuf,
    places: BTreeMap<String, Place>,
    faults: &'f mut Vec<ConfigFault>,
}

impl Reader<'_, '_> {
    fn mark(&mut self, path: &str, offset: usize) {
        let (line, _) = self.lines.of(offset);
        self.places.insert(path.to_owned(), Place::Line(self.file.clone(), line));
    }

    fn table(&mut self, path: &str, given: &DeTable<'_>) -> Table {
        let mut table = Table::new();
        for (key, value) in given {
            let path = join(path, key.get_ref());
            self.mark(&path, key.span().start);
            if let Some(value) = self.value(&path, value) {
                table.insert(key.get_ref().clone().into_owned(), value);
            }
        }
        table
    }

    fn value(&mut self, path: &str, given: &Spanned<DeValue<'_>>) -> Option<Value> {
        let value = match given.get_ref() {
            DeValue::String(text) => Value::String(text.clone().into_owned()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => return self.refuse(path, "the number is too large", "give one that fits into 64 bits"),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) => Value::Float(number),
                Err(_) => return self.refuse(path, "it is no number", "write e.g. 0.5"),
            },
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Datetime(moment) => Value::Datetime(*moment),
            DeValue::Array(items) => Value::Array(self.list(path, items.iter())),
            DeValue::Table(table) => Value::Table(self.table(path, table)),
        };
        Some(value)
    }

    fn list<'v, 'i: 'v>(&mut self, path: &str, items: impl Iterator<Item = &'v Spanned<DeValue<'i>>>) -> Vec<Value> {
        let mut list = Vec::new();
        for (n, item) in items.enumerate() {
            let path = format!("{path}[{n}]");
            self.mark(&path, item.span().start);
            list.extend(self.value(&path, item));
        }
        list
    }

    fn refuse(&mut self, path: &str, wrong: &str, right: &str) -> Option<Value> {
        let place = self.places.get(path).cloned().unwrap_or_else(|| Place::File(self.file.clone()));
        self.faults.push(ConfigFault { key: path.to_owned(), place, wrong: wrong.into(), right: right.into() });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line_and_the_upper_layer_wins_key_by_key() {
        let read = |text: &str| Layer::from_toml(text, Path::new("f"), &mut Vec::new()).unwrap();
        let mut base = read("[a]\nx = 1\ny = [\n 1,\n 2]\n[[s]]\nk = 1\n[s.t]\nz = 0x10\n");
        let line = |layer: &Layer, path: &str| layer.place(path).cloned().unwrap().to_string();
        assert_eq!(line(&base, "a.y[1]"), "f:5");
        assert_eq!(line(&base, "s[0].t.z"), "f:9");
        assert_eq!(line(&base, "s[0].missing"), "f:6");
        assert_eq!(base.table["s"][0]["t"]["z"].as_integer(), Some(16));
        base.lay_over(read("\n\n[a]\ny = []"));
        assert_eq!(base.table["a"]["x"].as_integer(), Some(1));
        assert_eq!(line(&base, "a.y"), "f:4");
        assert!(!base.gives("a.y[1]"), "the list below is gone with its places");
    }
}
