//! Two instances of the built program behind HAProxy or nginx, with the settings of `deploy/`, over one PostgreSQL and one Redis
//! Cluster: what a reader, a moderator and an operator meet while parts of it go away.

#![cfg(all(feature = "postgres", feature = "redis"))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

/// What the tests of one instance and of the limiter are made of; these need a part of it.
macro_rules! borrowed {
    ($($path:literal $name:ident,)*) => {$(
        #[path = $path]
        #[expect(dead_code, reason = "other tests use the rest of it")]
        mod $name;
    )*};
}

borrowed! {
    "../it/support/client.rs" client,
    "../it/support/moderator.rs" moderator,
    "../limit_contract/cluster.rs" cluster,
    "../limit_contract/server.rs" server,
    "../support/postgres_server.rs" postgres_server,
}

mod fleet;
#[path = "../it/support/process.rs"]
mod process;
mod restarts;
mod together;
#[path = "../support/waiting.rs"]
mod waiting;

use waiting::until;

/// Where a comment goes unless a test says otherwise.
pub(crate) const PAGE: &str = "http://news.example/2026/town/bridge";

/// The Redis Cluster that instances share.
struct Redis(cluster::Cluster);

async fn redis() -> Option<Redis> {
    cluster::Cluster::quick().await.map(Redis)
}

impl Redis {
    fn url(&self) -> String {
        self.0.url()
    }

    /// A master dies, and its replica takes over.
    async fn lose_one(&mut self) {
        self.0.nodes[0].kill();
        self.0.taken_over(0).await;
    }
}
