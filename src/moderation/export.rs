//! The audit as lines of a file: JSON Lines, which the chain can be checked by, and CSV for a spreadsheet.
//!
//! Pure text; which rows, and who may have them, is decided elsewhere.

use std::{collections::BTreeMap, str::FromStr};

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{keys::hex, store::AuditEntry};

/// How an export is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180, with a row of names.
    Csv,
}

impl Format {
    /// Its name, which is also how a file's name ends.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

impl FromStr for Format {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            _ => Err("give jsonl or csv"),
        }
    }
}

/// What stands before the first line.
pub(super) fn head(format: Format) -> &'static str {
    match format {
        Format::Jsonl => "",
        Format::Csv => "id,at,actor,action,subject,detail,hash\r\n",
    }
}

/// Adds one row.
pub(super) fn line(format: Format, row: &AuditEntry, out: &mut String) {
    match format {
        Format::Jsonl => json(row, out),
        Format::Csv => csv(row, out),
    }
}

/// The detail stands as it is stored, to the letter: it is hashed so.
fn json(row: &AuditEntry, out: &mut String) {
    let text = |text: &str| Value::from(text).to_string();
    let is_object = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&row.detail).is_ok();
    let parts = [
        ("{\"id\":", row.id.to_string()),
        (",\"at\":", text(&row.at.exact())),
        (",\"actor\":", text(&row.actor)),
        (",\"action\":", text(&row.action)),
        (",\"subject\":", text(&row.subject)),
        // What is no object, or would break the line, the program did not write.
        (
            ",\"detail\":",
            if is_object && !row.detail.contains(['\n', '\r']) { row.detail.clone() } else { text(&row.detail) },
        ),
        (",\"hash\":", row.hash.map_or_else(|| "null".to_owned(), |hash| text(&hex(&hash)))),
    ];
    for (name, value) in parts {
        out.push_str(name);
        out.push_str(&value);
    }
    out.push_str("}\n");
}

fn csv(row: &AuditEntry, out: &mut String) {
    let (id, at) = (row.id.to_string(), row.at.exact());
    let hash = row.hash.map(|hash| hex(&hash)).unwrap_or_default();
    let cells = [&*id, &*at, &*row.actor, &*row.action, &*row.subject, &*row.detail, &*hash];
    for (n, text) in cells.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        cell(text, out);
    }
    out.push_str("\r\n");
}

/// A spreadsheet takes a cell that begins so for a formula; an apostrophe makes it text. The full-width ones are
/// taken for the narrow ones by some.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One cell, which runs nothing and ends where it should.
fn cell(text: &str, out: &mut String) {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        for part in ["\"", guard, &text.replace('"', "\"\""), "\""] {
            out.push_str(part);
        }
    } else {
        out.push_str(guard);
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Timestamp;

    fn row(actor: &str, detail: &str) -> AuditEntry {
        AuditEntry {
            id: 7,
            at: Timestamp(1_800_000_000_123),
            actor: actor.to_owned(),
            action: "comment.approve".to_owned(),
            subject: "x".to_owned(),
            detail: detail.to_owned(),
            hash: Some([1; 32]),
        }
    }

    fn written(format: Format, row: &AuditEntry) -> String {
        let mut out = String::new();
        line(format, row, &mut out);
        out
    }

    /// Cells of one record, read as RFC 4180 has it; none where it is not of that form.
    fn read(record: &str) -> Option<Vec<String>> {
        let mut rest = record.strip_suffix("\r\n")?;
        let mut cells = Vec::new();
        loop {
            let (cell, left) = match rest.strip_prefix('"') {
                Some(quoted) => {
                    let mut cell = String::new();
                    let mut chars = quoted.char_indices().peekable();
                    let end = loop {
                        match (chars.next()?, chars.peek()) {
                            ((_, '"'), Some((_, '"'))) => {
                                chars.next();
                                cell.push('"');
                            }
                            ((at, '"'), _) => break at + 1,
                            ((_, c), _) => cell.push(c),
                        }
                    };
                    (cell, quoted.split_at(end).1)
                }
                None => {
                    let end = rest.find(',').unwrap_or(rest.len());
                    let (cell, left) = rest.split_at(end);
                    if cell.contains(['"', '\r', '\n']) {
                        return None;
                    }
                    (cell.to_owned(), left)
                }
            };
            cells.push(cell);
            match left.strip_prefix(',') {
                Some(more) => rest = more,
                None => return left.is_empty().then_some(cells),
            }
        }
    }

    #[test]
    fn a_json_line_holds_the_detail_to_the_letter() {
        let spaced = "{ \"b\" : 1.50, \"a\":\"é\\u00e9\"}";
        assert_eq!(
            written(Format::Jsonl, &row("moderator:\"a\"", spaced)),
            format!(
                "{{\"id\":7,\"at\":\"2027-01-15T08:00:00.123Z\",\"actor\":\"moderator:\\\"a\\\"\",\"action\":\"comment.approve\",\"subject\":\"x\",\"detail\":{spaced},\"hash\":\"{}\"}}\n",
                "01".repeat(32)
            )
        );
        for odd in ["", "[]", "7", "{", "{}\n", "{}{}"] {
            let line = written(Format::Jsonl, &row("a", odd));
            let value: Value = serde_json::from_str(&line).unwrap();
            assert_eq!((value["detail"].as_str(), line.lines().count()), (Some(odd), 1), "{odd:?}");
        }
        let bare = AuditEntry { hash: None, ..row("a", "{}") };
        assert!(written(Format::Jsonl, &bare).ends_with(",\"hash\":null}\n"));
    }

    #[test]
    fn a_cell_that_would_be_a_formula_is_text() {
        for (given, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("\nx", "\"'\nx\""),
            ("＝1", "'＝1"),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
            ("a=1", "a=1"),
            ("'=1", "'=1"),
            ("a,b", "\"a,b\""),
            ("", ""),
        ] {
            let mut out = String::new();
            cell(given, &mut out);
            assert_eq!(out, expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_cell_the_record_reads_back_and_starts_no_formula(
            actor in "[=+\\-@\t\r\n,\"'a-z＝]{0,12}", detail in any::<String>()
        ) {
            let row = row(&actor, &detail);
            let record = written(Format::Csv, &row);
            let cells = read(&record);
            prop_assert!(cells.is_some(), "{:?}", record);
            let cells = cells.unwrap();
            prop_assert_eq!(cells.len(), 7);
            for (cell, given) in cells.iter().zip(["7", "2027-01-15T08:00:00.123Z", &actor, "comment.approve", "x", &detail]) {
                prop_assert!(!cell.starts_with(FORMULA));
                prop_assert!(cell == given || cell.strip_prefix('\'') == Some(given), "{:?}", cell);
            }
        }

        #[test]
        fn whatever_is_in_a_row_its_json_is_one_line_that_says_the_same(actor in any::<String>(), detail in any::<String>()) {
            let line = written(Format::Jsonl, &row(&actor, &detail));
            prop_assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
            let value: Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(value["actor"].as_str(), Some(&*actor));
        }
    }
}
