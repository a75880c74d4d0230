//! Which slot of a cluster a key lies in, and which server keeps which slot.

use std::collections::HashMap;

use redis::Value;

use super::address::Place;

/// How many there are.
const SLOTS: u16 = 16_384;

/// A key's slot: by what stands in its first braces, else by all of it.
pub(super) fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(key).as_bytes()) % SLOTS
}

/// CRC-16 as XMODEM has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _bit| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

/// Who keeps what, as one node told it, with what others told since.
#[derive(Clone, Default, Debug)]
pub(super) struct Map {
    /// First and last slot and their master, in order.
    ranges: Vec<(u16, u16, Place)>,
    moved: HashMap<u16, Place>,
    replicas: Vec<Place>,
}

impl Map {
    /// From the answer to `CLUSTER SLOTS`; a node that does not know its own address is meant by an empty one.
    pub(super) fn read(answer: &Value, asked: &Place) -> Option<Self> {
        let Value::Array(rows) = answer else { return None };
        let mut map = Self::default();
        for row in rows {
            let Value::Array(row) = row else { return None };
            let [Value::Int(first), Value::Int(last), master, replicas @ ..] = row.as_slice() else { return None };
            let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
            map.ranges.push((first, last, node(master, asked)?));
            map.replicas.extend(replicas.iter().filter_map(|replica| node(replica, asked)));
        }
        map.ranges.sort();
        (!map.ranges.is_empty()).then_some(map)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(super) fn master_of(&self, slot: u16) -> Option<&Place> {
        let ranges = || {
            let behind = self.ranges.partition_point(|(first, ..)| *first <= slot);
            let (_, last, master) = self.ranges.get(behind.checked_sub(1)?)?;
            (slot <= *last).then_some(master)
        };
        self.moved.get(&slot).or_else(ranges)
    }

    /// A node said that a slot lies elsewhere by now.
    pub(super) fn with_moved(&self, slot: u16, place: Place) -> Self {
        let mut map = self.clone();
        map.moved.insert(slot, place);
        map
    }

    /// All masters that keep slots, each once.
    pub(super) fn masters(&self) -> Vec<&Place> {
        let mut masters: Vec<_> = self.ranges.iter().map(|(.., master)| master).chain(self.moved.values()).collect();
        masters.sort();
        masters.dedup();
        masters
    }

    pub(super) fn replicas(&self) -> &[Place] {
        &self.replicas
    }

    /// A key for each master, that lies there.
    pub(super) fn key_for_each(&self, name: impl Fn(u32) -> String) -> Vec<String> {
        let mut wanting = self.masters();
        let mut keys = Vec::with_capacity(wanting.len());
        // A master with a single slot is found after some 16,000 looks, of which each takes a moment.
        for n in 0..4 * u32::from(SLOTS) {
            if wanting.is_empty() {
                break;
            }
            let key = name(n);
            let master = self.master_of(slot_of(&key));
            if let Some(at) = wanting.iter().position(|wanting| Some(*wanting) == master) {
                wanting.swap_remove(at);
                keys.push(key);
            }
        }
        keys
    }
}

/// A node of the answer: address, port and more.
fn node(value: &Value, asked: &Place) -> Option<Place> {
    let Value::Array(parts) = value else { return None };
    let [host, Value::Int(port), ..] = parts.as_slice() else { return None };
    let host = match host {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok()?,
        Value::SimpleString(text) => text.clone(),
        _ => String::new(),
    };
    let host = if matches!(host.as_str(), "" | "?") { asked.host.clone() } else { host };
    Some(Place { host, port: u16::try_from(*port).ok()? })
}

/// Where a redirection leads: `HOST:PORT`, or `:PORT` of the same host.
pub(super) fn redirected(to: &str, asked: &Place) -> Option<Place> {
    let (host, port) = to.rsplit_once(':')?;
    let host = if matches!(host, "" | "?") { asked.host.clone() } else { host.trim_matches(['[', ']']).to_owned() };
    Some(Place { host, port: port.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(port: u16) -> Place {
        Place { host: "a".to_owned(), port }
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12_182);
        assert_eq!(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
        assert_eq!(slot_of("foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot_of("foo{{bar}}zap"), crc16(b"{bar") % SLOTS);
    }

    #[test]
    fn a_map_says_who_keeps_a_slot_and_learns_moves() {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let node = |host: &str, port| Value::Array(vec![text(host), Value::Int(port), text("id")]);
        let row =
            |first, last, nodes: Vec<Value>| Value::Array([vec![Value::Int(first), Value::Int(last)], nodes].concat());
        let answer =
            Value::Array(vec![row(8_000, 16_000, vec![node("b", 2)]), row(0, 7_999, vec![node("", 1), node("c", 3)])]);
        let map = Map::read(&answer, &place(9)).unwrap();
        assert_eq!(map.master_of(7_999), Some(&place(1)));
        assert_eq!(map.master_of(8_000).unwrap().host, "b");
        assert_eq!(map.master_of(16_001), None, "nobody keeps it");
        assert_eq!(map.replicas().len(), 1);
        assert_eq!(map.key_for_each(|n| format!("k{n}")).len(), 2);
        let map = map.with_moved(8_000, place(4));
        assert_eq!((map.master_of(8_000), map.masters().len()), (Some(&place(4)), 3));
        assert!(Map::read(&Value::Array(vec![]), &place(9)).is_none() && Map::read(&Value::Okay, &place(9)).is_none());
    }

    #[test]
    fn a_redirection_names_its_host_or_means_the_same() {
        assert_eq!(redirected(":7", &place(1)), Some(place(7)));
        assert_eq!(redirected("b:7", &place(1)).unwrap().host, "b");
        assert_eq!(redirected("[::1]:7", &place(1)).unwrap().to_string(), "[::1]:7");
        assert_eq!(redirected("nonsense", &place(1)), None);
    }
}
