//! A model as bytes: only slots that were touched, with a version and a checksum.
//!
//! A model read back goes on exactly as the one written would have. The seed is not part of it.

use std::sync::Arc;

use thiserror::Error;

use super::{
    document::GROUPS,
    experts::{Rates, Side},
    hash,
    mixer::INPUTS,
    model::{Labels, Model},
    reservoir::{Kept, Sample, read, write},
    seed::Seed,
    table::Slot,
};

/// Changed with everything that changes what the numbers mean: features, hashes, scales.
const MAGIC: &[u8; 4] = b"RDL1";

/// Why bytes are no snapshot; the model is then made anew from the labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SnapshotError {
    /// Of another version of the program.
    #[error("not a snapshot of this version")]
    Version,
    /// Cut off or changed.
    #[error("the snapshot is damaged")]
    Damaged,
}

impl Model {
    /// The model as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for number in [self.labels.spam, self.labels.ham, self.last_label] {
            write(number, &mut out);
        }
        for side in [&self.spam, &self.ham] {
            floats(&[side.comments], &mut out);
            floats(&side.features, &mut out);
        }
        floats(&self.mixer.weights, &mut out);
        floats(&self.mixer.squares, &mut out);
        write_slot(&self.bias, &mut out);
        let touched = || (0_u64..).zip(self.table.iter()).filter(|(_, slot)| **slot != Slot::default());
        write(u64::try_from(touched().count()).unwrap_or(0), &mut out);
        let mut last = 0;
        for (index, slot) in touched() {
            write(index - last, &mut out);
            last = index;
            write_slot(slot, &mut out);
        }
        write(u64::try_from(self.reservoir.len()).unwrap_or(0), &mut out);
        for kept in self.reservoir.iter() {
            write(kept.label, &mut out);
            write(u64::from(kept.spam), &mut out);
            floats(&[kept.rules], &mut out);
            write(u64::try_from(kept.packed.len()).unwrap_or(0), &mut out);
            out.extend_from_slice(&kept.packed);
        }
        let sum = checksum(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// The bytes are of another version, or damaged.
    pub fn from_bytes(bytes: &[u8], seed: Arc<Seed>) -> Result<Self, SnapshotError> {
        if !bytes.starts_with(MAGIC) {
            return Err(SnapshotError::Version);
        }
        let (whole, sum) = bytes.split_last_chunk::<8>().ok_or(SnapshotError::Damaged)?;
        if checksum(whole) != u64::from_le_bytes(*sum) {
            return Err(SnapshotError::Damaged);
        }
        let mut rest = whole.strip_prefix(MAGIC).ok_or(SnapshotError::Version)?;
        fill(&mut rest, seed).filter(|_| rest.is_empty()).ok_or(SnapshotError::Damaged)
    }
}

fn fill(rest: &mut &[u8], seed: Arc<Seed>) -> Option<Model> {
    let mut model = Model::new(seed);
    model.labels = Labels { spam: read(rest)?, ham: read(rest)? };
    model.last_label = read(rest)?;
    for side in [&mut model.spam, &mut model.ham] {
        let [comments] = read_floats(rest)?;
        *side = Side { comments, features: read_floats::<GROUPS>(rest)? };
    }
    model.mixer.weights = read_floats::<INPUTS>(rest)?;
    model.mixer.squares = read_floats::<INPUTS>(rest)?;
    model.bias = read_slot(rest)?;
    let mut index = 0_u32;
    for _ in 0..read(rest)? {
        index = index.checked_add(u32::try_from(read(rest)?).ok()?)?;
        *model.table.get_mut(index)? = read_slot(rest)?;
    }
    let mut sample = Sample::default();
    for _ in 0..read(rest)? {
        let (label, spam) = (read(rest)?, read(rest)? == 1);
        let [rules] = read_floats(rest)?;
        let length = usize::try_from(read(rest)?).ok()?;
        let (packed, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        if !sample.unpack(packed) {
            return None;
        }
        model.reservoir.push(Kept { label, spam, rules, packed: packed.into() });
    }
    model.rates = Rates::new(&model.spam, &model.ham);
    Some(model)
}

fn floats(values: &[f32], out: &mut Vec<u8>) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn read_floats<const N: usize>(rest: &mut &[u8]) -> Option<[f32; N]> {
    let mut values = [0.0; N];
    for value in &mut values {
        let (bytes, behind) = rest.split_first_chunk::<4>()?;
        *value = f32::from_le_bytes(*bytes);
        *rest = behind;
    }
    values.iter().all(|value| value.is_finite()).then_some(values)
}

fn write_slot(slot: &Slot, out: &mut Vec<u8>) {
    floats(&[slot.z, slot.n], out);
    write(u64::from(slot.spam), out);
    write(u64::from(slot.ham), out);
}

fn read_slot(rest: &mut &[u8]) -> Option<Slot> {
    let [z, n] = read_floats(rest)?;
    let mut count = || u16::try_from(read(rest)?).ok();
    Some(Slot { z, n, spam: count()?, ham: count()? })
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0, |sum, chunk| {
        let word = chunk.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        hash::step(sum, word)
    })
}
