//! The whole house: database, Redis, two instances, and the proxy before them, HAProxy or nginx as `deploy/` has them.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    client::Http,
    postgres_server::{PostgresServer, free_port},
    process::{Process, program},
    until,
};

pub(crate) struct Fleet {
    pub(crate) postgres: PostgresServer,
    pub(crate) proxy: Http,
    pub(crate) ones: [Option<Process>; 2],
    configs: [PathBuf; 2],
    before: Child,
    /// Holds the settings' files.
    _folder: tempfile::TempDir,
}

impl Fleet {
    /// None, with a line that says so, where something it is made of is not installed. `redis` is the address.
    pub(crate) async fn start(redis: &str, wanted: &str) -> Option<Self> {
        Self::behind("haproxy", redis, wanted).await
    }

    /// The same behind the proxy of this name.
    pub(crate) async fn behind(proxy: &str, redis: &str, wanted: &str) -> Option<Self> {
        let Some(program) = installed(proxy) else {
            eprintln!("skipped: there is no {proxy}; on Debian: apt-get install {proxy}");
            return None;
        };
        let postgres = PostgresServer::start()?;
        let folder = tempfile::tempdir().unwrap();
        let ports = [free_port(), free_port(), free_port()];
        let configs = [0, 1].map(|n| {
            let file = folder.path().join(format!("{n}.toml"));
            std::fs::write(&file, settings(ports[n], &postgres.url("postgres"), redis, wanted)).unwrap();
            file
        });
        let ones = [0, 1].map(|n| Some(Process::serve(&configs[n], "info")));
        let before = begin_proxy(proxy, &program, folder.path(), ports);
        let proxy = Http::to(SocketAddr::from(([127, 0, 0, 1], ports[2])));
        let fleet = Self { postgres, proxy, ones, configs, before, _folder: folder };
        until("the proxy serves", || fleet.proxy_is_up()).await;
        Some(fleet)
    }

    async fn proxy_is_up(&self) -> bool {
        self.proxy.ask("GET", "/livez").try_answer().await.is_ok_and(|answer| answer.status == 200)
    }

    pub(crate) fn one(&self, n: usize) -> &Process {
        self.ones[n].as_ref().unwrap()
    }

    /// Asks an instance itself, not the proxy.
    pub(crate) fn direct(&self, n: usize) -> &Http {
        &self.one(n).http
    }

    /// Ends one as an operator does and starts it again, and waits until it takes its share.
    pub(crate) async fn restart(&mut self, n: usize) {
        let ending = self.ones[n].take().unwrap();
        ending.signal("TERM");
        let (status, log) = ending.ended().await;
        assert_eq!(status.code(), Some(0), "{log}");
        self.begin(n).await;
    }

    /// Ends one as a machine that fails does, and starts it again.
    pub(crate) async fn kill(&mut self, n: usize) {
        let ending = self.ones[n].take().unwrap();
        ending.signal("KILL");
        let _killed = ending.ended().await;
        self.begin(n).await;
    }

    async fn begin(&mut self, n: usize) {
        let config = self.configs[n].clone();
        self.ones[n] = Some(tokio::task::spawn_blocking(move || Process::serve(&config, "info")).await.unwrap());
        until("it is ready again", || self.is_ready(n)).await;
    }

    /// Whether it took a submission since it began.
    pub(crate) async fn has_served(&self, n: usize) -> bool {
        let told = self.direct(n).ask("GET", "/metrics").answer().await.text();
        told.lines().any(|line| line.starts_with("replydesk_submissions_total{") && !line.ends_with(" 0"))
    }

    /// How often each of them counted by itself, for Redis gave no answer.
    pub(crate) async fn counted_alone(&self) -> Vec<String> {
        let mut told = Vec::new();
        for n in 0..self.ones.len() {
            let metrics = self.direct(n).ask("GET", "/metrics").answer().await.text();
            let line = metrics.lines().find(|line| line.starts_with("replydesk_limit_fallbacks "));
            told.push(line.unwrap().to_owned());
        }
        told
    }

    /// Whether its limits are those that all share.
    pub(crate) async fn counts_in_redis(&self, n: usize) -> bool {
        self.direct(n).ask("GET", "/readyz").answer().await.json()["checks"]["redis"]["state"] == "ok"
    }

    pub(crate) async fn is_ready(&self, n: usize) -> bool {
        self.direct(n).ask("GET", "/readyz").answer().await.status == 200
    }

    /// A person who may do everything, with this password.
    pub(crate) fn person(&self, name: &str, password: &str) {
        let mut adding = program();
        adding.arg("--config").arg(&self.configs[0]).args([
            "moderator",
            "add",
            name,
            "--role",
            "admin",
            "--password-stdin",
        ]);
        let mut child = adding.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), password.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Somebody who may do everything, by a token that the command line made.
    pub(crate) fn token(&self) -> String {
        let made = program()
            .arg("--config")
            .arg(&self.configs[0])
            .args(["token", "create", "tests", "--scope", "admin"])
            .output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8(made.stdout).unwrap();
        said.split_whitespace().find(|word| word.len() > 30).unwrap().to_owned()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _already_gone = self.before.kill();
        let _already_gone = self.before.wait();
    }
}

/// Debian keeps it where only root's path leads.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|file| file.exists())
}

fn settings(port: u16, store: &str, redis: &str, wanted: &str) -> String {
    format!(
        r#"
        [server]
        listen = "127.0.0.1:{port}"
        public_url = "http://replydesk.example"
        trusted_proxies = ["127.0.0.1/32"]
        secret = "a secret that only the tests know"
        workers = 2
        [store]
        url = "{store}"
        [redis]
        url = "{redis}"
        [limits]
        per_network = []
        per_email = []
        per_page = []
        per_site = []
        without_token = []
        without_token_network = []
        [captcha]
        provider = "none"
        [scoring]
        explore = 0.0
        [[site]]
        id = "news"
        origins = ["http://news.example"]
        contact = "mailto:desk@news.example"
        {wanted}
        "#
    )
}

fn begin_proxy(name: &str, program: &Path, folder: &Path, ports: [u16; 3]) -> Child {
    let file = folder.join("proxy");
    let (settings, option) = match name {
        "haproxy" => (shipped("haproxy.cfg", "bind :8000", "bind 127.0.0.1:", ports), "-f"),
        _ => (around_nginx(folder, &shipped("nginx.conf", "listen 8000", "listen 127.0.0.1:", ports)), "-c"),
    };
    std::fs::write(&file, settings).unwrap();
    let mut proxy = Command::new(program);
    proxy.arg(option).arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What a server of its own needs around the part that is shipped. One process, so that it ends as a whole.
fn around_nginx(folder: &Path, shipped: &str) -> String {
    let within = folder.display();
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|of| format!("{of}_temp_path {within}/{of};"));
    format!(
        "daemon off;\nmaster_process off;\npid {within}/pid;\nerror_log {within}/errors;\nevents {{}}\n\
         http {{\naccess_log off;\n{}\n{shipped}\n}}\n",
        paths.join("\n")
    )
}

/// What `deploy/` holds, on these ports: the two instances' and the proxy's own.
fn shipped(file: &str, listens: &str, here: &str, [one, two, own]: [u16; 3]) -> String {
    let shipped = std::fs::read_to_string(format!("{}/deploy/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for known in [listens, "127.0.0.1:8081", "127.0.0.1:8082"] {
        assert!(shipped.contains(known), "deploy/{file} says no {known} any more");
    }
    shipped
        .replace(listens, &format!("{here}{own}"))
        .replace("127.0.0.1:8081", &format!("127.0.0.1:{one}"))
        .replace("127.0.0.1:8082", &format!("127.0.0.1:{two}"))
}
