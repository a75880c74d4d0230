//! A connection for the time of one operation: statements by their text, each within the operation's time.
//!
//! One that was left in the midst of something, by a fault, by time, or because nobody waits any longer, is closed, and
//! the server undoes what it did; the pool makes another.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deadpool_postgres::{Object, Pool, PoolError, TimeoutType};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Row,
    error::SqlState,
    types::{ToSql, Type},
};

use crate::store::StoreError;

/// What an operation that writes may take, waiting for a connection and for its turn included: who waits is to have the
/// answer within 2 s.
const WRITE: Duration = Duration::from_millis(1_800);
/// What a read by key or of one page's worth may take: somebody waits, and a submission begins with such.
const READ: Duration = Duration::from_millis(1_800);
/// What a read over many rows may take, for the desk or in the background.
const LONG_READ: Duration = Duration::from_secs(10);
/// What an operation that nobody waits for at the other end may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who writes holds this lock of the database; the number is ours alone ("replydsk").
pub(in crate::store) const WRITERS: i64 = 0x7265_706C_7964_736B;

/// Values of a statement, in the order of their marks.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One operation's hold on a connection.
pub(super) struct Db {
    /// Taken out only when it is dropped.
    client: Option<Object>,
    until: Instant,
    /// An answer is outstanding, or a transaction open.
    unclean: AtomicBool,
    in_transaction: bool,
}

impl Db {
    pub(super) async fn reading(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, READ).await
    }

    /// As [`Db::reading`], over many rows.
    pub(super) async fn reading_patiently(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, LONG_READ).await
    }

    pub(super) async fn writing(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, WRITE).await?.begun(&locked(WRITE)).await
    }

    /// As [`Db::writing`], for work in the background on many rows.
    pub(super) async fn writing_patiently(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, PATIENCE).await?.begun(&locked(PATIENCE)).await
    }

    /// To read with all statements seeing one moment; ended by [`Db::keep`].
    pub(super) async fn of_one_moment(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, LONG_READ).await?.begun("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// To write with one statement that commits by itself, and needs no lock.
    pub(super) async fn at_once(pool: &Pool) -> Result<Self, StoreError> {
        Self::take(pool, WRITE).await
    }

    async fn take(pool: &Pool, budget: Duration) -> Result<Self, StoreError> {
        Self::take_until(pool, Instant::now() + budget).await
    }

    /// For whatever is done until then.
    pub(super) async fn take_until(pool: &Pool, until: Instant) -> Result<Self, StoreError> {
        let client = timeout_at(until, pool.get()).await.map_err(|_elapsed| SLOW)?.map_err(no_connection)?;
        Ok(Self { client: Some(client), until, unclean: AtomicBool::new(false), in_transaction: false })
    }

    async fn begun(mut self, how: &str) -> Result<Self, StoreError> {
        self.in_transaction = true;
        self.batch(how).await?;
        Ok(self)
    }

    /// Commits; what was written is synced when this returns.
    pub(super) async fn keep<T>(self, answer: T) -> Result<T, StoreError> {
        self.end("COMMIT").await.map(|()| answer)
    }

    /// Takes back what was written; the answer is given all the same.
    pub(super) async fn undo<T>(self, answer: T) -> Result<T, StoreError> {
        self.end("ROLLBACK").await.map(|()| answer)
    }

    async fn end(mut self, how: &str) -> Result<(), StoreError> {
        self.batch(how).await?;
        self.in_transaction = false;
        self.unclean.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// All rows of a query.
    pub(super) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        self.found(async |client: &Object| client.query(&client.prepare_cached(sql).await?, values).await).await
    }

    /// All rows of a query that is planned for these values, and forgotten: of a text that is put together for its
    /// question, or one for which a plan good for all values would be a bad one.
    pub(super) async fn planned(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, StoreError> {
        self.within(async |client: &Object| client.query_typed(sql, values).await).await
    }

    /// The row of a query that finds one at most.
    pub(super) async fn row(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        self.found(async |client: &Object| client.query_opt(&client.prepare_cached(sql).await?, values).await).await
    }

    /// The row of a query that always finds one.
    pub(super) async fn one(&self, sql: &str, values: Values<'_>) -> Result<Row, StoreError> {
        self.within(async |client: &Object| client.query_one(&client.prepare_cached(sql).await?, values).await).await
    }

    /// Whether a query finds anything.
    pub(super) async fn finds(&self, sql: &str, values: Values<'_>) -> Result<bool, StoreError> {
        self.rows(sql, values).await.map(|rows| !rows.is_empty())
    }

    /// Rows that a statement changed.
    pub(super) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        self.found(async |client: &Object| client.execute(&client.prepare_cached(sql).await?, values).await).await
    }

    /// Statements without values, one after the other.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.within(async |client: &Object| client.batch_execute(sql).await).await
    }

    /// As [`Db::within`]; what is asked for by a text that no row can hold, one with U+0000 in it, is found nowhere. In a
    /// transaction nothing goes on after that: the server takes it back, also where it is asked to keep it.
    async fn found<T: Default>(
        &self,
        work: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        match self.within(work).await {
            Err(StoreError::Postgres(fault)) if fault.code() == Some(&SqlState::CHARACTER_NOT_IN_REPERTOIRE) => {
                self.unclean.store(self.in_transaction, Ordering::Relaxed);
                Ok(T::default())
            }
            answer => answer,
        }
    }

    async fn within<T>(
        &self,
        work: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let client = self.client.as_ref().ok_or(StoreError::Closed)?;
        self.unclean.store(true, Ordering::Relaxed);
        let answer = timeout_at(self.until, work(client)).await.map_err(|_elapsed| SLOW)??;
        self.unclean.store(self.in_transaction, Ordering::Relaxed);
        Ok(answer)
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        if let (true, Some(client)) = (self.unclean.load(Ordering::Relaxed), self.client.take()) {
            drop(Object::take(client));
        }
    }
}

/// Begins a transaction behind the lock. The server ends a statement that nobody waits for any more, since it would keep
/// the lock from all.
fn locked(budget: Duration) -> String {
    format!("BEGIN; SET LOCAL statement_timeout = {}; SELECT pg_advisory_xact_lock({WRITERS})", budget.as_millis())
}

/// Time ran out, and whether the database did it all the same is not known.
pub(super) const SLOW: StoreError = StoreError::Unreachable("does not answer in time");

/// Why the pool has none.
pub(in crate::store) fn no_connection(fault: PoolError) -> StoreError {
    match fault {
        PoolError::Backend(fault) => StoreError::from(fault),
        PoolError::Closed => StoreError::Closed,
        PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy,
        PoolError::Timeout(_) => StoreError::Unreachable("cannot be reached"),
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => StoreError::Unreachable("cannot be set up"),
    }
}
