//! The other way round: of a promise about approved comments, the threshold that keeps it.
//!
//! Counted are approved comments that a threshold would have lost; promised is the one-sided upper bound of Clopper
//! and Pearson on the share of all approved ones. The loss only grows with the threshold, so the furthest one whose
//! bound holds keeps the promise with the bound's own confidence, although it was sought among many (Bates,
//! Angelopoulos, Lei, Malik, Jordan: Distribution-free, risk-controlling prediction sets, JACM 68, 2021, theorem 1).

use std::cmp::Ordering;

use serde::Serialize;

use super::{Judge, Label, Rate, Row, Thresholds, tally::Share};
use crate::{config::Site, measure::upper_bound};

/// How often a promise holds, over all pasts that might have been.
const CONFIDENCE: f64 = 0.95;
/// Thresholds are told in thousandths.
const STEPS: f64 = 1_000.0;
/// More decisions than these are not asked for.
const TOO_MANY: u64 = 1 << 40;

/// What is suggested for one threshold.
#[derive(Clone, Debug, Serialize)]
pub struct Suggestion {
    /// The key, e.g. `scoring.spam_at`.
    pub threshold: &'static str,
    /// Its value in force.
    pub in_force: f64,
    /// Approved comments that the value in force loses.
    pub lost_in_force: u64,
    /// And the bound on their share; it may be above what was asked for.
    pub bound_in_force: f64,
    /// What to set.
    pub advice: Advice,
    /// Approved comments that were counted.
    pub approved: u64,
    /// Of these, samples of what a threshold keeps from the queue, and the smallest share that was taken.
    pub sampled: Option<(u64, f64)>,
}

/// What to set.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Advice {
    /// This value.
    Value {
        /// The furthest that keeps the promise.
        value: f64,
        /// Approved comments that it would have lost.
        lost: u64,
        /// The share that it loses at most.
        bound: f64,
        /// Spam that it would have caught.
        caught: Rate,
        /// It could go further but for this other threshold.
        stopped_by: Option<&'static str>,
    },
    /// Too little is known to promise anything.
    Missing {
        /// So many more approvals are needed, if none of them is lost.
        decisions: u64,
    },
    /// Each value would have lost too many.
    None,
}

/// What a threshold loses.
#[derive(Clone, Copy)]
enum Side {
    /// What is below it.
    Below,
    /// What is at it or above.
    From,
}

/// One threshold: its key, its value in force, what it loses, and the one it may not pass.
struct Key {
    name: &'static str,
    in_force: f64,
    side: Side,
    limit: (&'static str, f64),
}

/// One decided comment, as a threshold sees it.
struct Decided {
    /// What the threshold is compared with; none where it decides nothing.
    value: Option<f64>,
    sampled: Option<f64>,
    weight: f64,
}

/// Approved and spam, as one threshold sees them.
struct Evidence {
    key: Key,
    approved: Vec<Decided>,
    spam: Vec<Decided>,
    /// The smallest share among the samples that anybody decided on.
    share: Option<f64>,
}

/// A suggestion each for `captcha.reject_below` and `scoring.spam_at`, so that either by itself loses at most
/// `max_lost` of approved comments.
#[must_use]
pub fn suggest(site: &Site, rows: &[Row], max_lost: f64) -> [Suggestion; 2] {
    let judge = Judge::of(site);
    let Thresholds { captcha, scoring } = Thresholds::of(site);
    let reject_below = Key {
        name: "captcha.reject_below",
        in_force: captcha.reject_below,
        side: Side::Below,
        limit: ("captcha.hold_below", captcha.hold_below),
    };
    let spam_at = Key {
        name: "scoring.spam_at",
        in_force: scoring.spam_at,
        side: Side::From,
        limit: ("scoring.hold_at", scoring.hold_at),
    };
    [
        Evidence::of(reject_below, rows, |row| judge.compared(row)).suggestion(max_lost),
        Evidence::of(spam_at, rows, |row| judge.weighed(row)).suggestion(max_lost),
    ]
}

impl Side {
    fn loses(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Below => value < threshold,
            Self::From => value >= threshold,
        }
    }

    /// Which of two is lost sooner.
    fn order(self, one: f64, other: f64) -> Ordering {
        match self {
            Self::Below => one.total_cmp(&other),
            Self::From => other.total_cmp(&one),
        }
    }

    /// The furthest threshold, in thousandths, that does not lose this value; without one, the furthest of all.
    fn furthest(self, kept: Option<f64>) -> f64 {
        match (self, kept) {
            (Self::Below, None) => 1.0,
            (Self::From, None) => 0.0,
            (Self::Below, Some(value)) => (value * STEPS).floor() / STEPS,
            (Self::From, Some(value)) => ((value * STEPS).floor() + 1.0) / STEPS,
        }
    }

    fn stopped(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Below => value > limit,
            Self::From => value < limit,
        }
    }

    /// It would lose nothing at all, so that it is no advice, or does not exist.
    fn is_idle(self, value: f64) -> bool {
        match self {
            Self::Below => value <= 0.0,
            Self::From => value > 1.0,
        }
    }
}

impl Evidence {
    fn of(key: Key, rows: &[Row], value: impl Fn(&Row) -> Option<f64>) -> Self {
        let of = |label: Label| {
            let seen = |row: &Row| Decided { value: value(row), sampled: row.sampled, weight: row.weight() };
            rows.iter().filter(|row| row.label == label).map(seen).collect::<Vec<_>>()
        };
        let (mut approved, spam) = (of(Label::Approved), of(Label::Spam));
        let side = key.side;
        approved.sort_by(|one, other| match (one.value, other.value) {
            (Some(one), Some(other)) => side.order(one, other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
        let shares = approved.iter().chain(&spam).filter_map(|decided| decided.sampled);
        let share = shares.filter(|share| *share > 0.0).min_by(f64::total_cmp);
        Self { key, approved, spam, share }
    }

    /// The bound on the share that is lost, where so many whole ones and so many samples would have been.
    ///
    /// Where samples are taken, what is lost is of two kinds: what every moderator could see, and what only a share
    /// of was seen. Each has a bound of its own, at half the risk, and the second counts for all of its like.
    fn bound(&self, (whole, samples): (u64, u64), of: u64) -> f64 {
        match self.share {
            None => upper_bound(whole, of, CONFIDENCE),
            Some(share) => {
                let confidence = f64::midpoint(CONFIDENCE, 1.0);
                (upper_bound(whole, of, confidence) + upper_bound(samples, of, confidence) / share).min(1.0)
            }
        }
    }

    /// How many approved ones a threshold loses: whole ones, and samples.
    fn lost(&self, threshold: f64) -> (u64, u64) {
        let is_lost = |decided: &&Decided| decided.value.is_some_and(|value| self.key.side.loses(value, threshold));
        split(self.approved.iter().filter(is_lost))
    }

    fn caught(&self, threshold: f64) -> Rate {
        let mut share = Share::default();
        for decided in &self.spam {
            let is_caught = decided.value.is_some_and(|value| self.key.side.loses(value, threshold));
            share.add(is_caught, decided.weight);
        }
        share.rate()
    }

    fn suggestion(&self, max_lost: f64) -> Suggestion {
        let of = count(self.approved.len());
        let lost = self.lost(self.key.in_force);
        let samples = self.approved.iter().filter(|decided| decided.sampled.is_some()).count();
        Suggestion {
            threshold: self.key.name,
            in_force: self.key.in_force,
            lost_in_force: lost.0 + lost.1,
            bound_in_force: self.bound(lost, of),
            advice: self.advice(of, max_lost),
            approved: of,
            sampled: self.share.map(|share| (count(samples), share)),
        }
    }

    fn advice(&self, of: u64, max_lost: f64) -> Advice {
        if self.bound((0, 0), of) > max_lost {
            return Advice::Missing { decisions: self.needed(max_lost).saturating_sub(of) };
        }
        let side = self.key.side;
        let compared: Vec<f64> = self.approved.iter().map_while(|decided| decided.value).collect();
        // The first that may not be lost: with all up to it the bound would break.
        let (mut low, mut high) = (0, compared.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let with = split(self.approved.iter().take(middle + 1));
            if self.bound(with, of) <= max_lost { low = middle + 1 } else { high = middle }
        }
        let furthest = side.furthest(compared.get(low).copied());
        let (name, limit) = self.key.limit;
        let is_stopped = side.stopped(furthest, limit);
        let value = if is_stopped { limit } else { furthest };
        if side.is_idle(value) {
            return Advice::None;
        }
        let lost = self.lost(value);
        Advice::Value {
            value,
            lost: lost.0 + lost.1,
            bound: self.bound(lost, of),
            caught: self.caught(value),
            stopped_by: is_stopped.then_some(name),
        }
    }

    /// Approvals that it takes where none of them is lost: without samples ln(0.05) / ln(1 - `max_lost`).
    fn needed(&self, max_lost: f64) -> u64 {
        let (mut low, mut high) = (0, 1);
        while self.bound((0, 0), high) > max_lost && high < TOO_MANY {
            (low, high) = (high, high * 2);
        }
        while low + 1 < high {
            let middle = u64::midpoint(low, high);
            *(if self.bound((0, 0), middle) > max_lost { &mut low } else { &mut high }) = middle;
        }
        high
    }
}

/// Whole ones, and samples.
fn split<'a>(decided: impl Iterator<Item = &'a Decided>) -> (u64, u64) {
    decided.fold((0, 0), |(whole, samples), decided| match decided.sampled {
        None => (whole + 1, samples),
        Some(_) => (whole, samples + 1),
    })
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
