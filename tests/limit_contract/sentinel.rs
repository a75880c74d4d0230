//! A master, a replica and three Sentinels of one's own on loopback, gone with the test.

use std::time::{Duration, Instant};

use redis::Value;

use crate::{cluster::role, server::RedisServer};

/// Who watches over whom.
pub(crate) struct Guarded {
    pub(crate) servers: Vec<RedisServer>,
    pub(crate) sentinels: Vec<RedisServer>,
}

impl Guarded {
    /// None, and a line that says so, where `redis-server` is not installed.
    pub(crate) async fn start() -> Option<Self> {
        let quick =
            |_| ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"].map(str::to_owned).to_vec();
        let master = RedisServer::with("redis-server", quick).await?;
        let replica = RedisServer::with("redis-server", quick).await?;
        let port = master.port.to_string();
        let _: String = replica.command(&["REPLICAOF", "127.0.0.1", &port]).await;
        let mut guarded = Self { servers: vec![master, replica], sentinels: Vec::new() };
        for _ in 0..3 {
            guarded.sentinels.push(sentinel(&port).await?);
        }
        let started = Instant::now();
        for sentinel in &guarded.sentinels {
            while !knows_all(sentinel).await {
                assert!(started.elapsed() < Duration::from_secs(30), "the Sentinels do not find each other");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Some(guarded)
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+sentinel://{}/news", hosts.join(","))
    }

    /// Waits until this one is a replica that holds what its master holds, and all Sentinels know it.
    pub(crate) async fn follows(&self, n: usize) {
        let started = Instant::now();
        // A Sentinel ends all connections to one that it gives another master.
        let told = async || self.servers[n].try_command::<String>(&["INFO", "replication"]).await.unwrap_or_default();
        while !told().await.contains("master_link_status:up") {
            assert!(started.elapsed() < Duration::from_secs(30), "it never followed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until this one is the master.
    pub(crate) async fn promoted(&self, n: usize) {
        let started = Instant::now();
        while role(&self.servers[n]).await != "master" || self.named_by_all().await != Some(self.servers[n].port) {
            assert!(started.elapsed() < Duration::from_secs(30), "nobody took over");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Guarded {
    /// Whom all Sentinels take for the master, where they agree.
    async fn named_by_all(&self) -> Option<u16> {
        let mut named = Vec::new();
        for sentinel in &self.sentinels {
            let (_, port): (String, u16) = sentinel.command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "news"]).await;
            named.push(port);
        }
        named.dedup();
        named.pop().filter(|_| named.is_empty())
    }
}

async fn sentinel(master: &str) -> Option<RedisServer> {
    let sentinel = RedisServer::with("redis-server", |_| vec!["--sentinel".to_owned()]).await?;
    let _: String = sentinel.command(&["SENTINEL", "MONITOR", "news", "127.0.0.1", master, "2"]).await;
    for (name, value) in [("down-after-milliseconds", "500"), ("failover-timeout", "1000")] {
        let _: String = sentinel.command(&["SENTINEL", "SET", "news", name, value]).await;
    }
    Some(sentinel)
}

async fn knows_all(sentinel: &RedisServer) -> bool {
    let told: Value = sentinel.command(&["SENTINEL", "MASTER", "news"]).await;
    let fields: std::collections::HashMap<String, String> = redis::from_redis_value(told).unwrap();
    let others = fields.get("num-other-sentinels").is_some_and(|count| count == "2");
    others && fields.get("num-slaves").is_some_and(|count| count == "1")
}
