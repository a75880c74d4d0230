//! The limits that instances share through Redis or Valkey: one script a charge, on the server's time.
//!
//! Every failure, whatever its kind, is an [`Outage`]: the connection is dropped, the breaker opens
//! and the caller goes on without Redis; what it does then is not decided here. redis-rs's own
//! connection manager is not used: after a failed handshake that is no I/O error (garbage, a server
//! still loading) it never connects again.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, Pipeline, RedisError, ServerErrorKind, aio::MultiplexedConnection,
};

use super::{Bucket, breaker::Breaker, gcra::Level};

/// What a request waits for Redis, connecting included.
const BUDGET: Duration = Duration::from_millis(50);
/// What is added when the budget is over and no answer was read: on a busy machine a thread that was
/// kept waiting may find it then, and a false outage would admit more than the limit.
const GRACE: Duration = Duration::from_millis(50);
/// What the probe waits, which no reader waits for: enough to connect over TLS from afar.
const PROBE_BUDGET: Duration = Duration::from_secs(1);

const SCRIPT: &str = include_str!("gcra.lua");
/// Numbers that the script answers for each bucket.
const PER_BUCKET: usize = 3;

/// Why Redis did not serve; the text is for `/readyz` and the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Outage {
    #[error("Redis does not answer in time")]
    NoAnswer,
    #[error("Redis cannot be reached")]
    Unreachable,
    #[error("Redis refuses the credentials or the command")]
    Denied,
    #[error("Redis is read-only")]
    ReadOnly,
    #[error("Redis is out of memory")]
    OutOfMemory,
    #[error("Redis is starting")]
    Starting,
    #[error("Redis answers nonsense")]
    Garbled,
    #[error("Redis answers with an error")]
    Failing,
}

/// One Redis, connected when first asked.
pub(super) struct Shared {
    client: Client,
    script_hash: String,
    connection: Mutex<Option<MultiplexedConnection>>,
    connecting: tokio::sync::Mutex<()>,
    breaker: Breaker,
    outage: Mutex<Option<Outage>>,
}

impl Shared {
    /// From a `redis://` or `rediss://` address; nothing is sent yet.
    pub(super) fn open(url: &str) -> Result<Self, RedisError> {
        Ok(Self {
            client: Client::open(url)?,
            script_hash: redis::Script::new(SCRIPT).get_hash().to_owned(),
            connection: Mutex::new(None),
            connecting: tokio::sync::Mutex::new(()),
            breaker: Breaker::new(),
            outage: Mutex::new(None),
        })
    }

    /// Charges each list of buckets on its own, together or not at all within a list. None within
    /// the pause after a failure.
    pub(super) async fn charge(&self, lists: &[&[Bucket]], now_ms: i64) -> Option<Result<Vec<Vec<Level>>, Outage>> {
        if !self.breaker.permits(now_ms) {
            return None;
        }
        Some(self.attempt(self.exchange(lists), BUDGET, now_ms).await)
    }

    /// Whether a mark is there. None within the pause after a failure.
    pub(super) async fn has_mark(&self, key: &str, now_ms: i64) -> Option<Result<bool, Outage>> {
        if !self.breaker.permits(now_ms) {
            return None;
        }
        let work = async {
            let mut connection = self.connection().await.map_err(|error| outage_of(&error))?;
            let mut asked = redis::cmd("GET");
            let found: Result<Option<Vec<u8>>, _> = asked.arg(key).query_async(&mut connection).await;
            found.map(|mark| mark.is_some()).map_err(|error| outage_of(&error))
        };
        Some(self.attempt(work, BUDGET, now_ms).await)
    }

    /// Leaves marks that go by themselves. None within the pause after a failure.
    pub(super) async fn leave_marks(&self, marks: &[(String, Duration)], now_ms: i64) -> Option<Result<(), Outage>> {
        if !self.breaker.permits(now_ms) {
            return None;
        }
        let work = async {
            let mut connection = self.connection().await.map_err(|error| outage_of(&error))?;
            let mut pipeline = Pipeline::with_capacity(marks.len());
            for (key, span) in marks {
                pipeline.cmd("SET").arg(key).arg("1").arg("EX").arg(span.as_secs().max(1)).ignore();
            }
            pipeline.query_async(&mut connection).await.map_err(|error| outage_of(&error))
        };
        Some(self.attempt(work, PROBE_BUDGET, now_ms).await)
    }

    /// Asks whatever the breaker says, and patiently.
    pub(super) async fn probe(&self, buckets: &[Bucket], now_ms: i64) -> Result<(), Outage> {
        self.attempt(self.exchange(&[buckets]), PROBE_BUDGET, now_ms).await.map(|_levels| ())
    }

    /// Whether the last exchange failed.
    pub(super) fn is_out(&self) -> bool {
        self.breaker.is_open()
    }

    /// Why Redis does not serve at present.
    pub(super) fn outage(&self) -> Option<Outage> {
        let outage = *self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.filter(|_| self.is_out())
    }

    /// Does the work within the budget, and notes whether Redis served.
    async fn attempt<T>(
        &self,
        work: impl Future<Output = Result<T, Outage>>,
        budget: Duration,
        now_ms: i64,
    ) -> Result<T, Outage> {
        let outcome = within(budget, work).await;
        match &outcome {
            Ok(_) => {
                if self.breaker.succeeded() {
                    tracing::info!("Redis serves the limits again");
                }
            }
            Err(outage) => {
                let outage = *outage;
                *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
                *self.outage.lock().unwrap_or_else(PoisonError::into_inner) = Some(outage);
                if self.breaker.failed(now_ms) {
                    tracing::warn!(reason = %outage, "Redis does not serve the limits; see redis.on_outage");
                }
            }
        }
        outcome
    }

    async fn exchange(&self, lists: &[&[Bucket]]) -> Result<Vec<Vec<Level>>, Outage> {
        let mut connection = self.connection().await.map_err(|error| outage_of(&error))?;
        let by_hash = pipeline("EVALSHA", &self.script_hash, lists);
        let mut answer: Result<Vec<Vec<i64>>, RedisError> = by_hash.query_async(&mut connection).await;
        if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)) {
            answer = pipeline("EVAL", SCRIPT, lists).query_async(&mut connection).await;
        }
        let answer = answer.map_err(|error| outage_of(&error))?;
        if answer.len() != lists.len() {
            return Err(Outage::Garbled);
        }
        std::iter::zip(lists, answer).map(|(buckets, numbers)| levels(buckets.len(), &numbers)).collect()
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let kept = || self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(connection) = kept() {
            return Ok(connection);
        }
        let _only_one_connects = self.connecting.lock().await;
        if let Some(connection) = kept() {
            return Ok(connection);
        }
        let options = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&options).await?;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
        Ok(connection)
    }
}

async fn within<T>(budget: Duration, work: impl Future<Output = Result<T, Outage>>) -> Result<T, Outage> {
    let mut work = pin!(work);
    if let Ok(outcome) = tokio::time::timeout(budget, &mut work).await {
        return outcome;
    }
    tokio::time::timeout(GRACE, work).await.unwrap_or(Err(Outage::NoAnswer))
}

fn pipeline(command: &str, script: &str, lists: &[&[Bucket]]) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(lists.len());
    for buckets in lists {
        pipeline.cmd(command).arg(script).arg(buckets.len());
        for bucket in *buckets {
            pipeline.arg(&bucket.key);
        }
        pipeline.arg("");
        for bucket in *buckets {
            pipeline.arg(bucket.rate.emission_us().max(1)).arg(bucket.rate.burst.max(1));
        }
    }
    pipeline
}

fn levels(n_buckets: usize, numbers: &[i64]) -> Result<Vec<Level>, Outage> {
    let (triples, rest) = numbers.as_chunks::<PER_BUCKET>();
    if triples.len() != n_buckets || !rest.is_empty() {
        return Err(Outage::Garbled);
    }
    let level = |[remaining, next_us, retry_us]: &[i64; PER_BUCKET]| {
        u32::try_from(*remaining)
            .map(|remaining| Level { remaining, next_us: *next_us, retry_us: *retry_us })
            .map_err(|_negative| Outage::Garbled)
    };
    triples.iter().map(level).collect()
}

fn outage_of(error: &RedisError) -> Outage {
    match (error.kind(), error.code()) {
        (ErrorKind::Io, _) => Outage::Unreachable,
        (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _) => Outage::Garbled,
        (ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm), _)
        | (_, Some("NOAUTH" | "WRONGPASS")) => Outage::Denied,
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => Outage::ReadOnly,
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => Outage::Starting,
        (_, Some("OOM")) => Outage::OutOfMemory,
        _ => {
            let first = error.clone().into_server_errors();
            match first.as_deref().and_then(|errors| errors.first()).map(|(_, error)| error.code()) {
                Some("OOM") => Outage::OutOfMemory,
                Some("NOAUTH" | "WRONGPASS") => Outage::Denied,
                _ => Outage::Failing,
            }
        }
    }
}
