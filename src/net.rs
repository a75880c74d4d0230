//! Who is asking: the address of the client behind trusted proxies, and the ranges it counts as.
//!
//! Nobody's headers are believed but those that a trusted peer wrote, and of these only the one the
//! operator named. What leaves this room as a key is a keyed hash that changes every 30 days; what
//! a limit or a ban does with it is not known here.

mod forwarded;

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::{
    domain::Timestamp,
    keys::{Keyring, Purpose},
};

/// How long the keyed hash of an address stays the same.
const EPOCH_S: i64 = 30 * 24 * 60 * 60;

/// The client's address: the peer's own, unless the peer is trusted; then the header's entries are
/// walked from the right over trusted ones to the first that is not.
///
/// `lines` are the values of the header named `header`, in the order they came. An entry that is no
/// address (obfuscated, unknown, empty, garbage) stops the walk at the last trusted one; when all
/// are trusted the left-most is the client. IPv4-mapped IPv6 is IPv4.
pub fn client_address<'a>(
    peer: IpAddr,
    lines: impl Iterator<Item = &'a [u8]>,
    header: &str,
    trusted: &[IpNet],
) -> IpAddr {
    let mut client = peer.to_canonical();
    if !within(trusted, client) {
        return client;
    }
    let read = if header.eq_ignore_ascii_case("forwarded") { forwarded::node } else { forwarded::address };
    let lines: Vec<&[u8]> = lines.collect();
    for entry in lines.iter().rev().flat_map(|line| forwarded::from_the_right(line)) {
        let Some(address) = read(entry) else { return client };
        client = address.to_canonical();
        if !within(trusted, client) {
            return client;
        }
    }
    client
}

/// Whether one of the nets holds the address, either of them written as IPv4-mapped IPv6 or not.
#[must_use]
pub fn within(nets: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    let mapped = match address {
        IpAddr::V4(four) => Some(IpAddr::V6(four.to_ipv6_mapped())),
        IpAddr::V6(_) => None,
    };
    nets.iter().any(|net| net.contains(&address) || mapped.is_some_and(|mapped| net.contains(&mapped)))
}

/// A client's keyed hashes at one moment.
#[derive(Clone)]
pub struct Named {
    /// [`Client::address_key`]
    pub address: String,
    /// [`Client::network_key`]
    pub network: String,
}

/// One client as the limits see it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// As [`client_address`] found it.
    pub address: IpAddr,
}

impl Client {
    /// Folds IPv4-mapped IPv6.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self { address: address.to_canonical() }
    }

    /// What counts as one address: the /32 of IPv4, the /64 of IPv6.
    #[must_use]
    pub fn address_range(&self) -> IpNet {
        range(self.address, 32, 64)
    }

    /// The network around it: the /24 of IPv4, the /48 of IPv6.
    #[must_use]
    pub fn network(&self) -> IpNet {
        range(self.address, 24, 48)
    }

    /// Keyed hash of [`Client::address_range`], another one every 30 days.
    #[must_use]
    pub fn address_key(&self, keys: &Keyring, now: Timestamp) -> String {
        rotating_key(keys, b"address", self.address_range(), now)
    }

    /// Keyed hash of [`Client::network`], another one every 30 days.
    #[must_use]
    pub fn network_key(&self, keys: &Keyring, now: Timestamp) -> String {
        rotating_key(keys, b"network", self.network(), now)
    }

    /// What it is called now, worked out once for all who ask.
    #[must_use]
    pub fn named(&self, keys: &Keyring, now: Timestamp) -> Named {
        Named { address: self.address_key(keys, now), network: self.network_key(keys, now) }
    }

    /// The network's key of the epoch before, for what is remembered longer than one.
    #[must_use]
    pub fn network_key_before(&self, keys: &Keyring, now: Timestamp) -> String {
        self.network_key(keys, Timestamp(now.0.saturating_sub(EPOCH_S * 1000)))
    }

    /// Eight hexadecimal digits of the network, enough to bind a challenge to it and too few to
    /// name it. They do not rotate, so that a challenge outlives the turn of an epoch.
    #[must_use]
    pub fn network_mark(&self, keys: &Keyring) -> String {
        let number = keys.number(Purpose::Address, &[b"mark", self.network().to_string().as_bytes()]);
        format!("{:08x}", number & 0xffff_ffff)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client(…)")
    }
}

fn range(address: IpAddr, four: u8, six: u8) -> IpNet {
    match address {
        IpAddr::V4(address) => {
            Ipv4Net::new(address, four).map_or_else(|_width| IpNet::from(IpAddr::V4(address)), IpNet::V4)
        }
        IpAddr::V6(address) => {
            Ipv6Net::new(address, six).map_or_else(|_width| IpNet::from(IpAddr::V6(address)), IpNet::V6)
        }
    }
    .trunc()
}

fn rotating_key(keys: &Keyring, what: &[u8], range: IpNet, now: Timestamp) -> String {
    let epoch = now.seconds().div_euclid(EPOCH_S).to_be_bytes();
    keys.token(Purpose::Address, &[what, &epoch, range.to_string().as_bytes()])
}

#[cfg(test)]
mod tests;
