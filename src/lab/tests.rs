use proptest::prelude::*;

use super::{tally::Tally, *};
use crate::{
    captcha::bands::Band,
    config::{
        Site,
        load::{Sources, load},
    },
    domain::{AuthorRecord, BanMode, CaptchaOutcome},
    intake::decide::Evidence,
};

mod examples;
mod promises;

/// The only site of settings that differ from the shipped ones in these keys.
pub(super) fn site(keys: &[(&str, &str)]) -> Site {
    let env = keys.iter().map(|(key, value)| (format!("REPLYDESK__{key}"), (*value).to_owned())).collect();
    let loaded = load(&Sources { env, ..Sources::default() }).unwrap_or_else(|faults| panic!("{faults}"));
    loaded.config.sites.into_iter().next().unwrap()
}

/// A site that publishes what nothing speaks against, with 0.3, 0.6, 0.5 and 0.9 for thresholds.
pub(super) fn open() -> Site {
    let site = site(&[
        ("MODERATION__MODE", "post"),
        ("CAPTCHA__REJECT_BELOW", "0.3"),
        ("CAPTCHA__HOLD_BELOW", "0.6"),
        ("SCORING__HOLD_AT", "0.5"),
        ("SCORING__SPAM_AT", "0.9"),
    ]);
    assert_eq!(Thresholds::of(&site), thresholds(0.3, 0.6, 0.5, 0.9));
    site
}

pub(super) fn thresholds(reject_below: f64, hold_below: f64, hold_at: f64, spam_at: f64) -> Thresholds {
    Thresholds {
        captcha: CaptchaThresholds { reject_below, hold_below },
        scoring: ScoringThresholds { hold_at, spam_at },
    }
}

pub(super) fn row(outcome: CaptchaOutcome, score: f64, risk: f64, label: Label) -> Row {
    let evidence = Evidence {
        band: Band::Off,
        risk,
        word_reject: false,
        held_by_content: false,
        ban: None,
        over_ceiling: false,
        sampled: None,
        author: AuthorRecord::default(),
    };
    Row {
        site: "default".to_owned(),
        provider: "builtin".to_owned(),
        score: Some(score),
        has_raw_score: false,
        content: Some(Content { outcome, unverified: false, mode: None, signals: Vec::new(), evidence }),
        label,
        by_program: false,
        sampled: None,
    }
}

/// What the captcha's score refused.
pub(super) fn refused(score: f64) -> Row {
    Row { content: None, ..row(CaptchaOutcome::Low, score, 0.0, Label::Undecided) }
}

impl Row {
    pub(super) fn seeing(mut self, change: impl FnOnce(&mut Evidence)) -> Self {
        if let Some(content) = &mut self.content {
            change(&mut content.evidence);
        }
        self
    }
    pub(super) fn sampled(self, share: f64) -> Self {
        Self { sampled: Some(share), ..self }
    }
}

pub(super) fn figures(judge: &Judge, rows: &[Row]) -> Figures {
    let mut tally = Tally::default();
    rows.iter().for_each(|row| tally.add(row, judge.fate(row)));
    tally.figures()
}

fn any_row() -> impl Strategy<Value = Row> {
    use CaptchaOutcome::{Low, Missing, Off, Pass, Unverified};
    let outcome = prop::sample::select(vec![Pass, Pass, Low, Low, Missing, Unverified, Off]);
    let label = prop::sample::select(vec![Label::Approved, Label::Spam, Label::Rejected, Label::Undecided]);
    let ban = prop::sample::select(vec![None, None, None, Some(BanMode::Hold), Some(BanMode::Shadow)]);
    // Tenths, so that scores and thresholds meet.
    let tenths = || (0_u8..=10).prop_map(|n| f64::from(n) / 10.0);
    let flags = (0_u8..20, 0_u8..12, 0_u8..20);
    (outcome, tenths(), tenths(), label, ban, flags, prop::option::weighted(0.2, 0.01..1.0), 0_u8..6).prop_map(
        |(outcome, score, risk, label, ban, (reject, hold, over), sampled, kept)| {
            let row = row(outcome, score, risk, label).seeing(|evidence| {
                evidence.word_reject = reject == 0;
                evidence.held_by_content = hold == 0;
                evidence.over_ceiling = over == 0;
                evidence.ban = ban;
            });
            if kept == 0 { refused(score) } else { Row { sampled, ..row } }
        },
    )
}

fn any_thresholds() -> impl Strategy<Value = Thresholds> {
    let pair = || (0_u8..=10, 0_u8..=10).prop_map(|(a, b)| (f64::from(a.min(b)) / 10.0, f64::from(a.max(b)) / 10.0));
    (pair(), pair()).prop_map(|((reject, hold), (hold_at, spam_at))| thresholds(reject, hold, hold_at, spam_at))
}

proptest! {
    #[test]
    fn the_counts_add_up_and_each_interval_holds_its_rate(
        rows in prop::collection::vec(any_row(), 0..80), at in any_thresholds()
    ) {
        let found = figures(&Judge::with(&open(), at), &rows);
        let Figures { published, held, spam, rejected, refused, .. } = found;
        prop_assert_eq!(found.submissions, u64::try_from(rows.len()).unwrap());
        prop_assert_eq!(published + held + spam + rejected + refused, found.submissions);
        prop_assert!(found.unseen <= held);
        for rate in [found.approved_lost, found.spam_let_through] {
            let value = rate.rate.unwrap_or(0.5);
            prop_assert!(rate.count <= rate.of && rate.rate.is_none() == (rate.of == 0));
            prop_assert!(rate.interval.low <= value + 1e-12 && value <= rate.interval.high + 1e-12, "{rate:?}");
        }
    }

    #[test]
    fn a_threshold_moves_the_counts_one_way(
        rows in prop::collection::vec(any_row(), 1..80), one in any_thresholds(), other in any_thresholds()
    ) {
        let site = open();
        let of = |at| figures(&Judge::with(&site, at), &rows);
        let base = of(one);
        let (t, c, s) = (thresholds, one.captcha, one.scoring);
        // Refusing more.
        let reject = of(t(c.reject_below.max(other.captcha.reject_below).min(c.hold_below), c.hold_below, s.hold_at, s.spam_at));
        prop_assert!(reject.refused >= base.refused && reject.held <= base.held && reject.published == base.published);
        prop_assert!(reject.approved_lost.count >= base.approved_lost.count);
        // Holding more by the score.
        let hold = of(t(c.reject_below, c.hold_below.max(other.captcha.hold_below), s.hold_at, s.spam_at));
        prop_assert!(hold.published <= base.published && hold.refused == base.refused && hold.held >= base.held);
        prop_assert!(hold.spam_let_through.count <= base.spam_let_through.count);
        // Holding less by the risk.
        let free = of(t(c.reject_below, c.hold_below, s.hold_at.max(other.scoring.hold_at).min(s.spam_at), s.spam_at));
        prop_assert!(free.held <= base.held && free.published >= base.published && free.spam == base.spam);
        // Marking less.
        let mark = of(t(c.reject_below, c.hold_below, s.hold_at, s.spam_at.max(other.scoring.spam_at)));
        prop_assert!(mark.spam <= base.spam && mark.held >= base.held && mark.refused == base.refused);
        prop_assert!(mark.approved_lost.count <= base.approved_lost.count);
    }

    #[test]
    fn a_promise_is_kept_and_the_next_step_would_break_it(
        rows in prop::collection::vec(any_row(), 1..400), max_lost in 0.01..0.6
    ) {
        let site = open();
        for suggestion in suggest(&site, &rows, max_lost) {
            let Advice::Value { value, lost, bound, stopped_by, .. } = suggestion.advice else { continue };
            prop_assert!(bound <= max_lost + 1e-12, "{suggestion:?}");
            let moved = |value| match suggestion.threshold {
                "captcha.reject_below" => thresholds(value, f64::max(value, 0.6), 0.0, 2.0),
                _ => thresholds(0.0, 0.0, 0.0, value),
            };
            let count = |value| {
                let judge = Judge::with(&site, moved(value));
                let approved = rows.iter().filter(|row| row.label == Label::Approved);
                let fates = approved.map(|row| judge.fate(row));
                let by_it = if suggestion.threshold == "captcha.reject_below" { Fate::Refused } else { Fate::Spam };
                u64::try_from(fates.filter(|fate| *fate == by_it).count()).unwrap()
            };
            // What a ban settles no threshold loses.
            let anyway = count(if suggestion.threshold == "captcha.reject_below" { 0.0 } else { 2.0 });
            prop_assert_eq!(count(value) - anyway, lost);
            if stopped_by.is_none() && suggestion.sampled.is_none() {
                let further = if suggestion.threshold == "captcha.reject_below" { value + 0.101 } else { value - 0.101 };
                let more = count(further) - anyway;
                prop_assert!(!(0.0..1.1).contains(&further)
                    || crate::measure::upper_bound(more, suggestion.approved, 0.95) > max_lost || more == lost,
                    "{suggestion:?} {more}");
            }
        }
    }
}
