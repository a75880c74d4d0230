//! Weighs the experts against each other by how they fared: a logistic regression over their
//! log-odds, stepped with AdaGrad on risks made before the label was known. This is the calibration.

/// What the experts say of one comment, in log-odds.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Opinions {
    /// The site's logistic regression.
    pub(super) linear: f32,
    /// Naive Bayes over plain words.
    pub(super) words: f32,
    /// Naive Bayes over the groups that see through disguises.
    pub(super) shapes: f32,
    /// The seed.
    pub(super) seed: f32,
    /// How much worse the worst part is than the whole; 0 or more.
    pub(super) worst: f32,
}

/// Inputs with the constant one.
pub(super) const INPUTS: usize = 6;

/// Log-odds beyond which an expert is not believed.
pub(super) const CLIP: f32 = 8.0;

const RATE: f32 = 0.1;

/// The least weights: the seed may be of no use in a site's daily life, but it knows kinds of good
/// text that the site has never seen.
const LEAST: [f32; INPUTS] = [f32::NEG_INFINITY, 0.0, 0.0, 0.0, 0.1, 0.0];

impl Opinions {
    fn inputs(&self) -> [f32; INPUTS] {
        [1.0, self.linear, self.words, self.shapes, self.seed, self.worst]
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Mixer {
    pub(super) weights: [f32; INPUTS],
    /// Sums of squared gradients.
    pub(super) squares: [f32; INPUTS],
}

impl Mixer {
    pub(super) fn new() -> Self {
        Self { weights: [0.0, 0.9, 0.15, 0.15, 0.3, 0.2], squares: [0.0; INPUTS] }
    }
    /// The mixed log-odds.
    pub(super) fn mix(&self, opinions: &Opinions) -> f32 {
        self.weights.iter().zip(opinions.inputs()).map(|(weight, input)| weight * input).sum()
    }
    /// What one expert's log-odds count for in the mix: the regression's and the seed's.
    pub(super) fn shares(&self) -> (f32, f32) {
        let [_, linear, _, _, seed, ..] = self.weights;
        (linear, seed)
    }
    /// Learns from what the risk would have been; `beside` is the log-odds of all that the experts do not
    /// know of, `importance` is at most 1.
    pub(super) fn learn(&mut self, opinions: &Opinions, beside: f32, spam: bool, importance: f32) {
        let error = importance * error(beside + self.mix(opinions), spam);
        let state = self.weights.iter_mut().zip(&mut self.squares);
        for (((weight, square), input), least) in state.zip(opinions.inputs()).zip(LEAST) {
            let gradient = error * input;
            *square += gradient * gradient;
            *weight = (*weight - RATE * gradient / (square.sqrt() + 1e-6)).max(least);
        }
    }
}

/// How far a prediction is from its label: the logistic loss's derivative by the log-odds.
pub(super) fn error(logit: f32, spam: bool) -> f32 {
    1.0 / (1.0 + (-logit).exp()) - f32::from(u8::from(spam))
}
