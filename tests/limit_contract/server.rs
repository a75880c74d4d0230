//! A Redis of one's own: a free port, an empty directory, gone with the test.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use redis::FromRedisValue;

/// A running `redis-server`.
pub(crate) struct RedisServer {
    process: Child,
    directory: tempfile::TempDir,
    pub(crate) port: u16,
}

impl RedisServer {
    /// None, and a line that says so, where it is not installed.
    pub(crate) async fn start() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let Some(process) = spawn(port, &directory) else {
            eprintln!("skipped: redis-server is not installed");
            return None;
        };
        let redis = Self { process, directory, port };
        redis.answers().await;
        Some(redis)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Runs one command over a connection of its own.
    pub(crate) async fn command<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_command(words).await.unwrap()
    }

    async fn try_command<T: FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_multiplexed_async_connection().await?;
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut connection).await
    }

    async fn answers(&self) {
        let started = Instant::now();
        while self.try_command::<String>(&["PING"]).await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "redis-server does not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, empty.
    pub(crate) async fn restart(&mut self) {
        self.process = spawn(self.port, &self.directory).unwrap();
        self.answers().await;
    }

    /// `STOP` or `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

fn spawn(port: u16, directory: &tempfile::TempDir) -> Option<Child> {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(directory.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}
