//! Draws that every instance repeats: a generator (SplitMix64) that begins at the count of labels.

pub(super) struct Random(u64);

impl Random {
    pub(super) fn of_label(count: u64) -> Self {
        Self(count.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }
    /// A number below `n`; 0 where `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The bias of a remainder is far below what a draw of replays could show.
        usize::try_from((z >> 1) % u64::try_from(n.max(1)).unwrap_or(u64::MAX)).unwrap_or(0)
    }
}
