//! The way in for submissions: one thread an instance stores whatever waits with one statement, which commits by itself.
//!
//! It takes the first that waits, along with what else does, and answers everybody after the commit. There is no timer:
//! idle, a submission waits for one round trip; under load the batch grows by itself. A statement that fails for what is
//! in it is taken apart, so that one bad submission sinks no other; where the database is at fault all are told so.

use std::thread;

use deadpool_postgres::Pool;
use tokio::{
    sync::{
        mpsc::{self, Receiver, Sender, error::TrySendError},
        oneshot,
    },
    time::{Duration, Instant, timeout_at},
};
use tokio_postgres::types::Json;

use super::{
    WRITERS,
    db::{Db, SLOW},
    submission::{Submission, answer},
};
use crate::{
    store::{Accepted, NewComment, StoreError, events::RING},
    telemetry::chain,
};

/// Submissions that may wait; the next one is answered with [`StoreError::Busy`].
const WAITING: usize = 2_048;
/// Submissions in one statement at most.
const BATCH: usize = 256;
/// What a submission may take, from when it is handed over.
const PATIENCE: Duration = Duration::from_millis(1_800);
/// The statement.
const ACCEPT: &str = "SELECT * FROM accept_submissions($1, $2, $3) ORDER BY nth";
/// Classes of SQLSTATE that say something of the database and nothing of what was sent: connection, read-only, clash of
/// transactions, resources, another state, somebody's intervention, system, configuration.
const OF_THE_DATABASE: [&str; 8] = ["08", "25", "40", "53", "55", "57", "58", "F0"];

/// A submission that waits.
struct Job {
    comment: Box<NewComment>,
    until: Instant,
    reply: oneshot::Sender<Result<Accepted, StoreError>>,
}

/// The way in to the thread.
#[derive(Clone)]
pub(super) struct Way {
    jobs: Sender<Job>,
}

impl Way {
    /// Starts the thread, over a pool of its own; it ends when the last `Way` is dropped and all are answered.
    pub(super) fn start(pool: Pool) -> Result<(Self, thread::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::channel(WAITING);
        // With a runtime of its own: closing the store waits for it, whichever runtime that is asked in.
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StoreError::no_thread)?;
        let thread = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || runtime.block_on(serve(&pool, queue)))
            .map_err(StoreError::no_thread)?;
        Ok((Self { jobs }, thread))
    }

    /// No thread at all: every submission is answered with [`StoreError::Closed`].
    pub(super) fn absent() -> Self {
        let (jobs, _nobody) = mpsc::channel(1);
        Self { jobs }
    }

    /// Submissions that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Has a comment stored, and waits until that is synced.
    pub(super) async fn accept(&self, comment: NewComment) -> Result<Accepted, StoreError> {
        let (reply, answer) = oneshot::channel();
        let until = Instant::now() + PATIENCE;
        match self.jobs.try_send(Job { comment: Box::new(comment), until, reply }) {
            Ok(()) => timeout_at(until, answer).await.map_err(|_elapsed| SLOW)?.unwrap_or(Err(StoreError::Closed)),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }
}

async fn serve(pool: &Pool, mut queue: Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let now = Instant::now();
        // Whoever sent one that is late was told that it is not stored.
        let jobs: Vec<Job> = batch.drain(..).filter(|job| job.until > now).collect();
        store(pool, jobs).await;
    }
}

async fn store(pool: &Pool, jobs: Vec<Job>) {
    let Some(until) = jobs.iter().map(|job| job.until).max() else { return };
    let comments: Vec<&NewComment> = jobs.iter().map(|job| &*job.comment).collect();
    match write(pool, &comments, until).await {
        Ok(answers) => jobs.into_iter().zip(answers).for_each(|(job, answer)| told(job, Ok(answer))),
        Err(fault) if jobs.len() > 1 && is_of_one(&fault) => {
            tracing::warn!(submissions = jobs.len(), error = chain(&fault), "submissions are stored one by one");
            for job in jobs {
                let answer = write(pool, &[&job.comment], job.until).await;
                told(job, answer.and_then(|answers| answers.into_iter().next().ok_or(StoreError::BrokeOff)));
            }
        }
        Err(fault) => {
            tracing::error!(submissions = jobs.len(), error = chain(&fault), "submissions were not stored");
            jobs.into_iter().for_each(|job| told(job, Err(fault.clone())));
        }
    }
}

/// Stores them all or none; an answer each.
async fn write(pool: &Pool, comments: &[&NewComment], until: Instant) -> Result<Vec<Accepted>, StoreError> {
    accept(&Db::take_until(pool, until).await?, comments).await
}

/// Stores comments as part of whatever the connection is in; an answer each.
pub(super) async fn accept(db: &Db, comments: &[&NewComment]) -> Result<Vec<Accepted>, StoreError> {
    let batch: Vec<Submission<'_>> = comments.iter().map(|comment| Submission::from(*comment)).collect();
    let rows = db.rows(ACCEPT, &[&Json(batch), &WRITERS, &RING]).await?;
    if rows.len() != comments.len() {
        return Err(StoreError::BrokeOff);
    }
    rows.iter().zip(comments).map(|(row, comment)| answer(row, comment)).collect()
}

/// Whether a statement failed for something in it, so that the others of a batch may go through without that.
fn is_of_one(fault: &StoreError) -> bool {
    let StoreError::Postgres(fault) = fault else { return false };
    let class = fault.code().and_then(|state| state.code().get(..2));
    class.is_some_and(|class| !OF_THE_DATABASE.contains(&class))
}

/// A sender that went away does not need the answer.
fn told(job: Job, answer: Result<Accepted, StoreError>) {
    let _gone = job.reply.send(answer);
}
