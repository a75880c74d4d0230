//! Addresses of all kinds: sockets, networks, origins, hosts, and the name of a header.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::{Misfit, quoted};

/// `address:port`.
pub(in crate::config) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.trim().parse().map_err(|_fault| {
        let right = "write an IP address and a port, e.g. \"127.0.0.1:8080\" or \"[::]:8080\"";
        D::Error::custom(Misfit::new(format!("{} is no address to listen on", quoted(&text)), right))
    })
}

/// Networks in CIDR form.
pub(in crate::config) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| network(text.trim()).map_err(D::Error::custom)).collect()
}

fn network(text: &str) -> Result<IpNet, Misfit> {
    text.parse().map_err(|_fault| {
        let right = match text.parse::<IpAddr>() {
            Ok(address) => format!("write \"{}\" for this one address", IpNet::from(address)),
            Err(_no_address) => "write an address and a prefix length, e.g. \"10.0.0.0/8\" or \"fd00::/8\"".to_owned(),
        };
        Misfit::new(format!("{} is no network", quoted(text)), right)
    })
}

/// The lower-case name of one header.
pub(in crate::config) fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?.trim().to_ascii_lowercase();
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(token) {
        let wrong = format!("{} is no header's name", quoted(&name));
        return Err(D::Error::custom(Misfit::new(wrong, "name one header, e.g. \"x-forwarded-for\"")));
    }
    Ok(name)
}

/// Host names, lower-cased.
pub(in crate::config) fn hostnames<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    names.iter().map(|name| hostname(name.trim()).map_err(D::Error::custom)).collect()
}

fn hostname(text: &str) -> Result<String, Misfit> {
    let right = "write the host alone, e.g. \"news.example\"";
    let misfit = || Misfit::new(format!("{} is no host name", quoted(text)), right);
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "/:@?#*\\".contains(c)) {
        return Err(misfit());
    }
    let url = Url::parse(&format!("http://{text}/")).map_err(|_fault| misfit())?;
    url.host_str().map(str::to_owned).ok_or_else(misfit)
}

/// Domains in the form that links have them: lower case, ASCII; sorted, none twice.
pub(in crate::config) fn domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[String]>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let mut domains: Vec<String> =
        texts.iter().map(|text| domain(text).map_err(D::Error::custom)).collect::<Result<_, _>>()?;
    domains.sort_unstable();
    domains.dedup();
    Ok(domains.into())
}

/// One domain; `*.` before it says nothing, for what is below a domain is always meant too.
///
/// # Errors
/// What is none, or a whole ending such as `com`.
pub(in crate::config) fn domain(text: &str) -> Result<String, Misfit> {
    let misfit = || Misfit::new(format!("{} is no domain", quoted(text)), "write it alone, e.g. \"spam.example\"");
    let trimmed = text.trim();
    let bare = trimmed.strip_prefix("*.").unwrap_or(trimmed).trim_end_matches('.');
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let name = if bare.chars().all(plain) { bare.to_owned() } else { hostname(bare).map_err(|_other| misfit())? };
    let labels = name.split('.').all(|label| (1..=63).contains(&label.len()));
    if labels && name.contains('.') && name.len() <= 253 { Ok(name) } else { Err(misfit()) }
}

/// An origin, normalised as a browser sends it.
pub(in crate::config) fn origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    normal_origin(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Origins, each normalised as a browser sends it, none twice.
pub(in crate::config) fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut seen = Vec::new();
    for text in Vec::<String>::deserialize(deserializer)? {
        let origin = normal_origin(&text).map_err(D::Error::custom)?;
        if !seen.contains(&origin) {
            seen.push(origin);
        }
    }
    Ok(seen)
}

fn normal_origin(text: &str) -> Result<String, Misfit> {
    let text = text.trim();
    let right = "write scheme and host, e.g. \"https://news.example\"";
    if text.contains('*') {
        let right = "list each origin by itself, e.g. \"https://news.example\"";
        return Err(Misfit::new(format!("{} has a wildcard", quoted(text)), right));
    }
    let url =
        http_url(text).ok_or_else(|| Misfit::new(format!("{} is no http or https address", quoted(text)), right))?;
    let origin = url.origin().ascii_serialization();
    if url.username() != "" || url.password().is_some() {
        return Err(Misfit::new("it holds a user name or password", format!("write {origin:?}")));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let wrong = format!("{} has more than scheme, host and port", quoted(text));
        return Err(Misfit::new(wrong, format!("write {origin:?}")));
    }
    Ok(origin)
}

/// An absolute http or https URL with a host; none for anything else.
pub(in crate::config) fn http_url(text: &str) -> Option<Url> {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lower.starts_with("http://") && lower != "https://" || text.contains(|c: char| c.is_whitespace() || c == '\\') {
        return None;
    }
    Url::parse(text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_origin_is_spelled_as_browsers_send_it() {
        for (given, sent) in [
            ("https://News.Example:443/", "https://news.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTP://a.b:80", "http://a.b"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:81", "http://[::1]:81"),
        ] {
            assert_eq!(normal_origin(given).as_deref(), Ok(sent));
        }
        for bad in [
            "",
            "news.example",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?x",
            "https://u@a",
            "https://*.a",
            "null",
        ] {
            assert!(normal_origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bare_address_is_told_its_network() {
        assert_eq!(network("10.0.0.1").unwrap_err().right, "write \"10.0.0.1/32\" for this one address");
        assert!(network("10.0.0.0/33").is_err() && network("fd00::/8").is_ok());
    }

    #[test]
    fn a_host_name_stands_alone_and_in_lower_case() {
        assert_eq!(hostname("News.Example").as_deref(), Ok("news.example"));
        for bad in ["", "https://a", "a:80", "a/b", "*.a", "a b"] {
            assert!(hostname(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(host in "[a-zA-Z][a-zA-Z0-9]{0,20}", port in 1_u16..) {
            let once = normal_origin(&format!("http://{host}.example:{port}")).unwrap();
            prop_assert_eq!(normal_origin(&once).unwrap(), once);
        }
    }
}
