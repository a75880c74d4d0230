//! The one thread that writes: group commit, a savepoint a job.
//!
//! It blocks on the first job, takes along what else waits, runs each inside its own savepoint so
//! that one bad job sinks no other, commits once, and answers every caller only after the commit is
//! synced. There is no timer: idle, a job waits for one sync; under load the batch grows by itself.
//! What a job means is not its business.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::open;
use crate::{store::StoreError, telemetry::chain};

/// Jobs that may wait; the next one is answered with [`StoreError::Busy`].
const WAITING: usize = 2_048;
/// Jobs in one transaction at most.
const BATCH: usize = 256;

/// What a job wants done with its savepoint.
pub(in crate::store) enum Done<T> {
    /// Keep what was written.
    Keep(T),
    /// Undo it; the value is the answer all the same, once the batch it was found in is stored.
    Undo(T),
}

trait Job: Send {
    /// Runs inside a savepoint; true keeps what was written.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Hands the answer to the caller, or the reason why nothing was kept. The transaction is over.
    fn answer(self: Box<Self>, connection: &Connection, lost: Option<StoreError>);
    /// Its answer takes time that nobody else's should wait for.
    fn is_slow(&self) -> bool {
        false
    }
}

struct Task<F, T> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&Connection) -> rusqlite::Result<Done<T>> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A panic must not end the one thread that writes: the savepoint is rolled back like any other.
        let (result, keep) = match catch_unwind(AssertUnwindSafe(|| work(connection))) {
            Ok(Ok(Done::Keep(value))) => (Ok(value), true),
            Ok(Ok(Done::Undo(value))) => (Ok(value), false),
            Ok(Err(fault)) => (Err(StoreError::from(fault)), false),
            Err(_panic) => (Err(StoreError::BrokeOff), false),
        };
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, _: &Connection, lost: Option<StoreError>) {
        let result = match (self.result, lost) {
            (Some(Err(own)), _) => Err(own),
            // Also where nothing was to be kept: the answer may rest on what another job of the batch wrote.
            (_, Some(fault)) => Err(fault),
            (Some(result), None) => result,
            (None, None) => Err(StoreError::Closed),
        };
        // A caller that went away does not need the answer.
        let _gone = self.reply.send(result);
    }
}

/// Writes nothing; once the transaction is over the log is emptied.
struct ClearLog(oneshot::Sender<Result<bool, StoreError>>);

impl Job for ClearLog {
    fn run(&mut self, _: &Connection) -> bool {
        true
    }

    fn answer(self: Box<Self>, connection: &Connection, lost: Option<StoreError>) {
        let _gone = self.0.send(lost.map_or_else(|| Ok(open::clear_log(connection)?), Err));
    }

    fn is_slow(&self) -> bool {
        true
    }
}

/// The way in to the writing thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Box<dyn Job>>,
}

impl Writer {
    /// Opens the file and starts the thread; it ends when the last `Writer` is dropped and all jobs
    /// are answered.
    pub(super) fn start(path: &Path) -> Result<(Self, thread::JoinHandle<()>), StoreError> {
        let connection = open::writer(path)?;
        // What a savepoint may have to put back is kept in memory: in a file it was a quarter of a write's work.
        // A migration sorts whole tables, and so keeps the file.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        let (jobs, queue) = bounded(WAITING);
        let thread = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(connection, &queue))
            .map_err(StoreError::no_thread)?;
        Ok((Self { jobs }, thread))
    }

    /// No thread at all: every job is answered with [`StoreError::Closed`].
    pub(super) fn absent() -> Self {
        let (jobs, _nobody) = bounded(0);
        Self { jobs }
    }

    /// Jobs that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }

    /// Runs the work in the next transaction and waits until it is synced.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> rusqlite::Result<Done<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.put(Box::new(Task { work: Some(work), result: None, reply }), answer).await
    }

    /// Empties the log, so that nothing that was dropped can be read there; false where somebody still reads it.
    pub(super) async fn clear_log(&self) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.put(Box::new(ClearLog(reply)), answer).await
    }

    async fn put<T>(
        &self,
        job: Box<dyn Job>,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.jobs.try_send(job) {
            Ok(()) => answer.await.unwrap_or(Err(StoreError::Closed)),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }

    /// Runs the work in one of the next transactions, without anybody who waits for it. It is left out
    /// where too much waits already.
    pub(super) fn post<F>(&self, work: F)
    where
        F: FnOnce(&Connection) -> rusqlite::Result<Done<()>> + Send + 'static,
    {
        let (reply, _nobody) = oneshot::channel();
        if self.jobs.try_send(Box::new(Task { work: Some(work), result: None, reply })).is_err() {
            tracing::warn!("too many jobs wait for the store: a note was left out");
        }
    }
}

fn serve(mut connection: Connection, queue: &Receiver<Box<dyn Job>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        batch.push(first);
        batch.extend(queue.try_iter().take(BATCH - 1));
        let lost = commit(&mut connection, &mut batch).err();
        if let Some(fault) = &lost {
            tracing::error!(jobs = batch.len(), error = chain(fault), "a batch of writes was not stored");
        }
        batch.sort_by_key(|job| job.is_slow());
        for job in batch.drain(..) {
            job.answer(&connection, lost.clone());
        }
    }
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        transaction.prepare_cached("SAVEPOINT job")?.execute([])?;
        if !job.run(&transaction) {
            // A failed statement may have ended the whole transaction (disk full); then this fails too.
            transaction.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        transaction.prepare_cached("RELEASE job")?.execute([])?;
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};

    use super::*;

    #[tokio::test]
    async fn an_answer_that_rests_on_a_lost_batch_is_lost_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, _thread) = Writer::start(&folder.path().join("writer.db")).unwrap();
        let tables = "CREATE TABLE pages (id INTEGER PRIMARY KEY) STRICT;
             CREATE TABLE notes (page INTEGER REFERENCES pages (id) DEFERRABLE INITIALLY DEFERRED) STRICT";
        writer.write(move |file| file.execute_batch(tables).map(Done::Keep)).await.unwrap();

        // A job that waits keeps the thread until the other two stand in one batch.
        let (begun, has_begun) = oneshot::channel();
        let (go, may_end) = mpsc::channel();
        let holding = writer.write(move |_| {
            let (_told, _ended) = (begun.send(()), may_end.recv());
            Ok(Done::Undo(()))
        });
        // It succeeds, and the constraint fails at the commit.
        let spoils = writer.write(|file| file.execute("INSERT INTO notes VALUES (7)", []).map(Done::Keep));
        let rests = writer.write(|file| file.prepare("SELECT 1 FROM notes")?.exists([]).map(Done::Undo));
        let batch = async {
            has_begun.await.unwrap();
            tokio::join!(spoils, rests, async { go.send(()).unwrap() })
        };
        let (_, (spoils, rests, ())) = tokio::join!(holding, batch);
        assert!(matches!(spoils, Err(StoreError::Database(_))));
        assert!(matches!(rests, Err(StoreError::Database(_))), "told of a row that nobody kept: {rests:?}");
        assert!(writer.write(|_| Ok(Done::Undo(()))).await.is_ok(), "the next batch is another one");
    }

    #[tokio::test]
    async fn whoever_is_in_one_batch_with_the_emptying_of_the_log_is_answered_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, _thread) = Writer::start(&folder.path().join("writer.db")).unwrap();
        let (begun, has_begun) = oneshot::channel();
        let (go, may_end) = mpsc::channel();
        let holding = writer.write(move |_| {
            let (_told, _ended) = (begun.send(()), may_end.recv());
            Ok(Done::Undo(()))
        });
        let mut holding = Box::pin(holding);
        assert!(holding.as_mut().now_or_never().is_none());
        has_begun.await.unwrap();
        let clears = async { ("log", writer.clear_log().await.map(|_cleared| ())) };
        let writes = async { ("writer", writer.write(|_| Ok(Done::Undo(()))).await) };
        let (mut clears, mut writes) = (clears.boxed(), writes.boxed());
        // Asked for in this order, and then awaited in the order in which they are answered.
        assert!(clears.as_mut().now_or_never().is_none() && writes.as_mut().now_or_never().is_none());
        let mut both: FuturesUnordered<_> = [clears, writes].into_iter().collect();
        assert!(both.next().now_or_never().is_none());
        go.send(()).unwrap();
        assert!(matches!(both.collect::<Vec<_>>().await[..], [("writer", Ok(())), ("log", Ok(()))]));
        holding.await.unwrap();
    }
}
