//! Rules about how fast comments come: one written faster than anybody types, many of one author, many of
//! one network. What is normal for somebody (a pasted draft, a newsroom's gateway) is nothing here.

use std::time::Duration;

use super::{
    facts::Facts,
    weighing::{Finding, growing},
};
use crate::config::Rule;

/// Characters a second that no typist and no dictation reaches.
const FASTEST: f64 = 25.0;

/// Characters under which a phone's own suggestions may have written them.
const FEW: usize = 60;

/// Comments of one author in ten minutes, this one not counted, from which on they are many.
const MANY_OF_AUTHOR: u32 = 3;

/// What a network sends and fetches, a count that halves every five minutes, from which on it is much: about
/// twenty comments at once, each with its challenge.
const MUCH_OF_NETWORK: f64 = 40.0;

pub(super) fn look(facts: &Facts<'_>, length: usize, findings: &mut Vec<Finding>) {
    findings.extend(facts.typed_within.and_then(|span| sent_fast(span, length)));
    findings.extend(author_burst(facts.lately));
    findings.extend(network_burst(facts.network_rate));
}

fn sent_fast(span: Duration, length: usize) -> Option<Finding> {
    let characters = f64::from(u32::try_from(length).unwrap_or(u32::MAX));
    let fast = length >= FEW && characters > FASTEST * span.as_secs_f64();
    let text =
        || format!("{length} characters within {} s of opening the form, and none of them pasted", span.as_secs());
    fast.then(|| Finding::new(Rule::SentFast, text()))
}

fn author_burst(lately: u32) -> Option<Finding> {
    let over = usize::try_from(lately.checked_sub(MANY_OF_AUTHOR)?).unwrap_or(usize::MAX);
    let text = format!("{lately} more comments from this author or email within ten minutes");
    Some(Finding::new(Rule::AuthorBurst, text).times(growing(over.saturating_add(1), 0.25, 2.0)))
}

fn network_burst(rate: f64) -> Option<Finding> {
    let text = "Many comments come from this network at the moment";
    (rate >= MUCH_OF_NETWORK).then(|| Finding::new(Rule::NetworkBurst, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::found;

    #[test]
    fn a_text_is_told_that_came_faster_than_anybody_types() {
        let body = "a".repeat(100);
        let told = |ms: Option<u64>| {
            let facts = Facts { body: &body, typed_within: ms.map(Duration::from_millis), ..Facts::default() };
            found(&facts, Rule::SentFast).is_some()
        };
        assert!(told(Some(0)) && told(Some(3_999)));
        assert!(!told(Some(4_000)) && !told(Some(60_000)));
        assert!(!told(None), "nobody knows");
        let short = Facts { body: "Well said!", typed_within: Some(Duration::ZERO), ..Facts::default() };
        assert!(found(&short, Rule::SentFast).is_none());
    }

    #[test]
    fn many_comments_of_one_author_weigh_more_the_more_they_are() {
        let strength = |lately| found(&Facts { lately, ..Facts::default() }, Rule::AuthorBurst).map(|f| f.strength);
        assert_eq!([0, 2, 3].map(strength), [None, None, Some(1.0)]);
        assert!(strength(4) < strength(6));
        assert_eq!(strength(100_000), Some(2.0));
    }

    #[test]
    fn a_network_is_told_once_much_comes_from_it() {
        let told = |network_rate| found(&Facts { network_rate, ..Facts::default() }, Rule::NetworkBurst).is_some();
        assert_eq!([0.0, 39.9, 40.0, 1e9].map(told), [false, false, true, true]);
    }
}
