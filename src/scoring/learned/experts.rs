//! Turns sums over features into opinions, for the whole comment and for each of its parts.

use super::{
    document::{Document, GROUPS, Group},
    features::Feature,
    mixer::{CLIP, Mixer, Opinions},
    parts::PARTS,
    seed::Seed,
    table::{Slot, Table},
};

/// Counts below which every count has a rate of its own.
const EXACT: u16 = 64;
/// Up to 64 and then four to each doubling of 16 bits.
const STEPS: usize = EXACT as usize + 40;

/// Naive Bayes: how many unseen meetings a feature is given beforehand, shared out by the sides' size.
const SMOOTHING: f32 = 0.6;

/// Logarithms that hold until the next label.
#[derive(Clone)]
pub(super) struct Rates {
    /// By how often a feature was seen: rare ones say more.
    rarity: [f32; STEPS],
    bayes: [Bayes; GROUPS],
    /// How far naive Bayes is believed: not at all before both sides were seen.
    belief: f32,
}

#[derive(Clone)]
struct Bayes {
    spam: [f32; STEPS],
    ham: [f32; STEPS],
    prior: f32,
}

/// Comments and features learned on one side, as far as they are not forgotten.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Side {
    pub(super) comments: f32,
    pub(super) features: [f32; GROUPS],
}

fn step_of(count: u16) -> usize {
    if count < EXACT {
        return usize::from(count);
    }
    let doublings = count.ilog2();
    let quarter = (count >> (doublings - 2)) & 3;
    usize::from(EXACT) + 4 * (doublings as usize - 6) + usize::from(quarter)
}

/// What stands for all counts of a step.
fn middle(step: usize) -> f32 {
    match step.checked_sub(usize::from(EXACT)) {
        None => step as f32,
        Some(above) => 64.0 * 2.0_f32.powf((above as f32 + 0.5) / 4.0),
    }
}

impl Rates {
    pub(super) fn new(spam: &Side, ham: &Side) -> Self {
        let table = |value: &dyn Fn(f32) -> f32| std::array::from_fn(|step| value(middle(step)));
        let comments = spam.comments + ham.comments;
        let bayes = std::array::from_fn(|group| {
            let features = |side: &Side| side.features.get(group).map_or(1.0, |features| features + 1.0);
            let share = features(spam) / (features(spam) + features(ham));
            let (of_spam, of_ham) = (SMOOTHING * share, SMOOTHING * (1.0 - share));
            Bayes {
                spam: table(&|count| (count + of_spam).ln()),
                ham: table(&|count| (count + of_ham).ln()),
                prior: (of_spam / of_ham).ln(),
            }
        });
        let fewer = spam.comments.min(ham.comments);
        let rarity = table(&|count| (((comments + 1.0) / (count + 1.0)).max(1.0).ln() + 1.0).sqrt());
        Self { rarity, bayes, belief: fewer / (fewer + 2.0) }
    }

    /// The size that a feature enters the regression with.
    pub(super) fn rarity(&self, slot: Slot) -> f32 {
        self.rarity.get(step_of(slot.seen())).copied().unwrap_or(1.0)
    }

    fn ratio(&self, group: Group, slot: Slot) -> f32 {
        let Some(bayes) = self.bayes.get(group as usize) else { return 0.0 };
        let of = |table: &[f32; STEPS], count| table.get(step_of(count)).copied().unwrap_or(0.0);
        of(&bayes.spam, slot.spam) - of(&bayes.ham, slot.ham) - bayes.prior
    }
}

/// Sums over the features of a group.
#[derive(Clone, Copy, Default)]
struct Sum {
    count: f32,
    /// Squares of the sizes.
    squares: f32,
    linear: f32,
    ratio: f32,
    seed: f32,
}

type Sums = [Sum; GROUPS];

impl Sum {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.squares += other.squares;
        self.linear += other.linear;
        self.ratio += other.ratio;
        self.seed += other.seed;
    }
}

/// What experts have to look at.
pub(super) struct Experts<'m> {
    pub(super) table: &'m Table,
    pub(super) bias: Slot,
    pub(super) rates: &'m Rates,
    pub(super) seed: &'m Seed,
    pub(super) mixer: &'m Mixer,
}

/// What the experts say, and what each feature adds to it, in the document's order.
pub(super) struct Heard {
    pub(super) opinions: Opinions,
    pub(super) shares: Vec<f32>,
}

impl Experts<'_> {
    pub(super) fn hear(&self, document: &Document<'_>) -> Heard {
        let mut shares = Vec::with_capacity(document.size());
        let mut whole = Sums::default();
        let mut parts = [Sums::default(); PARTS];
        for (group, features) in document.groups() {
            let begun = shares.len();
            let mut total = Sum::default();
            for chunk in features.chunk_by(|a, b| a.part == b.part) {
                let sum = self.sum(group, chunk, &mut shares);
                total.add(&sum);
                let part = chunk.first().and_then(|feature| parts.get_mut(usize::from(feature.part)));
                if let Some(place) = part.and_then(|part| part.get_mut(group as usize)) {
                    place.add(&sum);
                }
            }
            let scale = group.scale() / total.squares.max(1.0).sqrt();
            shares.iter_mut().skip(begun).for_each(|share| *share *= scale);
            if let Some(place) = whole.get_mut(group as usize) {
                *place = total;
            }
        }
        let mut opinions = self.opinions(&whole);
        if document.parts > 1 {
            opinions.worst = self.worst(&opinions, &whole, parts.iter_mut().take(document.parts));
        }
        Heard { opinions, shares }
    }

    fn sum(&self, group: Group, features: &[Feature], shares: &mut Vec<f32>) -> Sum {
        let (of_linear, of_seed) = self.mixer.shares();
        let unseen = self.rates.rarity(Slot::default()).powi(2);
        let mut sum = Sum { count: features.len() as f32, ..Sum::default() };
        for feature in features {
            let slot = self.table.get(feature.slot);
            let seed = self.seed.weight(feature.slot);
            sum.seed += seed;
            // Most features of a comment are new.
            if slot == Slot::default() {
                sum.squares += unseen;
                shares.push(of_seed * seed);
                continue;
            }
            let size = self.rates.rarity(slot);
            let linear = size * slot.weight();
            sum.squares += size * size;
            sum.linear += linear;
            sum.ratio += self.rates.ratio(group, slot);
            shares.push(of_linear * linear + of_seed * seed);
        }
        sum
    }

    fn opinions(&self, sums: &Sums) -> Opinions {
        let mut said = Opinions { linear: self.bias.weight(), seed: self.seed.bias(), ..Opinions::default() };
        for (group, sum) in Group::ALL.into_iter().zip(sums) {
            let scale = group.scale();
            said.linear += sum.linear * scale / sum.squares.max(1.0).sqrt();
            said.seed += sum.seed * scale / sum.count.max(1.0).sqrt();
            // A power between the root, as if features were independent, and the mean, as if they were one.
            let ratio = self.rates.belief * sum.ratio / sum.count.max(1.0).powf(0.75);
            match group {
                Group::Plain => said.words += ratio,
                Group::Words | Group::Inside | Group::Across => said.shapes += ratio,
                Group::Form => {}
            }
        }
        let clip = |logit: f32| logit.clamp(-CLIP, CLIP);
        Opinions {
            linear: clip(said.linear),
            words: clip(said.words),
            shapes: clip(said.shapes),
            seed: clip(said.seed),
            worst: 0.0,
        }
    }

    fn worst<'p>(&self, base: &Opinions, whole: &Sums, parts: impl Iterator<Item = &'p mut Sums>) -> f32 {
        let base = self.mixer.mix(base);
        let worst = parts.filter_map(|part| {
            let [plain, .., form] = part;
            let [.., of_whole] = whole;
            *form = *of_whole;
            (plain.count > 0.0).then(|| self.mixer.mix(&self.opinions(part)))
        });
        (worst.fold(base, f32::max) - base).clamp(0.0, 6.0)
    }
}
