//! The PostgreSQL back end: a pool of connections, and one lock behind which all writing happens.
//!
//! Whatever writes takes an advisory lock first ([`db`]), so that writers of all instances stand in one row as they do
//! before a SQLite file: numbers are in the order of commit, what was read is still so when it is written, and nobody
//! meets a deadlock. Submissions go there many at a time ([`batch`]).

mod address;
mod answers;
mod attacks;
mod audit;
mod banning;
mod bans;
mod batch;
mod check;
mod claims;
mod clause;
mod clusters;
mod db;
mod deciding;
mod events;
mod feeds;
mod instances;
mod keeping;
mod lessons;
mod listening;
mod listing;
mod models;
mod notes;
mod over;
mod pages;
mod people;
pub(in crate::store) mod pool;
mod queue;
mod reactions;
mod reading;
mod recorded;
mod reputation;
mod revising;
mod rows;
mod second_factors;
mod sessions;
mod statistics;
mod submission;
mod submitting;
mod threads;
mod tokens;
mod unverified;
mod written;

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use deadpool_postgres::{Object, Pool};
use secrecy::{ExposeSecret as _, SecretString};

pub use self::listening::Listening;
use self::{batch::Way, db::Db, notes::Notes};
pub(in crate::store) use self::{
    check::{fit, reach},
    db::{WRITERS, no_connection},
};
use super::{StoreError, migrate, transfer};

/// A PostgreSQL database that is in use.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    submissions: Way,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
    notes: Option<Arc<Notes>>,
    url: Arc<SecretString>,
}

impl Postgres {
    /// Connects, sees that the database is fit, and brings its schema up to date.
    pub(in crate::store) async fn open(url: &str) -> Result<Self, StoreError> {
        let mut store = Self::connect(url).await?;
        let client = store.pool.get().await.map_err(no_connection)?;
        migrate::postgres::run(&client).await?;
        see_that_it_is_whole(&client).await?;
        // A connection of its own: submissions do not wait behind those who read.
        let (submissions, writer) = Way::start(pool::make(url, 1)?)?;
        (store.submissions, store.writer) = (submissions, Arc::new(Mutex::new(Some(writer))));
        store.notes = Some(Arc::new(Notes::start(pool::make(url, 1)?)?));
        Ok(store)
    }

    /// Connects to one that is up to date. Submissions are answered as by a closed store.
    pub(in crate::store) async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        let client = store.pool.get().await.map_err(no_connection)?;
        migrate::postgres::look(&client).await?;
        see_that_it_is_whole(&client).await?;
        Ok(store)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let pool = pool::shared(url, pool::MOST)?;
        let client = reach(&pool).await?;
        fit(&client).await?;
        let url = Arc::new(SecretString::from(url));
        Ok(Self { pool, submissions: Way::absent(), writer: Arc::new(Mutex::new(None)), notes: None, url })
    }

    /// Somebody who hears of every commit that left an event; a connection beside the pool's.
    pub(in crate::store) fn listening(&self) -> Listening {
        Listening::to(self.url.expose_secret())
    }

    /// Submissions and operations that wait.
    pub(in crate::store) fn backlog(&self) -> usize {
        self.submissions.waiting() + self.pool.status().waiting
    }

    /// Waits until the submissions that were handed over are answered, and what nobody waits for is kept.
    pub(in crate::store) fn close(self) {
        let Self { pool, submissions, writer, notes, .. } = self;
        drop(submissions);
        let thread = writer.lock().ok().and_then(|mut slot| slot.take());
        if let (Some(thread), 1) = (thread, Arc::strong_count(&writer)) {
            // One that panicked has said so already; there is nothing left to save here.
            let _ended = thread.join();
        }
        if let Some(notes) = notes.and_then(Arc::into_inner) {
            notes.end();
        }
        pool.close();
    }

    /// To read, each statement seeing what is committed when it begins.
    async fn reading(&self) -> Result<Db, StoreError> {
        Db::reading(&self.pool).await
    }

    /// As [`Self::reading`], over many rows.
    async fn reading_patiently(&self) -> Result<Db, StoreError> {
        Db::reading_patiently(&self.pool).await
    }

    /// To write, alone among all instances until it is kept or undone.
    async fn writing(&self) -> Result<Db, StoreError> {
        if let Some(notes) = &self.notes {
            notes.caught_up().await;
        }
        Db::writing(&self.pool).await
    }
    /// As [`Postgres::writing`], for work in the background on many rows.
    async fn writing_patiently(&self) -> Result<Db, StoreError> {
        Db::writing_patiently(&self.pool).await
    }
}

/// A copy that has yet to be completed is no store.
async fn see_that_it_is_whole(client: &Object) -> Result<(), StoreError> {
    match client.query_opt("SELECT 1 FROM meta WHERE key = $1", &[&transfer::KEY]).await? {
        Some(_) => Err(transfer::unfinished()),
        None => Ok(()),
    }
}
