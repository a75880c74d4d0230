//! The built program as a process of its own, its log kept line by line.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::client::Http;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_replydesk");

pub(crate) struct Process {
    pub(crate) http: Http,
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// The program without any setting from this machine's environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(BINARY);
    for name in ["REPLYDESK_CONFIG", "REPLYDESK_LOG", "REPLYDESK_LOG_FORMAT"] {
        command.env_remove(name);
    }
    command
}

impl Process {
    /// Runs `serve` with this file and waits until it says where it listens.
    pub(crate) fn serve(config: &Path, log: &str) -> Self {
        let mut child = program()
            .args(["serve", "--log", log, "--config"])
            .arg(config)
            .current_dir(config.parent().unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (kept, stderr) = (Arc::new(Mutex::new(String::new())), child.stderr.take().unwrap());
        let lines = Arc::clone(&kept);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut kept = lines.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        let address = wait_for(&kept, &mut child);
        Self { http: Http::to(address), child, log: kept, reader: Some(reader) }
    }

    /// Everything it has said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for its end, which must come by itself.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < Duration::from_secs(15), "it does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let _read = self.reader.take().map(JoinHandle::join);
        (status, self.log())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

fn wait_for(log: &Mutex<String>, child: &mut Child) -> std::net::SocketAddr {
    let started = Instant::now();
    loop {
        let text = log.lock().unwrap().clone();
        if let Some((_, rest)) = text.split_once("listens on http://") {
            return rest.split_whitespace().next().unwrap().parse().unwrap();
        }
        let gone = child.try_wait().unwrap();
        assert!(gone.is_none() && started.elapsed() < Duration::from_secs(20), "it does not start: {text}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
