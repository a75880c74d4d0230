//! A SQLite file as one end of a copy. It blocks while it works: nothing else goes on in the program meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{
    Connection, OptionalExtension as _, ToSql, TransactionBehavior, params, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    end::Numbers,
    mark::{KEY, Mark, moved},
    reading::Shape,
    tables::NUMBERS,
    value::{Row, Value},
};
use crate::store::{StoreError, migrate, sqlite::open};

pub(super) struct SqliteEnd {
    connection: Connection,
    path: PathBuf,
    /// SQLite's own count of what others wrote to the file, when the look at it began.
    version: i64,
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl SqliteEnd {
    pub(super) fn source(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::Path(format!("there is no {}", path.display())));
        }
        let connection = open::reader(path)?;
        migrate::look(&connection)?;
        let version = data_version(&connection)?;
        let source = Self { connection, path: path.to_owned(), version };
        source.connection.execute_batch("BEGIN")?;
        if source.mark()?.is_some() {
            return Err(super::unfinished());
        }
        Ok(source)
    }

    pub(super) fn target(path: &Path) -> Result<Self, StoreError> {
        open::folder(path)?;
        let connection = open::writer(path)?;
        Ok(Self { connection, path: path.to_owned(), version: 0 })
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        real(&self.path).is_some_and(|path| Some(path) == real(&other.path))
    }

    pub(super) fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let mut names = self.connection.prepare_cached("SELECT name FROM pragma_table_info(?)")?;
        Ok(names.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn rows(&self, shape: &Shape, after: Option<&[Value]>, most: u32) -> Result<Vec<Row>, StoreError> {
        let mut select = self.connection.prepare_cached(&shape.select(after.is_some()))?;
        let limit = Value::Int(i64::from(most));
        let mut found = select.query(params_from_iter(after.into_iter().flatten().chain([&limit])))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values = (0..shape.columns.len()).map(|at| Ok(value(row.get_ref(at)?)));
            let values: rusqlite::Result<Vec<Option<Value>>> = values.collect();
            let values: Option<Row> = values?.into_iter().collect();
            rows.push(values.ok_or_else(|| {
                StoreError::Path(format!("the table {} holds text that is not UTF-8: correct it first", shape.table))
            })?);
        }
        Ok(rows)
    }

    pub(super) fn number(&self, sql: &str) -> Result<i64, StoreError> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    pub(super) fn numbers(&self) -> Result<Numbers, StoreError> {
        let last = |kept: &super::tables::Number| {
            let (table, column) = (kept.table, kept.column);
            self.number(&format!(
                "SELECT max(coalesce((SELECT max({column}) FROM {table}), 0),
                   coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0))"
            ))
        };
        NUMBERS.iter().map(|kept| Ok((kept.table, last(kept)?))).collect()
    }

    /// Ends the look; whether others wrote to the file since it began.
    pub(super) fn let_go(&self) -> Result<bool, StoreError> {
        self.connection.execute_batch("COMMIT")?;
        Ok(data_version(&self.connection)? != self.version)
    }

    pub(super) fn mark(&self) -> Result<Option<String>, StoreError> {
        if self.columns("meta")?.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT value FROM meta WHERE key = ?";
        Ok(self.connection.query_row(sql, [KEY], |row| row.get(0)).optional()?)
    }

    pub(super) fn look(&self) -> Result<(), StoreError> {
        migrate::look(&self.connection)
    }

    pub(super) fn make(&mut self) -> Result<(), StoreError> {
        migrate::sqlite(&mut self.connection).map(|_steps| ())
    }

    /// Leaves the mark, and takes the triggers away: what they would do has been done where the rows come from.
    pub(super) fn begin(&mut self, source: &str) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid";
        let triggers: Vec<(String, String)> = transaction
            .prepare(sql)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (name, _) in &triggers {
            transaction.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
        }
        let mark = Mark::new(source, triggers.into_iter().map(|(_, sql)| sql).collect());
        transaction.execute("DELETE FROM meta", [])?;
        transaction.execute("INSERT INTO meta (key, value) VALUES (?, ?)", params![KEY, mark.text()?])?;
        Ok(transaction.commit()?)
    }

    pub(super) fn write(&mut self, shape: &Shape, rows: &[Row], marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        let places = vec!["?"; shape.columns.len()].join(", ");
        let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({places})", shape.table, shape.list());
        self.moving(marks, |connection| {
            let mut insert = connection.prepare_cached(&sql)?;
            rows.iter().try_for_each(|row| insert.execute(params_from_iter(row)).map(|_one| ()))
        })
    }

    pub(super) fn set_numbers(&mut self, numbers: &Numbers, marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        self.moving(marks, |connection| {
            for kept in NUMBERS.iter().filter(|kept| kept.is_kept) {
                let last = numbers.get(kept.table).copied().unwrap_or(0);
                connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", [kept.table])?;
                if last > 0 {
                    let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)";
                    connection.execute(sql, params![kept.table, last])?;
                }
            }
            Ok(())
        })
    }

    pub(super) fn finish(&mut self, mark: &Mark) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for trigger in &mark.triggers {
            transaction.execute_batch(trigger)?;
        }
        let sql = "DELETE FROM meta WHERE key = ? AND value = ?";
        if transaction.execute(sql, params![KEY, mark.text()?])? != 1 {
            return Err(moved());
        }
        Ok(transaction.commit()?)
    }

    /// One transaction that moves the mark from where it is believed to be.
    fn moving(
        &mut self,
        (from, to): (&Mark, &Mark),
        work: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&transaction)?;
        let sql = "UPDATE meta SET value = ? WHERE key = ? AND value = ?";
        if transaction.execute(sql, params![to.text()?, KEY, from.text()?])? != 1 {
            return Err(moved());
        }
        Ok(transaction.commit()?)
    }
}

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// None for text that is none.
fn value(stored: ValueRef<'_>) -> Option<Value> {
    Some(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).ok()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}
