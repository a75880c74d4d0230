//! How a client stands, and the two header fields that say so.
//!
//! After `draft-ietf-httpapi-ratelimit-headers`: `RateLimit-Policy` lists every window with its quota
//! and seconds, `RateLimit` tells of the one nearest to refusing. Rendering only; nothing is decided.

use std::{fmt::Write as _, time::Duration};

use super::{Bucket, Rule, gcra::Level};
use crate::config::{Limits, Rate};

/// The windows a request was measured by, with their levels where these are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    windows: Vec<Window>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Window {
    rule: Rule,
    nth: u8,
    rate: Rate,
    level: Level,
}

impl Standing {
    pub(super) fn new(buckets: &[Bucket], levels: &[Level]) -> Self {
        let window = |(bucket, level): (&Bucket, &Level)| Window {
            rule: bucket.rule,
            nth: bucket.window,
            rate: bucket.rate,
            level: *level,
        };
        Self { windows: std::iter::zip(buckets, levels).map(window).collect() }
    }

    /// The standing of a client refused by what is remembered of it, before any limiter was asked.
    #[must_use]
    pub fn known(limits: &Limits, retry_after: Duration) -> Self {
        let wait_us = i64::try_from(retry_after.as_micros()).unwrap_or(i64::MAX);
        let spent = Level { remaining: 0, next_us: wait_us, retry_us: wait_us };
        let window = |(nth, rate): (u8, &Rate)| Window { rule: Rule::PerIp, nth, rate: *rate, level: spent };
        Self { windows: std::iter::zip(0u8.., &limits.per_ip).map(window).collect() }
    }

    /// The window that refuses and for how long, in the order of the wait.
    pub(super) fn refusal(&self) -> Option<(Rule, Duration)> {
        let refusing = self.windows.iter().filter(|window| window.level.retry_us > 0);
        let window = refusing.max_by_key(|window| window.level.retry_us)?;
        Some((window.rule, micros(window.level.retry_us)))
    }

    /// The longest wait that windows of this rule impose.
    pub(super) fn wait_us(&self, rule: Rule) -> i64 {
        self.windows.iter().filter(|window| window.rule == rule).map(|window| window.level.retry_us).max().unwrap_or(0)
    }

    /// The value of `RateLimit-Policy`; none without a limit.
    #[must_use]
    pub fn policy(&self) -> Option<String> {
        let mut text = String::new();
        for window in &self.windows {
            let separator = if text.is_empty() { "" } else { ", " };
            let seconds = ceil_seconds(window.rate.period_us);
            let _infallible = write!(text, "{separator}{};q={};w={seconds}", window.name(), window.rate.burst);
        }
        (!text.is_empty()).then_some(text)
    }

    /// The value of `RateLimit`: the window with the longest wait, else with the fewest left.
    /// `t` is the seconds, rounded up, until `r` grows.
    #[must_use]
    pub fn limit(&self) -> Option<String> {
        let key = |window: &&Window| (-window.level.retry_us, window.level.remaining, -window.level.next_us);
        let window = self.windows.iter().min_by_key(key)?;
        Some(format!("{};r={};t={}", window.name(), window.level.remaining, ceil_seconds(window.level.next_us)))
    }
}

impl Window {
    /// The rule; its second window is `"per_ip_2"`.
    fn name(&self) -> String {
        match self.nth {
            0 => format!("\"{}\"", self.rule.as_str()),
            nth => format!("\"{}_{}\"", self.rule.as_str(), u16::from(nth) + 1),
        }
    }
}

pub(super) fn micros(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}

fn ceil_seconds(us: i64) -> i64 {
    us.saturating_add(999_999) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(rule: Rule, nth: u8, burst: u32, period_s: i64, level: Level) -> Window {
        Window { rule, nth, rate: Rate { burst, period_us: period_s * 1_000_000 }, level }
    }

    #[test]
    fn the_fields_name_every_window_and_the_nearest_one() {
        let standing = Standing {
            windows: vec![
                window(Rule::PerIp, 0, 5, 10, Level { remaining: 0, next_us: 1_000_001, retry_us: 1_000_001 }),
                window(Rule::PerIp, 1, 20, 300, Level { remaining: 15, next_us: 15_000_000, retry_us: 0 }),
                window(Rule::PerNetwork, 0, 30, 60, Level { remaining: 0, next_us: 9_000_000, retry_us: 0 }),
            ],
        };
        let policy = r#""per_ip";q=5;w=10, "per_ip_2";q=20;w=300, "per_network";q=30;w=60"#;
        assert_eq!(standing.policy().as_deref(), Some(policy));
        assert_eq!(standing.limit().as_deref(), Some(r#""per_ip";r=0;t=2"#));
        assert_eq!(standing.refusal(), Some((Rule::PerIp, Duration::from_micros(1_000_001))));
    }

    #[test]
    fn without_limits_there_are_no_fields() {
        assert_eq!((Standing::default().policy(), Standing::default().limit()), (None, None));
    }
}
