//! The figures: all that is printed, computed once and in one shape for people and programs.

use std::time::Duration;

use serde::Serialize;

use super::{
    gather::{Gathered, Notes, Sample, tally},
    propose::{self, ENOUGH, ENOUGH_FOR_PLATT, Weights},
};
use crate::{
    config::{self, Provider, ScoreSource},
    measure::{self, Interval, Labelled, Reliability, effective, wilson},
};

/// Bins of the reliability table and of the histograms.
const BINS: u16 = 10;
/// Bins of the calibration error, as is usual.
const FINE_BINS: u16 = 15;
/// Half of what weights are rounded to: less is no difference.
const HALF_A_CENT: f64 = 0.005;

/// Everything that is told.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) site: Option<String>,
    pub(super) days: f64,
    pub(super) provider: &'static str,
    /// The built-in score is the one that the thresholds are compared with.
    pub(super) builtin_decides: bool,
    pub(super) reject_below: f64,
    pub(super) hold_below: f64,
    pub(super) spam: u64,
    pub(super) approved: u64,
    pub(super) notes: Notes,
    pub(super) signals: Vec<SignalLine>,
    /// The built-in score under the weights in force.
    pub(super) builtin: Quality,
    /// The provider's own score as it was recorded, where it has one.
    pub(super) recorded: Option<Quality>,
    pub(super) advice: Advice,
}

/// One signal's record.
#[derive(Serialize)]
pub(super) struct SignalLine {
    pub(super) name: &'static str,
    pub(super) group: &'static str,
    pub(super) spam: u64,
    pub(super) spam_rate: f64,
    pub(super) approved: u64,
    pub(super) approved_rate: f64,
    /// The rate in spam over the sum of both: 1 fires in spam alone, 0 in what was approved; none where it never fired.
    pub(super) s_o: Option<f64>,
    pub(super) shipped: f64,
    pub(super) in_force: f64,
    pub(super) proposed: Option<f64>,
}

/// How good a score is.
#[derive(Serialize)]
pub(super) struct Quality {
    pub(super) auc: Option<f64>,
    pub(super) brier: Option<f64>,
    pub(super) calibration_error: Option<f64>,
    pub(super) reliability: Vec<Reliability>,
    pub(super) histogram_spam: Vec<u64>,
    pub(super) histogram_approved: Vec<u64>,
    /// At round thresholds and at those in force.
    pub(super) at: Vec<Effect>,
}

/// What a threshold does to what is below it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Effect {
    pub(super) threshold: f64,
    pub(super) approved_stopped: Rate,
    pub(super) spam_through: Rate,
}

/// A rate and how sure it is.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Rate {
    pub(super) rate: f64,
    pub(super) interval: Interval,
}

/// Weights on trial.
#[derive(Clone, Serialize)]
pub(super) struct Judged {
    pub(super) auc: Option<f64>,
    pub(super) brier: Option<f64>,
    pub(super) refused: Effect,
    pub(super) held: Effect,
}

/// What follows.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Advice {
    /// So many decisions are missing.
    TooFew { spam_missing: u64, approved_missing: u64, platt: Option<Platt> },
    /// Weights to consider.
    Weights { old: Box<Judged>, new: Box<Judged>, weights: Vec<(&'static str, f64)> },
}

/// Turns the score's log-odds of a machine into those of spam.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Platt {
    pub(super) slope: f64,
    pub(super) intercept: f64,
}

/// Scores with their labels and weights.
#[derive(Default)]
pub(super) struct Scored {
    /// From 0 to 1 = human, and whether it was spam.
    rows: Vec<(f64, bool)>,
    weights: Vec<f64>,
}

impl Scored {
    /// By the score of each pattern.
    pub(super) fn of(samples: &[Sample], scores: &[f64]) -> Self {
        let mut scored = Self::default();
        samples.iter().for_each(|sample| scored.add(sample, scores));
        scored
    }

    pub(super) fn add(&mut self, sample: &Sample, scores: &[f64]) {
        if let Some(score) = scores.get(sample.pattern) {
            self.push(sample, *score);
        }
    }

    fn push(&mut self, sample: &Sample, score: f64) {
        self.rows.push((score, sample.spam));
        self.weights.push(sample.weight);
    }

    fn recorded(samples: &[Sample]) -> Self {
        let mut scored = Self::default();
        samples
            .iter()
            .filter_map(|sample| Some((sample, sample.provider_score?)))
            .for_each(|(s, score)| scored.push(s, score));
        scored
    }

    /// As measures want it: the higher the worse.
    fn worse(&self) -> Vec<(f64, bool)> {
        self.rows.iter().map(|(score, spam)| (1.0 - score, *spam)).collect()
    }

    fn effect(&self, threshold: f64) -> Effect {
        let rate = |spam: bool, is_counted: &dyn Fn(f64) -> bool| {
            let of_kind = || self.rows.iter().zip(&self.weights).filter(move |((_, kind), _)| *kind == spam);
            let (all, some) = of_kind().fold((0.0, 0.0), |(all, some), ((score, _), weight)| {
                (all + weight, if is_counted(*score) { some + weight } else { some })
            });
            let rate = if all > 0.0 { some / all } else { 0.0 };
            let sure_as = effective(of_kind().map(|(_, weight)| *weight));
            Rate { rate, interval: wilson(rate * sure_as, sure_as) }
        };
        Effect {
            threshold,
            approved_stopped: rate(false, &|score| score < threshold),
            spam_through: rate(true, &|score| score >= threshold),
        }
    }

    fn quality(&self, settings: &config::Captcha) -> Quality {
        let worse = self.worse();
        let labelled = Labelled::weighted(&worse, &self.weights);
        let of_kind = |spam: bool| self.rows.iter().filter(move |(_, kind)| *kind == spam).map(|(score, _)| *score);
        let mut thresholds: Vec<f64> = (1..10).map(|tenth| f64::from(tenth) / 10.0).collect();
        thresholds.extend([settings.reject_below, settings.hold_below]);
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        Quality {
            auc: measure::auc(labelled),
            brier: measure::brier(labelled),
            calibration_error: measure::calibration_error(labelled, FINE_BINS),
            reliability: measure::reliability(labelled, BINS),
            histogram_spam: measure::histogram(of_kind(true), BINS),
            histogram_approved: measure::histogram(of_kind(false), BINS),
            at: thresholds.into_iter().map(|threshold| self.effect(threshold)).collect(),
        }
    }
}

impl Judged {
    pub(super) fn of(scored: &Scored, settings: &config::Captcha) -> Self {
        let worse = scored.worse();
        let labelled = Labelled::weighted(&worse, &scored.weights);
        Self {
            auc: measure::auc(labelled),
            brier: measure::brier(labelled),
            refused: scored.effect(settings.reject_below),
            held: scored.effect(settings.hold_below),
        }
    }
}

impl Report {
    /// Computes it all.
    pub(super) fn of(gathered: &Gathered, site: Option<String>, since: Duration, settings: &config::Captcha) -> Self {
        let in_force = propose::in_force(settings);
        let scores = propose::scores(gathered, &in_force);
        let scored = Scored::of(&gathered.samples, &scores);
        let count = |spam: bool| gathered.samples.iter().filter(|sample| sample.spam == spam).fold(0, |n, _| n + 1);
        let (spam, approved) = (count(true), count(false));
        let proposal = if spam.min(approved) >= ENOUGH { propose::propose(gathered, settings) } else { None };
        let signals = lines(gathered, (spam, approved), &in_force, proposal.as_ref().map(|it| &it.weights));
        let recorded = Scored::recorded(&gathered.samples);
        Self {
            site,
            days: since.as_secs_f64() / 86_400.0,
            provider: settings.provider.as_str(),
            builtin_decides: settings.provider == Provider::Builtin || settings.score == ScoreSource::Builtin,
            reject_below: settings.reject_below,
            hold_below: settings.hold_below,
            spam,
            approved,
            notes: gathered.notes.clone(),
            builtin: scored.quality(settings),
            recorded: (!recorded.rows.is_empty()).then(|| recorded.quality(settings)),
            advice: match proposal {
                Some(found) => {
                    Advice::Weights { weights: to_paste(&signals), old: found.old.into(), new: found.new.into() }
                }
                None => Advice::TooFew {
                    spam_missing: ENOUGH.saturating_sub(spam),
                    approved_missing: ENOUGH.saturating_sub(approved),
                    platt: (spam.min(approved) >= ENOUGH_FOR_PLATT).then(|| platt(&scored)).flatten(),
                },
            },
            signals,
        }
    }
}

fn lines(gathered: &Gathered, all: (u64, u64), in_force: &Weights, proposed: Option<&Weights>) -> Vec<SignalLine> {
    let line = |(row, spam, approved): (&crate::captcha::builtin::Weight, u64, u64)| {
        let (spam_rate, approved_rate) = (share(spam, all.0), share(approved, all.1));
        let both = spam_rate + approved_rate;
        SignalLine {
            name: row.name,
            group: row.group.as_str(),
            spam,
            spam_rate,
            approved,
            approved_rate,
            s_o: (both > 0.0).then(|| spam_rate / both),
            shipped: row.weight,
            in_force: in_force.get(&row.signal).copied().unwrap_or(row.weight),
            // What never fired says nothing about its weight.
            proposed: proposed.filter(|_| both > 0.0).and_then(|weights| weights.get(&row.signal).copied()),
        }
    };
    tally(gathered).into_iter().map(line).collect()
}

/// The whole section as it would stand: what differs from the shipped weights, the operator's own where nothing
/// speaks for another.
fn to_paste(signals: &[SignalLine]) -> Vec<(&'static str, f64)> {
    let would_be = |line: &SignalLine| (line.name, line.proposed.unwrap_or(line.in_force), line.shipped);
    let all = signals.iter().map(would_be);
    all.filter(|(_, weight, shipped)| (weight - shipped).abs() > HALF_A_CENT)
        .map(|(name, weight, _)| (name, weight))
        .collect()
}

fn platt(scored: &Scored) -> Option<Platt> {
    let rows = scored.rows.iter().zip(&scored.weights);
    let log_odds = |score: f64| ((1.0 - score) / score).ln();
    let (slope, intercept) = measure::platt(rows.map(|((score, spam), weight)| (log_odds(*score), *spam, *weight)))?;
    Some(Platt { slope, intercept })
}

#[expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^53")]
fn share(n: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { n as f64 / of as f64 }
}
