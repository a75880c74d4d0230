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
    /// Most of one address, and of one network.
    most: [u32; 2],
    metrics: Arc<Metrics>,
}

/// One connection's place, given back when it ends.
pub(super) struct Place {
    callers: Arc<Callers>,
    ranges: Option<[IpNet; 2]>,
}

impl Callers {
    /// Of so many places as there are in all, no address gets more than a quarter and no network more than half.
    pub(super) fn new(places: usize, metrics: Arc<Metrics>) -> Self {
        let places = u32::try_from(places).unwrap_or(u32::MAX);
        let most = [MOST.min(places.div_ceil(4)), MOST_OF_NETWORK.min(places.div_ceil(2))];
        Self { held: Mutex::default(), most, metrics }
    }

    /// A place for a connection from this peer; none where it holds too many already.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr, trusted: &[IpNet]) -> Option<Place> {
        let client = Client::new(peer);
        let ranges = (!within(trusted, peer)).then(|| [client.address_range(), client.network()]);
        if let Some(ranges) = ranges {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let has_room = |(range, most): (&IpNet, u32)| held.get(range).is_none_or(|count| *count < most);
            if !std::iter::zip(&ranges, self.most).all(has_room) {
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
        of(1 << 20)
    }

    fn of(places: usize) -> Arc<Callers> {
        Arc::new(Callers::new(places, Arc::new(Metrics::default())))
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
    fn where_places_are_few_no_client_gets_them_all() {
        let callers = of(800);
        let held = most(&callers, std::iter::repeat("192.0.2.7".parse().unwrap()));
        assert_eq!(held.len(), 200);
        let network = (8..=255).flat_map(|last| vec![IpAddr::from([192, 0, 2, last]); 100]);
        assert_eq!(held.len() + most(&callers, network).len(), 400);
        assert_eq!(most(&of(1), std::iter::repeat("192.0.2.7".parse().unwrap())).len(), 1);
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
