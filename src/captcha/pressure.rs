//! How much work a challenge asks for: more of a busy network, and on a site under pressure.
//!
//! Pure. Rates come as decaying counts of challenges and submissions, each of which weighs half after
//! [`HALF_LIFE`]; who counts them is not known here. Work never grows beyond what a cheap phone does in
//! `LONGEST_S` seconds: past that, comments wait for a moderator instead.

use std::time::Duration;

/// After which a challenge or submission counts half.
pub const HALF_LIFE: Duration = Duration::from_secs(5 * 60);
/// Counts of a network from which on each further level begins. A comment is a challenge and a submission,
/// so the first is about ten comments at once, or two a minute for long.
const LEVELS: [f64; 3] = [20.0, 40.0, 80.0];
/// The count from which on a network's rate is a signal.
pub const HIGH_RATE: f64 = 40.0;
/// The count from which on it is a flood.
pub const EXTREME_RATE: f64 = 120.0;
/// The steepest level.
pub const MOST_LEVEL: u32 = 3;

/// The counter's bound without any pressure: about a second on a laptop, four on a cheap phone.
const BASE: u32 = 4_000;
/// Tries a second of a Galaxy A14, from ALTCHA's published benchmark of PBKDF2 at our cost.
const SLOW_PHONE: u32 = 526;
/// Seconds that such a phone may search at worst.
const LONGEST_S: u32 = 20;

/// What is known of the rates when a challenge is asked for.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pressure {
    /// The decaying count of the client's network.
    pub network: f64,
    /// The site gets more than half of what its ceiling allows.
    pub busy_site: bool,
    /// The page or site is in attack mode.
    pub attack: bool,
}

impl Pressure {
    /// From 0, none, to [`MOST_LEVEL`].
    #[must_use]
    pub fn level(&self) -> u32 {
        let network: u32 = LEVELS.iter().map(|from| u32::from(self.network >= *from)).sum();
        (network + u32::from(self.busy_site) + u32::from(self.attack)).min(MOST_LEVEL)
    }
}

/// How far a challenge's counter may lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Difficulty(u32);

impl Difficulty {
    /// Without any pressure.
    pub const CALM: Self = Self(BASE);
    /// The most that is ever asked for.
    pub const MOST: Self = Self(LONGEST_S * SLOW_PHONE);

    /// Doubles with each level, up to what a cheap phone bears.
    #[must_use]
    pub fn at(level: u32) -> Self {
        Self((BASE << level.min(MOST_LEVEL)).min(Self::MOST.0))
    }

    /// The counter is uniform in `1..=max_counter`.
    #[must_use]
    pub fn max_counter(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_doubles_with_each_level_and_a_cheap_phone_never_searches_longer_than_twenty_seconds() {
        let counters = [0, 1, 2, 3, 4, u32::MAX].map(|level| Difficulty::at(level).max_counter());
        assert_eq!(counters, [4_000, 8_000, 10_520, 10_520, 10_520, 10_520]);
        assert!(counters.iter().all(|most| f64::from(*most) / f64::from(SLOW_PHONE) <= f64::from(LONGEST_S)));
        assert_eq!(Difficulty::at(0), Difficulty::CALM);
    }

    #[test]
    fn the_level_follows_the_network_and_the_site() {
        let level = |network, busy_site, attack| Pressure { network, busy_site, attack }.level();
        assert_eq!([0.0, 19.9, 20.0, 40.0, 80.0, 1e9].map(|rate| level(rate, false, false)), [0, 0, 1, 2, 3, 3]);
        assert_eq!([level(0.0, true, false), level(0.0, false, true), level(0.0, true, true)], [1, 1, 2]);
        assert_eq!(level(80.0, true, true), MOST_LEVEL);
    }
}
