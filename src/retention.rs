//! That what has outlived its time goes: rows of all kinds, and of comments whatever is personal.
//!
//! Every instance may do it at once, and be ended anywhere: each stretch is a transaction that finds for itself what is
//! still due. Stretches are short, with rests between them, so that a long backlog is worked off unnoticed. How long
//! something is kept is said by the settings, and what is left of it by the store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{task::spawn_blocking, time::Instant};

use crate::{
    config::{Config, Live},
    domain::{Clock, Status},
    learning::digest,
    store::{self, Left, Over, OverQuery, Retention as Spans, Store, StoreError},
    telemetry::{Metrics, chain},
};

/// How long one kind is worked off in a run: the rest of the house is not to wait for a long backlog.
const AT_MOST: Duration = Duration::from_secs(30);

/// Hosts of the sites' own pages, by site.
type Hosts = Arc<HashMap<String, Vec<String>>>;

/// Housekeeping over a store.
pub struct Retention {
    live: Arc<Live>,
    store: Store,
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Something personal has gone that the store's log may still hold.
    log_holds: AtomicBool,
}

impl Retention {
    /// Over a store; nothing goes before [`Retention::run`].
    #[must_use]
    pub fn new(live: Arc<Live>, store: Store, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self { live, store, clock, metrics, log_holds: AtomicBool::new(false) }
    }

    /// Drops all whose time is over now. May be ended at any moment; the next run goes on.
    pub async fn run(&self) {
        let config = self.live.get();
        let mut dropped = Dropped { counts: BTreeMap::new(), metrics: &self.metrics };
        if let Err(fault) = self.drop_all(&config, &mut dropped).await {
            tracing::warn!(error = chain(&fault), "housekeeping must wait");
            // What went before the fault is not told.
            self.log_holds.store(true, Ordering::Relaxed);
        }
        let of = |what: &str| dropped.counts.get(what).copied().unwrap_or(0);
        let (spam, rejected, deleted) = (of("spam"), of("rejected"), of("deleted"));
        let (addresses, refusals, sessions) = (of("addresses"), of("refusals"), of("sessions"));
        let personal = spam + rejected + deleted + addresses;
        let other = dropped.counts.values().sum::<u64>() - personal - refusals - sessions;
        if personal > 0 {
            tracing::info!(spam, rejected, deleted, addresses, refusals, sessions, other, "what had its time is gone");
            self.log_holds.store(true, Ordering::Relaxed);
        } else if refusals + sessions + other > 0 {
            tracing::debug!(refusals, sessions, other, "what had its time is gone");
        }
        self.clear_log().await;
    }

    /// What could not be cleared, for a backup was reading it, is tried again at the next run.
    async fn clear_log(&self) {
        if !self.log_holds.load(Ordering::Relaxed) {
            return;
        }
        match self.store.clear_log().await {
            Ok(true) => self.log_holds.store(false, Ordering::Relaxed),
            Ok(false) => tracing::debug!("the store's log is being read, and keeps what is gone until the next run"),
            Err(fault) => {
                tracing::warn!(error = chain(&fault), "the store's log keeps what is gone until the next run")
            }
        }
    }

    async fn drop_all(&self, config: &Config, dropped: &mut Dropped<'_>) -> Result<(), StoreError> {
        let (now, spans) = (self.clock.now(), spans(config));
        for (what, count) in self.store.tidy(now, spans.clone()).await? {
            dropped.add(what, count);
        }
        let hosts: Hosts = Arc::new(config.sites.iter().map(|site| (site.id.to_string(), site.hosts())).collect());
        for query in store::over(now, &spans) {
            self.let_go(query, &hosts, dropped).await?;
        }
        Ok(())
    }

    /// Takes the words from all comments of one kind whose time is over, a stretch at a time.
    async fn let_go(&self, query: OverQuery, hosts: &Hosts, dropped: &mut Dropped<'_>) -> Result<(), StoreError> {
        let end = Instant::now() + AT_MOST;
        loop {
            let begun = Instant::now();
            let due = self.store.over(query.clone()).await?;
            let found = due.len();
            let hosts = Arc::clone(hosts);
            let left = spawn_blocking(move || left(due, &hosts)).await.map_err(broke_off)?;
            let gone = self.store.let_go(left).await?;
            dropped.add(called(query.status()), gone);
            // Where none of them were as they were found, another instance is at it.
            if found < query.limit() || gone == 0 || Instant::now() >= end {
                return Ok(());
            }
            store::rest(begun).await;
        }
    }
}

/// How many of what went, told to the metrics as they go.
struct Dropped<'m> {
    counts: BTreeMap<&'static str, u64>,
    metrics: &'m Metrics,
}

impl Dropped<'_> {
    fn add(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.counts.entry(what).or_default() += count;
            self.metrics.dropped(what, count);
        }
    }
}

/// What comments of a status are called that go; those in other states never do.
fn called(status: Status) -> &'static str {
    match status {
        Status::Spam => "spam",
        Status::Rejected => "rejected",
        Status::Pending | Status::Approved | Status::Deleted => "deleted",
    }
}

fn left(due: Vec<Over>, hosts: &HashMap<String, Vec<String>>) -> Vec<Left> {
    let one = |over: Over| {
        let own = hosts.get(&over.site).cloned().unwrap_or_default();
        over.left(|text| digest(text, &own))
    };
    due.into_iter().map(one).collect()
}

fn spans(config: &Config) -> Vec<Spans> {
    let of = |site: &crate::config::Site| Spans {
        site: site.id.to_string(),
        address: site.moderation.retain_ip,
        spam: site.moderation.retain_spam,
        rejected: site.moderation.retain_rejected,
    };
    config.sites.iter().map(of).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn broke_off(fault: tokio::task::JoinError) -> StoreError {
    tracing::error!(error = chain(&fault), "what a comment taught could not be kept");
    StoreError::BrokeOff
}
