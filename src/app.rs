//! The composition root: settings become services, services become a server, and all of it ends in
//! order.
//!
//! Background work is a few loops here, each calling one step of a room: reload, bans and staff,
//! housekeeping. Nothing is decided in this file.

mod reload;
mod together;

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::web::Data;
use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::together::Meeting;
use crate::{
    auth::Auth,
    config::{Config, Live},
    domain::Clock,
    http::{self, Services, pages::Pages},
    instances::{self, Instances},
    intake::Intake,
    keys::{self, Keyring},
    lab::Lab,
    learning::Learning,
    moderation::Moderation,
    notify::Hub,
    publish::Publish,
    retention::Retention,
    scoring::learned::Seed,
    store::{Store, StoreError},
    telemetry::{Metrics, chain},
};

/// How often a shared limiter is asked whether it is there, when nobody else asks.
const PROBE: Duration = Duration::from_secs(1);
/// How often bans and staff are read anew: what another process changed holds here within a second.
const ROSTER: Duration = Duration::from_millis(500);
/// How often a comment that is held unverified may be checked again, a site.
const RECHECK: Duration = Duration::from_millis(250);
/// How often what was sent and decided is read on in, so that near-copies find each other across instances.
const NEAR: Duration = Duration::from_millis(250);
/// How often the settings' files are looked at.
const SETTINGS: Duration = Duration::from_secs(2);
/// How long the start waits for models that are made anew.
const LEARNING: Duration = Duration::from_secs(10);
/// How often what has outlived its time is dropped.
const TIDY: Duration = Duration::from_secs(60);

/// A server that runs.
pub struct Running {
    /// The rooms, for tests and background work.
    pub services: Data<Services>,
    handle: actix_web::dev::ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    learning: Arc<Learning>,
    retention: Arc<Retention>,
    tasks: TaskTracker,
    ending: CancellationToken,
    store: Store,
}

/// Opens the store of these settings and finds the secret that signs: the configured one, or the one that
/// is made once and kept in the store.
///
/// # Errors
/// When the store cannot be opened or the system has no randomness.
pub async fn open_store(config: &Config) -> anyhow::Result<(Store, Keyring)> {
    let store = Store::open(config.store.url.expose_secret()).await.context("the store cannot be opened")?;
    let configured = config.server.secret.expose_secret();
    let secret = if configured.is_empty() {
        let fresh = keys::encode(&keys::random::<32>().context("the system has no randomness")?);
        store.shared_value("secret", fresh).await.context("the secret cannot be kept")?
    } else {
        configured.to_owned()
    };
    Ok((store, Keyring::new(secret.as_bytes())))
}

/// Builds everything and starts to serve on the listener.
///
/// # Errors
/// When a room cannot be built.
pub async fn start(live: Live, clock: Clock, listener: TcpListener) -> anyhow::Result<Running> {
    start_with(live, clock, listener, Seed::shipped().context("the shipped seed cannot be read")?).await
}

/// As [`start`], with models that begin with another seed than the shipped one.
///
/// # Errors
/// When a room cannot be built.
pub async fn start_with(live: Live, clock: Clock, listener: TcpListener, seed: Seed) -> anyhow::Result<Running> {
    let live = Arc::new(live);
    let config = live.get();
    let (store, keys) = open_store(&config).await?;
    let (limiter, meeting) = Meeting::new(&config, &clock)?;
    let metrics = Arc::new(Metrics::default());
    let publish = Arc::new(Publish::new(store.clone(), keys.clone(), clock.clone()));
    let seed = Arc::new(seed);
    let learning = Arc::new(Learning::new(seed, Arc::clone(&live), store.clone(), clock.clone(), Arc::clone(&metrics)));
    let hub = Arc::new(Hub::new(store.clone()));
    let (kept, counted) = (store.clone(), Arc::clone(&metrics));
    let retention = Arc::new(Retention::new(Arc::clone(&live), kept, clock.clone(), counted));
    let (bell, changed) = together::bell(&metrics, &publish, &learning, &hub);
    let services = Data::new(Services {
        intake: Intake::new(
            Arc::clone(&live),
            store.clone(),
            keys.clone(),
            clock.clone(),
            limiter,
            Arc::clone(&learning),
            Arc::clone(&metrics),
        ),
        moderation: Moderation::new(store.clone(), keys.clone(), clock.clone(), changed),
        hub,
        bell,
        instances: Arc::new(Instances::new(store.clone(), Arc::clone(&live), keys.clone(), clock.clone())),
        lab: Lab::new(store.clone()),
        auth: Auth::new(store.clone(), keys.clone(), clock.clone()),
        pages: Pages::new().context("the pages do not compile")?,
        publish,
        clock,
        keys,
        metrics,
        draining: false.into(),
        live,
    });
    prepare(&services, &learning).await?;
    let server = http::serve(services.clone(), listener, config.server.workers)?;
    let (tasks, ending) = (TaskTracker::new(), CancellationToken::new());
    background(&services, &store, &tasks, &ending);
    keep_house(&services, &retention, &tasks, &ending);
    sharing(&services, &tasks, &ending);
    learn(&learning, &tasks, &ending);
    meeting.wake_each_other(&services, &store, &tasks, &ending);
    let server = (server.handle(), tokio::spawn(server));
    Ok(Running { handle: server.0, server: server.1, services, learning, retention, tasks, ending, store })
}

/// Everything that must be known before the first request.
async fn prepare(services: &Services, learning: &Learning) -> anyhow::Result<()> {
    services.intake.install(services.intake.compile(&services.live.get()));
    services.intake.limiter().probe().await;
    services.intake.refresh().await.context("bans and people cannot be read")?;
    services.intake.share_attacks().await.context("attacks cannot be read")?;
    match tokio::time::timeout(LEARNING, learning.catch_up()).await {
        Ok(learned) => learned.context("lessons cannot be read")?,
        Err(_elapsed) => tracing::warn!("a model is made anew from many lessons; until then it scores as a new one"),
    }
    services.instances.meet().await.context("the store cannot be written to")
}

impl Running {
    /// Says on `/readyz` that it is about to end, and goes on answering.
    pub fn leave(&self) {
        self.services.draining.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Ends in order: not ready, no new connections, requests in flight answered, loops ended, all writes synced.
    pub async fn stop(self) {
        self.leave();
        self.services.hub.end();
        self.handle.stop(true).await;
        if let Err(fault) = self.server.await {
            tracing::error!(error = chain(&fault), "the server ended badly");
        }
        self.ending.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Err(fault) = self.services.intake.keep_attacks().await {
            tracing::warn!(error = chain(&fault), "the store was not told how long attacks last that go on");
        }
        self.learning.keep_all().await;
        if let Err(fault) = self.services.instances.part().await {
            tracing::debug!(error = chain(&fault), "the other instances will miss this one for a while");
        }
        drop((self.services, self.learning, self.retention));
        self.store.close();
    }

    /// Keeps house now, as it is done each minute.
    pub async fn keep_house(&self) {
        self.retention.run().await;
    }

    /// Reads the settings now, as on SIGHUP.
    pub async fn reload(&self) {
        reload::now(&self.services, &self.store).await;
    }

    /// Whether anybody can sign in yet.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn has_people(&self) -> Result<bool, StoreError> {
        Ok(self.store.moderators().await?.iter().any(|person| person.password.is_some()))
    }
}

/// Starts the loops.
fn background(services: &Data<Services>, store: &Store, tasks: &TaskTracker, ending: &CancellationToken) {
    let rooms = services.clone();
    tasks.spawn(every(ROSTER, ending.clone(), move || {
        let rooms = rooms.clone();
        async move {
            if let Err(fault) = rooms.intake.refresh().await {
                tracing::debug!(error = chain(&fault), "bans and staff could not be read; the last ones stay");
            }
        }
    }));
    let rooms = services.clone();
    tasks.spawn(every(NEAR, ending.clone(), move || {
        let rooms = rooms.clone();
        async move {
            if let Err(fault) = rooms.intake.read_on().await {
                tracing::debug!(error = chain(&fault), "near-copies could not be read on; the next time");
            }
        }
    }));
    let rooms = services.clone();
    tasks.spawn(every(instances::EACH, ending.clone(), move || {
        let rooms = rooms.clone();
        async move {
            if let Err(fault) = rooms.instances.meet().await {
                tracing::debug!(error = chain(&fault), "the other instances are not known now");
            }
        }
    }));
    let rooms = services.clone();
    tasks.spawn(every(PROBE, ending.clone(), move || {
        let rooms = rooms.clone();
        async move { rooms.intake.limiter().probe().await }
    }));
    let (rooms, ends) = (services.clone(), ending.clone());
    tasks.spawn(every(RECHECK, ending.clone(), move || {
        let (rooms, ends) = (rooms.clone(), ends.clone());
        // A provider that hangs must not hold up the end; the token is taken up again later.
        async move { ends.run_until_cancelled(rooms.intake.recheck_due()).await.unwrap_or_default() }
    }));
    let (rooms, kept) = (services.clone(), store.clone());
    tasks.spawn(every(SETTINGS, ending.clone(), move || {
        let (rooms, kept) = (rooms.clone(), kept.clone());
        async move { reload::if_changed(&rooms, &kept).await }
    }));
}

/// Starts the loop that keeps house.
fn keep_house(services: &Data<Services>, retention: &Arc<Retention>, tasks: &TaskTracker, ending: &CancellationToken) {
    let (rooms, retention, ends) = (services.clone(), Arc::clone(retention), ending.clone());
    tasks.spawn(every(TIDY, ending.clone(), move || {
        let (rooms, retention, ends) = (rooms.clone(), Arc::clone(&retention), ends.clone());
        async move {
            rooms.intake.sweep();
            // A long backlog must not hold up the end; the next run goes on.
            ends.run_until_cancelled(retention.run()).await.unwrap_or_default();
        }
    }));
}

/// Starts the loops that wait by themselves: what other instances have to hear of, and hear from them.
fn sharing(services: &Data<Services>, tasks: &TaskTracker, ending: &CancellationToken) {
    let (rooms, ends) = (services.clone(), ending.clone());
    tasks.spawn(async move { while ends.run_until_cancelled(rooms.intake.share_spent()).await.is_some() {} });
    let (rooms, ends) = (services.clone(), ending.clone());
    tasks.spawn(async move { while ends.run_until_cancelled(rooms.intake.attack_turn()).await.is_some() {} });
    let (rooms, ends) = (services.clone(), ending.clone());
    tasks.spawn(async move { while ends.run_until_cancelled(rooms.hub.turn()).await.is_some() {} });
}

/// Starts the loop that learns.
fn learn(learning: &Arc<Learning>, tasks: &TaskTracker, ending: &CancellationToken) {
    let (learning, ends) = (Arc::clone(learning), ending.clone());
    tasks.spawn(async move { while ends.run_until_cancelled(learning.turn()).await.is_some() {} });
}

/// Runs a step again and again until the end.
async fn every<F, W>(pause: Duration, ending: CancellationToken, step: F)
where
    F: Fn() -> W,
    W: Future<Output = ()>,
{
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        step().await;
    }
}
