//! The generic cell rate algorithm in whole microseconds: the reference that the Redis script is
//! held to.
//!
//! A bucket is one number, the theoretical arrival time: the moment at which it is empty again.
//! Time is passed in; where the number is kept is not known here. A number outside what the rate
//! can produce (a clock set back, a foreign writer) is clamped, so no wait ever exceeds one emission.

use crate::config::Rate;

/// What one more request would do to a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The arrival time to keep if nothing is charged.
    pub standing_us: i64,
    /// The arrival time to keep if the request is charged.
    pub charged_us: i64,
    /// 0 where the request is admitted; else the exact wait after which one is.
    pub retry_us: i64,
}

/// How full a bucket is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Level {
    /// Requests that would be admitted at once.
    pub remaining: u32,
    /// Microseconds until `remaining` grows by one; 0 when the bucket is empty.
    pub next_us: i64,
    /// As [`Step::retry_us`].
    pub retry_us: i64,
}

/// One request at `now_us` against the kept arrival time.
///
/// It is admitted where `max(arrival, now) + emission <= now + burst × emission`.
#[must_use]
pub fn step(rate: Rate, kept_us: Option<i64>, now_us: i64) -> Step {
    let (emission, full) = measures(rate, now_us);
    let standing_us = kept_us.unwrap_or(now_us).clamp(now_us, full);
    let charged_us = standing_us.saturating_add(emission);
    Step { standing_us, charged_us, retry_us: charged_us.saturating_sub(full).max(0) }
}

/// The level of a bucket with this arrival time; `retry_us` is copied.
#[must_use]
pub fn level(rate: Rate, arrival_us: i64, now_us: i64, retry_us: i64) -> Level {
    let (emission, full) = measures(rate, now_us);
    let free = full.saturating_sub(arrival_us.clamp(now_us, full));
    let remaining = u32::try_from(free / emission).unwrap_or(u32::MAX).min(rate.burst);
    let next_us = if remaining == rate.burst { 0 } else { emission - free % emission };
    Level { remaining, next_us, retry_us }
}

/// The emission interval, at least 1, and the arrival time of a full bucket.
fn measures(rate: Rate, now_us: i64) -> (i64, i64) {
    let emission = rate.emission_us().max(1);
    (emission, now_us.saturating_add(emission.saturating_mul(i64::from(rate.burst.max(1)))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates() -> impl Strategy<Value = Rate> {
        (1u32..50, 1i64..100_000_000).prop_map(|(burst, per)| Rate { burst, period_us: per.max(i64::from(burst)) })
    }

    /// Plays the gaps against one bucket; the moments at which a request was admitted.
    fn admitted(rate: Rate, gaps: &[i64]) -> Vec<i64> {
        let (mut now, mut kept, mut moments) = (1_000_000, None, Vec::new());
        for gap in gaps {
            now += gap;
            let step = step(rate, kept, now);
            if step.retry_us == 0 {
                kept = Some(step.charged_us);
                moments.push(now);
            }
        }
        moments
    }

    #[test]
    fn five_at_once_then_one_each_two_seconds() {
        let rate = Rate { burst: 5, period_us: 10_000_000 };
        let moments = admitted(rate, &[0, 0, 0, 0, 0, 0, 0, 1_999_999, 1, 0, 2_000_000, 6_000_000, 0, 0, 0]);
        assert_eq!(moments.len(), 5 + 1 + 1 + 3);
    }

    #[test]
    fn levels_count_down_and_say_when_the_next_comes() {
        let rate = Rate { burst: 2, period_us: 10 };
        assert_eq!(level(rate, 0, 100, 0), Level { remaining: 2, next_us: 0, retry_us: 0 });
        assert_eq!(level(rate, 105, 100, 0), Level { remaining: 1, next_us: 5, retry_us: 0 });
        assert_eq!(level(rate, 107, 100, 0), Level { remaining: 0, next_us: 2, retry_us: 0 });
        assert_eq!(level(rate, 110, 100, 5), Level { remaining: 0, next_us: 5, retry_us: 5 });
    }

    #[test]
    fn a_clock_set_back_by_a_year_costs_one_emission_at_most() {
        let rate = Rate { burst: 5, period_us: 10_000_000 };
        assert_eq!(step(rate, Some(31_536_000_000_000), 0).retry_us, 2_000_000);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_burst_and_what_it_emits(
            rate in rates(),
            gaps in prop::collection::vec(prop_oneof![Just(0i64), 0..2_000_000i64, 0..100_000_000i64], 1..200),
        ) {
            let moments = admitted(rate, &gaps);
            for (first, from) in moments.iter().enumerate() {
                for (nth, to) in moments.iter().enumerate().skip(first) {
                    let counted = i64::try_from(nth - first + 1).unwrap();
                    prop_assert!(counted <= i64::from(rate.burst) + (to - from) / rate.emission_us());
                }
            }
        }

        #[test]
        fn the_retry_is_exact(rate in rates(), kept in 0i64..200_000_000, now in 0i64..200_000_000) {
            let refused = step(rate, Some(kept), now);
            prop_assert!(refused.retry_us <= rate.emission_us());
            if refused.retry_us > 0 {
                let kept = Some(refused.standing_us);
                prop_assert!(step(rate, kept, now + refused.retry_us - 1).retry_us > 0);
                prop_assert_eq!(step(rate, kept, now + refused.retry_us).retry_us, 0);
                let level = level(rate, refused.standing_us, now, refused.retry_us);
                prop_assert_eq!((level.remaining, level.next_us), (0, refused.retry_us));
            }
        }

        #[test]
        fn remaining_is_what_is_then_admitted(rate in rates(), kept in 0i64..200_000_000, now in 0i64..200_000_000) {
            let promised = level(rate, kept, now, 0).remaining;
            let mut arrival = Some(kept);
            for _ in 0..promised {
                let step = step(rate, arrival, now);
                prop_assert_eq!(step.retry_us, 0);
                arrival = Some(step.charged_us);
            }
            prop_assert!(step(rate, arrival, now).retry_us > 0);
        }
    }
}
