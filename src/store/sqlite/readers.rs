//! A few threads with a read-only connection each. In WAL they never wait for the writer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
};

use crossbeam_channel::{Sender, TrySendError, bounded};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::open;
use crate::store::StoreError;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// Reads that may wait; the next one is answered with [`StoreError::Busy`].
const WAITING: usize = 4_096;

/// The way in to the reading threads.
#[derive(Clone)]
pub(super) struct Readers {
    work: Sender<Work>,
}

impl Readers {
    /// Opens `count` connections and starts their threads.
    pub(super) fn start(path: &Path, count: usize) -> Result<Self, StoreError> {
        let (work, queue) = bounded::<Work>(WAITING);
        for number in 0..count {
            let connection = open::reader(path)?;
            let queue = queue.clone();
            thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || {
                    while let Ok(work) = queue.recv() {
                        work(&connection);
                    }
                })
                .map_err(StoreError::no_thread)?;
        }
        Ok(Self { work })
    }

    /// Runs the query on the next free connection.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let answer = match catch_unwind(AssertUnwindSafe(|| query(connection))) {
                Ok(answer) => answer.map_err(StoreError::from),
                Err(_panic) => Err(StoreError::BrokeOff),
            };
            let _gone = reply.send(answer);
        });
        match self.work.try_send(work) {
            Ok(()) => answer.await.unwrap_or(Err(StoreError::Closed)),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }
}
