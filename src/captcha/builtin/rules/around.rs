//! The rules about what is known beside the request: its network, its text, its author.
//!
//! Many people share a network, and a name is anybody's to type: so each of these is bounded, and
//! what speaks for somebody needs proof.

use crate::{
    captcha::{
        Around, Reputation,
        builtin::{Finding, Listed},
        pressure,
    },
    config::CaptchaSignal,
    domain::AuthorRecord,
};

/// Decisions, the older ones at less than one, under which a network has no reputation.
const FEWEST_DECISIONS: f64 = 10.0;
/// The most that a good reputation speaks for a network, as a share of what a bad one does against it.
const GOOD_SHARE: f64 = 0.4;
/// Decisions under which an author has no record.
const FEWEST_OF_AUTHOR: u32 = 3;
/// Characters under which the same text comes from many by itself: "Thank you!"
const SHORTEST_COPY: usize = 24;
/// Links from which on a text is full of them.
const MANY_LINKS: usize = 4;

pub(super) fn look(around: &Around, listed: Listed) -> Vec<Finding> {
    let mut seen: Vec<Finding> = Vec::new();
    seen.extend(listed.tor.then_some(CaptchaSignal::NetTor).map(Finding::from));
    seen.extend(listed.hosting.then_some(CaptchaSignal::NetHosting).map(Finding::from));
    seen.extend(reputation(around.reputation));
    let plain = [
        rate(around.network_rate),
        duplicate(around.copies, around.length),
        (around.links >= MANY_LINKS).then_some(CaptchaSignal::LinkBurst),
        known_good(around.author),
        known_bad(around.author, around.email),
    ];
    seen.extend(plain.into_iter().flatten().map(Finding::from));
    seen
}

/// From -1 all good to 1 all bad; two decisions that nobody took, one each way, temper a short record.
fn reputation(Reputation { good, bad }: Reputation) -> Option<Finding> {
    let decided = good + bad;
    if decided < FEWEST_DECISIONS {
        return None;
    }
    let lean = (bad - good) / (decided + 2.0);
    let strength = if lean < 0.0 { lean * GOOD_SHARE } else { lean };
    let percent = (100.0 * bad / decided).round();
    let says = format!("Of what moderators lately decided on from this network, {percent} % was spam.");
    (strength != 0.0).then_some(Finding { signal: CaptchaSignal::PrefixReputation, strength, says: Some(says) })
}

fn rate(rate: f64) -> Option<CaptchaSignal> {
    if rate >= pressure::EXTREME_RATE {
        Some(CaptchaSignal::PrefixRateExtreme)
    } else {
        (rate >= pressure::HIGH_RATE).then_some(CaptchaSignal::PrefixRateHigh)
    }
}

fn duplicate(copies: u32, length: usize) -> Option<CaptchaSignal> {
    (copies > 0 && length >= SHORTEST_COPY).then_some(CaptchaSignal::BodyDuplicate)
}

/// Only with proof. A text turned down for what it says was a person's all the same.
fn known_good(author: AuthorRecord) -> Option<CaptchaSignal> {
    (author.proven && author.approved >= FEWEST_OF_AUTHOR && author.spam == 0).then_some(CaptchaSignal::AuthorKnownGood)
}

/// A proven author is judged by their own record: strangers may have sent spam under their email.
fn known_bad(author: AuthorRecord, email: AuthorRecord) -> Option<CaptchaSignal> {
    let record = if author.proven { author } else { email };
    let decided = record.approved.saturating_add(record.rejected).saturating_add(record.spam);
    (decided >= FEWEST_OF_AUTHOR && record.spam > decided / 2).then_some(CaptchaSignal::AuthorKnownBad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(around: Around) -> Vec<&'static str> {
        look(&around, Listed::default()).into_iter().map(|finding| finding.signal.as_str()).collect()
    }

    #[test]
    fn an_address_is_told_of_each_list_that_holds_it() {
        let of = |tor, hosting| look(&Around::default(), Listed { tor, hosting }).len();
        assert_eq!([of(false, false), of(true, false), of(false, true), of(true, true)], [0, 1, 1, 2]);
    }

    #[test]
    fn a_network_has_a_reputation_from_ten_decisions_on_and_it_stays_within_its_bounds() {
        let lean = |good, bad| reputation(Reputation { good, bad }).map(|finding| finding.strength);
        assert_eq!((lean(0.0, 9.99), lean(9.99, 0.0)), (None, None));
        assert_eq!(lean(5.0, 5.0), None, "as many good as bad says nothing");
        assert!(lean(0.0, 10.0).is_some_and(|bad| (0.8..0.9).contains(&bad)));
        for many in [10.0, 100.0, 1e6] {
            assert!(lean(0.0, many).is_some_and(|bad| 0.0 < bad && bad < 1.0));
            assert!(lean(many, 0.0).is_some_and(|good| -GOOD_SHARE < good && good < 0.0));
        }
        let says = reputation(Reputation { good: 3.0, bad: 9.0 }).unwrap().says.unwrap();
        assert!(says.contains("75 %"), "{says}");
    }

    #[test]
    fn a_networks_rate_is_high_or_extreme_and_never_both() {
        for (network_rate, expected) in [
            (0.0, None),
            (pressure::HIGH_RATE.next_down(), None),
            (pressure::HIGH_RATE, Some("prefix_rate_high")),
            (pressure::EXTREME_RATE.next_down(), Some("prefix_rate_high")),
            (pressure::EXTREME_RATE, Some("prefix_rate_extreme")),
        ] {
            assert_eq!(names(Around { network_rate, ..Around::default() }), Vec::from_iter(expected), "{network_rate}");
        }
    }

    #[test]
    fn a_text_that_came_before_counts_unless_it_is_one_that_everybody_writes() {
        let of = |copies, length| names(Around { copies, length, ..Around::default() });
        assert_eq!(of(1, SHORTEST_COPY), ["body_duplicate"]);
        assert_eq!((of(0, 900).len(), of(50, SHORTEST_COPY - 1).len()), (0, 0));
        assert_eq!(names(Around { links: MANY_LINKS, ..Around::default() }), ["link_burst"]);
        assert_eq!(names(Around { links: MANY_LINKS - 1, ..Around::default() }).len(), 0);
    }

    #[test]
    fn an_author_is_known_from_three_decisions_on_and_a_good_name_needs_proof() {
        let record = |proven, approved, rejected, spam| AuthorRecord { proven, approved, rejected, spam };
        let of = |author, email| names(Around { author, email, ..Around::default() });
        let nobody = AuthorRecord::default();
        assert_eq!(of(record(true, 3, 0, 0), nobody), ["author_known_good"]);
        assert_eq!(of(record(true, 3, 9, 0), nobody), ["author_known_good"], "rude is not a machine");
        for nothing in [record(true, 2, 0, 0), record(true, 9, 0, 1), record(false, 9, 0, 0)] {
            assert_eq!(of(nothing, nobody).len(), 0, "{nothing:?}");
        }
        assert_eq!(of(nobody, record(false, 9, 0, 0)).len(), 0, "an email proves nothing");
        assert_eq!(of(nobody, record(false, 1, 0, 2)), ["author_known_bad"]);
        for nothing in [record(false, 0, 0, 2), record(false, 3, 0, 3), record(false, 0, 9, 0)] {
            assert_eq!(of(nobody, nothing).len(), 0, "{nothing:?}");
        }
        let slandered = of(record(true, 5, 0, 0), record(false, 5, 0, 40));
        assert_eq!(slandered, ["author_known_good"], "spam of strangers under a proven author's email");
        assert_eq!(of(record(true, 0, 0, 3), nobody), ["author_known_bad"]);
    }
}
