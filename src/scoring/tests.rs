//! Whole comments: what is scored low, what is held, what takes several signals to be spam.

use super::*;
use crate::domain::AuthorRecord;

fn plain_words() -> config::Words {
    config::Words { hold: Vec::new(), reject: Vec::new(), hold_files: Vec::new(), reject_files: Vec::new() }
}

fn card(facts: &Facts<'_>) -> Scorecard {
    Scorer::new(&BTreeMap::new(), &plain_words()).score(facts)
}

fn risk(body: &str) -> f64 {
    card(&Facts { name: "Ada", body, ..Facts::default() }).risk
}

/// What one rule found, before it is weighed.
pub(super) fn found(facts: &Facts<'_>, rule: Rule) -> Option<Finding> {
    let seen = Seen::of(facts);
    let mut findings = Vec::new();
    links::look(&seen, &mut findings);
    content::look(&seen, &mut findings);
    disguise::look(&seen, &mut findings);
    sender::look(facts, &mut findings);
    Lists::new(&plain_words()).look(&seen, &mut findings);
    findings.into_iter().find(|finding| finding.rule == rule)
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

#[test]
fn no_single_trap_marks_as_spam_by_itself() {
    let base = Facts { name: "Ada", body: "An ordinary remark on the article.", ..Facts::default() };
    assert!(card(&Facts { copies_elsewhere: 100_000, ..base }).risk < 0.9);
    let honeypot = card(&Facts { honeypot_filled: true, ..base }).risk;
    assert!((0.5..0.9).contains(&honeypot), "{honeypot}");
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
    let off = BTreeMap::from([("staff_lookalike".to_owned(), 0.0)]);
    let facts = Facts { name: "Аdа", body: "Trust me.", staff_names: &staff, ..Facts::default() };
    let card = Scorer::new(&off, &plain_words()).score(&facts);
    assert!(holds(&card));
    assert!(!holds(&Scorer::new(&off, &plain_words()).score(&Facts { name: "Eva", ..facts })));
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
