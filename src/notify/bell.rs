//! Waking each other: an instance that changed something rings, and all others look at the store at once.
//!
//! Nobody is told what changed, only that it is time to look, which everybody does now and then anyhow; so a ring that
//! is lost costs a moment and nothing else. How the others are reached, whether through Redis or by the database
//! itself, differs; a flood of changes rings some times a second.

#[cfg(feature = "redis")]
mod channel;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, time::sleep};

use crate::telemetry::Metrics;

/// Between one ring and the next, and between looking and looking again.
const APART: Duration = Duration::from_millis(100);

/// By which way a ring came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// A channel in Redis.
    Redis,
    /// The database's own notifications, which tell of this instance's changes too.
    Database,
}

/// The bell of one instance.
pub struct Bell {
    /// By which one knows one's own ring; it is another at each start.
    #[cfg(feature = "redis")]
    id: String,
    rung: Notify,
    heard: Notify,
    wake: Box<dyn Fn() + Send + Sync>,
    metrics: Arc<Metrics>,
}

impl Bell {
    /// `wake` makes this instance look; it is called some times a second at most.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            #[cfg(feature = "redis")]
            id: uuid::Uuid::now_v7().simple().to_string(),
            rung: Notify::new(),
            heard: Notify::new(),
            wake: Box::new(wake),
            metrics,
        }
    }

    /// This instance changed something.
    pub fn ring(&self) {
        self.rung.notify_one();
    }

    /// Another one did, or may have.
    pub fn hear(&self, by: By) {
        self.metrics.woken(match by {
            By::Redis => "redis",
            By::Database => "postgres",
        });
        self.heard.notify_one();
    }

    /// Waits until somebody rang, and looks. To be called again and again.
    pub async fn turn(&self) {
        self.heard.notified().await;
        (self.wake)();
        sleep(APART).await;
    }
}
