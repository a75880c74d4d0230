//! Labelled comments as JSON Lines. A line that is none is told with its number and what it should be.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::domain::BodyText;

/// One labelled comment.
pub(super) struct Row {
    /// As it was given; the line's number where none was.
    pub(super) id: Value,
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) email: Option<String>,
    pub(super) body: String,
    pub(super) spam: bool,
}

/// A line that is no labelled comment.
#[derive(Debug, Error)]
#[error(
    "{file}, line {line}: {fault}; a line is like {{\"label\": 1, \"text\": \"…\"}}, 1 for spam and 0 for what is not"
)]
pub(crate) struct BadRow {
    file: String,
    line: usize,
    fault: String,
}

/// All rows of a file; empty lines are none.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let file = path.display().to_string();
    let text = std::fs::read(path).with_context(|| format!("{file} cannot be read"))?;
    let mut rows = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let line_number = index + 1;
        let row = parse(line, line_number).map_err(|fault| BadRow { file: file.clone(), line: line_number, fault })?;
        rows.push(row);
    }
    anyhow::ensure!(!rows.is_empty(), "{file} holds no labelled comment");
    Ok(rows)
}

fn parse(line: &[u8], number: usize) -> Result<Row, String> {
    let fields: Map<String, Value> =
        serde_json::from_slice(line).map_err(|fault| format!("not a JSON object ({fault})"))?;
    let words = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let text = words("text").or_else(|| words("body")).ok_or("there is no text or body that is a string")?;
    let spam = match fields.get("label") {
        Some(Value::Bool(spam)) => *spam,
        Some(Value::Number(label)) if label.as_f64() == Some(1.0) => true,
        Some(Value::Number(label)) if label.as_f64() == Some(0.0) => false,
        Some(other) => return Err(format!("label is {other}, not 0 or 1")),
        None => return Err("there is no label".to_owned()),
    };
    // What the server would store; a text that it would refuse is scored as it is.
    let body = BodyText::parse(&text, 0, usize::MAX).map_or(text, |body| body.as_str().to_owned());
    Ok(Row {
        id: fields.get("id").filter(|id| !id.is_null()).cloned().unwrap_or_else(|| number.into()),
        name: words("name").or_else(|| words("author")).unwrap_or_default(),
        url: words("url"),
        email: words("email"),
        body,
        spam,
    })
}
