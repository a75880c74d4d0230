//! The environment as a layer: `REPLYDESK__CAPTCHA__REJECT_BELOW=0.4`.
//!
//! A value is read as TOML; what is no TOML is text. Where the key's default is text, anything but a
//! quoted string is text too, so that a secret of digits needs no quotes.

use toml::{Table, Value};

use super::{
    faults::{ConfigFault, Place},
    known::Known,
    layer::Layer,
};

/// What the names of variables start with.
pub(super) const PREFIX: &str = "REPLYDESK__";

/// Makes a layer of the variables that start with [`PREFIX`].
pub(super) fn layer(env: &[(String, String)], known: &Known, faults: &mut Vec<ConfigFault>) -> Layer {
    let mut layer = Layer::default();
    for (name, text) in env {
        let Some(keys) = name.strip_prefix(PREFIX) else { continue };
        let place = Place::Variable(name.clone());
        let path: Vec<String> = keys.split("__").map(str::to_ascii_lowercase).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut fault = |wrong: &str, right: &str| {
            let (wrong, right) = (wrong.to_owned(), right.to_owned());
            faults.push(ConfigFault { key: path.join("."), place: place.clone(), wrong, right });
        };
        if text.contains(char::REPLACEMENT_CHARACTER) {
            fault("the value is not UTF-8", "give it in UTF-8");
        } else if path.first() == Some(&"site") && path.len() > 1 {
            fault("a site cannot be set key by key", "give the whole list in REPLYDESK__SITE, or use the file");
        } else if path.contains(&"") {
            fault("a part of the name is empty", "write REPLYDESK__SECTION__KEY");
        } else if put(&mut layer.table, &path, value(text, known.default_at(&path))) {
            // A section that nobody knows is told by its own name, which is no key of any variable.
            let section = path.first().filter(|section| path.len() > 1 && known.default_at(&[section]).is_none());
            for named in section.map(|section| (*section).to_owned()).into_iter().chain([path.join(".")]) {
                layer.places.insert(named, place.clone());
            }
        } else {
            fault("another variable sets what holds this key", "set one of the two");
        }
    }
    layer
}

fn value(text: &str, default: Option<&Value>) -> Value {
    match (text.trim().parse::<Value>(), default) {
        (Ok(Value::String(quoted)), _) => Value::String(quoted),
        (Ok(_), Some(Value::String(_))) | (Err(_), _) => Value::String(text.to_owned()),
        (Ok(other), _) => other,
    }
}

/// Puts a value at a path of new or known tables; false where something else stands in the way.
fn put(table: &mut Table, path: &[&str], value: Value) -> bool {
    match path {
        [] => false,
        [key] => match table.contains_key(*key) {
            true => false,
            false => table.insert((*key).to_owned(), value).is_none(),
        },
        [key, rest @ ..] => match table.entry((*key).to_owned()).or_insert_with(|| Value::Table(Table::new())) {
            Value::Table(below) => put(below, rest, value),
            _ => false,
        },
    }
}

/// Every variable of the process that is a setting, sorted by name.
#[must_use]
pub(super) fn of_process() -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
            Some((name, value.to_string_lossy().into_owned()))
        })
        .collect();
    env.sort();
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_toml_where_the_key_wants_toml_and_text_where_it_wants_text() {
        let known = Known::new(&toml::from_str("[a]\ntext = \"\"\nnumber = 1.0\nlist = []").unwrap());
        let env: Vec<_> = [
            ("REPLYDESK__A__TEXT", "0123"),
            ("REPLYDESK__A__NUMBER", "0.4"),
            ("REPLYDESK__A__LIST", "[\"x\"]"),
            ("REPLYDESK_CONFIG", "ignored"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let layer = layer(&env, &known, &mut Vec::new());
        let a = &layer.table["a"];
        assert_eq!((a["text"].as_str(), a["number"].as_float()), (Some("0123"), Some(0.4)));
        assert_eq!(a["list"].as_array().map(Vec::len), Some(1));
        assert_eq!(layer.place("a.list[0]"), Some(&Place::Variable("REPLYDESK__A__LIST".into())));
    }

    #[test]
    fn a_line_break_in_a_value_smuggles_no_key() {
        let known = Known::new(&toml::from_str("[a]\ntext = \"\"\nnumber = 1.0").unwrap());
        let env = [("REPLYDESK__A__NUMBER".to_owned(), "1\ntext = \"x\"".to_owned())];
        let layer = layer(&env, &known, &mut Vec::new());
        assert!(layer.table["a"].get("text").is_none() && layer.table["a"]["number"].is_str());
    }
}
