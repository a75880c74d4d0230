//! A Redis of one's own: a free port, an empty directory, gone with the test.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use redis::FromRedisValue;

/// A running server.
pub(crate) struct RedisServer {
    program: &'static str,
    options: Vec<String>,
    process: Child,
    directory: tempfile::TempDir,
    pub(crate) port: u16,
}

impl RedisServer {
    /// A plain `redis-server`. None, and a line that says so, where it is not installed.
    pub(crate) async fn start() -> Option<Self> {
        Self::with("redis-server", |_| Vec::new()).await
    }

    /// Any server that takes the same options.
    pub(crate) async fn with(program: &'static str, options: impl FnOnce(u16) -> Vec<String>) -> Option<Self> {
        let redis = Self::begin(program, free_port(), options)?;
        redis.answers().await;
        Some(redis)
    }

    /// The same, not waited for: it may be one that no plain client reaches.
    pub(crate) fn begin(program: &'static str, port: u16, options: impl FnOnce(u16) -> Vec<String>) -> Option<Self> {
        let (directory, options) = (tempfile::tempdir().unwrap(), options(port));
        let Some(process) = spawn(program, port, &options, &directory) else {
            eprintln!("skipped: there is no {program}");
            return None;
        };
        Some(Self { program, options, process, directory, port })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Runs one command over a connection of its own.
    pub(crate) async fn command<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_command(words).await.unwrap()
    }

    pub(crate) async fn try_command<T: FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_multiplexed_async_connection().await?;
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(*word);
        }
        command.query_async(&mut connection).await
    }

    async fn answers(&self) {
        let started = Instant::now();
        while self.try_command::<String>(&["PING"]).await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "{} does not start", self.program);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, empty.
    pub(crate) async fn restart(&mut self) {
        self.process = spawn(self.program, self.port, &self.options, &self.directory).unwrap();
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

/// A port that nobody listens on, below those that connections take by themselves, with the one 10,000 above it, where
/// nodes of a cluster talk, free too.
pub(crate) fn free_port() -> u16 {
    let is_free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    loop {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Tests of several processes begin at different places, as what the system gives is all but random.
        let port = 10_000 + port % 12_000;
        if is_free(port) && is_free(port + 10_000) {
            return port;
        }
    }
}

fn spawn(program: &str, port: u16, options: &[String], directory: &tempfile::TempDir) -> Option<Child> {
    let mut command = Command::new(program);
    if options.iter().any(|option| option == "--sentinel") {
        // A Sentinel keeps what it learns in its file of settings, and wants one.
        let file = directory.path().join("sentinel.conf");
        std::fs::write(&file, format!("port {port}\nbind 127.0.0.1\n")).ok()?;
        command.arg(file).arg("--sentinel");
    } else {
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(options).arg("--dir").arg(directory.path());
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}
