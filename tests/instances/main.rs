//! Two instances of the built program behind HAProxy, with the configuration of `deploy/`, over one PostgreSQL and one Redis
//! Cluster: what a reader, a moderator and an operator meet while parts of it go away.

#![cfg(all(feature = "postgres", feature = "redis"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

#[path = "../it/support/client.rs"]
mod client;
mod fleet;
#[path = "../it/support/moderator.rs"]
mod moderator;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../it/support/process.rs"]
mod process;
#[path = "../limit_contract/server.rs"]
mod redis_server;
mod restarts;
mod together;

/// Where a comment goes unless a test says otherwise.
pub(crate) const PAGE: &str = "http://news.example/2026/town/bridge";

/// Waits until the condition holds; the sentence says what was waited for.
async fn until<F, W>(what: &str, holds: F)
where
    F: Fn() -> W,
    W: Future<Output = bool>,
{
    let started = std::time::Instant::now();
    while !holds().await {
        assert!(started.elapsed() < std::time::Duration::from_secs(120), "still not: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The Redis that instances share.
struct Redis(redis_server::RedisServer);

async fn redis() -> Option<Redis> {
    redis_server::RedisServer::start().await.map(Redis)
}

impl Redis {
    fn url(&self) -> String {
        self.0.url()
    }

    async fn lose_one(&mut self) {
        self.0.kill();
        self.0.restart().await;
    }
}
