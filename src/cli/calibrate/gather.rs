//! The decisions, out of the store and into a form that a hundred thousand of them fit into: what a comment's
//! sender showed is kept once, however many showed the same.

use std::collections::BTreeMap;

use crate::{
    captcha::builtin::{self, Asked, Hit, PREFIX, WEIGHTS, Weight},
    config::{self, CaptchaSignal, Provider},
    domain::{CaptchaOutcome, Status, Timestamp},
    store::{Decider, RecordedQuery, RecordedRow, Store, StoreError, Stretch},
};

/// Rows in one read, so that a server beside it is never long without its processor.
const STRETCH: usize = 2_000;
/// Signals of the content that saw the same thing as the captcha's of that name, and long stood for both.
const SHARED: [&str; 2] = ["honeypot", "no_origin"];
/// Scores that differ by less are the same.
const SAME: f64 = 1e-6;

/// Which decisions.
pub(super) struct Wanted {
    /// Of this site; of all without.
    pub(super) site: Option<String>,
    /// On comments that came then or later.
    pub(super) since: Timestamp,
    /// Those of programs too.
    pub(super) tokens: bool,
}

/// What a sender showed.
pub(super) struct Pattern {
    pub(super) hits: Vec<Hit>,
    pub(super) asked: Asked,
}

/// One decision.
pub(super) struct Sample {
    /// The number of its pattern.
    pub(super) pattern: usize,
    /// Marked as spam; else approved.
    pub(super) spam: bool,
    /// How many comments it stands for.
    pub(super) weight: f64,
    /// Another provider's score, as it was.
    pub(super) provider_score: Option<f64>,
}

/// All of it.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) patterns: Vec<Pattern>,
    /// In the order in which the comments came.
    pub(super) samples: Vec<Sample>,
    pub(super) notes: Notes,
}

/// What an operator should know of the decisions before believing the figures.
#[derive(Clone, Default, serde::Serialize)]
pub(super) struct Notes {
    /// Left out: decided by a program's token.
    pub(super) by_tokens: u64,
    /// Left out: checked by another provider than the one in force.
    pub(super) other_provider: u64,
    /// Came without a token.
    pub(super) without_token: u64,
    /// Reached the queue as samples of what a threshold would have kept from it.
    pub(super) samples: u64,
    /// Samples of which nobody kept how many they stand for.
    pub(super) samples_of_unknown_share: u64,
    /// Had another score then.
    pub(super) rescored: u64,
    /// Signals that this version does not have, and how often they fired.
    pub(super) unknown: BTreeMap<String, u64>,
}

/// A hit's strength by its bits, so that equal patterns are found.
type Key = (Vec<(CaptchaSignal, u64)>, Asked);

/// Reads them all, a stretch at a time.
pub(super) async fn gather(store: &Store, wanted: &Wanted, settings: &config::Captcha) -> Result<Gathered, StoreError> {
    let mut query = RecordedQuery {
        sites: wanted.site.clone().map(|site| vec![site]),
        since: wanted.since,
        decided: true,
        records: false,
        from: Stretch::Oldest(None),
        limit: STRETCH,
    };
    let (mut gathered, mut known) = (Gathered::default(), BTreeMap::new());
    loop {
        let rows = store.recorded(query.clone()).await?;
        for row in &rows {
            gathered.take(row, wanted, settings, &mut known);
        }
        match rows.last() {
            Some(last) if rows.len() == STRETCH => query.from = Stretch::Oldest(Some(last.id)),
            _ => return Ok(gathered),
        }
    }
}

impl Gathered {
    fn take(
        &mut self,
        row: &RecordedRow,
        wanted: &Wanted,
        settings: &config::Captcha,
        known: &mut BTreeMap<Key, usize>,
    ) {
        let notes = &mut self.notes;
        if row.decider == Some(Decider::Program) && !wanted.tokens {
            notes.by_tokens += 1;
            return;
        }
        if row.provider != settings.provider.as_str() {
            notes.other_provider += 1;
            return;
        }
        let in_force = |signal| Weight::of(signal).in_force(&settings.weights);
        let pattern = pattern(row, in_force, &mut notes.unknown);
        let is_scored = matches!(row.outcome, CaptchaOutcome::Pass | CaptchaOutcome::Low);
        let is_builtin = settings.provider == Provider::Builtin;
        if is_builtin {
            let now = builtin::rescored(&pattern.hits, pattern.asked, in_force);
            notes.rescored += u64::from(row.score.is_some_and(|then| (then - now).abs() > SAME));
        }
        notes.without_token += u64::from(row.outcome == CaptchaOutcome::Missing);
        notes.samples += u64::from(row.sampled.is_some());
        let is_marked = row.signals.iter().any(|signal| signal.name == "explored");
        notes.samples_of_unknown_share += u64::from(is_marked && row.sampled.is_none());
        let provider_score = row.score.filter(|_| !is_builtin && is_scored && row.raw_score.is_some());
        let key = (pattern.hits.iter().map(|hit| (hit.signal, hit.strength.to_bits())).collect(), pattern.asked);
        let number = *known.entry(key).or_insert_with(|| {
            self.patterns.push(pattern);
            self.patterns.len() - 1
        });
        // A share of none cannot have let anybody in.
        let weight = row.sampled.filter(|share| *share > 0.0).map_or(1.0, |share| 1.0 / share);
        self.samples.push(Sample { pattern: number, spam: row.status == Status::Spam, weight, provider_score });
    }
}

fn pattern(row: &RecordedRow, in_force: impl Fn(CaptchaSignal) -> f64, unknown: &mut BTreeMap<String, u64>) -> Pattern {
    let mut hits: BTreeMap<CaptchaSignal, Hit> = BTreeMap::new();
    for signal in &row.signals {
        let (name, weight) = (signal.name.as_ref(), signal.weight);
        let found = match name.strip_prefix(PREFIX) {
            // What a group lost at its bound is computed anew.
            Some(bound) if bound.starts_with("bound_") => None,
            Some(name) => {
                let hit = builtin::hit(name, weight, &in_force);
                // A provider's reason weighs nothing: it explains the provider's own score.
                if hit.is_none() && weight != 0.0 {
                    *unknown.entry(name.to_owned()).or_default() += 1;
                }
                hit
            }
            // An edit's content signals are not those of the submission.
            None if SHARED.contains(&name) && !row.edited => builtin::hit(name, weight, &in_force),
            None => None,
        };
        if let Some(hit) = found {
            hits.insert(hit.signal, hit);
        }
    }
    let is_builtin = row.provider == Provider::Builtin.as_str();
    let asked = Asked {
        proven: is_builtin && matches!(row.outcome, CaptchaOutcome::Pass | CaptchaOutcome::Low),
        nothing: !is_builtin && !hits.contains_key(&CaptchaSignal::ProviderPass),
    };
    Pattern { hits: hits.into_values().collect(), asked }
}

/// How often each signal fired in so many comments: a row a signal, in the table's order; spam, then approved.
pub(super) fn tally(gathered: &Gathered) -> Vec<(&'static Weight, u64, u64)> {
    let mut counts: BTreeMap<CaptchaSignal, (u64, u64)> = BTreeMap::new();
    for sample in &gathered.samples {
        for hit in gathered.patterns.get(sample.pattern).into_iter().flat_map(|pattern| &pattern.hits) {
            let (spam, approved) = counts.entry(hit.signal).or_default();
            *(if sample.spam { spam } else { approved }) += 1;
        }
    }
    let of = |signal| counts.get(&signal).copied().unwrap_or_default();
    WEIGHTS.iter().map(|row| (row, of(row.signal).0, of(row.signal).1)).collect()
}
