//! How one server does: whether it may be asked, why it last failed, and that it came back.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::{breaker::Breaker, outage::Outage};

/// The breaker of one server with the reason why it is open.
pub(super) struct Health {
    /// For the log: which one it is.
    node: String,
    breaker: Breaker,
    outage: Mutex<Option<Outage>>,
    /// Counts all servers' returns.
    returns: Arc<AtomicU64>,
}

impl Health {
    pub(super) fn new(node: String, returns: Arc<AtomicU64>) -> Self {
        Self { node, breaker: Breaker::new(), outage: Mutex::new(None), returns }
    }

    pub(super) fn permits(&self, now_ms: i64) -> bool {
        self.breaker.permits(now_ms)
    }

    /// Notes how an exchange ended.
    pub(super) fn note(&self, outage: Option<Outage>, now_ms: i64) {
        match outage {
            None => {
                if self.breaker.succeeded() {
                    self.returns.fetch_add(1, Ordering::Relaxed);
                    tracing::info!(node = self.node, "Redis serves the limits again");
                }
            }
            Some(outage) => {
                *self.outage.lock().unwrap_or_else(PoisonError::into_inner) = Some(outage);
                if self.breaker.failed(now_ms) {
                    tracing::warn!(node = self.node, reason = %outage, "Redis does not serve the limits; see redis.on_outage");
                }
            }
        }
    }

    /// Why it does not serve at present.
    pub(super) fn outage(&self) -> Option<Outage> {
        let outage = *self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.filter(|_| self.breaker.is_open())
    }
}
