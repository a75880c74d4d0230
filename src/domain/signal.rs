//! Named, weighted evidence, and how it adds up to a risk.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A stretch of the body, in characters (Unicode scalar values), end exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Span {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// One piece of evidence, in words a moderator reads.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Signal {
    /// Stable name, e.g. `word_hold`; the key under `[scoring.weights]`.
    pub name: Cow<'static, str>,
    /// Log-odds that it adds to the risk; positive speaks for spam.
    pub weight: f64,
    /// One sentence for the moderator.
    pub text: String,
    /// Where in the body it was seen, when it was seen in one place.
    pub span: Option<Span>,
    /// How strongly the rule found it, before its weight and its group's cap: what another weight is replayed
    /// with. None where no rule of the content score left it, or an earlier version did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
    /// Switched off by its weight: recorded so that another weight can be replayed, and shown to nobody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub quiet: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this shape")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Signal {
    /// A signal about the whole comment.
    pub fn new(name: &'static str, weight: f64, text: impl Into<String>) -> Self {
        Self { name: Cow::Borrowed(name), weight, text: text.into(), span: None, strength: None, quiet: false }
    }
    /// The same, pointing at a place in the body.
    #[must_use]
    pub fn at(mut self, start: usize, end: usize) -> Self {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.span = Some(Span { start: narrow(start), end: narrow(end) });
        self
    }
}

/// What content scoring says of one comment.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scorecard {
    /// How likely a moderator marks it as spam, in `[0,1]`.
    pub risk: f64,
    /// Everything that was seen, strongest first.
    pub signals: Vec<Signal>,
    /// A hold word was found.
    pub word_hold: bool,
    /// A reject word was found.
    pub word_reject: bool,
}

/// Log-odds before any signal: a comment that nothing speaks against has a risk of 1/(1+e^3), about 5 %.
pub const PRIOR: f64 = -3.0;

/// The logistic of the prior plus all weights: in `[0,1]` whatever the weights are. Their order is the sum's,
/// so who wants the same risk to the last bit gives the same order.
#[must_use]
pub fn risk_of(weights: impl IntoIterator<Item = f64>) -> f64 {
    let z = weights.into_iter().fold(PRIOR, |sum, weight| sum + weight);
    1.0 / (1.0 + (-z).exp())
}
