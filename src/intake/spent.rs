//! Captcha tokens that were just spent, remembered so that they are refused before anybody is asked.
//!
//! An early answer and nothing more: whether a token is fresh is decided by the unique key in the
//! comment's own transaction, and what is forgotten here costs a question, never an acceptance. Noted
//! only after the commit.

use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use crate::{
    captcha::Claim,
    domain::Timestamp,
    keys::{self, Tag},
    limit::{Limiter, Moments},
};

/// Most tokens that are remembered.
const REMEMBERED: usize = 65_536;
/// Most marks that wait to be shared; the next is not.
const WAITING: usize = 1_024;
/// Marks that are shared in one exchange.
const TOGETHER: usize = 64;

/// The tokens that this process knows to be spent, and those it has yet to tell the others.
pub(super) struct Spent {
    /// Until when, in the clock's own unit.
    known: Moments,
    to_share: mpsc::Sender<(Tag, Duration)>,
    shared: Mutex<mpsc::Receiver<(Tag, Duration)>>,
}

impl Spent {
    pub(super) fn new() -> Self {
        let (to_share, shared) = mpsc::channel(WAITING);
        Self { known: Moments::new(REMEMBERED), to_share, shared: Mutex::new(shared) }
    }

    /// Notes a token that a stored comment spent.
    pub(super) fn note(&self, claim: &Claim, now: Timestamp, limiter: &Limiter) {
        self.remember(claim, now);
        if limiter.shares() {
            // Where too many wait the others learn it from the store, at the write.
            let _untold = self.to_share.try_send((claim.key, claim.until.since(now)));
        }
    }

    /// Whether this process has seen the token spent.
    pub(super) fn knows(&self, claim: &Claim, now: Timestamp) -> bool {
        let key = short(&claim.key);
        self.known.with(key, |shard| shard.get(key)).flatten().is_some_and(|until| now.0 < until)
    }

    fn remember(&self, claim: &Claim, now: Timestamp) {
        let key = short(&claim.key);
        self.known.with(key, |shard| shard.set(key, claim.until.0, now.0));
    }

    /// Whether anybody has: asks the other instances, in a round trip, where this process does not know.
    pub(super) async fn is_known(&self, claim: &Claim, now: Timestamp, limiter: &Limiter) -> bool {
        if self.knows(claim, now) {
            return true;
        }
        let told = limiter.shares() && limiter.is_marked(&mark(&claim.key)).await;
        if told {
            self.remember(claim, now);
        }
        told
    }

    /// Waits for tokens that were spent and tells the other instances. To be called again and again.
    pub(super) async fn share(&self, limiter: &Limiter) {
        let mut spent = Vec::with_capacity(TOGETHER);
        self.shared.lock().await.recv_many(&mut spent, TOGETHER).await;
        let marks: Vec<_> = spent.into_iter().map(|(key, span)| (mark(&key), span)).collect();
        limiter.mark(&marks).await;
    }
}

/// Enough of a keyed hash to tell tokens apart.
fn short(key: &Tag) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *key;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The key in Redis: a keyed hash that says nothing of the token.
fn mark(key: &Tag) -> String {
    format!("rd:spent:{}", keys::encode(key))
}
