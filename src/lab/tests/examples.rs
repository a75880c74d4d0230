//! Worked out by hand.

use std::collections::BTreeMap;

use super::*;
use crate::{
    domain::{Mode, Signal, risk_of},
    scoring::{Rule, replay},
};

/// Twenty submissions, and what becomes of each under 0.3, 0.6, 0.5, 0.9 and under 0.2, 0.5, 0.4, 0.8.
fn twenty() -> Vec<(Row, Fate, Fate)> {
    use CaptchaOutcome::{Low, Missing, Off, Pass, Unverified};
    use Fate::{Held, Published, Refused, Rejected, Spam, Unseen};
    use Label::{Approved, Rejected as TurnedDown, Spam as Marked, Undecided};
    vec![
        // Nothing speaks against these.
        (row(Pass, 0.9, 0.1, Approved), Published, Published),
        (row(Pass, 0.8, 0.2, Approved), Published, Published),
        (row(Pass, 0.6, 0.3, Undecided), Published, Published),
        (row(Off, 0.0, 0.1, Approved), Published, Published),
        // By the risk: held at 0.4 now, marked from 0.8 on.
        (row(Pass, 0.9, 0.4, Approved), Published, Held),
        (row(Pass, 0.9, 0.45, Marked), Published, Held),
        (row(Pass, 0.9, 0.5, Marked), Held, Held),
        (row(Pass, 0.9, 0.8, Approved), Held, Spam),
        (row(Pass, 0.9, 0.85, Marked), Held, Spam),
        (row(Pass, 0.9, 0.9, Undecided), Spam, Spam),
        // By the score: held under 0.5 now, refused under 0.2.
        (row(Low, 0.5, 0.1, Approved), Held, Published),
        (row(Low, 0.55, 0.2, Marked), Held, Published),
        (row(Low, 0.3, 0.1, Undecided), Held, Held),
        // A sample of ten that were refused, and two of those that were.
        (row(Low, 0.25, 0.1, Approved).sampled(0.1), Refused, Held),
        (refused(0.25), Refused, Unseen),
        (refused(0.1), Refused, Refused),
        // No score decides about these, however low.
        (row(Missing, 0.05, 0.1, Approved), Held, Held),
        (row(Unverified, 0.05, 0.1, TurnedDown), Held, Held),
        // Nor any threshold.
        (row(Pass, 0.9, 0.1, Approved).seeing(|seen| seen.word_reject = true), Rejected, Rejected),
        (row(Pass, 0.9, 0.1, Marked).seeing(|seen| seen.ban = Some(BanMode::Shadow)), Spam, Spam),
    ]
}

#[test]
fn twenty_submissions_fare_as_the_hand_works_it_out() {
    let site = open();
    let (now, then) = (Judge::of(&site), Judge::with(&site, thresholds(0.2, 0.5, 0.4, 0.8)));
    for (n, (row, in_force, proposed)) in twenty().into_iter().enumerate() {
        assert_eq!((now.fate(&row), then.fate(&row)), (in_force, proposed), "{n}: {row:?}");
    }
}

#[test]
fn the_figures_of_twenty_are_what_the_hand_counts() {
    let site = open();
    let rows: Vec<Row> = twenty().into_iter().map(|(row, ..)| row).collect();
    let now = figures(&Judge::of(&site), &rows);
    assert_eq!((now.submissions, now.published, now.held, now.spam, now.rejected, now.refused), (20, 6, 8, 2, 1, 3));
    let then = figures(&Judge::with(&site, thresholds(0.2, 0.5, 0.4, 0.8)), &rows);
    assert_eq!(
        (then.submissions, then.published, then.held, then.spam, then.rejected, then.refused, then.unseen),
        (20, 6, 8, 4, 1, 1, 1)
    );
    // Nine approvals, one of which stands for ten: 8 + 10 = 18. Lost now: those ten; lost then: one.
    assert_eq!((now.approved_lost.count, now.approved_lost.of), (1, 9));
    assert!((now.approved_lost.rate.unwrap() - 10.0 / 18.0).abs() < 1e-12);
    assert_eq!((then.approved_lost.count, then.approved_lost.of), (1, 9));
    assert!((then.approved_lost.rate.unwrap() - 1.0 / 18.0).abs() < 1e-12);
    // As sure as 18² / (8 + 10²) = 3 whole ones.
    assert_eq!(then.approved_lost.interval, crate::measure::wilson(3.0 / 18.0, 3.0));
    // Five marked as spam, of which one is published now and another then: Wilson's 1 of 5 is 0.036 to 0.624.
    for figures in [now, then] {
        let through = figures.spam_let_through;
        assert_eq!((through.count, through.of, through.rate), (1, 5, Some(0.2)));
        assert!((through.interval.low - 0.0362).abs() < 1e-4 && (through.interval.high - 0.6245).abs() < 1e-4);
    }
}

#[test]
fn a_mode_that_waits_for_a_moderator_publishes_nothing_and_trust_is_earned() {
    let fine = row(CaptchaOutcome::Pass, 0.9, 0.1, Label::Undecided);
    let known = fine.clone().seeing(|seen| {
        seen.author = AuthorRecord { proven: true, approved: 3, rejected: 0, spam: 0 };
    });
    let fates = |mode: &str| {
        let judge = Judge::of(&site(&[("MODERATION__MODE", mode)]));
        (judge.fate(&fine), judge.fate(&known))
    };
    assert_eq!(fates("pre"), (Fate::Held, Fate::Held));
    assert_eq!(fates("trusted"), (Fate::Held, Fate::Published));
    assert_eq!(fates("post"), (Fate::Published, Fate::Published));
    let on_its_page = |mode: Mode| {
        let mut row = fine.clone();
        row.content.as_mut().unwrap().mode = Some(mode);
        ["pre", "post"].map(|site_wide| Judge::of(&site(&[("MODERATION__MODE", site_wide)])).fate(&row))
    };
    assert_eq!(on_its_page(Mode::Post), [Fate::Published; 2], "a page's own mode goes before its site's");
    assert_eq!(on_its_page(Mode::Pre), [Fate::Held; 2]);
}

#[test]
fn a_score_that_the_thresholds_were_never_compared_with_is_not_compared_here() {
    let settings = [("CAPTCHA__PROVIDER", "turnstile"), ("CAPTCHA__SITE_KEY", "k"), ("CAPTCHA__SECRET", "s")];
    let turnstile = |more: &[(&str, &str)]| Judge::of(&site(&[&settings, more].concat()));
    let own = row(CaptchaOutcome::Pass, 0.1, 0.1, Label::Undecided);
    let mere_pass = Row { provider: "turnstile".to_owned(), ..own.clone() };
    let stood_in = |mut row: Row| {
        row.content.as_mut().unwrap().unverified = true;
        row
    };
    let told = Row { has_raw_score: true, ..mere_pass.clone() };
    let compared = |judge: &Judge, row: &Row| judge.compared(row);
    // The built-in score that stands beside a mere pass decides nothing, unless it was asked to.
    assert_eq!(compared(&turnstile(&[]), &mere_pass), None);
    assert_eq!(compared(&turnstile(&[("CAPTCHA__SCORE", "min")]), &mere_pass), Some(0.1));
    assert_eq!(compared(&turnstile(&[]), &told), Some(0.1));
    assert_eq!(compared(&turnstile(&[]), &stood_in(mere_pass.clone())), None);
    let builtin = [("CAPTCHA__ON_UNVERIFIED", "builtin")];
    assert_eq!(compared(&turnstile(&builtin), &stood_in(mere_pass)), Some(0.1));
    // Another provider's score is of another kind; what it refused stays refused.
    assert_eq!(compared(&turnstile(&[]), &own), None);
    assert_eq!(turnstile(&[("CAPTCHA__REJECT_BELOW", "0")]).fate(&refused(0.2)), Fate::Refused);
}

#[test]
fn a_proposal_names_every_number_that_could_not_be_in_force() {
    let site = open();
    let fields = |proposal: Proposal| {
        proposal.over(&site).map_err(|misfits| misfits.iter().map(|misfit| misfit.field).collect::<Vec<_>>()).err()
    };
    let captcha = |reject_below, hold_below| CaptchaProposal { reject_below, hold_below };
    let scoring = |hold_at, spam_at| ScoringProposal { hold_at, spam_at, ..ScoringProposal::default() };
    let both = |captcha, scoring| Proposal { captcha, scoring };
    assert_eq!(fields(Proposal::default()), None);
    assert_eq!(fields(both(captcha(Some(0.6), None), scoring(Some(0.9), None))), None);
    assert_eq!(fields(both(captcha(Some(0.61), None), scoring(None, None))), Some(vec!["captcha.reject_below"]));
    assert_eq!(fields(both(captcha(None, Some(0.29)), scoring(None, None))), Some(vec!["captcha.hold_below"]));
    assert_eq!(
        fields(both(captcha(Some(0.5), Some(0.4)), scoring(Some(0.3), Some(0.2)))),
        Some(vec!["captcha.reject_below", "scoring.hold_at"])
    );
    assert_eq!(
        fields(both(captcha(Some(-0.1), Some(f64::NAN)), scoring(Some(1.1), Some(f64::INFINITY)))),
        Some(vec!["captcha.reject_below", "captcha.hold_below", "scoring.hold_at", "scoring.spam_at"])
    );
}

/// A comment with these signals, each found once, and the risk that the shipped weights make of them.
fn signalled(outcome: CaptchaOutcome, score: f64, rules: &[Rule]) -> Row {
    let found = |rule: &Rule| Signal { strength: Some(1.0), ..Signal::new(rule.name(), 0.0, "") };
    let unweighed: Vec<Signal> = rules.iter().map(found).collect();
    let weighed: Vec<Signal> = unweighed
        .iter()
        .map(|signal| {
            // Alone, so that no cap is met; the rules below share none either.
            let risk = replay(std::slice::from_ref(signal), &BTreeMap::new());
            Signal { weight: (risk / (1.0 - risk)).ln() + 3.0, ..signal.clone() }
        })
        .collect();
    let mut row = row(outcome, score, risk_of(weighed.iter().map(|signal| signal.weight)), Label::Undecided);
    row.content.as_mut().unwrap().signals = weighed;
    row
}

#[test]
fn a_changed_weight_is_replayed_over_the_past() {
    let site = open();
    let with = |weights: &[(Rule, f64)]| {
        let scoring = ScoringProposal { weights: weights.iter().copied().collect(), ..ScoringProposal::default() };
        Judge::of(&Proposal { scoring, ..Proposal::default() }.over(&site).unwrap())
    };
    let (trap, links) = (Rule::Honeypot, Rule::LinkForeign);
    // 1 / (1 + e^3), 1 / (1 + e^1.8), 1 / (1 + e^-0.5) and 1 / (1 + e^-1.7): 0.05, 0.14, 0.62, 0.85.
    let row = |rules: &[Rule]| signalled(CaptchaOutcome::Pass, 0.9, rules);
    for (rules, shipped, risk) in [
        (&[][..], Fate::Published, 0.0474),
        (&[links], Fate::Published, 0.1419),
        (&[trap], Fate::Held, 0.6225),
        (&[trap, links], Fate::Held, 0.8455),
    ] {
        let row = row(rules);
        assert_eq!(with(&[]).fate(&row), shipped, "{rules:?}");
        assert!((with(&[]).risk(&row).unwrap() - risk).abs() < 1e-4, "{rules:?}");
    }
    let both = row(&[trap, links]);
    assert_eq!(with(&[(trap, 0.0)]).fate(&both), Fate::Published);
    // 1 / (1 + e^-2.5) = 0.92
    assert_eq!(with(&[(links, 2.0)]).fate(&both), Fate::Spam);
    assert_eq!(with(&[(Rule::Capitals, 3.0)]).fate(&both), Fate::Held, "what was not found weighs nothing");
    // What an earlier version left without the signals that made it stays as it is.
    let mut old = both.clone();
    old.content.as_mut().unwrap().evidence.risk = 0.95;
    assert_eq!(with(&[(trap, 0.0), (links, 0.0)]).fate(&old), Fate::Spam);
}

#[test]
fn a_score_that_becomes_low_is_a_signal_and_one_that_no_longer_is_none() {
    let site = open();
    let risk = |hold_below, row: &Row| Judge::with(&site, thresholds(0.1, hold_below, 0.5, 0.9)).risk(row).unwrap();
    let passed = signalled(CaptchaOutcome::Pass, 0.6, &[Rule::LinkForeign]);
    let low = signalled(CaptchaOutcome::Low, 0.6, &[Rule::LinkForeign, Rule::CaptchaLow]);
    for row in [&passed, &low] {
        // e^-1.8 and e^-0.8: `captcha_low` weighs 1.
        assert!((risk(0.5, row) - 1.0 / (1.0 + 1.8_f64.exp())).abs() < 1e-9);
        assert!((risk(0.7, row) - 1.0 / (1.0 + 0.8_f64.exp())).abs() < 1e-9);
    }
    let missing = signalled(CaptchaOutcome::Missing, 0.0, &[Rule::LinkForeign]);
    assert!((risk(0.5, &missing) - risk(0.9, &missing)).abs() < 1e-12);
}
