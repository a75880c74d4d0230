//! The frozen model that the program is shipped with: what spam looks like elsewhere.
//!
//! Sites never change it. `scripts/seed-model` makes it from public data.

use std::io::{Read as _, Write as _};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use thiserror::Error;

use super::hash::SLOTS;

const MAGIC: &[u8; 4] = b"RDS1";

/// One byte a slot, shared between sites.
pub struct Seed {
    weights: Box<[i8]>,
    /// Log-odds that one stands for.
    unit: f32,
    bias: f32,
}

/// Why bytes are no seed.
#[derive(Debug, Error)]
pub enum SeedError {
    /// Made for another version of the features.
    #[error("not a seed of this version")]
    Version,
    /// Cut off or changed.
    #[error("the seed is damaged")]
    Damaged(#[source] std::io::Error),
}

impl Seed {
    /// A seed that knows nothing.
    #[must_use]
    pub fn none() -> Self {
        Self { weights: vec![0; SLOTS].into_boxed_slice(), unit: 0.0, bias: 0.0 }
    }

    /// The one that the program is built with; `seed.notice.md` beside it names its sources.
    ///
    /// # Errors
    /// Never in a program that was tested: the bytes are a part of it.
    pub fn shipped() -> Result<Self, SeedError> {
        Self::from_bytes(include_bytes!("seed.bin"))
    }

    pub(super) fn new(weights: Vec<i8>, unit: f32, bias: f32) -> Self {
        Self { weights: weights.into_boxed_slice(), unit, bias }
    }

    /// Reads what [`Seed::to_bytes`] wrote.
    ///
    /// # Errors
    /// The bytes are of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SeedError::Version)?;
        let mut decoder = ZlibDecoder::new(rest);
        let mut head = [[0; 4]; 2];
        let mut weights = vec![0; SLOTS];
        for part in head.iter_mut().map(|part| part.as_mut_slice()).chain([weights.as_mut_slice()]) {
            decoder.read_exact(part).map_err(SeedError::Damaged)?;
        }
        let [unit, bias] = head.map(f32::from_le_bytes);
        Ok(Self { weights: weights.into_iter().map(u8::cast_signed).collect(), unit, bias })
    }

    /// The seed as a file.
    ///
    /// # Errors
    /// Never in practice: nothing but memory is written to.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = ZlibEncoder::new(MAGIC.to_vec(), Compression::best());
        encoder.write_all(&self.unit.to_le_bytes())?;
        encoder.write_all(&self.bias.to_le_bytes())?;
        encoder.write_all(&self.weights.iter().map(|weight| weight.cast_unsigned()).collect::<Vec<u8>>())?;
        encoder.finish()
    }

    pub(super) fn weight(&self, slot: u32) -> f32 {
        self.weights.get(slot as usize).map_or(0.0, |weight| f32::from(*weight)) * self.unit
    }

    pub(super) fn bias(&self) -> f32 {
        self.bias
    }
}
