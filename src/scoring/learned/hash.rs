//! From features to slots: a fast hash with well mixed upper bits.
//!
//! Slots are kept in snapshots and in the shipped seed, so a change here is a new version of both.

/// Bits of a slot's number: fewer cost accuracy through collisions, more cost memory for each site.
pub(super) const BITS: u32 = 18;

/// Slots of a table.
pub(super) const SLOTS: usize = 1 << BITS;

/// One more symbol behind a hash.
pub(super) fn step(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(23) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The hash of a text, begun with its kind, so that equal texts of two kinds differ.
pub(super) fn text(kind: u64, text: &str) -> u64 {
    let mut chunks = text.as_bytes().chunks_exact(8);
    let whole =
        chunks.by_ref().fold(kind, |hash, chunk| step(hash, <[u8; 8]>::try_from(chunk).map_or(0, u64::from_le_bytes)));
    let rest = chunks.remainder().iter().fold(0, |rest, byte| (rest << 8) | u64::from(*byte));
    step(whole, rest | (1 << 60))
}

/// The slot of a finished hash.
pub(super) fn slot(hash: u64) -> u32 {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    u32::try_from(mixed >> (64 - BITS)).unwrap_or(0)
}
