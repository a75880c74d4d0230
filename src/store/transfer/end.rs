//! One end of a copy, whichever kind it is of: what is asked of both, and what only one statement says alike.

use std::{collections::BTreeMap, time::Duration};

#[cfg(feature = "postgres")]
use super::postgres::PostgresEnd;
use super::{
    mark::Mark,
    reading::Shape,
    sqlite::SqliteEnd,
    tables::TABLES,
    value::{Row, Value, bytes},
};
use crate::{
    domain::Clock,
    keys::{digest_of, hex},
    store::{Kind, StoreError},
};

/// The last number given in each numbered table.
pub(super) type Numbers = BTreeMap<&'static str, i64>;

/// A server that was not seen for so long is gone.
const GONE: Duration = Duration::from_secs(35);
/// What moves with almost everything that happens to a store and is quickly asked for; what it misses, the comparison of
/// all rows finds.
const SUMS: [&str; 2] = [
    "SELECT CAST(coalesce(sum(version), 0) + coalesce(sum(likes), 0) AS bigint) FROM comments",
    "SELECT CAST(coalesce(sum(revision), 0) AS bigint) FROM pages",
];

pub(super) enum End {
    Sqlite(SqliteEnd),
    #[cfg(feature = "postgres")]
    Postgres(PostgresEnd),
}

/// One `match`, written once.
macro_rules! either {
    ($end:expr, $of:ident => $sqlite:expr, $postgres:expr) => {
        match $end {
            End::Sqlite($of) => $sqlite,
            #[cfg(feature = "postgres")]
            End::Postgres($of) => $postgres,
        }
    };
}

impl End {
    /// Opens the store to be copied, which is up to date, as it stands at this moment.
    pub(super) async fn source(kind: Kind<'_>, _url: &str) -> Result<Self, StoreError> {
        match kind {
            Kind::Sqlite(path) => SqliteEnd::source(path).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres => PostgresEnd::source(_url).await.map(Self::Postgres),
        }
    }

    /// Connects to what is to be the copy; nothing is changed there yet.
    pub(super) async fn target(kind: Kind<'_>, _url: &str) -> Result<Self, StoreError> {
        match kind {
            Kind::Sqlite(path) => SqliteEnd::target(path).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres => PostgresEnd::target(_url).await.map(Self::Postgres),
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Whether both are the same store.
    pub(super) async fn is(&self, other: &Self) -> Result<bool, StoreError> {
        match (self, other) {
            (Self::Sqlite(one), Self::Sqlite(other)) => Ok(one.is(other)),
            #[cfg(feature = "postgres")]
            (Self::Postgres(one), Self::Postgres(other)) => Ok(one.identity().await? == other.identity().await?),
            #[cfg(feature = "postgres")]
            _ => Ok(false),
        }
    }

    /// A table's columns, in the order of their names.
    pub(super) async fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let mut columns = either!(self, end => end.columns(table)?, end.columns(table).await?);
        columns.sort();
        Ok(columns)
    }

    /// The next rows behind a key.
    pub(super) async fn rows(&self, shape: &Shape, after: Option<&[Value]>, most: u32) -> Result<Vec<Row>, StoreError> {
        either!(self, end => end.rows(shape, after, most), end.rows(shape, after, most).await)
    }

    async fn number(&self, sql: &str) -> Result<i64, StoreError> {
        either!(self, end => end.number(sql), end.number(sql).await)
    }

    /// The last numbers given.
    pub(super) async fn numbers(&self) -> Result<Numbers, StoreError> {
        either!(self, end => end.numbers(), end.numbers().await)
    }

    /// Whether a server was seen on it a moment ago.
    pub(super) async fn is_served(&self) -> Result<bool, StoreError> {
        if self.columns("instances").await?.is_empty() {
            return Ok(false);
        }
        let since = Clock::system().now().minus(GONE).0;
        Ok(self.number(&format!("SELECT count(*) FROM instances WHERE seen_at > {since}")).await? > 0)
    }

    /// By what the source is known again, and whether it has changed.
    pub(super) async fn fingerprint(&self) -> Result<String, StoreError> {
        let mut row = Vec::new();
        for sql in SUMS {
            row.push(Value::Int(self.number(sql).await?));
        }
        for (table, _) in TABLES {
            row.push(Value::Int(self.number(&format!("SELECT count(*) FROM {table}")).await?));
        }
        row.extend(self.numbers().await?.into_values().map(Value::Int));
        let columns = self.columns("meta").await?;
        let meta = Shape::new("meta", &["key"], columns.clone(), columns)?;
        row.extend(self.rows(&meta, None, 1_000).await?.into_iter().flatten());
        Ok(hex(&digest_of(&[&bytes(&row)])))
    }

    /// Ends the look at the source as it was, and says whether it is another by now.
    pub(super) async fn has_changed(&mut self, print: &str) -> Result<bool, StoreError> {
        let told = either!(self, end => end.let_go()?, end.let_go().await?);
        Ok(told || self.fingerprint().await? != print)
    }

    /// How far an earlier copy got.
    pub(super) async fn mark(&self) -> Result<Option<Mark>, StoreError> {
        let text = either!(self, end => end.mark()?, end.mark().await?);
        text.map(|text| Mark::read(&text)).transpose()
    }

    /// Makes the schema of an empty target and begins there, or gives the mark of the copy that was begun.
    pub(super) async fn prepare(&mut self, source: &str) -> Result<Option<Mark>, StoreError> {
        if let Some(begun) = self.mark().await? {
            either!(self, end => end.look()?, end.look().await?);
            return Ok(Some(begun));
        }
        self.see_that_it_is_empty().await?;
        either!(self, end => end.make()?, end.make().await?);
        self.see_that_it_is_empty().await?;
        either!(self, end => end.begin(source)?, end.begin(source).await?);
        Ok(None)
    }

    async fn see_that_it_is_empty(&self) -> Result<(), StoreError> {
        // Values that instances share are made before anything depends on them.
        for (table, _) in TABLES.iter().filter(|(table, _)| *table != "meta") {
            if self.columns(table).await?.is_empty() {
                continue;
            }
            if self.number(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS any_row")).await? > 0 {
                return Err(StoreError::Path(
                    "there is a store already, or a copy that was completed: give a file that is not there yet, or an empty database"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Adds rows, and moves the mark with them.
    pub(super) async fn write(&mut self, shape: &Shape, rows: &[Row], marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        either!(self, end => end.write(shape, rows, marks), end.write(shape, rows, marks).await)
    }

    /// Goes on numbering where the source stood.
    pub(super) async fn set_numbers(&mut self, numbers: &Numbers, marks: (&Mark, &Mark)) -> Result<(), StoreError> {
        either!(self, end => end.set_numbers(numbers, marks), end.set_numbers(numbers, marks).await)
    }

    /// Puts the triggers back and takes the mark away: from now on it is a store.
    pub(super) async fn finish(&mut self, mark: &Mark) -> Result<(), StoreError> {
        either!(self, end => end.finish(mark), end.finish(mark).await)
    }
}
