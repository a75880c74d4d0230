//! A cluster of one's own on loopback: three masters, a replica each, gone with the test.

use std::time::{Duration, Instant};

use redis::Value;

use super::server::RedisServer;

/// After so long without a word a node is taken for dead, and a replica takes over soon after: where a test waits for
/// that,
const QUICK_MS: u16 = 1_000;
/// and where it should not happen, also on a busy machine.
const PATIENT_MS: u16 = 3_000;

/// Six nodes.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl Cluster {
    /// None, and a line that says so, where `redis-server` is not installed.
    pub(crate) async fn start() -> Option<Self> {
        Self::with(PATIENT_MS).await
    }

    /// One that replaces its dead soon.
    pub(crate) async fn quick() -> Option<Self> {
        Self::with(QUICK_MS).await
    }

    async fn with(timeout_ms: u16) -> Option<Self> {
        let mut nodes = Vec::new();
        for _ in 0..6 {
            nodes.push(RedisServer::with("redis-server", |_| options(timeout_ms)).await?);
        }
        let cluster = Self { nodes };
        for (n, (first, last)) in [(0, 5_460), (5_461, 10_922), (10_923, 16_383)].into_iter().enumerate() {
            let (first, last) = (i32::to_string(&first), i32::to_string(&last));
            let _: String = cluster.nodes[n].command(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]).await;
            let _: String = cluster.nodes[n].command(&["CLUSTER", "SET-CONFIG-EPOCH", &(n + 1).to_string()]).await;
        }
        for node in &cluster.nodes[1..] {
            let port = cluster.nodes[0].port.to_string();
            let _: String = node.command(&["CLUSTER", "MEET", "127.0.0.1", &port]).await;
        }
        cluster.all_say("cluster_known_nodes:6").await;
        for n in 0..3 {
            let id: String = cluster.nodes[n].command(&["CLUSTER", "MYID"]).await;
            let started = Instant::now();
            while cluster.nodes[n + 3].try_command::<String>(&["CLUSTER", "REPLICATE", &id]).await.is_err() {
                assert!(started.elapsed() < Duration::from_secs(20), "no replica");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        cluster.all_say("cluster_state:ok").await;
        cluster.replicated().await;
        Some(cluster)
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// Runs a command on every master.
    pub(crate) async fn on_masters(&self, words: &[&str]) {
        for node in &self.nodes {
            if role(node).await == "master" {
                let _: Value = node.command(words).await;
            }
        }
    }

    async fn all_say(&self, line: &str) {
        let started = Instant::now();
        for node in &self.nodes {
            while !node.command::<String>(&["CLUSTER", "INFO"]).await.contains(line) {
                assert!(started.elapsed() < Duration::from_secs(30), "{} never said {line}", node.port);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until every replica holds what its master holds, without which none takes over.
    async fn replicated(&self) {
        for n in 3..6 {
            self.follows(n).await;
        }
    }

    /// Waits until this one is a replica that holds what its master holds.
    pub(crate) async fn follows(&self, n: usize) {
        let (node, started) = (&self.nodes[n], Instant::now());
        while !node.command::<String>(&["INFO", "replication"]).await.contains("master_link_status:up") {
            assert!(started.elapsed() < Duration::from_secs(30), "{} never followed", node.port);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Has this replica take over from its master, while both live. Whoever asks anew ends what was begun, so that is given
    /// the five seconds after which a server gives it up itself.
    pub(crate) async fn hands_over_to(&self, n: usize) {
        let (node, started) = (&self.nodes[n], Instant::now());
        let mut begun: Option<Instant> = None;
        while role(node).await != "master" {
            assert!(started.elapsed() < Duration::from_secs(30), "it never took over again");
            if begun.is_none_or(|begun| begun.elapsed() > Duration::from_secs(6)) {
                let asked = node.try_command::<String>(&["CLUSTER", "FAILOVER"]).await;
                begun = asked.is_ok().then(Instant::now);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until this master's replica took over, and every live node says that all slots are served.
    pub(crate) async fn taken_over(&self, dead: usize) {
        let (heir, started) = (dead + 3, Instant::now());
        while role(&self.nodes[heir]).await != "master" {
            assert!(started.elapsed() < Duration::from_secs(30), "nobody took over");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for node in self.nodes.iter().enumerate().filter_map(|(n, node)| (n != dead).then_some(node)) {
            while !node.command::<String>(&["CLUSTER", "INFO"]).await.contains("cluster_state:ok") {
                if started.elapsed() > Duration::from_secs(30) {
                    let (info, nodes): (String, String) =
                        (node.command(&["CLUSTER", "INFO"]).await, node.command(&["CLUSTER", "NODES"]).await);
                    panic!("{} stays down:\n{info}\n{nodes}", node.port);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// `master` or `slave`.
pub(crate) async fn role(node: &RedisServer) -> String {
    let told: Vec<Value> = node.try_command(&["ROLE"]).await.unwrap_or_default();
    told.first().and_then(|role| redis::from_redis_value_ref(role).ok()).unwrap_or_default()
}

fn options(timeout_ms: u16) -> Vec<String> {
    let timeout = timeout_ms.to_string();
    let options = [
        ["--cluster-enabled", "yes"],
        ["--cluster-config-file", "nodes.conf"],
        ["--cluster-node-timeout", &timeout],
        ["--cluster-replica-validity-factor", "0"],
        ["--repl-diskless-sync-delay", "0"],
        ["--repl-ping-replica-period", "1"],
    ];
    options.concat().into_iter().map(str::to_owned).collect()
}
