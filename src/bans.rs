//! Whom a ban meets: the one place that compares, for what comes in and for what came before.
//!
//! Pure. Which bans there are, how hard they are and what follows from them is not known here.

mod pattern;

use std::net::IpAddr;

use ipnet::IpNet;
use url::Host;

pub use pattern::{is_narrow, literally};

use self::pattern::Pattern;
use crate::{
    domain::{BanKind, EmailAddress},
    net::Client,
    text::{self, links::Link},
};

/// Whom one ban meets, ready to be compared. It has no `Debug`: it may be somebody's address.
pub struct Whom(What);

enum What {
    Address(IpNet),
    Email(String),
    EmailDomain(String),
    LinkDomain(String),
    Name(Pattern),
}

/// What an author wrote of themselves, folded once for however many bans.
#[derive(Default)]
pub struct Author {
    email: Option<String>,
    domain: Option<String>,
    name: String,
    hosts: Vec<String>,
}

impl Author {
    /// By the name shown, the address where given, and what [`link_hosts`] found.
    #[must_use]
    pub fn new(name: &str, email: Option<&EmailAddress>, hosts: Vec<String>) -> Self {
        Self {
            email: email.map(EmailAddress::canonical),
            domain: email.map(|email| in_ascii(email.domain())),
            name: text::skeleton(name),
            hosts,
        }
    }
}

/// Hosts that the text's links and the author's own site lead to.
#[must_use]
pub fn link_hosts(links: &[Link], url: Option<&str>) -> Vec<String> {
    links.iter().map(|link| link.host.clone()).chain(url.and_then(text::links::host_of)).collect()
}

impl Whom {
    /// None for a value that is none of its kind.
    #[must_use]
    pub fn new(kind: BanKind, value: &str) -> Option<Self> {
        let lower = value.to_lowercase();
        Some(Self(match kind {
            // One client is one address of IPv4 and a /64 of IPv6, as for the limits.
            BanKind::Ip => What::Address(Client::new(lower.parse().ok()?).address_range()),
            BanKind::Network => What::Address(lower.parse().ok()?),
            BanKind::Email => What::Email(lower),
            BanKind::EmailDomain => What::EmailDomain(lower),
            BanKind::LinkDomain => What::LinkDomain(lower),
            BanKind::Name => What::Name(Pattern::new(value)),
        }))
    }

    /// Whether it goes by where somebody connects from.
    #[must_use]
    pub fn is_address(&self) -> bool {
        matches!(self.0, What::Address(_))
    }

    /// Whether it goes by addresses and meets this one.
    #[must_use]
    pub fn meets_address(&self, address: IpAddr) -> bool {
        matches!(&self.0, What::Address(range) if range.contains(&address.to_canonical()))
    }

    /// Whether it goes by what an author writes and meets this one.
    #[must_use]
    pub fn meets_author(&self, author: &Author) -> bool {
        match &self.0 {
            What::Address(_) => false,
            What::Email(banned) => author.email.as_ref() == Some(banned),
            What::EmailDomain(banned) => author.domain.as_ref().is_some_and(|domain| within(domain, banned)),
            What::LinkDomain(banned) => author.hosts.iter().any(|host| within(host, banned)),
            What::Name(banned) => banned.meets(&author.name),
        }
    }
}

/// A domain is within itself and all above it.
fn within(domain: &str, banned: &str) -> bool {
    domain.strip_suffix(banned).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A domain as bans spell it; as it is where it has no such form.
fn in_ascii(domain: String) -> String {
    match Host::parse(&domain) {
        Ok(Host::Domain(ascii)) => ascii,
        _ => domain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(kind: BanKind, value: &str, name: &str, email: &str, body: &str, url: Option<&str>) -> bool {
        let email = EmailAddress::parse(email).unwrap();
        let author = Author::new(name, email.as_ref(), link_hosts(&text::links::find(body), url));
        Whom::new(kind, value).unwrap().meets_author(&author)
    }

    #[test]
    fn an_address_is_met_with_what_counts_as_one_client() {
        for (kind, value, address, met) in [
            (BanKind::Ip, "203.0.113.7", "203.0.113.7", true),
            (BanKind::Ip, "203.0.113.7", "::ffff:203.0.113.7", true),
            (BanKind::Ip, "203.0.113.7", "203.0.113.8", false),
            (BanKind::Ip, "2001:db8:1:2::3", "2001:db8:1:2:ffff::", true),
            (BanKind::Ip, "2001:db8:1:2::3", "2001:db8:1:3::3", false),
            (BanKind::Network, "2001:db8:1::/48", "2001:db8:1:ffff::1", true),
            (BanKind::Network, "203.0.113.0/24", "203.0.114.0", false),
        ] {
            let whom = Whom::new(kind, value).unwrap();
            assert_eq!(whom.meets_address(address.parse().unwrap()), met, "{value} {address}");
            assert!(whom.is_address() && !whom.meets_author(&Author::default()), "{value}");
        }
        assert!(Whom::new(BanKind::Ip, "203.0.113.0/24").is_none());
    }

    #[test]
    fn names_are_met_by_their_look_and_domains_with_all_below_them() {
        let by_email = |kind, value, email| meets(kind, value, "Ada", email, "", None);
        assert!(meets(BanKind::Name, "Viagra", "V\u{456}agra", "", "", None));
        assert!(by_email(BanKind::Email, "eve@spam.example", "EVE@Spam.example"));
        assert!(by_email(BanKind::EmailDomain, "spam.example", "a@mail.SPAM.example"));
        assert!(!by_email(BanKind::EmailDomain, "spam.example", "a@notspam.example"));
        assert!(by_email(BanKind::EmailDomain, "xn--bcher-kva.example", "a@bücher.example"));
        let by_link = |body, url| meets(BanKind::LinkDomain, "pills.example", "Ada", "", body, url);
        assert!(by_link("See http://shop.PILLS.example/ now", None));
        assert!(by_link("", Some("https://pills.example/")));
        assert!(by_link("", Some("https://pills.example./")), "a full stop behind the host is the same host");
        assert!(!by_link("See http://pills.example.org/", Some("https://mypills.example/")));
    }
}
