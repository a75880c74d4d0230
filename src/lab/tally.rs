//! Counting fates, and how sure the two rates are that matter: good ones lost, and spam let through.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Fate, Label, Row};
use crate::measure::{Interval, wilson};

/// What settings would have made of the past.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct Figures {
    /// Submissions: what was stored and what the captcha's score refused. The five counts that follow add up to it.
    pub submissions: u64,
    /// Shown at once.
    pub published: u64,
    /// Waiting for a moderator.
    pub held: u64,
    /// Stored as spam.
    pub spam: u64,
    /// Stored as rejected, by a word and whatever the thresholds.
    pub rejected: u64,
    /// Refused by the captcha.
    pub refused: u64,
    /// Of those held: refused when they came, so that nobody knows their text; some may be neither good nor waiting.
    pub unseen: u64,
    /// Approved by a moderator, and refused or marked as spam here.
    pub approved_lost: Rate,
    /// Marked as spam by a moderator, and published here.
    pub spam_let_through: Rate,
}

/// So many of so many, and how sure that is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct Rate {
    /// Decisions of which it holds.
    pub count: u64,
    /// Decisions of that kind.
    pub of: u64,
    /// The rate, in which a sample stands for all of its like; null without decisions.
    pub rate: Option<f64>,
    /// Wilson's interval, which holds the true rate 95 times in 100.
    pub interval: Interval,
}

/// A rate in the making.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    hits: u64,
    rows: u64,
    weight_of_hits: f64,
    weight: f64,
    squares: f64,
}

impl Share {
    pub(super) fn add(&mut self, is_hit: bool, weight: f64) {
        self.rows += 1;
        self.weight += weight;
        self.squares += weight * weight;
        if is_hit {
            self.hits += 1;
            self.weight_of_hits += weight;
        }
    }

    pub(super) fn rate(self) -> Rate {
        let rate = (self.rows > 0).then(|| self.weight_of_hits / self.weight);
        // Weighted rows say as much as so many of weight one (Kish); see `measure::effective`.
        let sure_as = if self.rows > 0 { self.weight * self.weight / self.squares } else { 0.0 };
        Rate { count: self.hits, of: self.rows, rate, interval: wilson(rate.unwrap_or(0.0) * sure_as, sure_as) }
    }
}

/// Figures in the making.
#[derive(Clone, Default)]
pub(super) struct Tally {
    published: u64,
    held: u64,
    spam: u64,
    rejected: u64,
    refused: u64,
    unseen: u64,
    lost: Share,
    through: Share,
}

impl Tally {
    pub(super) fn add(&mut self, row: &Row, fate: Fate) {
        match fate {
            Fate::Published => self.published += 1,
            Fate::Held => self.held += 1,
            Fate::Unseen => {
                self.held += 1;
                self.unseen += 1;
            }
            Fate::Spam => self.spam += 1,
            Fate::Rejected => self.rejected += 1,
            Fate::Refused => self.refused += 1,
        }
        match row.label {
            Label::Approved => self.lost.add(matches!(fate, Fate::Refused | Fate::Spam), row.weight()),
            Label::Spam => self.through.add(fate == Fate::Published, row.weight()),
            Label::Rejected | Label::Undecided => {}
        }
    }

    pub(super) fn figures(&self) -> Figures {
        let Self { published, held, spam, rejected, refused, unseen, lost, through } = *self;
        Figures {
            submissions: published + held + spam + rejected + refused,
            published,
            held,
            spam,
            rejected,
            refused,
            unseen,
            approved_lost: lost.rate(),
            spam_let_through: through.rate(),
        }
    }
}
