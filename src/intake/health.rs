//! How it stands with everything that taking a comment needs.

use std::time::Duration;

use serde::Serialize;

use super::Intake;
use crate::{captcha::siteverify::Mood, limit::LimiterState};

/// One dependency, as `/readyz` tells it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Check {
    /// `ok`, `degraded`, `down` or `off`.
    state: &'static str,
    /// A sentence for the operator.
    detail: String,
}

impl Check {
    /// All is well.
    #[must_use]
    pub fn ok(detail: impl Into<String>) -> Self {
        Self { state: "ok", detail: detail.into() }
    }
    /// It works, but not as it should.
    #[must_use]
    pub fn degraded(detail: impl Into<String>) -> Self {
        Self { state: "degraded", detail: detail.into() }
    }
    fn down(detail: impl Into<String>) -> Self {
        Self { state: "down", detail: detail.into() }
    }
    fn off(detail: impl Into<String>) -> Self {
        Self { state: "off", detail: detail.into() }
    }
    /// Nothing to see to.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        matches!(self.state, "ok" | "off")
    }
}

/// Everything that comments need.
#[derive(Clone, Debug)]
pub struct Health {
    /// Where they are kept.
    pub store: Check,
    /// Where limits are shared.
    pub redis: Check,
    /// Who checks the captcha.
    pub captcha: Check,
    /// Comments cannot be taken.
    pub refuses: bool,
}

/// What the metrics ask.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the gauges of the same name explain them")]
pub struct Load {
    pub backlog: i64,
    pub fallbacks: i64,
    pub attacks: i64,
}

impl Intake {
    /// Asks each dependency, and gives the store so long to answer.
    pub async fn health(&self, patience: Duration) -> Health {
        let config = self.live.get();
        let store = match tokio::time::timeout(patience, self.store.writable()).await {
            Ok(Ok(())) => Check::ok("writes are synced"),
            Ok(Err(fault)) => Check::down(format!("nothing can be stored: {fault}")),
            Err(_late) => Check::down("the store does not answer in time"),
        };
        let redis = match self.limiter.state() {
            LimiterState::Local => Check::off("limits are kept in the process"),
            LimiterState::Shared => Check::ok("limits are shared"),
            LimiterState::Down(detail) => Check::down(format!("{detail}; comments are refused, as configured")),
            LimiterState::Degraded(detail) => Check::degraded(format!("{detail}; limits are kept in the process")),
        };
        let ailing: Vec<_> =
            self.captcha.state(&config.sites).into_iter().filter(|health| health.mood != Mood::Well).collect();
        let captcha = match ailing.first() {
            None => Check::ok("all checks are answered"),
            Some(health) => Check::degraded(format!(
                "the provider of site {} {}: {}",
                health.site,
                if health.mood == Mood::Misconfigured {
                    "refuses our settings"
                } else {
                    "does not answer as it should"
                },
                health.trouble.map_or("unknown", |why| why.as_str())
            )),
        };
        let refuses = store.state == "down" || redis.state == "down";
        Health { store, redis, captcha, refuses }
    }

    /// How much is going on.
    #[must_use]
    pub fn load(&self) -> Load {
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Load {
            backlog: whole(self.store.backlog()),
            fallbacks: i64::try_from(self.limiter.counters().fallbacks.load(std::sync::atomic::Ordering::Relaxed))
                .unwrap_or(i64::MAX),
            attacks: whole(self.attacks().len()),
        }
    }
}
