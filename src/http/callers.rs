//! How many connections each client holds, and who may not open another.
//!
//! A client is one address (a /32 of IPv4, a /64 of IPv6), and behind it its network (a /24, a /48), so that nobody
//! comes as many. A trusted proxy stands for many clients and is not counted by its address. How long a connection
//! may keep us waiting is `line`'s business.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;

use crate::{
    net::{Client, within},
    telemetry::Metrics,
};

/// Most connections of one address. A browser holds six and a few streams; behind one address may be an office.
const MOST: u32 = 1_024;
/// Most connections of one network.
const MOST_OF_NETWORK: u32 = 4_096;

/// Everybody who is connected.
pub(super) struct Callers {
    held: Mutex<HashMap<IpNet, u32>>,
    metrics: Arc<Metrics>,
}

/// One connection's place, given back when it ends.
pub(super) struct Place {
    callers: Arc<Callers>,
    ranges: Option<[IpNet; 2]>,
}

impl Callers {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { held: Mutex::default(), metrics }
    }

    /// A place for a connection from this peer; none where it holds too many already.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr, trusted: &[IpNet]) -> Option<Place> {
        let client = Client::new(peer);
        let ranges = (!within(trusted, peer)).then(|| [client.address_range(), client.network()]);
        if let Some(ranges) = ranges {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let has_room = |(range, most): (&IpNet, u32)| held.get(range).is_none_or(|count| *count < most);
            if !std::iter::zip(&ranges, [MOST, MOST_OF_NETWORK]).all(has_room) {
                self.metrics.connections_refused.inc();
                return None;
            }
            for range in ranges {
                *held.entry(range).or_default() += 1;
            }
        }
        self.metrics.connections.inc();
        Some(Place { callers: Arc::clone(self), ranges })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.callers.metrics.connections.dec();
        let mut held = self.callers.held.lock().unwrap_or_else(PoisonError::into_inner);
        for range in self.ranges.iter().flatten() {
            match held.get_mut(range) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(held.remove(range)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn callers() -> Arc<Callers> {
        Arc::new(Callers::new(Arc::new(Metrics::default())))
    }

    fn most(callers: &Arc<Callers>, peers: impl Iterator<Item = IpAddr>) -> Vec<Place> {
        peers.map_while(|peer| callers.admit(peer, &[])).collect()
    }

    #[test]
    fn an_address_has_its_places_and_gets_them_back() {
        let callers = callers();
        let peer: IpAddr = "192.0.2.7".parse().unwrap();
        let mut places = most(&callers, std::iter::repeat(peer));
        assert_eq!(places.len(), 1_024);
        assert!(callers.admit("::ffff:192.0.2.7".parse().unwrap(), &[]).is_none(), "IPv4 in IPv6 is IPv4");
        let other = callers.admit("192.0.2.8".parse().unwrap(), &[]);
        assert!(other.is_some(), "others are not in its way");
        places.pop();
        assert!(callers.admit(peer, &[]).is_some());
        drop((places, other));
        assert!(callers.held.lock().unwrap().is_empty(), "nothing is kept of who went");
        assert_eq!((callers.metrics.connections.get(), callers.metrics.connections_refused.get()), (0, 2));
    }

    #[test]
    fn one_client_does_not_come_as_many_over_ipv6() {
        let callers = callers();
        let of_one_64 = (0..).map(|n: u64| IpAddr::from(Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | u128::from(n))));
        assert_eq!(most(&callers, of_one_64).len(), 1_024);
        let of_one_48 = (0..)
            .map(|n: u64| IpAddr::from(Ipv6Addr::from_bits((0x2001_0db9_u128 << 96) | (u128::from(n % 60_000) << 64))));
        assert_eq!(most(&callers, of_one_48).len(), 4_096);
    }

    #[test]
    fn a_trusted_proxy_stands_for_many() {
        let callers = callers();
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let places: Vec<_> = (0..5_000).map_while(|_| callers.admit([10, 0, 0, 1].into(), &trusted)).collect();
        assert_eq!(places.len(), 5_000);
        assert_eq!(callers.metrics.connections.get(), 5_000);
    }
}
