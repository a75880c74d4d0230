//! A table read in the order of its keys, a stretch at a time, none of them large.

use super::{
    end::End,
    mark::KEY,
    value::{Row, Value, size},
};
use crate::store::StoreError;

/// Bytes of a stretch, about.
const BYTES: usize = 8 << 20;
/// Rows of the first stretch, before it is known how large they are.
const FIRST: u32 = 64;

/// A table's columns in the order of their names, and where its key is among them.
pub(super) struct Shape {
    pub(super) table: &'static str,
    pub(super) columns: Vec<String>,
    key: Vec<usize>,
}

impl Shape {
    pub(super) fn new(
        table: &'static str,
        key: &[&str],
        ours: Vec<String>,
        theirs: Vec<String>,
    ) -> Result<Self, StoreError> {
        let places: Option<Vec<usize>> = key.iter().map(|name| ours.iter().position(|column| column == name)).collect();
        match places {
            Some(key) if ours == theirs => Ok(Self { table, columns: ours, key }),
            _ => Err(StoreError::Path(format!(
                "the table {table} has other columns here than there: one of the two schemas was changed by hand"
            ))),
        }
    }

    /// The columns as SQL says them.
    pub(super) fn list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|name| format!("\"{name}\"")).collect();
        quoted.join(", ")
    }

    /// Rows in the order of the key, behind a key or from the first, so many; values are the key's, then the number.
    pub(super) fn select(&self, goes_on: bool) -> String {
        let names: Vec<String> =
            self.key.iter().filter_map(|at| self.columns.get(*at)).map(|n| format!("\"{n}\"")).collect();
        let marks: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        let mut sql = format!("SELECT {} FROM \"{}\" WHERE ", self.list(), self.table);
        sql.push_str(&match self.table {
            "meta" => format!("key <> '{KEY}'"),
            _ => "1 = 1".to_owned(),
        });
        if goes_on {
            sql.push_str(&format!(" AND ({}) > ({})", names.join(", "), marks.join(", ")));
        }
        let limit = if goes_on { names.len() + 1 } else { 1 };
        sql.push_str(&format!(" ORDER BY {} LIMIT ${limit}", names.join(", ")));
        sql
    }

    /// The key of a row.
    pub(super) fn key_of(&self, row: &Row) -> Vec<Value> {
        self.key.iter().filter_map(|at| row.get(*at)).cloned().collect()
    }
}

/// How many rows the next stretch has.
pub(super) struct Pace {
    rows: u32,
    most: u32,
}

impl Pace {
    pub(super) fn new(most: u32) -> Self {
        let most = most.max(1);
        Self { rows: FIRST.min(most), most }
    }

    /// After a stretch: as many as are of the right size, if they are like these.
    fn learn(&mut self, rows: &[Row]) {
        let each = rows.iter().map(size).sum::<usize>() / rows.len().max(1);
        let fit = u32::try_from(BYTES / each.max(1)).unwrap_or(u32::MAX);
        self.rows = fit.min(self.rows.saturating_mul(8)).clamp(1, self.most);
    }
}

/// A way through a table.
pub(super) struct Reading<'a> {
    shape: &'a Shape,
    after: Option<Vec<Value>>,
    at_end: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(shape: &'a Shape, after: Option<Vec<Value>>) -> Self {
        Self { shape, after, at_end: false }
    }

    /// The next rows; none at the end.
    pub(super) async fn next(&mut self, end: &mut End, pace: &mut Pace) -> Result<Option<Vec<Row>>, StoreError> {
        if self.at_end {
            return Ok(None);
        }
        let rows = end.rows(self.shape, self.after.as_deref(), pace.rows).await?;
        self.at_end = rows.len() < usize::try_from(pace.rows).unwrap_or(usize::MAX);
        pace.learn(&rows);
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = Some(self.shape.key_of(last));
        Ok(Some(rows))
    }

    /// The key of the last row that was read.
    pub(super) fn reached(&self) -> Option<Vec<Value>> {
        self.after.clone()
    }
}
