//! Finding by likeness: chains of entries that share a part of their sketch, newest first.
//!
//! Bounded: the oldest entries make room, and a link that leads to one of them ends its chain, so that
//! nothing needs to be unlinked. Who belongs together is not known here.

use std::collections::VecDeque;

use crate::text::Sketch;

/// Entries kept where nothing else is said.
pub(super) const MOST: usize = 1 << 16;
/// Heads of chains a band.
const HEADS: usize = 1 << 14;
/// Links followed in one chain.
const WALK: usize = 96;
/// Neighbours that are told at most.
const ENOUGH: usize = 48;

/// An entry's number; numbers grow by one and may wrap.
pub(super) type Number = u32;

/// What following a chain looks at, and nothing else: half a cache line for each entry that is passed.
struct Link {
    site: u32,
    sketch: Sketch,
    /// The entry before in the chain of each band; one that is not kept any more ends it.
    before: [Number; 4],
}

/// Entries by number and by likeness.
pub(super) struct Chains<T> {
    links: VecDeque<Link>,
    /// One for each link.
    entries: VecDeque<T>,
    /// Number of the oldest.
    first: Number,
    heads: [Vec<Number>; 4],
    /// Entries kept.
    most: usize,
}

impl<T> Default for Chains<T> {
    fn default() -> Self {
        Self::keeping(MOST)
    }
}

impl<T> Chains<T> {
    /// Keeps so many; the oldest makes room.
    pub(super) fn keeping(most: usize) -> Self {
        Self { links: VecDeque::new(), entries: VecDeque::new(), first: 1, heads: [const { Vec::new() }; 4], most }
    }

    pub(super) fn get(&self, number: Number) -> Option<&T> {
        self.entries.get(self.place(number)?)
    }

    pub(super) fn get_mut(&mut self, number: Number) -> Option<&mut T> {
        let place = self.place(number)?;
        self.entries.get_mut(place)
    }

    pub(super) fn oldest(&self) -> Option<&T> {
        self.entries.front()
    }

    pub(super) fn is_full(&self) -> bool {
        self.links.len() >= self.most
    }

    pub(super) fn pop(&mut self) -> Option<(Number, T)> {
        let (_link, entry) = (self.links.pop_front()?, self.entries.pop_front()?);
        let number = self.first;
        self.first = number.wrapping_add(1);
        Some((number, entry))
    }

    pub(super) fn push(&mut self, site: u32, sketch: Sketch, entry: T) -> Number {
        let number = self.first.wrapping_add(u32::try_from(self.links.len()).unwrap_or(0));
        let mut before = [number; 4];
        let bands = self.heads.iter_mut().zip(sketch.bands()).zip(&mut before);
        for ((heads, band), before) in bands {
            if heads.is_empty() {
                heads.resize(HEADS, 0);
            }
            if let Some(head) = heads.get_mut(head(site, band)) {
                *before = std::mem::replace(head, number);
            }
        }
        self.links.push_back(Link { site, sketch, before });
        self.entries.push_back(entry);
        number
    }

    /// Entries of the site near to the sketch, each once, the nearest first.
    pub(super) fn near(&self, site: u32, sketch: Sketch) -> Vec<Number> {
        let mut found: Vec<(u32, Number)> = Vec::new();
        for (band, (heads, part)) in self.heads.iter().zip(sketch.bands()).enumerate() {
            let mut next = heads.get(head(site, part)).copied();
            let mut newer = None;
            for _ in 0..WALK {
                let Some((number, place)) = next.and_then(|number| Some((number, self.place(number)?))) else { break };
                // A chain leads to ever older entries; a link to a newer one is a number come round again.
                if newer.is_some_and(|newer| place >= newer) {
                    break;
                }
                newer = Some(place);
                let Some(link) = self.links.get(place) else { break };
                let shared = link.sketch.shared(sketch);
                if link.site == site && link.sketch.is_near(sketch) && !found.contains(&(shared, number)) {
                    found.push((shared, number));
                    if found.len() >= ENOUGH {
                        break;
                    }
                }
                next = link.before.get(band).copied();
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.into_iter().map(|(_, number)| number).collect()
    }

    fn place(&self, number: Number) -> Option<usize> {
        let place = usize::try_from(number.wrapping_sub(self.first)).ok()?;
        (place < self.links.len()).then_some(place)
    }
}

fn head(site: u32, band: u16) -> usize {
    let mixed = (site ^ u32::from(band)).wrapping_mul(0x9E37_79B1);
    usize::try_from(mixed >> 18).unwrap_or(0)
}
