//! Counts into figures. Pure: what was found goes in, in any order; figures come out.

use std::collections::BTreeMap;

use super::{DayFigures, Decided, ModeratorFigures, Share, Statistics, Waiting};
use crate::{
    domain::{Timestamp, Verdict},
    measure::wilson,
    moderation::view::bare,
    store::{Day, Work},
};

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// Figures in the making.
pub(super) struct Fold {
    days: BTreeMap<Day, DayFigures>,
    /// Comments that were stored.
    stored: u64,
    held: u64,
    /// How long first decisions took, in milliseconds.
    took: Vec<i64>,
    /// By who it was, kind and name.
    moderators: BTreeMap<String, ModeratorFigures>,
}

impl Fold {
    /// For the days from the first to the last.
    pub(super) fn new(first: Day, last: Day) -> Self {
        let days = (first..=last).map(|day| (day, DayFigures { date: date(day), ..DayFigures::default() }));
        Self { days: days.collect(), stored: 0, held: 0, took: Vec::new(), moderators: BTreeMap::new() }
    }

    /// So many comments came that day.
    pub(super) fn arrived(&mut self, day: Day, verdict: Verdict, count: u64) {
        let Some(figures) = self.days.get_mut(&day) else { return };
        figures.received += count;
        self.stored += count;
        match verdict {
            Verdict::Publish => figures.published += count,
            Verdict::Hold => {
                figures.held += count;
                self.held += count;
            }
            Verdict::Spam | Verdict::Reject => {}
        }
    }

    /// The captcha refused so many that day.
    pub(super) fn refused(&mut self, day: Day, count: u64) {
        if let Some(figures) = self.days.get_mut(&day) {
            figures.received += count;
            figures.refused += count;
        }
    }

    /// Somebody did something with a comment.
    pub(super) fn worked(&mut self, work: &Work) {
        let unseen = || ModeratorFigures { name: bare(work.actor.clone()), ..ModeratorFigures::default() };
        let theirs = self.moderators.entry(work.actor.clone()).or_insert_with(unseen);
        let mut nobody = DayFigures::default();
        let day = self.days.get_mut(&work.at.0.div_euclid(DAY)).unwrap_or(&mut nobody);
        let (own, whole) = match &*work.action {
            "comment.approve" => (&mut theirs.approved, Some(&mut day.approved)),
            "comment.reject" => (&mut theirs.rejected, Some(&mut day.rejected)),
            "comment.spam" => (&mut theirs.spam, Some(&mut day.spam)),
            "comment.pending" => (&mut theirs.pending, None),
            _ => (&mut theirs.edited, None),
        };
        *own += 1;
        theirs.total += 1;
        if let Some(whole) = whole {
            *whole += 1;
        }
        if let Some(comment) = work.comment.filter(|_| work.first) {
            self.took.push(work.at.0.saturating_sub(comment.made_at().0).max(0));
        }
    }

    /// The figures, with what waits now.
    pub(super) fn figures(mut self, since: Timestamp, until: Timestamp, waiting: Waiting) -> Statistics {
        self.took.sort_unstable();
        let decided = Decided {
            count: u64::try_from(self.took.len()).unwrap_or(u64::MAX),
            median_seconds: median(&self.took),
            p90_seconds: nine_of_ten(&self.took),
        };
        let (held, stored) = (number(self.held), number(self.stored));
        let interval = wilson(held, stored);
        let share = (self.stored > 0).then(|| held / stored);
        let held_share = Share { share, low: interval.low, high: interval.high, count: self.stored };
        let mut moderators: Vec<_> = self.moderators.into_values().collect();
        moderators.sort_by(|one, other| other.total.cmp(&one.total).then_with(|| one.name.cmp(&other.name)));
        Statistics { since, until, days: self.days.into_values().collect(), waiting, decided, held_share, moderators }
    }
}

/// `2027-01-15`
fn date(day: Day) -> String {
    Timestamp(day * DAY).exact().chars().take_while(|c| *c != 'T').collect()
}

/// The middle one, or what lies between the middle two, in whole seconds.
fn median(sorted: &[i64]) -> Option<u64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2)?;
    seconds(i64::midpoint(*lower, *upper))
}

/// The smallest that at least nine of ten do not exceed.
fn nine_of_ten(sorted: &[i64]) -> Option<u64> {
    let rank = (sorted.len() * 9).div_ceil(10);
    seconds(*sorted.get(rank.checked_sub(1)?)?)
}

/// Rounded.
fn seconds(millis: i64) -> Option<u64> {
    u64::try_from((millis + 500) / 1000).ok()
}

#[expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^53")]
fn number(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::CommentId;

    const TODAY: Day = 20_833;
    const NOW: Timestamp = Timestamp(TODAY * DAY + DAY / 2);

    fn figures(fold: Fold) -> Statistics {
        fold.figures(Timestamp(0), NOW, Waiting { count: 0, oldest_at: None })
    }

    fn work(actor: &str, action: &str, after_seconds: i64) -> Work {
        let comment = Some(CommentId::new(Timestamp(NOW.0 - after_seconds * 1000)));
        Work { at: NOW, actor: actor.into(), action: action.into(), comment, first: true }
    }

    #[test]
    fn every_day_has_its_line_also_without_anything() {
        let told = figures(Fold::new(TODAY - 2, TODAY));
        let dates: Vec<&str> = told.days.iter().map(|day| &*day.date).collect();
        assert_eq!(dates, ["2027-01-13", "2027-01-14", "2027-01-15"]);
        assert_eq!(told.decided, Decided { count: 0, median_seconds: None, p90_seconds: None });
        assert_eq!(told.held_share, Share { share: None, low: 0.0, high: 1.0, count: 0 });
    }

    #[test]
    fn what_came_is_counted_by_what_the_program_made_of_it() {
        let mut fold = Fold::new(TODAY, TODAY);
        fold.arrived(TODAY, Verdict::Publish, 6);
        fold.arrived(TODAY, Verdict::Hold, 2);
        fold.arrived(TODAY, Verdict::Spam, 1);
        fold.arrived(TODAY, Verdict::Reject, 1);
        fold.arrived(TODAY - 1, Verdict::Hold, 5);
        fold.refused(TODAY, 3);
        let told = figures(fold);
        let day = &told.days[0];
        assert_eq!((day.received, day.published, day.held, day.refused), (13, 6, 2, 3));
        assert_eq!((told.held_share.share, told.held_share.count), (Some(0.2), 10));
        assert!((told.held_share.low - 0.0567).abs() < 1e-4 && (told.held_share.high - 0.5098).abs() < 1e-4);
    }

    #[test]
    fn a_person_and_a_token_of_one_name_are_two() {
        let mut fold = Fold::new(TODAY, TODAY);
        fold.worked(&work("token:ada", "comment.spam", 1));
        for (action, after) in
            [("comment.approve", 10), ("comment.reject", 20), ("comment.pending", 9), ("comment.revise", 9)]
        {
            fold.worked(&Work { first: after > 9, ..work("moderator:ada", action, after) });
        }
        let told = figures(fold);
        let whole =
            ModeratorFigures { name: "ada".into(), approved: 1, rejected: 1, spam: 0, pending: 1, edited: 1, total: 4 };
        let program = ModeratorFigures { name: "ada".into(), spam: 1, total: 1, ..ModeratorFigures::default() };
        assert_eq!(told.moderators, [whole, program]);
        assert_eq!(told.decided, Decided { count: 3, median_seconds: Some(10), p90_seconds: Some(20) });
        assert_eq!((told.days[0].approved, told.days[0].rejected, told.days[0].spam), (1, 1, 1));
    }

    #[test]
    fn the_median_of_two_lies_between_them() {
        assert_eq!((median(&[]), median(&[3_000]), median(&[1_000, 4_000])), (None, Some(3), Some(3)));
        let ten: Vec<i64> = (1..=10).map(|n| n * 1000).collect();
        assert_eq!((nine_of_ten(&[]), nine_of_ten(&[7_000]), nine_of_ten(&ten)), (None, Some(7), Some(9)));
    }

    proptest! {
        #[test]
        fn at_least_half_and_nine_of_ten_do_not_exceed_their_figures(mut took in prop::collection::vec(0..100_000_000_i64, 1..60)) {
            took.sort_unstable();
            let within = |bound: Option<u64>| {
                let bound = i64::try_from(bound.unwrap()).unwrap() * 1000 + 500;
                took.iter().filter(|one| **one <= bound).count()
            };
            prop_assert!(within(median(&took)) * 2 >= took.len());
            prop_assert!(within(nine_of_ten(&took)) * 10 >= took.len() * 9);
        }
    }
}
