//! What nobody waits for: kept in the order it came, some at a time, by a thread and a connection of its own.
//!
//! Whoever writes something else waits for what was left before, for a moment at most, so that the record tells it in
//! its order. However long the database is away, no answer waits for it and no more than [`WAITING`] notes are held; what does not
//! fit, or could not be kept for [`PATIENCE`], is left out and said to be.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::JoinHandle,
    time::Duration,
};

use deadpool_postgres::Pool;
use tokio::{
    runtime::Builder,
    sync::{
        mpsc::{Receiver, Sender, channel},
        watch,
    },
    time::{Instant, sleep, timeout},
};

use super::{db::Db, keeping::append, sessions};
use crate::{
    domain::Timestamp,
    store::{Key, StoreError},
    telemetry::chain,
};

/// Notes that may wait.
const WAITING: usize = 2_048;
/// Notes in one transaction.
const BATCH: usize = 32;
/// How long a database that is away is tried again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Something to keep.
pub(super) enum Note {
    /// A session was used.
    Saw { token: Key, username: String, now: Timestamp },
    /// A sign-in failed.
    Failed { username: String, by: String, detail: String, now: Timestamp },
}

/// What somebody who writes something else waits for notes that were left before.
const COURTESY: Duration = Duration::from_millis(500);

/// The way in to the thread.
pub(super) struct Notes {
    queue: Sender<Note>,
    /// How many were left.
    left: AtomicU64,
    /// How many of them were dealt with.
    done: watch::Receiver<u64>,
    thread: JoinHandle<()>,
}

impl Notes {
    /// Starts the thread, over a pool of its own.
    pub(super) fn start(pool: Pool) -> Result<Self, StoreError> {
        let (queue, notes) = channel(WAITING);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StoreError::no_thread)?;
        let (tell, done) = watch::channel(0);
        let thread = std::thread::Builder::new()
            .name("store-notes".into())
            .spawn(move || runtime.block_on(serve(&pool, notes, &tell)))
            .map_err(StoreError::no_thread)?;
        Ok(Self { queue, left: AtomicU64::new(0), done, thread })
    }

    pub(super) fn leave(&self, note: Note) {
        match self.queue.try_reserve() {
            Ok(place) => {
                // Counted first: who writes from now on waits for it.
                self.left.fetch_add(1, Ordering::SeqCst);
                place.send(note);
            }
            Err(_full) => tracing::warn!("too many jobs wait for the store: a note was left out"),
        }
    }

    /// Waits until those are kept that were left by now.
    pub(super) async fn caught_up(&self) {
        let left = self.left.load(Ordering::SeqCst);
        if *self.done.borrow() < left {
            let mut done = self.done.clone();
            // Where the database is away, what is to be written meets that by itself.
            let _late = timeout(COURTESY, done.wait_for(|done| *done >= left)).await;
        }
    }

    /// Waits until what was left is kept, or the database did not take it.
    pub(super) fn end(self) {
        let Self { queue, thread, .. } = self;
        drop(queue);
        // One that panicked has said so already.
        let _ended = thread.join();
    }
}

async fn serve(pool: &Pool, mut queue: Receiver<Note>, tell: &watch::Sender<u64>) {
    let mut notes = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut notes, BATCH).await > 0 {
        if let Err(fault) = keep(pool, &queue, &notes).await {
            tracing::error!(notes = notes.len(), error = chain(&fault), "notes were not stored");
            if queue.is_closed() {
                return;
            }
        }
        tell.send_modify(|done| *done += u64::try_from(notes.len()).unwrap_or(0));
        notes.clear();
    }
}

/// Tries until it goes, or time is up, or the program ends.
async fn keep(pool: &Pool, queue: &Receiver<Note>, notes: &[Note]) -> Result<(), StoreError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match write(pool, notes).await {
            // Whether a commit went through whose answer was lost is not known: nothing is noted twice.
            Ok(db) => return db.keep(()).await,
            Err(fault) if queue.is_closed() || Instant::now() >= until => return Err(fault),
            Err(_fault) => sleep(PAUSE).await,
        }
    }
}

async fn write(pool: &Pool, notes: &[Note]) -> Result<Db, StoreError> {
    let db = Db::writing(pool).await?;
    for note in notes {
        match note {
            Note::Saw { token, username, now } => sessions::saw(&db, token, username, *now).await?,
            Note::Failed { username, by, detail, now } => {
                append(&db, *now, by, "session.fail", username, detail).await?;
            }
        }
    }
    Ok(db)
}

#[cfg(test)]
mod tests {
    use super::{super::pool, *};

    #[test]
    fn while_the_database_is_away_nobody_waits_and_no_more_is_held_than_may_wait() {
        // Nobody listens there.
        let pool = pool::make("postgres://nobody@127.0.0.1:1/nothing", 1).unwrap();
        let (notes, begun) = (Notes::start(pool).unwrap(), std::time::Instant::now());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        for n in 0..3 * WAITING {
            notes.leave(Note::Saw { token: [7; 32], username: n.to_string(), now: Timestamp(0) });
        }
        let left = notes.left.load(Ordering::SeqCst);
        assert!(usize::try_from(left).unwrap() <= WAITING + BATCH, "{left} are held");
        runtime.block_on(notes.caught_up());
        notes.end();
        assert!(begun.elapsed() < PATIENCE, "it held up the end");
    }
}
