//! The PostgreSQL back end: a pool of connections, and one lock behind which all writing happens.
//!
//! Whatever writes takes an advisory lock first ([`db`]), so that writers of all instances stand in one row as they do
//! before a SQLite file: numbers are in the order of commit, what was read is still so when it is written, and nobody
//! meets a deadlock. Submissions go there many at a time ([`batch`]).

mod address;
mod check;
mod db;
mod instances;
mod pool;
mod rows;
mod sessions;

use deadpool_postgres::Pool;

use self::db::Db;
pub(in crate::store) use self::db::WRITERS;
use super::{StoreError, migrate};

/// A PostgreSQL database that is in use.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects, sees that the database is fit, and brings its schema up to date.
    pub(in crate::store) async fn open(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        migrate::postgres::run(&store.pool.get().await.map_err(db::no_connection)?).await?;
        Ok(store)
    }

    /// Connects to one that is up to date.
    pub(in crate::store) async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        migrate::postgres::look(&store.pool.get().await.map_err(db::no_connection)?).await?;
        Ok(store)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let pool = pool::make(url)?;
        let client = pool.get().await.map_err(db::no_connection)?;
        check::fit(&client).await?;
        Ok(Self { pool })
    }

    pub(in crate::store) fn backlog(&self) -> usize {
        self.pool.status().waiting
    }

    pub(in crate::store) fn close(self) {
        self.pool.close();
    }

    /// To read, each statement seeing what is committed when it begins.
    async fn reading(&self) -> Result<Db, StoreError> {
        Db::reading(&self.pool).await
    }

    /// To write, alone among all instances until it is kept or undone.
    async fn writing(&self) -> Result<Db, StoreError> {
        Db::writing(&self.pool).await
    }
}
