//! Rules about who sends a comment and how it came: record, name, captcha, traps.
//!
//! The policy facts (captcha, bans, limits) are decided elsewhere; here they become signals that a
//! moderator reads, with small weights.

use super::{
    facts::{Copies, Facts, NetworkRecord, Seen},
    links::listed,
    weighing::{Finding, growing},
};
use crate::{config::Rule, domain::CaptchaOutcome, text::look as look_of};

/// Decisions, the older ones at less than one, under which a network has no record.
const FEWEST_DECISIONS: f64 = 10.0;

/// Other senders of nearly the same text that make a flood.
const FLOOD: u32 = 10;

const BAN_HOLD: &str = "A ban that holds for review applies to the sender";

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let facts = seen.facts;
    findings.extend(captcha(facts.captcha));
    findings.extend(disposable_mail(seen));
    findings.extend(staff_lookalike(facts));
    findings.extend(near_copy(facts.copies));
    findings.extend(flood(facts.copies));
    findings.extend(author_approved(facts));
    findings.extend(author_rejected(facts));
    findings.extend(author_spam(facts));
    findings.extend(network_spam(facts.network));
    for (present, rule, text) in [
        (
            facts.email_unproven,
            Rule::EmailUnproven,
            "The email is a known person's, and nothing proves that it is theirs",
        ),
        (facts.honeypot_filled, Rule::Honeypot, "A field that people cannot see was filled in"),
        (facts.no_origin, Rule::NoOrigin, "The request did not say which page it came from"),
        (facts.ban_hold, Rule::BanHold, BAN_HOLD),
        (facts.over_email_limit, Rule::OverEmailLimit, "More comments under this email than the limit allows"),
        (facts.attack, Rule::AttackMode, "The page or the site is under attack: everything waits"),
    ] {
        if present {
            findings.push(Finding::new(rule, text));
        }
    }
}

pub(super) fn ban_hold() -> Finding {
    Finding::new(Rule::BanHold, BAN_HOLD)
}

pub(super) fn captcha(outcome: Option<CaptchaOutcome>) -> Option<Finding> {
    let (rule, text) = match outcome? {
        CaptchaOutcome::Pass | CaptchaOutcome::Off => return None,
        CaptchaOutcome::Low => (Rule::CaptchaLow, "The captcha score is low"),
        CaptchaOutcome::Missing => (Rule::CaptchaMissing, "No captcha token came with it"),
        CaptchaOutcome::Unverified => (Rule::CaptchaUnverified, "The captcha could not be verified"),
    };
    Some(Finding::new(rule, text))
}

/// A name that can be taken for a moderator's.
fn staff_lookalike(facts: &Facts<'_>) -> Option<Finding> {
    if facts.by_staff || facts.staff_names.is_empty() {
        return None;
    }
    let look = look_of(facts.name);
    let posed = facts.staff_names.iter().find(|staff| !look.is_empty() && look_of(staff) == look)?;
    Some(Finding::new(Rule::StaffLookalike, format!("The name looks like {posed}, who is on the staff")))
}

/// An address that its owner throws away, by the operator's list of such domains.
fn disposable_mail(seen: &Seen<'_>) -> Option<Finding> {
    let (_, domain) = seen.facts.email?.rsplit_once('@')?;
    let entry = listed(&seen.lists.mail_domains, &domain.to_ascii_lowercase())?;
    Some(Finding::new(Rule::MailDisposable, format!("The email is at {entry}, a service for throw-away addresses")))
}

/// Grows with the logarithm of the copies, but little: a flood is held for being one, and its neighbourhood
/// alone should mark nothing. More beside spam; half as much from one and the same sender; never more for a
/// text that many write.
fn near_copy(copies: Copies) -> Option<Finding> {
    let Copies { others, own, spam, short, .. } = copies;
    let what = if short { "The same short text" } else { "Nearly the same text" };
    let mut text = match (others, own) {
        (0, 0) => return None,
        (0, 1) => format!("{what} came from this sender before"),
        (0, times) => format!("{what} came from this sender {times} times before"),
        (1, _) => format!("{what} came from another sender"),
        (Copies::MOST.., _) => format!("{what} came from {} other senders or more", Copies::MOST),
        _ => format!("{what} came from {others} other senders"),
    };
    let grown = |count: u32| 0.15_f64.mul_add(f64::from(count).log2(), 1.0).min(1.5);
    let mut strength = if others > 0 { grown(others) } else { grown(own) / 2.0 };
    if short {
        strength = strength.min(1.0);
    } else if spam > 0 {
        text.push_str(", and a moderator marked it as spam");
        strength += 1.0;
    }
    Some(Finding::new(Rule::NearCopy, text).times(strength))
}

/// So many send it that a moderator should look, whatever else is said of it.
fn flood(copies: Copies) -> Option<Finding> {
    (copies.others >= FLOOD && !copies.short)
        .then(|| Finding::new(Rule::Flood, "So many send nearly this text that it waits for review"))
}

/// Only with proof, and only an unspoilt record.
fn author_approved(facts: &Facts<'_>) -> Option<Finding> {
    let record = facts.author;
    let good = record.proven && record.approved > 0 && record.rejected == 0 && record.spam == 0;
    let text = || match record.approved {
        1 => "The author has 1 approved comment and none rejected".to_owned(),
        approved => format!("The author has {approved} approved comments and none rejected"),
    };
    let strength = || 0.4_f64.mul_add(f64::from(record.approved).log2(), 1.0).min(2.5);
    good.then(|| Finding::new(Rule::AuthorApproved, text()).times(strength()))
}

fn author_rejected(facts: &Facts<'_>) -> Option<Finding> {
    let count = facts.author.rejected.max(facts.email_record.rejected);
    let text = format!("Rejected before from this author or email: {count}");
    (count > 0).then(|| Finding::new(Rule::AuthorRejected, text).times(several(count)))
}

fn author_spam(facts: &Facts<'_>) -> Option<Finding> {
    let count = facts.author.spam.max(facts.email_record.spam);
    let text = format!("Marked as spam before from this author or email: {count}");
    (count > 0).then(|| Finding::new(Rule::AuthorSpam, text).times(several(count)))
}

/// Many share a network, so it takes several decisions, mostly against it; and a good record earns nothing.
fn network_spam(record: NetworkRecord) -> Option<Finding> {
    let decided = record.approved + record.spam;
    let lean = (record.spam - record.approved) / (decided + 2.0);
    let percent = (100.0 * record.spam / decided).round();
    let text = || format!("Of what moderators lately decided on from this network, {percent} % was spam");
    (decided >= FEWEST_DECISIONS && lean > 0.0).then(|| Finding::new(Rule::NetworkSpam, text()).times(lean))
}

fn several(count: u32) -> f64 {
    growing(usize::try_from(count).unwrap_or(usize::MAX), 0.4, 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config,
        domain::AuthorRecord,
        scoring::tests::{entries, found, found_by, scorer},
    };

    #[test]
    fn trial_01_each_outcome_of_the_captcha_but_a_pass_is_a_signal() {
        let told = |outcome| {
            let facts = Facts { captcha: outcome, ..Facts::default() };
            let rules = [Rule::CaptchaMissing, Rule::CaptchaLow, Rule::CaptchaUnverified];
            rules.into_iter().find(|rule| found(&facts, *rule).is_some()).map(Rule::name)
        };
        assert_eq!(told(Some(CaptchaOutcome::Missing)), Some("captcha_missing"));
        assert_eq!(told(Some(CaptchaOutcome::Low)), Some("captcha_low"));
        assert_eq!(told(Some(CaptchaOutcome::Unverified)), Some("captcha_unverified"));
        for quiet in [Some(CaptchaOutcome::Pass), Some(CaptchaOutcome::Off), None] {
            assert_eq!(told(quiet), None);
        }
    }

    #[test]
    fn a_name_that_looks_like_a_moderators_is_told_unless_it_is_theirs() {
        let staff = ["Ada Lovelace".to_owned(), "editor".to_owned()];
        let facts = |name| Facts { name, staff_names: &staff, ..Facts::default() };
        for posing in ["Ada Lovelace", "ADA  LOVELACE", "Аdа Lоvеlасе", "Ed1tor", "e.d.i.t.o.r"] {
            assert!(found(&facts(posing), Rule::StaffLookalike).is_some(), "{posing}");
        }
        assert!(found(&facts("Ada Byron"), Rule::StaffLookalike).is_none());
        assert!(found(&Facts { by_staff: true, ..facts("editor") }, Rule::StaffLookalike).is_none());
    }

    #[test]
    fn an_address_at_a_listed_domain_is_told_and_no_other() {
        let lists = config::Lists { mail_domains: entries(&["trash.example"]), ..config::Lists::default() };
        let scorer = scorer(&[], lists, &[], &[]);
        let told = |email| found_by(&scorer, &Facts { email: Some(email), ..Facts::default() }, Rule::MailDisposable);
        assert!(told("ada@Trash.example").is_some() && told("ada@x.trash.example").is_some());
        assert!(told("trash.example@post.example").is_none() && told("ada@nottrash.example").is_none());
    }

    #[test]
    fn trial_18_an_email_alone_earns_nothing_and_can_only_weigh_against() {
        let good = AuthorRecord { approved: 9, ..AuthorRecord::default() };
        let bad = AuthorRecord { approved: 9, rejected: 2, spam: 1, ..AuthorRecord::default() };
        let by_email = |email_record| Facts { email_record, email_unproven: true, ..Facts::default() };
        assert!(found(&by_email(good), Rule::AuthorApproved).is_none());
        assert!(found(&by_email(good), Rule::EmailUnproven).is_some());
        assert!(found(&by_email(bad), Rule::AuthorSpam).is_some());
        assert!(found(&by_email(bad), Rule::AuthorRejected).is_some());
        let unproven = Facts { author: good, ..Facts::default() };
        assert!(found(&unproven, Rule::AuthorApproved).is_none());
        let proven = Facts { author: AuthorRecord { proven: true, ..good }, ..Facts::default() };
        assert!(found(&proven, Rule::AuthorApproved).is_some());
        let spoilt = Facts { author: AuthorRecord { proven: true, ..bad }, ..Facts::default() };
        assert!(found(&spoilt, Rule::AuthorApproved).is_none());
    }

    #[test]
    fn a_network_is_told_by_ten_decisions_mostly_against_it_and_never_for_it() {
        let strength = |approved, spam| network_spam(NetworkRecord { approved, spam }).map(|f| f.strength);
        for nothing in [(0.0, 0.0), (0.0, 9.9), (5.0, 5.0), (90.0, 10.0)] {
            assert_eq!(strength(nothing.0, nothing.1), None, "{nothing:?}");
        }
        assert!(strength(4.0, 6.0) < strength(1.0, 9.0) && strength(1.0, 9.0) < strength(0.0, 1e6));
        assert!(strength(0.0, 1e9) <= Some(1.0));
        let facts = Facts { network: NetworkRecord { approved: 2.0, spam: 18.0 }, ..Facts::default() };
        assert!(found(&facts, Rule::NetworkSpam).unwrap().text.contains("90 %"));
    }

    #[test]
    fn copies_weigh_more_the_more_there_are_up_to_a_point() {
        let strength = |others| near_copy(Copies { others, ..Copies::default() }).map(|finding| finding.strength);
        assert_eq!(strength(0), None);
        assert_eq!(strength(1), Some(1.0));
        assert!(strength(2) < strength(9));
        assert_eq!(strength(1_000_000), Some(1.5));
    }

    #[test]
    fn a_copy_weighs_more_beside_spam_less_from_its_own_sender_and_little_where_many_write_it() {
        let strength = |copies| near_copy(copies).map(|finding| finding.strength);
        let others = Copies { others: 9, ..Copies::default() };
        assert!(strength(Copies { spam: 1, ..others }) > strength(others));
        assert!(strength(Copies { own: 9, ..Copies::default() }) < strength(others));
        assert_eq!(strength(Copies { short: true, spam: 5, ..others }), Some(1.0));
    }

    #[test]
    fn ten_other_senders_are_a_flood_that_holds_unless_the_text_is_anybodys() {
        let holds = |copies| {
            let card = crate::scoring::tests::card(&Facts { body: "An ordinary remark.", copies, ..Facts::default() });
            crate::scoring::holds(&card)
        };
        let others = |others| Copies { others, own: 90, ..Copies::default() };
        assert!(!holds(others(9)));
        assert!(holds(others(10)));
        assert!(!holds(Copies { short: true, ..others(10) }));
    }

    #[test]
    fn the_sentence_says_who_sent_it_and_what_became_of_it() {
        let text = |copies| near_copy(copies).map(|finding| finding.text.into_owned()).unwrap();
        let some = |others, own, spam| Copies { others, own, spam, ..Copies::default() };
        assert_eq!(text(some(1, 0, 0)), "Nearly the same text came from another sender");
        assert_eq!(
            text(some(3, 1, 2)),
            "Nearly the same text came from 3 other senders, and a moderator marked it as spam"
        );
        assert_eq!(text(some(256, 0, 0)), "Nearly the same text came from 256 other senders or more");
        assert_eq!(text(some(0, 2, 0)), "Nearly the same text came from this sender 2 times before");
        let short = Copies { others: 2, short: true, ..Copies::default() };
        assert_eq!(text(short), "The same short text came from 2 other senders");
    }

    #[test]
    fn every_policy_fact_has_its_signal() {
        let facts = Facts {
            honeypot_filled: true,
            no_origin: true,
            ban_hold: true,
            over_email_limit: true,
            attack: true,
            ..Facts::default()
        };
        for rule in [Rule::Honeypot, Rule::NoOrigin, Rule::BanHold, Rule::OverEmailLimit, Rule::AttackMode] {
            assert!(found(&facts, rule).is_some(), "{rule:?}");
            assert!(found(&Facts::default(), rule).is_none(), "{rule:?}");
        }
    }
}
