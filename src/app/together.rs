//! What instances have in common beside the store: limits through Redis, and being woken by each other.

use std::sync::Arc;

use actix_web::web::Data;
#[cfg(feature = "redis")]
use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[cfg(feature = "redis")]
use crate::reach::Reach;
use crate::{
    config::Config,
    domain::Clock,
    http::Services,
    learning::Learning,
    limit::Limiter,
    moderation::OnChange,
    notify::{Bell, Hub},
    publish::Publish,
    store::Store,
    telemetry::Metrics,
};

/// Where instances meet.
pub(super) struct Meeting {
    #[cfg(feature = "redis")]
    redis: Option<Arc<Reach>>,
}

impl Meeting {
    /// With shared limits where the settings name a Redis, else those of this process.
    pub(super) fn new(config: &Config, clock: &Clock) -> anyhow::Result<(Limiter, Self)> {
        let url = config.redis.url.expose_secret();
        if url.is_empty() {
            let alone = Self {
                #[cfg(feature = "redis")]
                redis: None,
            };
            return Ok((Limiter::local(clock.clone()), alone));
        }
        if config.server.secret.expose_secret().is_empty() {
            tracing::warn!(
                "server.secret is empty: instances that share this Redis but not the store count apart; set it"
            );
        }
        #[cfg(feature = "redis")]
        {
            let redis = Arc::new(Reach::open(url).context("Redis cannot be used")?);
            let limiter = Limiter::sharing(Arc::clone(&redis), config.redis.on_outage, clock.clone());
            Ok((limiter, Self { redis: Some(redis) }))
        }
        #[cfg(not(feature = "redis"))]
        anyhow::bail!(
            "redis.url is set, and this program was built without Redis: leave it empty, or use another build"
        );
    }

    /// Starts the loops by which instances wake each other: over Redis, else by the database where it can. Without
    /// either, everybody looks now and then.
    pub(super) fn wake_each_other(
        self,
        services: &Data<Services>,
        store: &Store,
        tasks: &TaskTracker,
        ending: &CancellationToken,
    ) {
        let (rooms, ends) = (services.clone(), ending.clone());
        tasks.spawn(async move { while ends.run_until_cancelled(rooms.bell.turn()).await.is_some() {} });
        #[cfg(feature = "redis")]
        if let Some(redis) = self.redis {
            let (rooms, ends, reach) = (services.clone(), ending.clone(), Arc::clone(&redis));
            tasks.spawn(async move { while ends.run_until_cancelled(rooms.bell.tell(&reach)).await.is_some() {} });
            let (rooms, ends) = (services.clone(), ending.clone());
            tasks.spawn(async move { ends.run_until_cancelled(rooms.bell.listen(&redis)).await });
            return;
        }
        #[cfg(feature = "postgres")]
        if let Some(mut listening) = store.listening() {
            let (rooms, ends) = (services.clone(), ending.clone());
            tasks.spawn(async move {
                while ends.run_until_cancelled(listening.told()).await.is_some() {
                    rooms.bell.hear(crate::notify::By::Database);
                }
            });
        }
        #[cfg(not(feature = "postgres"))]
        let _tells_nobody = store;
    }
}

/// This instance's bell, which makes it look when others ring, and what follows from a decision taken here.
pub(super) fn bell(
    metrics: &Arc<Metrics>,
    publish: &Arc<Publish>,
    learning: &Arc<Learning>,
    hub: &Arc<Hub>,
) -> (Arc<Bell>, OnChange) {
    let (publish, learning, hub) = (Arc::clone(publish), Arc::clone(learning), Arc::clone(hub));
    let look = move || {
        publish.stir();
        learning.wake();
        hub.stir();
    };
    let bell = Arc::new(Bell::new(Arc::clone(metrics), look.clone()));
    let rung = Arc::clone(&bell);
    let changed = move |_site: &str, _page: &str| {
        look();
        rung.ring();
    };
    (bell, Arc::new(changed))
}
