//! A bounded sample of past labels to learn from again, so that early ones are not forgotten.
//!
//! It keeps slots, never text: about two bytes a feature, sorted and as differences.

use super::{
    document::{Document, GROUPS, Group},
    random::Random,
};

/// Bytes that a site's sample may take: one to two thousand comments of ordinary length.
const BUDGET: usize = 880 << 10;
/// What an entry costs beside its slots.
const ENTRY: usize = size_of::<Kept>() + 16;

/// One learned comment.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Kept {
    pub(super) label: u64,
    pub(super) spam: bool,
    /// What the other signals said, in log-odds.
    pub(super) rules: f32,
    pub(super) packed: Box<[u8]>,
}

#[derive(Clone, Default, PartialEq)]
pub(super) struct Reservoir {
    kept: Vec<Kept>,
    bytes: usize,
}

impl Reservoir {
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
    pub(super) fn get(&self, index: usize) -> Option<&Kept> {
        self.kept.get(index)
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }
    pub(super) fn push(&mut self, kept: Kept) {
        self.bytes += kept.packed.len() + ENTRY;
        self.kept.push(kept);
    }
    /// Adds a label; beyond the budget, others give way by lot, so that old ones thin out slowly.
    pub(super) fn add(&mut self, kept: Kept, random: &mut Random) {
        self.push(kept);
        while self.bytes > BUDGET && self.kept.len() > 1 {
            let gone = self.kept.swap_remove(random.below(self.kept.len() - 1));
            self.bytes -= gone.packed.len() + ENTRY;
        }
    }
}

/// The slots of a document group by group, each group sorted.
#[derive(Default)]
pub(super) struct Sample {
    slots: Vec<u32>,
    ends: [usize; GROUPS],
}

impl Sample {
    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut sample = Self { slots: Vec::with_capacity(document.size()), ends: [0; GROUPS] };
        for ((_, features), end) in document.groups().zip(&mut sample.ends) {
            let begun = sample.slots.len();
            sample.slots.extend(features.iter().map(|feature| feature.slot));
            if let Some(group) = sample.slots.get_mut(begun..) {
                group.sort_unstable();
            }
            *end = sample.slots.len();
        }
        sample
    }
    pub(super) fn groups(&self) -> impl Iterator<Item = (Group, &[u32])> {
        let mut start = 0;
        Group::ALL.into_iter().zip(self.ends).map(move |(group, end)| {
            let slots = self.slots.get(start..end).unwrap_or_default();
            start = end;
            (group, slots)
        })
    }
    pub(super) fn pack(&self) -> Box<[u8]> {
        let mut out = Vec::with_capacity(2 * self.slots.len() + 2 * GROUPS);
        for (_, slots) in self.groups() {
            write(u64::try_from(slots.len()).unwrap_or(0), &mut out);
            let mut last = 0;
            for slot in slots {
                write(u64::from(slot - last), &mut out);
                last = *slot;
            }
        }
        out.into_boxed_slice()
    }
    /// Takes the place of what it held; false where the bytes are no sample.
    pub(super) fn unpack(&mut self, mut packed: &[u8]) -> bool {
        self.slots.clear();
        for end in &mut self.ends {
            let Some(count) = read(&mut packed) else { return false };
            let mut slot = 0_u32;
            for _ in 0..count {
                let Some(next) = read(&mut packed).and_then(|d| u32::try_from(d).ok()?.checked_add(slot)) else {
                    return false;
                };
                slot = next;
                self.slots.push(slot);
            }
            *end = self.slots.len();
        }
        packed.is_empty()
    }
}

/// Seven bits a byte, the last one without the high bit (LEB128).
pub(super) fn write(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 127).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 128);
    }
}

/// The number that the bytes begin with; they go on behind it.
pub(super) fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(number);
        }
    }
    None
}
