//! The limits that instances share through Redis or Valkey: one script a charge, on the server's time.
//!
//! How a Redis is reached, and who is spared after a failure, is `reach`'s. What becomes of a charge that nobody there
//! took is not decided here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Bucket, gcra::Level};
use crate::reach::{Answer, Ask, Outage, Patience, Reach, command};

/// What a request waits for Redis, connecting included. What is added is for a busy machine, where a thread that was
/// kept waiting may find the answer then: a false outage would admit more than the limit.
const IN_A_REQUEST: Patience =
    Patience { budget: Duration::from_millis(50), grace: Duration::from_millis(50), insists: false };
/// What is waited where no reader waits: enough to connect over TLS from afar.
const ASIDE: Patience = Patience { budget: Duration::from_secs(1), grace: Duration::from_millis(50), insists: false };

const SCRIPT: &str = include_str!("gcra.lua");
/// Numbers that the script answers for each bucket.
const PER_BUCKET: usize = 3;

/// What came of one exchange: each part, or none where nobody was asked.
pub(super) type Outcome<T> = Option<Result<T, Outage>>;

/// The limits in a Redis of any shape.
pub(super) struct Shared {
    reach: Arc<Reach>,
    script_hash: String,
    /// How many returns of servers were seen.
    seen: AtomicU64,
}

impl Shared {
    pub(super) fn over(reach: Arc<Reach>) -> Self {
        Self { reach, script_hash: crate::reach::hash_of(SCRIPT), seen: AtomicU64::new(0) }
    }

    /// Charges each list of buckets on its own, together or not at all within a list.
    pub(super) async fn charge(&self, lists: &[&[Bucket]], now_ms: i64) -> Vec<Outcome<Vec<Level>>> {
        self.charge_within(lists, IN_A_REQUEST, now_ms).await
    }

    async fn charge_within(&self, lists: &[&[Bucket]], patience: Patience, now_ms: i64) -> Vec<Outcome<Vec<Level>>> {
        let asks: Vec<Ask> = lists.iter().map(|buckets| self.ask(buckets)).collect();
        let answers = self.reach.ask(&asks, patience, now_ms).await;
        std::iter::zip(lists, answers).map(|(buckets, answer)| levels(buckets.len(), answer)).collect()
    }

    fn ask(&self, buckets: &[Bucket]) -> Ask {
        let keys: Vec<&str> = buckets.iter().map(|bucket| bucket.key.as_str()).collect();
        // The empty one stands for the server's own time.
        let mut values = vec![String::new()];
        for bucket in buckets {
            values.push(bucket.rate.emission_us().max(1).to_string());
            values.push(bucket.rate.burst.max(1).to_string());
        }
        Ask::script(SCRIPT, &self.script_hash, &keys, &values, PER_BUCKET * buckets.len())
    }

    /// Whether a mark is there.
    pub(super) async fn has_mark(&self, key: &str, now_ms: i64) -> Outcome<bool> {
        let asked = [Ask::command(key, command("GET", &[key]))];
        let answer = self.reach.ask(&asked, IN_A_REQUEST, now_ms).await.pop().flatten()?;
        Some(answer.map(|value| value != redis::Value::Nil))
    }

    /// Leaves marks that go by themselves; what of it failed.
    pub(super) async fn leave_marks(&self, marks: &[(String, Duration)], now_ms: i64) -> Option<Outage> {
        let set = |(key, span): &(String, Duration)| {
            let seconds = span.as_secs().max(1).to_string();
            Ask::command(key, command("SET", &[key.as_str(), "1", "EX", seconds.as_str()]))
        };
        let asks: Vec<Ask> = marks.iter().map(set).collect();
        let answers = self.reach.ask(&asks, ASIDE, now_ms).await;
        answers.into_iter().flatten().find_map(Result::err)
    }

    /// Asks every server, whether it just failed or not, and patiently; what failed.
    pub(super) async fn probe(&self, bucket: impl Fn(String) -> Bucket, now_ms: i64) -> Option<Outage> {
        let keys = self.reach.key_for_each(|n| format!("rd:{{probe-{n}}}"));
        let buckets: Vec<Bucket> = keys.into_iter().map(bucket).collect();
        let lists: Vec<&[Bucket]> = buckets.iter().map(std::slice::from_ref).collect();
        let answers = self.charge_within(&lists, Patience { insists: true, ..ASIDE }, now_ms).await;
        let failed = answers.into_iter().flatten().find_map(Result::err);
        if failed.is_none() {
            self.reach.look_over().await;
        }
        failed
    }

    /// Why Redis, or a part of it, does not serve at present.
    pub(super) fn outage(&self) -> Option<Outage> {
        self.reach.outage()
    }

    /// What an operator should know although it serves.
    pub(super) fn caution(&self) -> Option<String> {
        self.reach.caution()
    }

    /// Whether any server has come back since this was asked last.
    pub(super) fn has_returned(&self) -> bool {
        let returns = self.reach.returns();
        self.seen.load(Ordering::Relaxed) != returns && self.seen.swap(returns, Ordering::Relaxed) != returns
    }
}

fn levels(n_buckets: usize, answer: Answer) -> Outcome<Vec<Level>> {
    let value = match answer? {
        Ok(value) => value,
        Err(outage) => return Some(Err(outage)),
    };
    let numbers: Vec<i64> = redis::from_redis_value(value).unwrap_or_default();
    let (triples, rest) = numbers.as_chunks::<PER_BUCKET>();
    if triples.len() != n_buckets || !rest.is_empty() {
        return Some(Err(Outage::Garbled));
    }
    let level = |[remaining, next_us, retry_us]: &[i64; PER_BUCKET]| {
        u32::try_from(*remaining)
            .map(|remaining| Level { remaining, next_us: *next_us, retry_us: *retry_us })
            .map_err(|_negative| Outage::Garbled)
    };
    Some(triples.iter().map(level).collect())
}
