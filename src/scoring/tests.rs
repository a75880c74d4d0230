//! Whole comments: what is scored low, what is held, what takes several signals to be spam.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;

use super::*;
use crate::domain::AuthorRecord;

/// Entries of a list.
pub(super) fn entries(list: &[&str]) -> Arc<[String]> {
    list.iter().map(|entry| (*entry).to_owned()).collect()
}

/// A scorer with these weights, lists of domains, hold and reject words.
pub(super) fn scorer(weights: &[(Rule, f64)], lists: config::Lists, hold: &[&str], reject: &[&str]) -> Scorer {
    let weights = weights.iter().copied().collect();
    let scoring = config::Scoring { hold_at: 0.5, spam_at: 0.9, explore: 0.0, weights, lists };
    let words = config::Words { hold: entries(hold), reject: entries(reject), ..config::Words::default() };
    Scorer::new(&scoring, &words, &mut Shelf::default())
}

pub(super) fn plain() -> Scorer {
    scorer(&[], config::Lists::default(), &[], &[])
}

pub(super) fn card(facts: &Facts<'_>) -> Scorecard {
    plain().score(facts)
}

fn risk(body: &str) -> f64 {
    card(&Facts { name: "Ada", body, ..Facts::default() }).risk
}

/// What one rule found, before it is weighed.
pub(super) fn found(facts: &Facts<'_>, rule: Rule) -> Option<Finding> {
    found_by(&plain(), facts, rule)
}

/// The same by a scorer with lists.
pub(super) fn found_by(scorer: &Scorer, facts: &Facts<'_>, rule: Rule) -> Option<Finding> {
    scorer.findings(facts, &Reading::of(facts.body)).into_iter().find(|finding| finding.rule == rule)
}

#[test]
fn ordinary_comments_are_scored_low() {
    for body in [
        "Great reporting, thank you. I had no idea the council voted on this last year.",
        "I disagree!!! The mayor promised the opposite in May, see https://www.gov.example/minutes.pdf",
        "Why is nobody talking about the cost? My taxes went up 12% and the road is still closed.",
        "> The bridge will reopen in spring\n\nThey said that *last* spring too.",
        "LOL",
        "Это очень хорошая статья, спасибо редакции.",
        "非常好的文章，谢谢。",
        "שלום, תודה על הכתבה",
    ] {
        assert!(risk(body) < 0.2, "{body}: {}", risk(body));
    }
}

#[test]
fn links_capitals_and_a_shortener_together_hold() {
    let body = "AMAZING OFFER FOR ALL READERS http://a.example.net http://b.example.org https://bit.ly/x1";
    assert!((0.5..0.95).contains(&risk(body)), "{}", risk(body));
}

#[test]
fn blatant_spam_takes_several_signals() {
    let body = "Online CASINO bonus and cheap VIAGRA!!! <a href=\"http://win.example.net\">click here</a> \
                http://pills.example.org https://bit.ly/cash and bet.example.com/now";
    let card = card(&Facts { body, ..Facts::default() });
    assert!(card.risk > 0.9, "{}", card.risk);
    assert!(card.signals.len() >= 4);
    for alone in ["viagra", "casino bonus", "<a href=\"\">", "http://a.example.net/ is where I read it"] {
        assert!(risk(alone) < 0.5, "{alone}: {}", risk(alone));
    }
}

const HOSTILE: [&str; 17] = [
    "a",
    "Aa",
    "ab ",
    "e\u{301}\u{302}\u{303}",
    "😀",
    "👩‍👩‍👧",
    "> ",
    "> > ",
    "v i a ",
    "аa",
    "\u{FDFA}",
    "http://",
    "http://a.b/ ",
    "[a](",
    "A!",
    "\u{202E}\u{200B}x",
    "v1agra ",
];

#[test]
fn hostile_bodies_are_read_in_work_linear_in_their_length_and_leave_few_words() {
    let scorer = plain().speaking("en");
    for unit in HOSTILE {
        let work = |length: usize| {
            let body: String = unit.chars().cycle().take(length).collect();
            let reading = Reading::of(&body);
            let told = scorer.findings(&Facts { body: &body, ..Facts::default() }, &reading);
            for finding in &told {
                assert!(finding.text.len() < 1_000 && finding.strength.is_finite(), "{unit}: {}", finding.text);
            }
            assert!(told.len() < Rule::ALL.len(), "{unit}: each rule speaks once");
            reading.folded.views().map(|view| view.text().len()).sum::<usize>() + reading.links.len() * 20
        };
        let (small, large) = (work(1_000), work(10_000));
        assert!(large <= small * 11 + 1_000, "{unit}: {small} -> {large}");
    }
}

proptest! {
    #[test]
    fn any_text_has_a_risk_and_signals_that_point_into_it(
        name in "\\PC{0,20}", body in "(\\PC|http://a\\.b|v1agra|>|!|\u{202E}|\u{301}){0,200}"
    ) {
        let card = scorer(&[], config::Lists::default(), &["a", "b c"], &["x"]).speaking("de").score(&Facts {
            name: &name,
            body: &body,
            url: Some("https://a.b"),
            ..Facts::default()
        });
        prop_assert!((0.0..=1.0).contains(&card.risk));
        let length = u32::try_from(body.chars().count()).unwrap();
        for signal in &card.signals {
            prop_assert!(signal.span.is_none_or(|span| span.start < span.end && span.end <= length), "{signal:?}");
            prop_assert!(signal.strength.is_some() && !signal.text.is_empty());
        }
        prop_assert_eq!(replay(&card.signals, &BTreeMap::new()), card.risk);
    }
}

#[test]
fn no_single_trap_marks_as_spam_by_itself() {
    let base = Facts { name: "Ada", body: "An ordinary remark on the article.", ..Facts::default() };
    let flood = Copies { others: 100_000, own: 9, spam: 100_000, ..Copies::default() };
    assert!(card(&Facts { copies: flood, ..base }).risk < 0.9);
    let honeypot = card(&Facts { honeypot_filled: true, ..base }).risk;
    assert!((0.5..0.9).contains(&honeypot), "{honeypot}");
    assert!(holds(&card(&Facts { honeypot_filled: true, ..base })), "it waits, whatever else speaks for it");
    let off = scorer(&[(Rule::Honeypot, 0.0)], config::Lists::default(), &[], &[]);
    assert!(!holds(&off.score(&Facts { honeypot_filled: true, ..base })));
}

#[test]
fn a_proven_record_lowers_the_risk() {
    let body = "See http://a.example.net for the numbers in that report.";
    let record = AuthorRecord { proven: true, approved: 8, ..AuthorRecord::default() };
    let known = card(&Facts { body, author: record, ..Facts::default() });
    assert!(known.risk < risk(body));
}

#[test]
fn a_staff_look_alike_holds_even_without_weight() {
    let staff = ["Ada".to_owned()];
    let off = scorer(&[(Rule::StaffLookalike, 0.0)], config::Lists::default(), &[], &[]);
    let facts = Facts { name: "Аdа", body: "Trust me.", staff_names: &staff, ..Facts::default() };
    assert!(holds(&off.score(&facts)));
    assert!(!holds(&off.score(&Facts { name: "Eva", ..facts })));
}

#[test]
fn the_fixed_names_are_these() {
    let names = [
        Rule::CaptchaMissing,
        Rule::CaptchaLow,
        Rule::CaptchaUnverified,
        Rule::WordHold,
        Rule::WordReject,
        Rule::Honeypot,
        Rule::NearCopy,
        Rule::EmailUnproven,
        Rule::StaffLookalike,
        Rule::NoOrigin,
        Rule::BanHold,
        Rule::OverEmailLimit,
        Rule::AttackMode,
    ]
    .map(Rule::name);
    let fixed = "captcha_missing captcha_low captcha_unverified word_hold word_reject honeypot near_copy \
                 email_unproven staff_lookalike no_origin ban_hold over_email_limit attack_mode";
    assert_eq!(names.join(" "), fixed);
}
