//! Redis over TLS, with certificates of a private network.

use crate::{
    certificates::Certificates,
    server::{RedisServer, free_port},
};

impl Certificates {
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
