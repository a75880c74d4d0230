//! How it stands with everything that taking a comment needs.

use std::{slice, time::Duration};

use serde::Serialize;

use super::Intake;
use crate::{
    captcha::{self, siteverify::Mood},
    config::{OnUnverified, Site},
    domain::AttackCause,
    limit::LimiterState,
    telemetry::{AttackState, ProviderState},
};

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
            LimiterState::Shared => match self.limiter.caution() {
                None => Check::ok("limits are shared"),
                Some(caution) => Check::ok(format!("limits are shared; {caution}")),
            },
            LimiterState::Down(detail) => Check::down(format!("{detail}; comments are refused, as configured")),
            LimiterState::Degraded(detail) => Check::degraded(format!("{detail}; limits are kept in the process")),
        };
        let ailing: Vec<String> = config.sites.iter().filter_map(|site| self.ailment(site)).collect();
        let captcha =
            if ailing.is_empty() { Check::ok("all checks are answered") } else { Check::degraded(ailing.join("; ")) };
        let refuses = store.state == "down" || redis.state == "down";
        Health { store, redis, captcha, refuses }
    }

    /// What is wrong with a site's provider and what becomes of comments meanwhile, in words.
    fn ailment(&self, site: &Site) -> Option<String> {
        let health = self.captcha.state(slice::from_ref(site)).pop()?;
        let what = match health.mood {
            Mood::Well => return None,
            Mood::Misconfigured => "refuses our settings",
            Mood::Down => "does not answer as it should",
        };
        let why = health.trouble.map_or("unknown", |why| why.in_words());
        let meanwhile = match site.captcha.on_unverified {
            OnUnverified::Hold => "comments wait, and are checked again once it answers",
            OnUnverified::Builtin => "the built-in check takes its place",
            OnUnverified::Reject => "comments are refused",
            OnUnverified::Accept => "comments are taken unchecked",
        };
        let provider = health.provider.as_str();
        Some(format!("the provider of site {} ({provider}) {what}: {why}; {meanwhile}", health.site))
    }

    /// How each site's outside provider does: 0 it answers, 1 it refuses our settings, 2 it is out.
    #[must_use]
    pub fn provider_states(&self) -> Vec<ProviderState> {
        let state = |health: captcha::siteverify::Health| ProviderState {
            site: health.site.to_string(),
            provider: health.provider.as_str(),
            state: match health.mood {
                Mood::Well => 0,
                Mood::Misconfigured => 1,
                Mood::Down => 2,
            },
        };
        self.captcha.state(&self.live.get().sites).into_iter().map(state).collect()
    }

    /// How many attacks each site is under, by cause. A site that is under none is told with 0, for each cause.
    #[must_use]
    pub fn attack_states(&self) -> Vec<AttackState> {
        let config = self.live.get();
        let attacks = self.attacks();
        let of = |site: &str, cause: AttackCause| {
            let count = attacks.iter().filter(|attack| attack.site == site && attack.cause == cause).count();
            AttackState {
                site: site.to_owned(),
                cause: cause.as_str(),
                count: i64::try_from(count).unwrap_or(i64::MAX),
            }
        };
        let sites = config.sites.iter().map(|site| site.id.as_str());
        sites.flat_map(|site| AttackCause::ALL.map(|cause| of(site, cause))).collect()
    }

    /// How much is going on.
    #[must_use]
    pub fn load(&self) -> Load {
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Load {
            backlog: whole(self.store.backlog()),
            fallbacks: i64::try_from(self.limiter.counters().fallbacks.load(std::sync::atomic::Ordering::Relaxed))
                .unwrap_or(i64::MAX),
        }
    }
}
