//! The operator's lists of networks: Tor's exits, hosting providers' ranges and autonomous systems.
//!
//! What an address found in one of them means is the `captcha` room's to say. `load` reads the files,
//! off any request's path; a lookup touches memory alone.

use std::{collections::BTreeSet, fmt, net::IpAddr, path::PathBuf, sync::Arc};

use ipnet::IpNet;
use maxminddb::Reader;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::config::values::{Misfit, quoted};

/// `[captcha.lists]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Lists {
    pub tor_exits: Vec<PathBuf>,
    pub hosting: Vec<PathBuf>,
    pub asn_database: PathBuf,
    pub hosting_asns: Vec<AutonomousSystem>,
    /// What `load` made of the files.
    #[serde(skip)]
    pub networks: Arc<Networks>,
}

/// One entry of `captcha.lists.hosting_asns`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AutonomousSystem {
    /// `64500` or `"AS64500"`
    Number(u32),
    /// Words of its organisation's name, as `words` makes them.
    Organisation(String),
}

impl<'de> Deserialize<'de> for AutonomousSystem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = toml::Value::deserialize(deserializer)?;
        let misfit = |shown: String| {
            let right =
                "write an AS number or words of its organisation's name, e.g. \"AS64500\" or \"Example Hosting\"";
            D::Error::custom(Misfit::new(format!("{shown} is no autonomous system"), right))
        };
        match &given {
            toml::Value::Integer(number) => {
                u32::try_from(*number).map(Self::Number).map_err(|_range| misfit(number.to_string()))
            }
            toml::Value::String(text) => match (as_number(text), words(text)) {
                (Some(number), _) => Ok(Self::Number(number)),
                (None, name) if name.chars().any(char::is_alphabetic) => Ok(Self::Organisation(name)),
                _ => Err(misfit(quoted(text))),
            },
            other => Err(misfit(other.type_str().to_owned())),
        }
    }
}

/// `AS64500` or `64500`.
pub(in crate::config) fn as_number(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
    if digits.starts_with('+') { None } else { digits.parse().ok() }
}

/// Letters and digits in lower case, one space between words.
fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Compiled lists.
#[derive(Default)]
pub struct Networks {
    tor: Ranges,
    hosting: Ranges,
    systems: BTreeSet<u32>,
    organisations: Vec<String>,
    database: Option<Arc<AsDatabase>>,
}

/// A MaxMind DB file in memory that tells networks' autonomous systems.
pub(in crate::config) type AsDatabase = Reader<Vec<u8>>;

/// What such a file says of a network; other fields are passed over.
#[derive(Deserialize)]
pub(in crate::config) struct AsRecord<'a> {
    #[serde(rename = "autonomous_system_number")]
    pub(in crate::config) number: Option<u32>,
    #[serde(rename = "autonomous_system_organization", borrow)]
    organisation: Option<&'a str>,
}

impl Networks {
    /// Compiles what was read.
    pub(in crate::config) fn new(
        tor: Vec<IpNet>,
        hosting: Vec<IpNet>,
        systems: impl IntoIterator<Item = AutonomousSystem>,
        database: Option<Arc<AsDatabase>>,
    ) -> Self {
        let (mut numbers, mut organisations) = (BTreeSet::new(), Vec::new());
        for system in systems {
            match system {
                AutonomousSystem::Number(number) => drop(numbers.insert(number)),
                AutonomousSystem::Organisation(name) => organisations.push(format!(" {name} ")),
            }
        }
        Self { tor: Ranges::new(tor), hosting: Ranges::new(hosting), systems: numbers, organisations, database }
    }

    /// Whether a list of Tor's exits has the address.
    #[must_use]
    pub fn is_tor(&self, address: IpAddr) -> bool {
        self.tor.contains(address)
    }

    /// Whether a list of hosting providers has the address or its autonomous system.
    #[must_use]
    pub fn is_hosting(&self, address: IpAddr) -> bool {
        self.hosting.contains(address) || self.of_a_host(address).unwrap_or(false)
    }

    /// None where nothing is known of the address, an unreadable record among it.
    fn of_a_host(&self, address: IpAddr) -> Option<bool> {
        if self.systems.is_empty() && self.organisations.is_empty() {
            return None;
        }
        let found = self.database.as_ref()?.lookup(address.to_canonical()).ok()?;
        let record = found.decode::<AsRecord<'_>>().ok()??;
        let listed = record.number.is_some_and(|number| self.systems.contains(&number));
        if listed || self.organisations.is_empty() {
            return Some(listed);
        }
        let name = format!(" {} ", words(record.organisation?));
        Some(self.organisations.iter().any(|listed| name.contains(listed)))
    }
}

impl fmt::Debug for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Networks(tor: {}, hosting: {})", self.tor.0.len(), self.hosting.0.len())
    }
}

/// Ranges of addresses that neither overlap nor touch, in order; IPv4 stands as IPv4-mapped IPv6.
#[derive(Default)]
struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    fn new(nets: Vec<IpNet>) -> Self {
        let mut ranges: Vec<_> = nets.iter().map(|net| (ordinal(net.network()), ordinal(net.broadcast()))).collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::new();
        for (start, end) in ranges {
            match merged.last_mut() {
                Some((_, last)) if start <= last.saturating_add(1) => *last = end.max(*last),
                _ => merged.push((start, end)),
            }
        }
        Self(merged)
    }

    /// Costs the logarithm of the list's length.
    fn contains(&self, address: IpAddr) -> bool {
        let address = ordinal(address);
        let next = self.0.partition_point(|(start, _)| *start <= address);
        next.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, end)| address <= *end)
    }
}

fn ordinal(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TINY: &[u8] = include_bytes!("../../../tests/fixtures/asn/tiny.mmdb");

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn known(systems: &[&str]) -> Networks {
        let systems: Vec<AutonomousSystem> =
            systems.iter().map(|text| toml::Value::from(*text).try_into().unwrap()).collect();
        let database = Reader::from_source(TINY.to_vec()).unwrap();
        Networks::new(Vec::new(), Vec::new(), systems, Some(Arc::new(database)))
    }

    #[test]
    fn an_address_is_found_by_its_autonomous_system_or_its_organisations_words() {
        let (host, reader, unknown) = (ip("198.51.100.77"), ip("203.0.113.7"), ip("192.0.2.1"));
        for systems in [["AS64500"], ["64500"], ["Example HOSTING"], ["hosting"]] {
            let known = known(&systems);
            assert!(known.is_hosting(host) && known.is_hosting(ip("2001:db8:1::5")), "{systems:?}");
            assert!(known.is_hosting(ip("::ffff:198.51.100.77")), "{systems:?}");
            assert!(!known.is_hosting(reader) && !known.is_hosting(unknown), "{systems:?}");
        }
        assert!(known(&["AS64501"]).is_hosting(reader));
        assert!(!known(&["host"]).is_hosting(host), "half a word");
        assert!(!known(&[]).is_hosting(host));
    }

    #[test]
    fn an_autonomous_system_is_a_number_or_a_name() {
        let read = |value: toml::Value| value.try_into::<AutonomousSystem>().ok();
        assert_eq!(read(64500.into()), Some(AutonomousSystem::Number(64500)));
        assert_eq!(read("as64500".into()), Some(AutonomousSystem::Number(64500)));
        assert_eq!(
            read("Example, Hosting-Ltd.".into()),
            Some(AutonomousSystem::Organisation("example hosting ltd".into()))
        );
        for bad in
            [toml::Value::from(-1), 4_294_967_296_i64.into(), "".into(), "!".into(), "4294967296".into(), 0.5.into()]
        {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn ranges_hold_what_one_of_their_networks_holds(
            nets in prop::collection::vec((any::<u32>(), 0..=32_u8, any::<bool>()), 0..20),
            addresses in prop::collection::vec(any::<u32>(), 20),
        ) {
            let net = |(bits, length, six): (u32, u8, bool)| {
                let four = std::net::Ipv4Addr::from_bits(bits);
                if six {
                    IpNet::new(IpAddr::V6(four.to_ipv6_mapped()), 96 + length).unwrap()
                } else {
                    IpNet::new(IpAddr::V4(four), length).unwrap()
                }
            };
            let nets: Vec<IpNet> = nets.into_iter().map(net).collect();
            let ranges = Ranges::new(nets.clone());
            let edges = nets.iter().flat_map(|net| [net.network(), net.broadcast()]);
            let others = addresses.into_iter().map(|bits| IpAddr::V4(std::net::Ipv4Addr::from_bits(bits)));
            for address in edges.chain(others) {
                let six = match address { IpAddr::V4(four) => four.to_ipv6_mapped(), IpAddr::V6(six) => six };
                let within = nets.iter().any(|net| net.contains(&six.to_canonical()) || net.contains(&IpAddr::V6(six)));
                prop_assert_eq!(ranges.contains(address), within);
                prop_assert_eq!(ranges.contains(IpAddr::V6(six)), within);
            }
        }
    }
}
