//! JSON bodies of the routes for signed-in people: strict, and the field at fault is named.

use std::fmt::Write as _;

use actix_web::{HttpRequest, web::Payload};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    error::{Code, Problem},
    read, strict,
};

/// Most bytes of such a body.
pub(super) const MOST: usize = 1 << 20;

/// The body as what the route asks for. Unknown fields are refused by `T` itself.
///
/// # Errors
/// `unsupported_media_type`, `too_large`, `timeout`, `malformed` for what is no strict JSON object,
/// `validation_failed` with the field.
pub(super) async fn read_json<T: DeserializeOwned>(request: &HttpRequest, payload: Payload) -> Result<T, Problem> {
    read::expect_media(request, "application/json")?;
    let bytes = read::body(request, payload, MOST).await?;
    let value: Value = strict::read(&bytes)?;
    if !value.is_object() {
        return Err(Problem::new(Code::Malformed).saying("Send one JSON object with the documented fields."));
    }
    if let Some(field) = with_nul(&value, "") {
        return Err(fault(&field, "invalid", "This text holds a character that cannot be stored."));
    }
    serde_path_to_error::deserialize(value)
        .map_err(|wrong| misfit(&wrong.path().to_string(), &wrong.inner().to_string()))
}

/// A `validation_failed` about one field.
pub(super) fn fault(field: &str, code: &'static str, message: &str) -> Problem {
    Problem::new(Code::ValidationFailed).field(field, code, message)
}

/// The path of the first text that holds NUL, if any does.
fn with_nul(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(list) => list.iter().enumerate().find_map(|(n, entry)| with_nul(entry, &format!("{path}[{n}]"))),
        Value::Object(object) => object.iter().find_map(|(name, entry)| {
            if name.contains('\0') { Some(path.to_owned()) } else { with_nul(entry, &joined(path, name)) }
        }),
        _ => None,
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() || path == "." { name.to_owned() } else { format!("{path}.{name}") }
}

/// serde's own words, turned into a field and what it should be. What was sent is not repeated.
fn misfit(path: &str, said: &str) -> Problem {
    let quoted = said.split('`').nth(1);
    let named = |name: &str| if path.rsplit('.').next() == Some(name) { path.to_owned() } else { joined(path, name) };
    match quoted {
        Some(name) if said.starts_with("unknown field") => {
            fault(&named(name), "invalid", "There is no such field here.")
        }
        Some(name) if said.starts_with("missing field") => fault(&named(name), "required", "This field is required."),
        _ => {
            let mut message = "This value is not of the documented form.".to_owned();
            if let Some((_, expected)) = said.rsplit_once("expected ") {
                let expected = if expected.starts_with("struct ") { "an object" } else { expected };
                // Writing into a String cannot fail.
                let _infallible = write!(message, " Expected: {expected}.");
            }
            fault(path, "invalid", &message)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        list: Vec<Inner>,
        note: Option<String>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Inner {
        kind: Kind,
        count: i64,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        One,
        Two,
    }

    fn of(value: Value) -> (String, String) {
        let wrong = serde_path_to_error::deserialize::<_, Outer>(value).unwrap_err();
        let problem = misfit(&wrong.path().to_string(), &wrong.inner().to_string());
        (problem.flaws[0].field.clone(), problem.flaws[0].code.to_owned())
    }

    #[test]
    fn the_field_at_fault_is_named_with_its_path() {
        for (value, field, code) in [
            (json!({}), "list", "required"),
            (json!({"list": [], "x": 1}), "x", "invalid"),
            (json!({"list": {}}), "list", "invalid"),
            (json!({"list": [], "note": 7}), "note", "invalid"),
            (json!({"list": [{"kind": "one"}]}), "list[0].count", "required"),
            (json!({"list": [{"kind": "three", "count": 1}]}), "list[0].kind", "invalid"),
            (json!({"list": [{"kind": "two", "count": "1"}]}), "list[0].count", "invalid"),
            (json!({"list": [{"kind": "two", "count": 1, "y": 1}]}), "list[0].y", "invalid"),
        ] {
            assert_eq!(of(value.clone()), (field.to_owned(), code.to_owned()), "{value}");
        }
    }

    #[test]
    fn nul_is_found_wherever_it_hides() {
        assert_eq!(with_nul(&json!({"a": [{"b": "x\0"}]}), "").as_deref(), Some("a[0].b"));
        assert_eq!(with_nul(&json!({"a": "b"}), ""), None);
    }
}
