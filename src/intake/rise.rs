//! When refusals on a site are so many more than usual that it is an attack. Arithmetic alone: who is refused and what
//! follows is not known here.
//!
//! What is counted are networks, each at most once a minute ([`super::refused`]): a single client that hammers at the door
//! is one, however fast; a crowd is many. The last minute is held against an absolute figure and against the site's own
//! usual. Each process counts what comes to it. Behind a proxy that spreads requests evenly a flood and the usual fall by
//! the same factor, so the ratio is the same on each of several instances; the figure is then met by a greater flood.

use crate::domain::Timestamp;

/// Networks refused in a minute under which nothing is an attack: a village paper's bad day, a hall full of phones
/// with a stale page, a handful of scripts.
const FLOOR: f64 = 40.0;
/// So many times the usual is no busy evening any more: a site's refusals go up and down by two or three over a day.
const RATIO: f64 = 5.0;
/// Half of the usual was seen within so many minutes, six hours: long enough that an evening does not become the usual,
/// short enough that a new tide of nuisance does by the next day.
const HALF_LIFE_MIN: f64 = 360.0;
/// Before anything was seen the usual is taken to be so many a minute, so that a process that starts on a large paper
/// does not take what it first sees for an attack: its bound is then 100 networks a minute.
const AT_FIRST: f64 = 20.0;
/// How many minutes that assumption weighs. After a quarter of an hour without refusals the bound is the floor.
const AT_FIRST_MIN: f64 = 10.0;
/// Minutes that are caught up with one by one: after them nothing is left of what was usual before.
const MOST_MIN: i64 = 7 * 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// One site's refusals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rise {
    /// The minute that is being counted.
    minute: i64,
    this: u32,
    before: u32,
    /// Of a minute.
    usual: f64,
    /// Minutes that went into the usual.
    seen: f64,
}

impl Rise {
    /// Of a site of which nothing was seen yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { minute: minute_of(now), this: 0, before: 0, usual: AT_FIRST, seen: 0.0 }
    }

    /// Counts one more network, and says whether this is an attack.
    pub(super) fn refused(&mut self, now: Timestamp) -> bool {
        self.turn(minute_of(now));
        self.this = self.this.saturating_add(1);
        self.lately(now) >= self.bound()
    }

    /// From so many networks a minute on it is an attack.
    fn bound(&self) -> f64 {
        (RATIO * self.usual).max(FLOOR)
    }

    /// Networks within the last minute, as far as two counts tell.
    fn lately(&self, now: Timestamp) -> f64 {
        let into = u32::try_from(now.0.rem_euclid(MINUTE_MS)).unwrap_or(0);
        // A clock that was put back leaves the minute as it is.
        let into = if minute_of(now) < self.minute { 0 } else { into };
        f64::from(self.this) + f64::from(self.before) * (1.0 - f64::from(into) / 60_000.0)
    }

    /// Closes minutes that are over.
    fn turn(&mut self, minute: i64) {
        let gone = minute.saturating_sub(self.minute);
        if gone <= 0 {
            return;
        }
        self.learn(self.this);
        for _quiet in 1..gone.min(MOST_MIN) {
            self.learn(0);
        }
        self.before = if gone == 1 { self.this } else { 0 };
        (self.this, self.minute) = (0, minute);
    }

    /// A minute's count goes into the usual: the mean at first, later with the newer weighing more. A minute of an
    /// attack counts as what it takes to be one, and never with more than a late minute's weight: so a flood does not
    /// make itself usual at once, and one that never ends does within hours.
    fn learn(&mut self, count: u32) {
        let late = 1.0 - 0.5_f64.powf(1.0 / HALF_LIFE_MIN);
        let (count, bound) = (f64::from(count), self.bound());
        self.seen += 1.0;
        let share = if count < bound { (1.0 / (AT_FIRST_MIN + self.seen)).max(late) } else { late };
        self.usual += (count.min(bound) - self.usual) * share;
    }
}

fn minute_of(now: Timestamp) -> i64 {
    now.0.div_euclid(MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_800_000_000_000;

    /// Counts evenly within a minute; whether any was an attack.
    fn minute(rise: &mut Rise, nth: i64, count: u32) -> bool {
        (0..count).fold(false, |met, n| {
            let at = START + nth * MINUTE_MS + i64::from(n) * MINUTE_MS / i64::from(count);
            rise.refused(Timestamp(at)) || met
        })
    }

    fn new() -> Rise {
        Rise::new(Timestamp(START))
    }

    #[test]
    fn a_village_papers_five_refusals_are_no_attack_and_a_thousand_are() {
        let mut rise = new();
        for nth in 0..600 {
            assert!(!minute(&mut rise, nth, u32::from(nth % 60 == 0)));
        }
        assert!(!minute(&mut rise, 600, 5));
        assert!(!minute(&mut rise, 601, 30), "a bad minute");
        assert!(minute(&mut rise, 602, 1_000));
    }

    #[test]
    fn a_flood_on_a_process_that_just_started_is_seen_within_its_minute() {
        assert!(!minute(&mut new(), 0, 99));
        assert!(minute(&mut new(), 0, 100));
    }

    #[test]
    fn a_flood_makes_itself_usual_within_hours_and_not_sooner() {
        let mut rise = new();
        for nth in 0..60 {
            minute(&mut rise, nth, 0);
        }
        let met: Vec<bool> = (60..1_500).map(|nth| minute(&mut rise, nth, 400)).collect();
        assert!(met[1..120].iter().all(|met| *met), "two hours");
        assert!(!met[1_300], "not for good");
    }

    proptest! {
        #[test]
        fn under_the_floor_nothing_is_an_attack(counts in prop::collection::vec(0u32..20, 1..200)) {
            let mut rise = new();
            for (nth, count) in (0..).zip(counts) {
                prop_assert!(!minute(&mut rise, nth, count));
            }
        }

        #[test]
        fn what_is_usual_is_no_attack_at_any_level(usual in 1u32..90, later in 0i64..2_000) {
            let mut rise = new();
            for nth in 0..60 {
                prop_assert!(!minute(&mut rise, nth, usual), "minute {nth}");
            }
            for nth in 60..60 + later {
                prop_assert!(!minute(&mut rise, nth, usual.max(1)));
            }
        }

        #[test]
        fn six_times_the_usual_and_more_than_the_floor_is_one_wherever_it_is_counted(usual in 0u32..60, instances in 1u32..5) {
            // Each instance sees its share of both.
            let mut rise = new();
            for nth in 0..240 {
                minute(&mut rise, nth, usual / instances);
            }
            let flood = (6 * usual).max(60 * instances);
            let met = minute(&mut rise, 240, flood / instances) | minute(&mut rise, 241, flood / instances);
            prop_assert!(met);
        }

        #[test]
        fn no_clock_and_no_pause_breaks_it(steps in prop::collection::vec((-200_000i64..2_000_000_000, 1u32..30), 1..60)) {
            let (mut rise, mut at) = (new(), START);
            for (step, count) in steps {
                at += step;
                for _ in 0..count {
                    rise.refused(Timestamp(at));
                }
                prop_assert!(rise.usual.is_finite() && rise.usual >= 0.0 && rise.lately(Timestamp(at)) >= 0.0);
            }
        }
    }
}
