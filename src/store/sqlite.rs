//! The SQLite back end: one file, one writing thread, a few reading ones.

mod answers;
mod attacks;
mod audit;
mod authors;
mod banning;
mod bans;
mod claims;
mod clusters;
mod deciding;
mod events;
mod feeds;
mod instances;
mod keeping;
mod lessons;
mod listing;
mod models;
pub(in crate::store) mod open;
mod over;
mod pages;
mod people;
mod queue;
mod reactions;
mod readers;
mod reading;
mod recorded;
mod reputation;
mod revising;
mod rows;
mod second_factors;
mod sessions;
mod statistics;
mod submitting;
mod threads;
mod tokens;
mod unverified;
mod writer;
mod written;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use readers::Readers;
use writer::{Done, Writer};

use super::{StoreError, migrate};

/// Threads that read.
const READERS: usize = 3;

/// A SQLite file that is open.
#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Sqlite {
    /// Opens or makes the file and brings its schema up to date.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, StoreError> {
        open::folder(path)?;
        let mut connection = open::writer(path)?;
        migrate::sqlite(&mut connection)?;
        open::see_that_it_is_whole(&connection)?;
        drop(connection);
        let (writer, thread) = Writer::start(path)?;
        let readers = Readers::start(path, READERS)?;
        Ok(Self { writer, readers, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Opens a file that is there and up to date, to read only: every write is answered as by a closed store.
    pub(in crate::store) fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::Path(format!("there is no {}", path.display())));
        }
        let connection = open::reader(path)?;
        migrate::look(&connection)?;
        open::see_that_it_is_whole(&connection)?;
        let readers = Readers::start(path, 1)?;
        Ok(Self { writer: Writer::absent(), readers, thread: Arc::new(Mutex::new(None)) })
    }

    pub(in crate::store) fn backlog(&self) -> usize {
        self.writer.waiting()
    }

    /// Drops the way in and waits for the writing thread, which ends once the last clone is gone.
    pub(in crate::store) fn close(self) {
        let Self { writer, readers, thread } = self;
        drop((writer, readers));
        let handle = thread.lock().ok().and_then(|mut slot| slot.take());
        if let (Some(handle), 1) = (handle, Arc::strong_count(&thread)) {
            // A writer that panicked has said so already; there is nothing left to save here.
            let _ended = handle.join();
        }
    }
}
