//! One site's model: scores without being changed, and learns one decision at a time.

use std::sync::Arc;

use super::{
    document::{Document, GROUPS},
    experts::{Experts, Heard, Rates, Side},
    features::Feature,
    mixer::{CLIP, Mixer, error},
    random::Random,
    reservoir::{Kept, Reservoir, Sample},
    seed::Seed,
    table::{Slot, Table},
};
use crate::domain;

/// Past labels that are learned again with each new one.
const REPLAYS: usize = 6;
/// Errors below which a comment has nothing left to teach.
const SETTLED: f32 = 0.01;
/// Comments of one side after which all counts are halved: they have 16 bits.
const FULL: f32 = 50_000.0;
#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const PRIOR: f32 = domain::PRIOR as f32;
/// Just below the log-odds of a risk of 0.9.
const NINE_IN_TEN: f32 = 2.19;
/// How much a model without a label says for a comment at most, in log-odds.
const SOFTEST: f32 = 1.0;
/// Words told with a score.
const WORDS: usize = 6;
/// Log-odds from which a word is worth telling.
const TELLING: f32 = 0.05;

/// How many decisions a model has learned.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Labels {
    /// Marked as spam.
    pub spam: u64,
    /// Approved.
    pub ham: u64,
}

impl Labels {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.spam + self.ham
    }
}

/// What a model says of a comment.
#[derive(Clone, PartialEq, Debug)]
pub struct Learned {
    /// Log-odds that it adds to the prior and to what the other signals add.
    pub weight: f32,
    /// Log-odds that it is spam by what was learned alone.
    pub logit: f32,
    /// The words that count most, strongest first, whichever way they point.
    pub words: Vec<Word>,
}

/// A word of the comment as it was typed.
#[derive(Clone, PartialEq, Debug)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Log-odds that it adds.
    pub weight: f32,
    /// Its characters in the body, end exclusive.
    pub span: (usize, usize),
}

/// A site's model: under 4 MiB. The seed is shared between sites.
#[derive(Clone)]
pub struct Model {
    pub(super) seed: Arc<Seed>,
    pub(super) table: Table,
    pub(super) bias: Slot,
    pub(super) mixer: Mixer,
    pub(super) reservoir: Reservoir,
    pub(super) labels: Labels,
    pub(super) last_label: u64,
    pub(super) spam: Side,
    pub(super) ham: Side,
    pub(super) rates: Rates,
}

impl Model {
    /// A model of a site without a decision: it has nothing but the seed to go by.
    #[must_use]
    pub fn new(seed: Arc<Seed>) -> Self {
        let (spam, ham) = (Side::default(), Side::default());
        Self {
            seed,
            table: Table::new(),
            bias: Slot::default(),
            mixer: Mixer::new(),
            reservoir: Reservoir::default(),
            labels: Labels::default(),
            last_label: 0,
            rates: Rates::new(&spam, &ham),
            spam,
            ham,
        }
    }

    /// How many decisions it has learned.
    #[must_use]
    pub fn labels(&self) -> Labels {
        self.labels
    }

    /// The number of the last label learned: where to go on after a snapshot.
    #[must_use]
    pub fn last_label(&self) -> u64 {
        self.last_label
    }

    /// Bytes that it takes, without the seed.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.table.bytes() + self.reservoir.bytes()
    }

    /// Scores a comment.
    #[must_use]
    pub fn score(&self, document: &Document<'_>) -> Learned {
        let heard = self.experts().hear(document);
        let tempered = self.tempered(self.mixer.mix(&heard.opinions));
        let weight = tempered + self.known_prior();
        Learned { weight, logit: PRIOR + weight, words: words(document, &heard) }
    }

    /// Log-odds bent so that a young site's model is a voice among others, in an order that stays. With
    /// fewer than ten labels of either side they stay below those of a risk of 0.9, and each further one
    /// adds a quarter. What speaks for a comment is bent likewise, so that a model that saw little
    /// cannot talk away what the rules saw; it can always give back the prior that approvals took away.
    fn tempered(&self, logit: f32) -> f32 {
        let most = NINE_IN_TEN + 0.25 * (self.fewer() - 9.0).max(0.0);
        let least = SOFTEST + 0.25 * self.fewer();
        let (unbent, bound) = if logit > 0.0 { (0.0, most) } else { (logit.max(-self.known_prior()), least) };
        unbent + bound * ((logit - unbent) / bound).tanh()
    }

    /// What takes the prior's place as labels come in: how much of a site's comments is spam lies in what
    /// they teach. Where good comments are published unseen and only spam is ever decided, the prior stays.
    fn known_prior(&self) -> f32 {
        let Labels { spam, ham } = self.labels;
        let known = (ham + spam.min(ham)) as f32;
        -PRIOR * known / (known + 3.0)
    }

    /// The fewer of its spam and ham labels.
    fn fewer(&self) -> f32 {
        self.labels.spam.min(self.labels.ham) as f32
    }

    /// Learns a moderator's decision. `label` is its number in the store's order, from 1.
    pub fn learn(&mut self, document: &Document<'_>, spam: bool, label: u64) {
        let opinions = self.experts().hear(document).opinions;
        let rules = document.rules.clamp(-CLIP, CLIP);
        let beside = PRIOR + self.known_prior() + rules;
        let mut random = Random::of_label(self.labels.total());
        self.count(document, spam);
        self.labels.spam += u64::from(spam);
        self.labels.ham += u64::from(!spam);
        self.last_label = label;
        self.mixer.learn(&opinions, beside, spam, self.importance(spam));
        self.rates = Rates::new(&self.spam, &self.ham);
        let mut sample = Sample::of(document);
        let packed = sample.pack();
        let mut sizes = Vec::with_capacity(document.size());
        self.step(&sample, (rules, spam), &mut sizes);
        for _ in 0..REPLAYS.min(self.reservoir.len()) {
            let drawn = self.reservoir.get(random.below(self.reservoir.len()));
            if let Some(told) = drawn.and_then(|kept| sample.unpack(&kept.packed).then_some((kept.rules, kept.spam))) {
                self.step(&sample, told, &mut sizes);
            }
        }
        self.reservoir.add(Kept { label, spam, rules, packed }, &mut random);
    }

    /// What a label counts for. A queue in which only spam is ever decided would teach that all is
    /// spam; the other way round nothing is lost, so approvals always count in full.
    fn importance(&self, spam: bool) -> f32 {
        if spam { ((20.0 + 4.0 * self.ham.comments) / self.spam.comments.max(1.0)).min(1.0) } else { 1.0 }
    }

    fn experts(&self) -> Experts<'_> {
        Experts { table: &self.table, bias: self.bias, rates: &self.rates, seed: &self.seed, mixer: &self.mixer }
    }

    fn count(&mut self, document: &Document<'_>, spam: bool) {
        let side = if spam { &mut self.spam } else { &mut self.ham };
        side.comments += 1.0;
        for ((_, features), total) in document.groups().zip(&mut side.features) {
            *total += features.len() as f32;
            for Feature { slot, .. } in features {
                if let Some(slot) = self.table.get_mut(*slot) {
                    slot.count(spam);
                }
            }
        }
        if side.comments >= FULL {
            self.table.halve_counts();
            for side in [&mut self.spam, &mut self.ham] {
                side.comments /= 2.0;
                side.features.iter_mut().for_each(|features| *features /= 2.0);
            }
        }
    }

    /// One step of the regression, which learns what the other signals leave open. `sizes` is only room to
    /// work in.
    fn step(&mut self, sample: &Sample, (rules, spam): (f32, bool), sizes: &mut Vec<f32>) {
        sizes.clear();
        let mut logit = self.bias.weight();
        let mut scales = [0.0; GROUPS];
        for ((group, slots), scale) in sample.groups().zip(&mut scales) {
            let (mut sum, mut squares) = (0.0, 0.0_f32);
            for slot in slots {
                let slot = self.table.get(*slot);
                let size = self.rates.rarity(slot);
                sizes.push(size);
                sum += size * slot.weight();
                squares += size * size;
            }
            *scale = group.scale() / squares.max(1.0).sqrt();
            logit += sum * *scale;
        }
        let error = self.importance(spam) * error(rules + logit, spam);
        if error.abs() < SETTLED {
            return;
        }
        self.bias.step(error);
        let mut sizes = sizes.iter();
        for ((_, slots), scale) in sample.groups().zip(scales) {
            for (slot, size) in slots.iter().zip(&mut sizes) {
                if let Some(slot) = self.table.get_mut(*slot) {
                    slot.step(error * scale * size);
                }
            }
        }
    }
}

/// The words whose features count most.
fn words(document: &Document<'_>, heard: &Heard) -> Vec<Word> {
    let mut weights = vec![0.0; document.words.len()];
    let features = document.groups().flat_map(|(_, features)| features);
    for (feature, share) in features.zip(&heard.shares) {
        if let Some(weight) = weights.get_mut(usize::from(feature.word)) {
            *weight += share;
        }
    }
    let mut ranked: Vec<(usize, f32)> = weights.into_iter().enumerate().filter(|(_, w)| w.abs() >= TELLING).collect();
    ranked.sort_unstable_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    let word = |(index, weight): (usize, f32)| {
        let place = document.words.get(index)?;
        let text = document.body.get(place.bytes.0..place.bytes.1)?;
        let first = usize::try_from(place.first).unwrap_or(usize::MAX);
        let span = (first, first.saturating_add(text.chars().count()));
        text.contains(char::is_alphanumeric).then(|| Word { text: text.to_owned(), weight, span })
    };
    ranked.into_iter().filter_map(word).take(WORDS).collect()
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("labels", &self.labels)
            .field("mixer", &self.mixer.weights)
            .finish_non_exhaustive()
    }
}
