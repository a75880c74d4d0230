//! What `redis.url` says: which shape of Redis, where, over TLS or not, and under which name.
//!
//! No fault told here repeats anything of the address: it may hold a password.

use std::{fmt, net::Ipv6Addr, path::PathBuf};

use percent_encoding::percent_decode_str;

/// The port of a server that names none.
const SERVER_PORT: u16 = 6379;
/// The port of a Sentinel that names none.
const SENTINEL_PORT: u16 = 26_379;

/// One server.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// A name or an address, an IPv6 one without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// How the servers hang together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// One server.
    Single,
    /// Keys are spread over the masters of a cluster; some of its nodes are named.
    Cluster,
    /// Sentinels, which are named, know the present master of this name.
    Sentinel(String),
}

/// Files for TLS, all PEM.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tls {
    /// Whose signature is believed; none is the public roots'.
    pub ca: Option<PathBuf>,
    /// Our certificate and its key, for servers that ask for one.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// Under which name we come.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Login {
    /// None is the default user.
    pub user: Option<String>,
    /// None is no password.
    pub password: Option<String>,
}

/// An address, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// How the servers hang together.
    pub shape: Shape,
    /// At least one.
    pub places: Vec<Place>,
    /// None is a plain line.
    pub tls: Option<Tls>,
    /// To the servers.
    pub login: Login,
    /// To the Sentinels.
    pub sentinel_login: Login,
    /// The numbered database; 0 in a cluster.
    pub database: u32,
}

/// Never shows a name or a password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("shape", &self.shape).field("places", &self.places).finish_non_exhaustive()
    }
}

/// Why an address is none, and what to write instead; tells nothing of the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("redis.url: {wrong}; {right}")]
pub struct BadAddress {
    /// What is wrong.
    pub wrong: &'static str,
    /// What to do.
    pub right: &'static str,
}

const SHAPES: &str = "write redis://HOST:PORT/DB, redis+cluster://HOST:PORT,HOST:PORT or \
     redis+sentinel://HOST:PORT,HOST:PORT/MASTER, with rediss in place of redis for TLS";
const ENCODE: &str = "write %40 for @, %2F for /, %3F for ?, %23 for # and %25 for % in user and password";
const HOSTS: &str = "write HOST:PORT, several separated by commas, an IPv6 address in brackets";
const FILES: &str = "write rediss… and ?ca=/path/ca.pem, and &cert=/path/own.pem&key=/path/own.key where the servers \
     ask for a certificate";

const fn bad(wrong: &'static str, right: &'static str) -> BadAddress {
    BadAddress { wrong, right }
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(url: &str) -> Result<Self, BadAddress> {
        let (scheme, rest) = url.split_once("://").ok_or(bad("it is no address of a Redis", SHAPES))?;
        let (line, shape) = scheme.split_once('+').unwrap_or((scheme, ""));
        let tls = match line {
            "redis" => None,
            "rediss" => Some(Tls::default()),
            _ => return Err(bad("it is no address of a Redis", SHAPES)),
        };
        if rest.contains('#') {
            return Err(bad("there is a # in it", ENCODE));
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        if path.contains('@') || (query.contains('@') && !authority.contains('@')) {
            return Err(bad("there is an @ behind the hosts", ENCODE));
        }
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let port = if shape == "sentinel" { SENTINEL_PORT } else { SERVER_PORT };
        let places = hosts.split(',').map(|host| read_place(host, port)).collect::<Result<Vec<_>, _>>()?;
        let (shape, database) = read_shape(shape, path, places.len())?;
        let (login, sentinel_login) = (read_login(login)?, Login::default());
        let mut address = Self { shape, places, tls, login, sentinel_login, database };
        address.read_query(query)?;
        Ok(address)
    }

    fn read_query(&mut self, query: &str) -> Result<(), BadAddress> {
        let (mut ca, mut cert, mut key) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = Some(value.into_owned()).filter(|value| !value.is_empty());
            match name.as_ref() {
                "ca" => ca = value,
                "cert" => cert = value,
                "key" => key = value,
                "sentinel_user" => self.sentinel_login.user = value,
                "sentinel_password" => self.sentinel_login.password = value,
                _ => {
                    let right = "it may have ca, cert and key, and with Sentinel sentinel_user and sentinel_password";
                    return Err(bad("there is something unknown behind the ?", right));
                }
            }
        }
        if self.sentinel_login != Login::default() && !matches!(self.shape, Shape::Sentinel(_)) {
            return Err(bad("it names a login to Sentinels and no Sentinel", SHAPES));
        }
        let own = match (cert, key) {
            (Some(cert), Some(key)) => Some((PathBuf::from(cert), PathBuf::from(key))),
            (None, None) => None,
            _ => return Err(bad("cert and key go together", FILES)),
        };
        let files = Tls { ca: ca.map(PathBuf::from), own };
        match &mut self.tls {
            Some(tls) => *tls = files,
            None if files != Tls::default() => return Err(bad("it names certificates for a line without TLS", FILES)),
            None => {}
        }
        Ok(())
    }
}

fn read_shape(shape: &str, path: &str, n_places: usize) -> Result<(Shape, u32), BadAddress> {
    let database = |text: &str| {
        let number = if text.is_empty() { Ok(0) } else { text.parse() };
        number.map_err(|_odd| bad("the database is no number", "write /0 to /15 at the end, or nothing"))
    };
    match shape {
        "" if n_places > 1 => Err(bad("it names several hosts", SHAPES)),
        "" => Ok((Shape::Single, database(path)?)),
        "cluster" if database(path)? != 0 => {
            Err(bad("a cluster has no numbered databases", "leave the number at its end out"))
        }
        "cluster" => Ok((Shape::Cluster, 0)),
        "sentinel" => {
            let (master, number) = path.split_once('/').unwrap_or((path, ""));
            let master = decoded(master)?;
            if master.is_empty() {
                let right = "write it behind the Sentinels: redis+sentinel://HOST:PORT,HOST:PORT/MASTER";
                return Err(bad("the name of the master is missing", right));
            }
            Ok((Shape::Sentinel(master), database(number)?))
        }
        _ => Err(bad("it is no address of a Redis", SHAPES)),
    }
}

fn read_login(text: &str) -> Result<Login, BadAddress> {
    let Some((user, password)) = text.split_once(':') else {
        let wrong = "it names a user without a password";
        return if text.is_empty() {
            Ok(Login::default())
        } else {
            Err(bad(wrong, "write USER:PASSWORD@ before the host, or :PASSWORD@"))
        };
    };
    let some = |text: &str| decoded(text).map(|text| Some(text).filter(|text| !text.is_empty()));
    Ok(Login { user: some(user)?, password: some(password)? })
}

fn decoded(text: &str) -> Result<String, BadAddress> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_odd| bad("a % leads to no UTF-8", ENCODE))
}

fn read_place(text: &str, port: u16) -> Result<Place, BadAddress> {
    let (host, wanted) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => {
            host.parse::<Ipv6Addr>().map_err(|_odd| bad("a host is no IPv6 address", HOSTS))?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let of_a_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(of_a_host) {
        return Err(bad("a host is missing, or is none", HOSTS));
    }
    let port = if wanted.is_empty() { Ok(port) } else { wanted.parse() };
    match port {
        Ok(port) if port > 0 => Ok(Place { host: host.to_owned(), port }),
        _ => Err(bad("a port is no number from 1 to 65535", HOSTS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(url: &str) -> Vec<String> {
        Address::read(url).unwrap().places.iter().map(Place::to_string).collect()
    }

    #[test]
    fn every_shape_is_read() {
        let single = Address::read("redis://ada:p%40ss@redis_1/3").unwrap();
        assert_eq!((single.shape, single.database, single.tls), (Shape::Single, 3, None));
        assert_eq!((single.login.user.as_deref(), single.login.password.as_deref()), (Some("ada"), Some("p@ss")));
        assert_eq!(places("redis://:x@[::1]:7000"), ["[::1]:7000"]);
        let cluster = Address::read("rediss+cluster://a,b:7001,c?ca=/etc/ca.pem").unwrap();
        assert_eq!(cluster.shape, Shape::Cluster);
        assert_eq!(cluster.tls.unwrap().ca.unwrap().to_str(), Some("/etc/ca.pem"));
        assert_eq!(places("redis+cluster://a,b:7001,c/"), ["a:6379", "b:7001", "c:6379"]);
        let guarded = Address::read("redis+sentinel://:x@a,b:1/news/2?sentinel_password=y").unwrap();
        assert_eq!((guarded.shape, guarded.database), (Shape::Sentinel("news".to_owned()), 2));
        assert_eq!(guarded.sentinel_login.password.as_deref(), Some("y"));
        assert_eq!(places("redis+sentinel://a,b:1/news"), ["a:26379", "b:1"]);
    }

    #[test]
    fn what_is_no_address_is_told_without_telling_it() {
        for (url, wrong) in [
            ("", "no address of a Redis"),
            ("http://hunter2/", "no address of a Redis"),
            ("redis+ring://hunter2", "no address of a Redis"),
            ("redis://:hunter2@", "a host is missing"),
            ("redis://:hunter2@a,b", "several hosts"),
            ("redis://hunter2@a", "a user without a password"),
            ("redis://:hunter2@a:0", "a port"),
            ("redis://:hunter2@a:70000", "a port"),
            ("redis://:hunter2@a/news", "the database is no number"),
            ("redis://:hun/ter2@a", "an @ behind the hosts"),
            ("redis://:hun?ter2@a", "an @ behind the hosts"),
            ("redis://:hun#ter2@a", "a # in it"),
            ("redis://:%ffhunter2@a", "no UTF-8"),
            ("redis://a?hunter2=1", "unknown behind the ?"),
            ("redis://a?ca=/hunter2", "without TLS"),
            ("rediss://a?cert=/hunter2", "go together"),
            ("redis://a?sentinel_password=hunter2", "no Sentinel"),
            ("redis+cluster://:hunter2@a/1", "no numbered databases"),
            ("redis+cluster://a,,b", "a host is missing"),
            ("redis+sentinel://:hunter2@a", "the name of the master is missing"),
            ("redis://[hunter2]", "no IPv6 address"),
        ] {
            let fault = Address::read(url).unwrap_err().to_string();
            assert!(fault.starts_with("redis.url: ") && fault.contains(wrong), "{url}: {fault}");
            assert!(!fault.contains("hunter2") && !fault.contains("ter2"), "{url}: {fault}");
        }
    }
}
