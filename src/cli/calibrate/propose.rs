//! Weights that fit the decisions better, drawn to the shipped ones, and what they would be worth on comments
//! that had no part in finding them.
//!
//! The score takes one in five for a machine before it looks. Among decisions there may be more or fewer, so the
//! fit starts from what there are, and the weights found hold for the score's own start (the prior correction of
//! King and Zeng, Political Analysis 9, 2001).

use std::collections::BTreeMap;

use super::{
    gather::{Gathered, Pattern, Sample},
    report::{Judged, Scored},
};
use crate::{
    captcha::builtin::{WEIGHTS, Weight, rescored},
    config::{self, CaptchaSignal},
    measure::{self, Bounds, Observation, effective},
};

/// Decisions of each kind from which on weights are proposed.
pub(super) const ENOUGH: u64 = 200;
/// Decisions of each kind from which on the score is set right as a whole.
pub(super) const ENOUGH_FOR_PLATT: u64 = 50;
/// Parts that take turns at being judged.
pub(super) const FOLDS: usize = 5;

/// One over the variance of what a weight should be around the shipped one: that is two of three times within 0.7.
const PRECISION: f64 = 2.0;
/// A weight keeps its sign by at least this: a 0 would switch the signal off, and what is off leaves no trace to
/// judge it by again.
const LEAST: f64 = 0.01;
/// The most a weight may become: beyond, one signal would decide alone.
const MOST: f64 = 8.0;

/// A weight for every signal.
pub(super) type Weights = BTreeMap<CaptchaSignal, f64>;

/// What is proposed.
pub(super) struct Proposal {
    pub(super) weights: Weights,
    /// The weights in force, on the same comments.
    pub(super) old: Judged,
    /// Weights found in the same way without the comments they are judged by.
    pub(super) new: Judged,
}

/// The weights in force.
pub(super) fn in_force(settings: &config::Captcha) -> Weights {
    WEIGHTS.iter().map(|row| (row.signal, row.in_force(&settings.weights))).collect()
}

/// The score of each pattern, from 0 to 1 = human.
pub(super) fn scores(gathered: &Gathered, weights: &Weights) -> Vec<f64> {
    let weight = |signal| weights.get(&signal).copied().unwrap_or(Weight::of(signal).weight);
    let of = |pattern: &Pattern| rescored(&pattern.hits, pattern.asked, weight);
    gathered.patterns.iter().map(of).collect()
}

/// Proposes weights. None without decisions of both kinds in each part.
pub(super) fn propose(gathered: &Gathered, settings: &config::Captcha) -> Option<Proposal> {
    let folds = folds(&gathered.samples);
    let old = in_force(settings);
    let (before, mut after) = (scores(gathered, &old), Scored::default());
    for fold in 0..FOLDS {
        let others = gathered.samples.iter().zip(&folds).filter(|(_, of)| **of != fold).map(|(sample, _)| sample);
        let found = scores(gathered, &fitted(gathered, others, &old)?);
        let own = gathered.samples.iter().zip(&folds).filter(|(_, of)| **of == fold);
        for (sample, _) in own {
            after.add(sample, &found);
        }
    }
    Some(Proposal {
        weights: fitted(gathered, gathered.samples.iter(), &old)?,
        old: Judged::of(&Scored::of(&gathered.samples, &before), settings),
        new: Judged::of(&after, settings),
    })
}

/// Which part each sample is in: each kind is cut into stretches of time, so that a wave of spam is judged by weights
/// that have not seen it.
fn folds(samples: &[Sample]) -> Vec<usize> {
    let count = |spam: bool| samples.iter().filter(|sample| sample.spam == spam).count().max(1);
    let (spam, approved) = (count(true), count(false));
    let (mut n_spam, mut n_approved) = (0, 0);
    let part = |sample: &Sample| {
        let (n, of) = if sample.spam { (&mut n_spam, spam) } else { (&mut n_approved, approved) };
        *n += 1;
        (*n - 1) * FOLDS / of
    };
    samples.iter().map(part).collect()
}

/// The weights of the greatest posterior, to two decimals as they are pasted.
fn fitted<'a>(gathered: &Gathered, samples: impl Iterator<Item = &'a Sample>, old: &Weights) -> Option<Weights> {
    let mut counts = vec![(0.0, 0.0); gathered.patterns.len()];
    let mut weights = Vec::new();
    for sample in samples {
        if let Some((bad, good)) = counts.get_mut(sample.pattern) {
            *(if sample.spam { bad } else { good }) += sample.weight;
        }
        weights.push(sample.weight);
    }
    let (bad, good) = counts.iter().fold((0.0, 0.0), |(bad, good), row| (bad + row.0, good + row.1));
    // Comments that stand for others say no more than they are.
    let scale = effective(weights) / (bad + good);
    let observations: Vec<Observation> = gathered
        .patterns
        .iter()
        .zip(counts)
        .filter(|(_, (bad, good))| bad + good > 0.0)
        .map(|(pattern, (bad, good))| Observation {
            features: pattern.hits.iter().filter_map(|hit| Some((place(hit.signal)?, hit.strength))).collect(),
            bad: bad * scale,
            good: good * scale,
        })
        .collect();
    let bounds: Vec<Bounds> = WEIGHTS.iter().map(|row| bounds(row, old)).collect();
    let fit = measure::fit(&observations, Some((bad / good).ln()), &bounds, PRECISION)?;
    Some(WEIGHTS.iter().zip(fit.weights).map(|(row, weight)| (row.signal, (weight * 100.0).round() / 100.0)).collect())
}

/// What is off stays off.
fn bounds(row: &Weight, old: &Weights) -> Bounds {
    if old.get(&row.signal) == Some(&0.0) {
        Bounds { centre: 0.0, low: 0.0, high: 0.0 }
    } else if row.weight < 0.0 {
        Bounds { centre: row.weight, low: -MOST, high: -LEAST }
    } else {
        Bounds { centre: row.weight, low: LEAST, high: MOST }
    }
}

fn place(signal: CaptchaSignal) -> Option<usize> {
    WEIGHTS.iter().position(|row| row.signal == signal)
}
