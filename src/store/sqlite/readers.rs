//! A few threads with a read-only connection each. In WAL they never wait for the writer.
//!
//! A short question may be answered where it is asked: to wake a thread costs more than the answer. That goes on only while
//! such answers come from memory; one that had to wait for the disk sends all others to the threads for a while.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Sender, TrySendError, bounded};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::open;
use crate::store::StoreError;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// Reads that may wait; the next one is answered with [`StoreError::Busy`].
const WAITING: usize = 4_096;

/// An answer that took so long did not come from memory.
const SLOW: Duration = Duration::from_millis(2);
/// How long nothing is answered where it is asked after a slow answer.
const PAUSE: Duration = Duration::from_secs(1);
/// Connections for answers where they are asked for.
const AT_HAND: usize = 2;

/// The way in to the reading threads.
#[derive(Clone)]
pub(super) struct Readers {
    work: Sender<Work>,
    at_hand: Arc<[Mutex<AtHand>]>,
}

/// A connection that whoever asks may use, if nobody else does at the moment.
struct AtHand {
    connection: Connection,
    not_before: Option<Instant>,
}

impl AtHand {
    /// The answer; none where somebody on a thread had better find it.
    fn answer<T>(&mut self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let begun = Instant::now();
        if self.not_before.is_some_and(|moment| begun < moment) {
            return None;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| query(&self.connection)));
        self.not_before = (begun.elapsed() > SLOW).then(|| Instant::now() + PAUSE);
        answer.ok()?.ok()
    }
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
        let at_hand =
            (0..AT_HAND).map(|_| Ok(Mutex::new(AtHand { connection: open::at_hand(path)?, not_before: None })));
        Ok(Self { work, at_hand: at_hand.collect::<Result<_, StoreError>>()? })
    }

    /// Runs a short query here and now where that is quick, else on the next free connection.
    pub(super) async fn read_here<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        F: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        match self.at_once(&query) {
            Some(answer) => Ok(answer),
            // Faults and all else that takes time.
            None => self.read(query).await,
        }
    }

    fn at_once<T>(&self, query: &impl Fn(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        self.at_hand.iter().find_map(|slot| match slot.try_lock() {
            Ok(mut free) => Some(free.answer(query)),
            // Somebody's query broke off; the connection is as good as before.
            Err(TryLockError::Poisoned(free)) => Some(free.into_inner().answer(query)),
            Err(TryLockError::WouldBlock) => None,
        })?
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some tens of milliseconds.
    const LONG: &str =
        "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) SELECT sum(n) FROM c";

    fn ask(sql: &'static str) -> impl Fn(&Connection) -> rusqlite::Result<i64> + Send + 'static {
        move |connection| connection.query_row(sql, [], |row| row.get(0))
    }

    #[tokio::test]
    async fn what_takes_long_or_fails_is_answered_by_a_thread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readers.db");
        open::writer(&path).unwrap().execute_batch("CREATE TABLE notes (n INTEGER)").unwrap();
        let readers = Readers::start(&path, 1).unwrap();
        let paused =
            |readers: &Readers| readers.at_hand.iter().filter(|slot| slot.lock().unwrap().not_before.is_some()).count();
        assert_eq!((readers.at_once(&ask("SELECT 7")), paused(&readers)), (Some(7), 0));
        assert_eq!(readers.at_once(&ask("SELECT nothing")), None);
        assert!(readers.read_here(ask("SELECT nothing")).await.is_err(), "a fault is the thread's");
        assert_eq!(readers.read_here(ask(LONG)).await.unwrap(), 45_000_150_000);
        assert_eq!(paused(&readers), 1, "the one that took long");
        let _busy: Vec<_> = readers.at_hand.iter().map(|slot| slot.lock().unwrap()).collect();
        assert_eq!(readers.at_once(&ask("SELECT 7")), None, "nobody waits for a connection");
        assert_eq!(readers.read_here(ask("SELECT 7")).await.unwrap(), 7);
    }
}
