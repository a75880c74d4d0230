//! A PostgreSQL server of a test's own, to be stopped, killed and started again. It syncs, unlike the one that
//! `scripts/with-postgres` starts.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

pub(crate) struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    pub(crate) port: u16,
}

impl PostgresServer {
    /// None, with a line that says so, where there is no PostgreSQL on this machine.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: there is no PostgreSQL server; on Debian: apt-get install postgresql");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("replydesk-postgres").tempdir_in("/tmp").unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres:").arg(folder.path()).status().unwrap().success());
        }
        let server = Self { folder, programs, port: free_port() };
        let made =
            server.run("initdb", &["-U", "replydesk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        assert!(made, "initdb failed");
        server.up();
        Some(server)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://replydesk@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// The folder of its files, once it was copied from elsewhere.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it, and waits until it takes connections.
    pub(crate) fn up(&self) {
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c max_connections=100 -c shared_buffers=32MB",
            self.port,
            self.folder.path().display()
        );
        let log = self.folder.path().join("log");
        let started = Instant::now();
        while !self.run("pg_ctl", &["-w", "-s", "-l", log.to_str().unwrap(), "-o", &settings, "start"]) {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_secs(20), "PostgreSQL does not start: {said}");
        }
    }

    /// Ends it as an operator's restart does: sessions are cut, what is committed stays.
    pub(crate) fn down(&self) {
        assert!(self.run("pg_ctl", &["-w", "-s", "-m", "fast", "stop"]));
    }

    /// Ends it as a machine that fails does.
    pub(crate) fn crash(&self) {
        assert!(self.run("pg_ctl", &["-w", "-s", "-m", "immediate", "stop"]));
    }

    /// Starts it again so that it speaks TLS, with this certificate and key, for those who ask for it.
    pub(crate) fn encrypts(&self, certificate: &Path, key: &Path) {
        self.down();
        let data = self.data();
        std::fs::copy(certificate, data.join("server.crt")).unwrap();
        std::fs::copy(key, data.join("server.key")).unwrap();
        let settings = std::fs::OpenOptions::new().append(true).open(data.join("postgresql.conf"));
        settings.unwrap().write_all(b"ssl = on\n").unwrap();
        assert!(Command::new("chmod").arg("600").arg(data.join("server.key")).status().unwrap().success());
        if is_root() {
            let mut own = Command::new("chown");
            own.arg("postgres:").args([data.join("server.crt"), data.join("server.key")]);
            assert!(own.status().unwrap().success());
        }
        self.up();
    }

    /// Sends a signal to the server and all its sessions: STOP, CONT.
    pub(crate) fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let all = Command::new("pgrep").args(["-P", &pid]).output().unwrap().stdout;
        let all = String::from_utf8(all).unwrap();
        for pid in all.lines().chain([pid.as_str()]) {
            let _ended_meanwhile = Command::new("kill").args([&format!("-{name}"), pid]).status();
        }
    }

    /// Statements at the database's prompt; what they print.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let output =
            Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url(database)]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Another server, a read-only replica of this one.
    pub(crate) fn replica(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("replydesk-postgres").tempdir_in("/tmp").unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres:").arg(folder.path()).status().unwrap().success());
        }
        let replica = Self { folder, programs: self.programs.clone(), port: free_port() };
        let mut copy = as_postgres(&self.programs.join("pg_basebackup"));
        let copied =
            copy.arg("-D").arg(replica.data()).args(["-R", "-X", "stream", "-c", "fast", "-d", &self.url("postgres")]);
        assert!(copied.status().unwrap().success());
        replica.up();
        replica
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = as_postgres(&self.programs.join(program));
        command.arg("-D").arg(self.data()).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.signal("CONT");
            let _already_gone = self.run("pg_ctl", &["-s", "-m", "immediate", "stop"]);
        }
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program).current_dir("/");
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0")
}

/// Where Debian keeps them, the newest version's; or the path's.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs)| programs.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    found.pop().map(|(_, programs)| programs).or_else(on_path)
}

/// A port that nobody listens on, below those that connections take by themselves, so that it is free again after a
/// restart.
pub(crate) fn free_port() -> u16 {
    loop {
        let drawn = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = 10_000 + drawn % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
