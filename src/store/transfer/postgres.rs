//! A PostgreSQL database as one end of a copy, by a connection of its own.

use std::{error::Error, pin::pin};

use bytes::{BufMut as _, BytesMut};
use deadpool_postgres::Object;
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter,
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use super::{
    end::Numbers,
    mark::{KEY, Mark, moved},
    reading::Shape,
    tables::{NUMBERS, TABLES},
    value::{Row, Value},
};
use crate::{
    store::{
        StoreError, migrate,
        postgres::{fit, pool, reach},
    },
    telemetry::chain,
};

/// Who copies to a database holds this lock of it.
const COPIERS: i64 = 0x7265_706C_7964_736D;
/// A copy takes as long as it takes; between two stretches the other side is written to.
const PATIENT: &str =
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s'";

pub(super) struct PostgresEnd {
    client: Object,
}

impl PostgresEnd {
    pub(super) async fn source(url: &str) -> Result<Self, StoreError> {
        let source = Self::connect(url).await?;
        migrate::postgres::look(&source.client).await?;
        source.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        if source.mark().await?.is_some() {
            return Err(super::unfinished());
        }
        Ok(source)
    }

    pub(super) async fn target(url: &str) -> Result<Self, StoreError> {
        let target = Self::connect(url).await?;
        fit(&target.client).await?;
        let locked = target.client.batch_execute(&format!("SELECT pg_advisory_lock({COPIERS})")).await;
        match locked {
            Err(fault) if fault.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Err(moved()),
            locked => Ok(locked.map(|()| target)?),
        }
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let client = reach(&pool::make(url, 1)?).await?;
        client.batch_execute(PATIENT).await?;
        Ok(Self { client })
    }

    /// No other database has the same.
    pub(super) async fn identity(&self) -> Result<String, StoreError> {
        let sql = "SELECT concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), oid)
             FROM pg_database WHERE datname = current_database()";
        Ok(self.client.query_one(sql, &[]).await?.try_get(0)?)
    }

    pub(super) async fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT attname::text FROM pg_attribute
             WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped";
        let rows = self.client.query(sql, &[&table]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    pub(super) async fn rows(&self, shape: &Shape, after: Option<&[Value]>, most: u32) -> Result<Vec<Row>, StoreError> {
        let limit = Value::Int(i64::from(most));
        let values: Vec<&(dyn ToSql + Sync)> =
            after.into_iter().flatten().chain([&limit]).map(|value| value as &(dyn ToSql + Sync)).collect();
        let select = self.client.prepare_cached(&shape.select(after.is_some())).await?;
        let found = self.client.query(&select, &values).await?;
        let row = |row: &tokio_postgres::Row| (0..row.len()).map(|at| Ok(row.try_get(at)?)).collect();
        found.iter().map(row).collect()
    }

    pub(super) async fn number(&self, sql: &str) -> Result<i64, StoreError> {
        Ok(self.client.query_one(sql, &[]).await?.try_get(0)?)
    }

    pub(super) async fn numbers(&self) -> Result<Numbers, StoreError> {
        let mut numbers = Numbers::new();
        for kept in NUMBERS {
            let sql = "SELECT last FROM numbers WHERE name = $1";
            let last = self.client.query_one(sql, &[&kept.table]).await?.try_get(0)?;
            numbers.insert(kept.table, last);
        }
        Ok(numbers)
    }

    /// Ends the look; what changed since is told by what is there now.
    pub(super) async fn let_go(&self) -> Result<bool, StoreError> {
        self.client.batch_execute("COMMIT").await?;
        Ok(false)
    }

    pub(super) async fn mark(&self) -> Result<Option<String>, StoreError> {
        if self.columns("meta").await?.is_empty() {
            return Ok(None);
        }
        let found = self.client.query_opt("SELECT value FROM meta WHERE key = $1", &[&KEY]).await?;
        Ok(found.map(|row| row.try_get(0)).transpose()?)
    }

    pub(super) async fn look(&self) -> Result<(), StoreError> {
        migrate::postgres::look(&self.client).await
    }

    pub(super) async fn make(&self) -> Result<(), StoreError> {
        migrate::postgres::run(&self.client).await?;
        Ok(self.client.batch_execute(PATIENT).await?)
    }

    /// Leaves the mark, and lets the triggers rest: what they would do has been done where the rows come from.
    pub(super) async fn begin(&mut self, source: &str) -> Result<(), StoreError> {
        let transaction = self.client.transaction().await?;
        transaction.batch_execute(&triggers("DISABLE")).await?;
        transaction.execute("DELETE FROM meta", &[]).await?;
        let mark = Mark::new(source, Vec::new()).text()?;
        transaction.execute("INSERT INTO meta (key, value) VALUES ($1, $2)", &[&KEY, &mark]).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn write(&mut self, shape: &Shape, rows: &[Row], marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        see_that_it_fits(shape, rows)?;
        let transaction = self.client.transaction().await?;
        let select = format!("SELECT {} FROM \"{}\"", shape.list(), shape.table);
        let columns = transaction.prepare_cached(&select).await?;
        let kinds: Vec<Type> = columns.columns().iter().map(|column| column.type_().clone()).collect();
        let into = format!("COPY \"{}\" ({}) FROM STDIN BINARY", shape.table, shape.list());
        let mut copy = pin!(BinaryCopyInWriter::new(transaction.copy_in(&into).await?, &kinds));
        for row in rows {
            copy.as_mut().write_raw(row.iter()).await?;
        }
        copy.finish().await?;
        moving(&transaction, marks).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn set_numbers(&mut self, numbers: &Numbers, marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        let transaction = self.client.transaction().await?;
        for (table, last) in numbers {
            transaction.execute("UPDATE numbers SET last = $1 WHERE name = $2", &[last, table]).await?;
        }
        moving(&transaction, marks).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn finish(&mut self, mark: &Mark) -> Result<(), StoreError> {
        let transaction = self.client.transaction().await?;
        transaction.batch_execute(&triggers("ENABLE")).await?;
        let sql = "DELETE FROM meta WHERE key = $1 AND value = $2";
        if transaction.execute(sql, &[&KEY, &mark.text()?]).await? != 1 {
            return Err(moved());
        }
        transaction.commit().await?;
        // So that the first questions are not answered by guesses; the server does it by itself sooner or later.
        if let Err(fault) = self.client.batch_execute("ANALYZE").await {
            tracing::warn!(error = chain(&fault), "the target was not analysed");
        }
        Ok(())
    }
}

/// Moves the mark from where it is believed to be.
async fn moving(
    transaction: &deadpool_postgres::Transaction<'_>,
    (from, to): (&Mark, &Mark),
) -> Result<(), StoreError> {
    let sql = "UPDATE meta SET value = $1 WHERE key = $2 AND value = $3";
    match transaction.execute(sql, &[&to.text()?, &KEY, &from.text()?]).await? {
        1 => Ok(()),
        _ => Err(moved()),
    }
}

/// Every table's own triggers, at rest or in force.
fn triggers(how: &str) -> String {
    TABLES.iter().map(|(table, _)| format!("ALTER TABLE \"{table}\" {how} TRIGGER USER;")).collect()
}

/// What SQLite can hold and PostgreSQL cannot.
fn see_that_it_fits(shape: &Shape, rows: &[Row]) -> Result<(), StoreError> {
    let is_odd = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    for row in rows {
        if let Some(column) = row.iter().zip(&shape.columns).find_map(|(value, name)| is_odd(value).then_some(name)) {
            let key = shape.key_of(row);
            let key = key.first().map_or_else(String::new, |first| format!(" of the row {}", first.shown()));
            return Err(StoreError::Path(format!(
                "the column {column}{key} in the table {} holds the character U+0000, which PostgreSQL cannot keep: correct it there first",
                shape.table
            )));
        }
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number @ (0 | 1)), &Type::BOOL) => (*number == 1).to_sql(kind, out),
            (Self::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Real(number), &Type::FLOAT8) => number.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::UUID) if bytes.len() == 16 => {
                out.put_slice(bytes);
                Ok(IsNull::No)
            }
            _ => Err(format!("a value is none of the kind {kind}").into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::BOOL, Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA, Type::UUID].contains(kind)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::BOOL => Self::Int(i64::from(bool::from_sql(kind, raw)?)),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            // SQLite has neither: a zero has no sign there, and what is no number would be lost.
            Type::FLOAT8 => match f64::from_sql(kind, raw)? {
                number if number.is_nan() => return Err("a stored number is none".into()),
                0.0 => Self::Real(0.0),
                number => Self::Real(number),
            },
            Type::TEXT => Self::Text(String::from_sql(kind, raw)?),
            _ => Self::Bytes(raw.to_vec()),
        })
    }

    fn from_sql_null(_kind: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        <Self as ToSql>::accepts(kind)
    }
}
