//! Turns what a deserializer or a range check says into what is wrong and what would be right.

use toml::Value;

use crate::config::values::quoted;

/// Why a value was not taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The deserializer's words.
    Type(String),
    /// The range check's words: what would be right, or both parts.
    Range(String),
}

/// What is wrong, and what would be right. A secret's value is never repeated.
pub(super) fn explain(
    key: &str,
    given: &Value,
    default: Option<&Value>,
    trouble: &Trouble,
    secret: bool,
) -> (String, String) {
    let shown = if secret { "the value".to_owned() } else { shown(given) };
    let (Trouble::Type(text) | Trouble::Range(text)) = trouble;
    if let Some((wrong, right)) = text.rsplit_once("; ") {
        return (wrong.to_owned(), right.to_owned());
    }
    if matches!(trouble, Trouble::Range(_)) {
        return (format!("{shown} does not fit"), text.clone());
    }
    if let Some(rest) = text.strip_prefix("unknown variant ") {
        let choices: Vec<String> = rest.split('`').skip(3).step_by(2).map(|name| format!("{name:?}")).collect();
        return (format!("{shown} is not among the choices"), format!("write {}", one_of(&choices)));
    }
    let wrong = match given {
        Value::Integer(_) if text.starts_with("invalid value") => format!("{shown} is out of range"),
        _ => format!("{} does not belong here", kind(given)),
    };
    (wrong, format!("write {}", wanted(key, default)))
}

fn one_of(choices: &[String]) -> String {
    match choices {
        [] => "another".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(_) | Value::Table(_) => kind(value).to_owned(),
        other => other.to_string(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The shape that is wanted, with an example.
fn wanted(key: &str, default: Option<&Value>) -> String {
    match default {
        Some(Value::String(text)) if text.is_empty() => "text in quotes".to_owned(),
        Some(Value::String(text)) => format!("text in quotes, e.g. {text:?}"),
        Some(Value::Integer(number)) => format!("a whole number from 0 up, e.g. {number}"),
        Some(Value::Array(items)) => match items.first() {
            Some(item) => format!("a list, e.g. [{item}]"),
            None => format!("a list, e.g. [{}]", example(key)),
        },
        Some(Value::Float(number)) => format!("a number, e.g. {number:?}"),
        Some(other) => format!("e.g. {other}"),
        None if example(key) == "0.5" => "a number, e.g. 0.5".to_owned(),
        None => format!("text in quotes, e.g. {}", example(key)),
    }
}

/// An example for an item of a list that is empty by default, or for a weight.
fn example(key: &str) -> &'static str {
    match key {
        "trusted_proxies" | "allow" => "\"10.0.0.0/8\"",
        "hostnames" => "\"news.example\"",
        "hold" | "reject" => "\"casino\"",
        "hold_files" | "reject_files" => "\"words/hold.txt\"",
        "tor_exits" | "hosting" => "\"lists/networks.txt\"",
        "hosting_asns" => "\"AS64500\"",
        "link_domains" | "mail_domains" => "\"spam.example\"",
        "link_domain_files" | "mail_domain_files" => "\"lists/domains.txt\"",
        "keep_query" => "\"id\"",
        _ => "0.5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_trouble_is_put_in_words() {
        let told = |given: Value, default: Value, trouble: Trouble| {
            let (wrong, right) = explain("k", &given, Some(&default), &trouble, false);
            format!("{wrong}; {right}")
        };
        let unknown = "unknown variant `x`, expected one of `a`, `b`, `c`";
        assert_eq!(
            told("x".into(), "a".into(), Trouble::Type(unknown.into())),
            "\"x\" is not among the choices; write \"a\", \"b\" or \"c\""
        );
        assert_eq!(
            told("x".into(), Value::Float(0.3), Trouble::Type("invalid type: string \"x\", expected f64".into())),
            "text does not belong here; write a number, e.g. 0.3"
        );
        assert_eq!(
            told(Value::Integer(-1), Value::Integer(2), Trouble::Type("invalid value: integer `-1`".into())),
            "-1 is out of range; write a whole number from 0 up, e.g. 2"
        );
        assert_eq!(
            told(Value::Float(1.5), Value::Float(0.3), Trouble::Range("a score is in [0, 1]".into())),
            "1.5 does not fit; a score is in [0, 1]"
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let (wrong, _) = explain("secret", &"hunter2".into(), None, &Trouble::Range("give more".into()), true);
        assert!(!wrong.contains("hunter2"));
    }
}
