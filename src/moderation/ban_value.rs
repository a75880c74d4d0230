//! What a ban goes by, in the one spelling that is stored and compared.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Host;

use crate::{
    bans,
    domain::{BanKind, DisplayName, EmailAddress},
    store::BanSource,
};

/// The widest ranges that may be banned: wider ones are a mistake.
const WIDEST: (u8, u8) = (8, 19);

/// Why a value bans nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ValueFault {
    /// Not one address.
    #[error("Give one IPv4 or IPv6 address.")]
    Address,
    /// Not a range.
    #[error("Give a network as address/length, such as 192.0.2.0/24; /8 and /19 (IPv6) are the widest.")]
    Network,
    /// Not one email address.
    #[error("Give one email address.")]
    Email,
    /// Not a domain.
    #[error("Give a domain, such as spam.example.")]
    Domain,
    /// Not a name.
    #[error("Give a name of 1 to 80 characters. * stands for anything, and needs three letters or digits beside it.")]
    Name,
    /// The comment has no such thing, or its address is not kept any more.
    #[error("This comment holds nothing of this kind (any more).")]
    NotInComment,
    /// Links are not kept apart from the text.
    #[error("Give the domain as value; it is not taken from a comment.")]
    NeedsValue,
}

impl ValueFault {
    /// What a value that is none of its kind is told.
    pub(super) fn of(kind: BanKind) -> Self {
        match kind {
            BanKind::Ip => Self::Address,
            BanKind::Network => Self::Network,
            BanKind::Email => Self::Email,
            BanKind::EmailDomain | BanKind::LinkDomain => Self::Domain,
            BanKind::Name => Self::Name,
        }
    }
}

/// The stored spelling of what was typed.
///
/// # Errors
/// The fault of this kind of value.
pub fn normal(kind: BanKind, raw: &str) -> Result<String, ValueFault> {
    let raw = raw.trim();
    match kind {
        BanKind::Ip => {
            let address: IpAddr = raw.parse().map_err(|_fault| ValueFault::Address)?;
            Ok(address.to_canonical().to_string())
        }
        BanKind::Network => network(raw).ok_or(ValueFault::Network),
        BanKind::Email => match EmailAddress::parse(raw) {
            Ok(Some(address)) => Ok(address.canonical()),
            _ => Err(ValueFault::Email),
        },
        BanKind::EmailDomain | BanKind::LinkDomain => domain(raw).ok_or(ValueFault::Domain),
        BanKind::Name => {
            let name = DisplayName::parse(raw).map_err(|_fault| ValueFault::Name)?;
            if bans::is_narrow(name.as_str()) { Ok(name.as_str().to_owned()) } else { Err(ValueFault::Name) }
        }
    }
}

/// What a comment gives for this kind of ban.
pub(super) fn drawn(kind: BanKind, from: &BanSource) -> Result<String, ValueFault> {
    let email = || from.email.as_deref().ok_or(ValueFault::NotInComment);
    let address = || from.address.as_deref().ok_or(ValueFault::NotInComment);
    match kind {
        BanKind::Ip => normal(kind, address()?),
        BanKind::Network => {
            let address: IpAddr = address()?.parse().map_err(|_fault| ValueFault::NotInComment)?;
            let (four, six) = (24, 48);
            let net = match address.to_canonical() {
                IpAddr::V4(address) => Ipv4Net::new(address, four).map(IpNet::V4),
                IpAddr::V6(address) => Ipv6Net::new(address, six).map(IpNet::V6),
            };
            net.map(|net| net.trunc().to_string()).map_err(|_fault| ValueFault::NotInComment)
        }
        BanKind::Email => normal(kind, email()?),
        BanKind::EmailDomain => normal(kind, email()?.rsplit_once('@').map_or("", |(_, domain)| domain)),
        BanKind::LinkDomain => Err(ValueFault::NeedsValue),
        // A name may hold a star of its own, and be as long as names may be before it is escaped.
        BanKind::Name => Ok(bans::literally(&from.name)),
    }
}

fn network(raw: &str) -> Option<String> {
    let net = match raw.parse::<IpNet>().ok()? {
        // ::ffff:a.b.c.d/120 is a.b.c.0/24 to a client that is read as IPv4.
        IpNet::V6(six) => match six.addr().to_ipv4_mapped() {
            Some(four) => IpNet::V4(Ipv4Net::new(four, six.prefix_len().checked_sub(96)?).ok()?),
            None => IpNet::V6(six),
        },
        four @ IpNet::V4(_) => four,
    };
    let widest = if matches!(net, IpNet::V4(_)) { WIDEST.0 } else { WIDEST.1 };
    (net.prefix_len() >= widest).then(|| net.trunc().to_string())
}

/// In lower-case ASCII, without a leading `@` or a closing dot.
fn domain(raw: &str) -> Option<String> {
    let raw = raw.trim_start_matches('@').trim_end_matches('.');
    let Host::Domain(domain) = Host::parse(raw).ok()? else { return None };
    // Other scripts' full stops become dots only now.
    let domain = domain.trim_end_matches('.');
    // What is left may be a number, and so an address.
    let is_one = matches!(Host::parse(domain), Ok(Host::Domain(same)) if same == domain);
    (is_one && domain.contains('.') && domain.len() <= 253).then(|| domain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_spelling() {
        for (kind, raw, stored) in [
            (BanKind::Ip, " 192.0.2.7 ", "192.0.2.7"),
            (BanKind::Ip, "::ffff:192.0.2.7", "192.0.2.7"),
            (BanKind::Ip, "2001:DB8:0::1", "2001:db8::1"),
            (BanKind::Network, "192.0.2.7/24", "192.0.2.0/24"),
            (BanKind::Network, "::ffff:192.0.2.7/120", "192.0.2.0/24"),
            (BanKind::Network, "2001:db8::1/48", "2001:db8::/48"),
            (BanKind::Email, " Bob@Spam.Example", "bob@spam.example"),
            (BanKind::EmailDomain, "@Spam.Example.", "spam.example"),
            (BanKind::LinkDomain, "bücher.example", "xn--bcher-kva.example"),
            (BanKind::LinkDomain, "spam。example。", "spam.example"),
            (BanKind::Name, " Bob ", "Bob"),
            (BanKind::Name, "Lucky *", "Lucky *"),
        ] {
            assert_eq!(normal(kind, raw).as_deref(), Ok(stored), "{kind:?} {raw}");
            assert_eq!(normal(kind, stored).as_deref(), Ok(stored), "the same again: {kind:?} {raw}");
        }
        for address in ["0.0..\u{AD}", "192.0.2.7", "1.2."] {
            assert_eq!(normal(BanKind::EmailDomain, address), Err(ValueFault::Domain), "{address:?}");
        }
    }

    #[test]
    fn what_bans_nothing_or_everybody_is_refused() {
        for (kind, raw) in [
            (BanKind::Ip, "192.0.2.0/24"),
            (BanKind::Ip, "example.org"),
            (BanKind::Network, "0.0.0.0/0"),
            (BanKind::Network, "::/0"),
            (BanKind::Network, "::ffff:0.0.0.0/96"),
            (BanKind::Network, "192.0.2.1"),
            (BanKind::Email, "bob"),
            (BanKind::Email, ""),
            (BanKind::EmailDomain, "bob@spam.example"),
            (BanKind::EmailDomain, "example"),
            (BanKind::LinkDomain, "https://spam.example/x"),
            (BanKind::LinkDomain, "192.0.2.1"),
            (BanKind::Name, " "),
            (BanKind::Name, "*ab*"),
        ] {
            assert!(normal(kind, raw).is_err(), "{kind:?} {raw}");
        }
    }

    #[test]
    fn a_comment_gives_what_it_still_holds() {
        let mut from = BanSource {
            site: "s".into(),
            name: "Bob".into(),
            email: Some("Bob@Spam.Example".into()),
            address: Some("2001:db8:1:2::3".into()),
        };
        for (kind, value) in [
            (BanKind::Ip, "2001:db8:1:2::3"),
            (BanKind::Network, "2001:db8:1::/48"),
            (BanKind::Email, "bob@spam.example"),
            (BanKind::EmailDomain, "spam.example"),
            (BanKind::Name, "Bob"),
        ] {
            assert_eq!(drawn(kind, &from).as_deref(), Ok(value), "{kind:?}");
        }
        assert_eq!(drawn(BanKind::LinkDomain, &from), Err(ValueFault::NeedsValue));
        (from.address, from.email) = (None, None);
        for kind in [BanKind::Ip, BanKind::Network, BanKind::Email, BanKind::EmailDomain] {
            assert_eq!(drawn(kind, &from), Err(ValueFault::NotInComment), "{kind:?}");
        }
    }
}
