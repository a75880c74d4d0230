//! Makes a seed from labelled comments: a logistic regression with AdaGrad, in several rounds.
//!
//! It is run when the program is built anew from data, never by a site.

use super::{document::Document, hash::SLOTS, mixer::error, random::Random, reservoir::Sample, seed::Seed};

const ROUNDS: u64 = 5;
const RATE: f32 = 0.5;
/// Keeps the first steps from being arbitrarily long.
const DAMPING: f32 = 0.3;
/// Weights below are left out: they say little and fill the file.
const LEAST: f32 = 0.02;

/// Collects labelled comments.
#[derive(Default)]
pub struct SeedTrainer {
    samples: Vec<(Sample, bool)>,
}

/// A weight in the making, with the sum of its squared gradients.
#[derive(Clone, Copy, Default)]
struct Weight {
    value: f32,
    squares: f32,
}

impl Weight {
    fn step(&mut self, gradient: f32) {
        self.squares += gradient * gradient;
        self.value -= RATE * gradient / (self.squares.sqrt() + DAMPING);
    }
}

impl SeedTrainer {
    /// Adds a comment.
    pub fn add(&mut self, document: &Document<'_>, spam: bool) {
        self.samples.push((Sample::of(document), spam));
    }

    /// Trains on all that was added.
    #[must_use]
    pub fn train(&self) -> Seed {
        let mut weights = vec![Weight::default(); SLOTS];
        let mut bias = Weight::default();
        let mut order: Vec<&(Sample, bool)> = self.samples.iter().collect();
        let mut random = Random::of_label(0);
        for _ in 0..ROUNDS {
            for index in (1..order.len()).rev() {
                order.swap(index, random.below(index + 1));
            }
            for (sample, spam) in &order {
                step(&mut weights, &mut bias, sample, *spam);
            }
        }
        let largest = weights.iter().fold(0.0, |largest: f32, weight| largest.max(weight.value.abs()));
        let unit = (largest / 127.0).max(LEAST);
        Seed::new(weights.iter().map(|weight| quantised(weight.value, unit)).collect(), unit, bias.value)
    }
}

fn step(weights: &mut [Weight], bias: &mut Weight, sample: &Sample, spam: bool) {
    let scaled = || sample.groups().map(|(group, slots)| (slots, group.scale() / (slots.len().max(1) as f32).sqrt()));
    let mut logit = bias.value;
    for (slots, scale) in scaled() {
        let values = slots.iter().filter_map(|slot| weights.get(*slot as usize)).map(|weight| weight.value);
        logit += scale * values.sum::<f32>();
    }
    let error = error(logit, spam);
    bias.step(error);
    for (slots, scale) in scaled() {
        for slot in slots {
            if let Some(weight) = weights.get_mut(*slot as usize) {
                weight.step(error * scale);
            }
        }
    }
}

fn quantised(value: f32, unit: f32) -> i8 {
    if value.abs() < LEAST {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of the type")]
    let rounded = (value / unit).round().clamp(-127.0, 127.0) as i8;
    rounded
}
