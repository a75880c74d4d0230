//! Logistic regression with a prior and bounds: the weights that explain labels best without leaving
//! without cause what was known before.
//!
//! Maximises the likelihood of the labels times a normal prior around each weight's centre, each weight
//! within its bounds, the intercept free or held. The maximum is unique; the way there is the projected Newton
//! method (Bertsekas, SIAM Journal on Control and Optimization 20, 1982).

/// Rows that look alike.
#[derive(Clone, PartialEq, Debug)]
pub struct Observation {
    /// What they show: the number of a weight and how much of it; the rest is 0.
    pub features: Vec<(usize, f64)>,
    /// How many of them are bad; may be a fraction, as of weighted rows.
    pub bad: f64,
    /// How many are not.
    pub good: f64,
}

/// What is known of a weight before.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    /// Where it is drawn to.
    pub centre: f64,
    /// The least it may be.
    pub low: f64,
    /// The most; a weight of equal bounds stands still.
    pub high: f64,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// Log-odds of a row that shows nothing.
    pub intercept: f64,
    /// The weights, in the order of their bounds.
    pub weights: Vec<f64>,
}

/// Steps at most; it takes about ten.
const STEPS: u32 = 200;
/// Halvings of a step that leads too far.
const HALVINGS: u32 = 40;

/// The chance that log-odds speak of, in `[0,1]`.
#[must_use]
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The weights of the greatest posterior. `precision` is one over the prior's variance, above 0; `held` is the
/// intercept where that is not to be found too. None without rows of both kinds.
#[must_use]
pub fn fit(rows: &[Observation], held: Option<f64>, bounds: &[Bounds], precision: f64) -> Option<Fit> {
    let (bad, good) = rows.iter().fold((0.0, 0.0), |(bad, good), row| (bad + row.bad, good + row.good));
    if bad <= 0.0 || good <= 0.0 {
        return None;
    }
    let problem = Problem { rows, is_held: held.is_some(), bounds, precision };
    let mut at: Vec<f64> = std::iter::once(held.unwrap_or((bad / good).ln()))
        .chain(bounds.iter().map(|bound| bound.centre.clamp(bound.low, bound.high)))
        .collect();
    let mut cost = problem.cost(&at);
    for _ in 0..STEPS {
        let Some((next, less)) = problem.step(&at, cost) else { break };
        let gained = cost - less;
        (at, cost) = (next, less);
        if gained <= 1e-12 * (1.0 + cost) {
            break;
        }
    }
    let (intercept, weights) = at.split_first()?;
    Some(Fit { intercept: *intercept, weights: weights.to_vec() })
}

/// Platt's two parameters (Advances in Large Margin Classifiers, 1999): slope and intercept that turn log-odds into
/// log-odds that mean what they say. The targets are softened as he does, so that few labels never claim
/// certainty. None without rows of both kinds.
#[must_use]
pub fn platt(rows: impl IntoIterator<Item = (f64, bool, f64)>) -> Option<(f64, f64)> {
    let rows: Vec<(f64, bool, f64)> = rows.into_iter().collect();
    let sum = |kind: bool| rows.iter().filter(|(_, bad, _)| *bad == kind).map(|(_, _, weight)| weight).sum::<f64>();
    let (bad, good) = (sum(true), sum(false));
    if bad <= 0.0 || good <= 0.0 {
        return None;
    }
    let targets = ((bad + 1.0) / (bad + 2.0), 1.0 / (good + 2.0));
    let softened: Vec<Observation> = rows
        .iter()
        .map(|(log_odds, is_bad, weight)| {
            let target = if *is_bad { targets.0 } else { targets.1 };
            Observation { features: vec![(0, *log_odds)], bad: weight * target, good: weight * (1.0 - target) }
        })
        .collect();
    // All but no prior: just enough that a score which is the same for all has a maximum.
    let free = Bounds { centre: 1.0, low: f64::NEG_INFINITY, high: f64::INFINITY };
    let found = fit(&softened, None, &[free], 1e-6)?;
    Some((*found.weights.first()?, found.intercept))
}

struct Problem<'a> {
    rows: &'a [Observation],
    is_held: bool,
    bounds: &'a [Bounds],
    precision: f64,
}

impl Problem<'_> {
    /// Log-odds of a row; the intercept is the first of the weights.
    fn log_odds(row: &Observation, at: &[f64]) -> f64 {
        let shown: f64 = row.features.iter().filter_map(|(n, x)| at.get(n + 1).map(|weight| weight * x)).sum();
        at.first().unwrap_or(&0.0) + shown
    }

    /// What is to be made small: the negative logarithm of the posterior.
    fn cost(&self, at: &[f64]) -> f64 {
        let labels: f64 = self
            .rows
            .iter()
            .map(|row| {
                let z = Self::log_odds(row, at);
                row.bad * softplus(-z) + row.good * softplus(z)
            })
            .sum();
        let weights = at.iter().skip(1).zip(self.bounds);
        labels + self.precision / 2.0 * weights.map(|(w, bound)| (w - bound.centre) * (w - bound.centre)).sum::<f64>()
    }

    /// A better place and its cost; none where this is the best.
    fn step(&self, at: &[f64], cost: f64) -> Option<(Vec<f64>, f64)> {
        let system = self.system(at);
        let direction = self.direction(at, system)?;
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let moved: Vec<f64> = at.iter().zip(&direction).map(|(w, d)| w - length * d).collect();
            let next = self.within(moved);
            let less = self.cost(&next);
            if less < cost {
                return Some((next, less));
            }
            length /= 2.0;
        }
        None
    }

    /// The second derivatives, each row followed by the first derivative.
    fn system(&self, at: &[f64]) -> Vec<Vec<f64>> {
        let size = at.len();
        let mut system = vec![vec![0.0; size + 1]; size];
        for row in self.rows {
            let chance = probability(Self::log_odds(row, at));
            let all = row.bad + row.good;
            let (slope, bend) = (all * chance - row.bad, all * chance * (1.0 - chance));
            let shown = || std::iter::once((0, 1.0)).chain(row.features.iter().map(|(n, x)| (n + 1, *x)));
            for (one, x) in shown() {
                let Some(line) = system.get_mut(one) else { continue };
                for (other, y) in shown() {
                    add(line, other, bend * x * y);
                }
                add(line, size, slope * x);
            }
        }
        for (n, (bound, line)) in self.bounds.iter().zip(system.iter_mut().skip(1)).enumerate() {
            add(line, n + 1, self.precision);
            add(line, size, self.precision * (at.get(n + 1).unwrap_or(&0.0) - bound.centre));
        }
        system
    }

    /// Newton's direction among the weights that are free to move; those that press against a bound stand.
    fn direction(&self, at: &[f64], mut system: Vec<Vec<f64>>) -> Option<Vec<f64>> {
        let size = at.len();
        let slope = |line: &Vec<f64>| line.last().copied().unwrap_or(0.0);
        let stands: Vec<bool> = std::iter::once(self.is_held)
            .chain(self.bounds.iter().zip(at.iter().zip(&system).skip(1)).map(|(bound, (w, line))| {
                (*w <= bound.low && slope(line) > 0.0)
                    || (*w >= bound.high && slope(line) < 0.0)
                    || bound.low >= bound.high
            }))
            .collect();
        for (n, line) in system.iter_mut().enumerate() {
            let own = stands.get(n).copied().unwrap_or(true);
            for (other, cell) in line.iter_mut().enumerate().take(size) {
                if own || stands.get(other).copied().unwrap_or(true) {
                    *cell = f64::from(u8::from(n == other));
                }
            }
            if own && let Some(last) = line.last_mut() {
                *last = 0.0;
            }
        }
        solve(&system)
    }

    fn within(&self, at: Vec<f64>) -> Vec<f64> {
        let mut at = at.into_iter();
        at.next().into_iter().chain(at.zip(self.bounds).map(|(w, bound)| w.clamp(bound.low, bound.high))).collect()
    }
}

fn add(line: &mut [f64], at: usize, what: f64) {
    if let Some(cell) = line.get_mut(at) {
        *cell += what;
    }
}

/// `ln(1 + e^z)` without overflow.
fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// Elimination line by line; the right side is each line's last. For positive definite systems, so no line has
/// to be sought; none where this one is not.
fn solve(lines: &[Vec<f64>]) -> Option<Vec<f64>> {
    let Some((first, rest)) = lines.split_first() else { return Some(Vec::new()) };
    let (pivot, tail) = first.split_first()?;
    if *pivot <= 0.0 {
        return None;
    }
    let reduced: Option<Vec<Vec<f64>>> = rest
        .iter()
        .map(|line| {
            let (head, others) = line.split_first()?;
            Some(others.iter().zip(tail).map(|(cell, above)| cell - head / pivot * above).collect())
        })
        .collect();
    let mut found = solve(&reduced?)?;
    let (right, factors) = tail.split_last()?;
    let known: f64 = factors.iter().zip(&found).map(|(factor, value)| factor * value).sum();
    found.insert(0, (right - known) / pivot);
    Some(found)
}
