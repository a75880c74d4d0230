//! Certificates as an operator of a private network would make them.

use std::{path::PathBuf, process::Command};

use crate::server::{RedisServer, free_port};

/// A folder with `ca.pem`, and `server` and `client` with their keys, signed by it; gone with the test.
pub(crate) struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// None, and a line that says so, where there is no `openssl`.
    pub(crate) fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Self { folder };
        let ca = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=private \
                  -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE";
        if certificates.openssl(ca).is_none() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        std::fs::write(certificates.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
        for name in ["server", "client"] {
            let ask = format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
            );
            certificates.openssl(&ask).unwrap();
            let sign = format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out {name}.pem"
            );
            certificates.openssl(&sign).unwrap();
        }
        Some(certificates)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `redis-server` is told for a port that speaks TLS and asks for a certificate.
    pub(crate) fn options(&self, port: u16) -> Vec<String> {
        let file = |name: &str| self.path(name).display().to_string();
        let options = [
            ("--port", "0".to_owned()),
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", file("server.pem")),
            ("--tls-key-file", file("server.key")),
            ("--tls-ca-cert-file", file("ca.pem")),
            ("--tls-replication", "yes".to_owned()),
            ("--tls-cluster", "yes".to_owned()),
        ];
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// What stands behind the `?` of our address.
    pub(crate) fn query(&self) -> String {
        let file = |name: &str| self.path(name).display().to_string();
        format!("?ca={}&cert={}&key={}", file("ca.pem"), file("client.pem"), file("client.key"))
    }

    fn openssl(&self, words: &str) -> Option<()> {
        let made =
            Command::new("openssl").args(words.split_whitespace()).current_dir(self.folder.path()).output().ok()?;
        assert!(made.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&made.stderr));
        Some(())
    }
}

/// A cluster of one master over TLS: enough to see that nodes are reached over it.
pub(crate) fn cluster(certificates: &Certificates) -> Option<(RedisServer, String)> {
    let more = |port| {
        let plain = ["--cluster-enabled", "yes", "--cluster-announce-tls-port"].map(str::to_owned);
        [certificates.options(port), plain.to_vec(), vec![port.to_string()]].concat()
    };
    let node = RedisServer::begin("redis-server", free_port(), more)?;
    let url = format!("rediss+cluster://127.0.0.1:{}{}", node.port, certificates.query());
    Some((node, url))
}
