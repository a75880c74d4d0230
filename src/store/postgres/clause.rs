//! Conditions of a statement that is put together for its question, and the values that their marks stand for.

use std::fmt::{self, Write as _};

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// A value of one of the types there are.
pub(super) enum Value {
    Id(Uuid),
    Number(i64),
    Real(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Value {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Id(id) => (id, Type::UUID),
            Self::Number(number) => (number, Type::INT8),
            Self::Real(number) => (number, Type::FLOAT8),
            Self::Text(text) => (text, Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
        }
    }
}

/// Conditions that all hold.
#[derive(Default)]
pub(super) struct Clause {
    text: String,
    values: Vec<Value>,
}

impl Clause {
    /// One more; each `@` in it is the mark of one of the values.
    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        if !self.text.is_empty() {
            self.text.push_str(" AND ");
        }
        let mut values = values.into_iter();
        for (nth, part) in condition.split('@').enumerate() {
            if nth > 0 {
                self.values.extend(values.next());
                // Writing into a String cannot fail.
                let _infallible = write!(self.text, "${}", self.values.len());
            }
            self.text.push_str(part);
        }
    }

    /// What the marks stand for, with its types.
    pub(super) fn values(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(Value::typed).collect()
    }
}

/// As SQL; true where there is none.
impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "true" } else { &self.text })
    }
}
