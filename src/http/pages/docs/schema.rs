//! A JSON schema in words: what kind of value it is, and the members of an object.

use serde::Serialize;
use serde_json::{Map, Value};

/// How often a reference may lead on to another; a document that refers to itself ends here.
const MAX_HOPS: usize = 8;

/// What kind of value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Kind {
    /// `string (uuid)`, `array of Comment`, `integer or null`.
    pub(super) words: String,
    /// The named shape in it, if there is one.
    pub(super) shape: Option<String>,
}

/// A member of an object, or a parameter of a route.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) description: String,
}

impl Kind {
    /// The kind of a schema.
    pub(super) fn of(schema: &Value) -> Self {
        Self::within(schema, MAX_HOPS)
    }

    fn within(schema: &Value, hops: usize) -> Self {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next()) {
            return Self { words: name.to_owned(), shape: Some(name.to_owned()) };
        }
        let Some(hops) = hops.checked_sub(1) else { return Self::default() };
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(choices) = schema.get(key).and_then(Value::as_array) {
                return Self::joined(choices.iter().map(|choice| Self::within(choice, hops)).collect(), key);
            }
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let values: Vec<_> = values.iter().map(|value| value.as_str().unwrap_or("null")).collect();
            return Self { words: values.join(" | "), shape: None };
        }
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let kinds = names.into_iter().map(|name| Self::named(name, schema, hops)).collect();
        Self::joined(kinds, "oneOf")
    }

    fn named(name: &str, schema: &Value, hops: usize) -> Self {
        match (name, schema.get("items"), schema.get("format").and_then(Value::as_str)) {
            ("array", Some(items), _) => {
                let inner = Self::within(items, hops);
                Self { words: format!("array of {}", inner.words), shape: inner.shape }
            }
            ("string", _, Some(format)) => Self { words: format!("string ({format})"), shape: None },
            _ => Self { words: name.to_owned(), shape: None },
        }
    }

    fn joined(kinds: Vec<Self>, key: &str) -> Self {
        let words: Vec<_> = kinds.iter().map(|kind| &*kind.words).filter(|words| !words.is_empty()).collect();
        let words = words.join(if key == "allOf" { " with " } else { " or " });
        Self { words, shape: kinds.into_iter().find_map(|kind| kind.shape) }
    }
}

/// The members of an object's schema, of every part where it is put together from several.
pub(super) fn members(document: &Value, schema: &Value) -> Vec<Member> {
    let mut found = Vec::new();
    gather(document, schema, MAX_HOPS, &mut found);
    found
}

fn gather(document: &Value, schema: &Value, hops: usize, found: &mut Vec<Member>) {
    let Some(hops) = hops.checked_sub(1) else { return };
    let schema = resolve(document, schema);
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter);
    found.extend(properties.map(|(name, property)| Member {
        name: name.clone(),
        kind: Kind::of(property),
        required: required.contains(&&**name),
        description: property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }));
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        gather(document, part, hops, found);
    }
}

/// What a `$ref` into this document leads to; anything else is itself.
pub(super) fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    for _hop in 0..MAX_HOPS {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        match target.and_then(|pointer| document.pointer(pointer)) {
            Some(found) => value = found,
            None => break,
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_reads_as_words() {
        for (schema, words) in [
            (json!({"type": "string", "format": "uuid"}), "string (uuid)"),
            (json!({"type": ["integer", "null"]}), "integer or null"),
            (json!({"type": "array", "items": {"$ref": "#/components/schemas/Comment"}}), "array of Comment"),
            (json!({"oneOf": [{"type": "null"}, {"$ref": "#/x/Cluster"}]}), "null or Cluster"),
            (json!({"type": "string", "enum": ["approve", "reject"]}), "approve | reject"),
            (json!(true), ""),
        ] {
            assert_eq!(Kind::of(&schema).words, words);
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let document = json!({"a": {"allOf": [{"$ref": "#/a"}, {"properties": {"x": {}}}]}, "b": {"$ref": "#/b"}});
        assert!(!members(&document, &document["a"]).is_empty());
        assert!(members(&document, &document["b"]).is_empty());
    }
}
