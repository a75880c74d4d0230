//! Counts answers that are alike without looking up by what: route and status were looked up once.

use std::time::Duration;

use prometheus_client::metrics::{counter::Counter, histogram::Histogram};

/// The counters of one kind of answer.
pub struct Tally {
    answers: Counter,
    latency: Histogram,
}

impl Tally {
    pub(super) fn new(answers: Counter, latency: Histogram) -> Self {
        Self { answers, latency }
    }

    /// Counts one and the time it took.
    pub fn answered(&self, took: Duration) {
        self.answers.inc();
        self.latency.observe(took.as_secs_f64());
    }
}
