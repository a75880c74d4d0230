//! A value as both kinds of database can keep it.

use serde::{Deserialize, Serialize};

/// One value. A truth value is 0 or 1, an id its 16 bytes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

#[cfg(feature = "postgres")]
impl Value {
    /// As a message shows a key.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => format!("{text:?}"),
            Self::Bytes(bytes) => crate::keys::hex(bytes),
        }
    }
}

/// A row, its columns in the order of their names.
pub(super) type Row = Vec<Value>;

/// What is digested of a row: each value behind its kind and its length.
pub(super) fn bytes(row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(size(row));
    let mut add = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    for value in row {
        match value {
            Value::Null => add(0, &[]),
            Value::Int(number) => add(1, &number.to_be_bytes()),
            Value::Real(number) => add(2, &number.to_bits().to_be_bytes()),
            Value::Text(text) => add(3, text.as_bytes()),
            Value::Bytes(bytes) => add(4, bytes),
        }
    }
    out
}

/// About how many bytes a row takes.
pub(super) fn size(row: &Row) -> usize {
    let of = |value: &Value| match value {
        Value::Null | Value::Int(_) | Value::Real(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    };
    row.iter().map(|value| 9 + of(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_are_digested_alike() {
        let rows = [
            vec![Value::Null, Value::Text("ab".into())],
            vec![Value::Text(String::new()), Value::Text("ab".into())],
            vec![Value::Text("a".into()), Value::Text("b".into())],
            vec![Value::Bytes(b"a".to_vec()), Value::Text("b".into())],
            vec![Value::Int(0), Value::Real(0.0)],
            vec![Value::Real(0.0), Value::Int(0)],
            vec![Value::Real(-0.0), Value::Int(0)],
        ];
        let mut seen: Vec<Vec<u8>> = rows.iter().map(bytes).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), rows.len());
    }
}
