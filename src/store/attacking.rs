//! How an attack begins, goes on and ends: which row follows which, and what the audit is told of it. Pure; each back end
//! finds the row and writes what this says.

use serde_json::json;

use super::{AttackEnd, AttackRaise, AttackRow, AttackSet, Deed, Raised};
use crate::domain::{AttackCause, Timestamp};

/// Who ends what nobody ends.
const SYSTEM: &str = "system";

/// What is done to the row of a place.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::store) enum Then {
    /// Nothing.
    Stays,
    /// It is there in this form.
    Is(AttackRow),
    /// It goes.
    Goes,
}

/// An audit row to append.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::store) struct AttackDeed {
    at: Timestamp,
    actor: String,
    action: &'static str,
    subject: String,
    detail: String,
}

impl AttackDeed {
    pub(in crate::store) fn deed(&self) -> Deed<'_> {
        Deed { at: self.at, actor: &self.actor, action: self.action, subject: &self.subject, detail: &self.detail }
    }
}

/// One operation on a place.
pub(in crate::store) struct Turn<T> {
    pub(in crate::store) then: Then,
    /// In their order.
    pub(in crate::store) deeds: Vec<AttackDeed>,
    pub(in crate::store) answer: T,
}

fn untouched<T>(answer: T) -> Turn<T> {
    Turn { then: Then::Stays, deeds: Vec::new(), answer }
}

pub(in crate::store) fn raise(found: Option<AttackRow>, order: AttackRaise) -> Turn<Raised> {
    let AttackRaise { site, page, cause, since, until, now } = order;
    match found {
        Some(row) if row.rests(now) => untouched(Raised::Rests),
        // It never stopped, though the word of it may come late.
        Some(row) if row.rests_until.is_none() && since < row.until => {
            let then = if until > row.until { Then::Is(AttackRow { until, ..row }) } else { Then::Stays };
            Turn { then, deeds: Vec::new(), answer: Raised::GoesOn }
        }
        _ if until <= now => untouched(Raised::GoesOn),
        before => {
            let row = AttackRow { site, page, cause, by: None, since, until, rests_until: None };
            let detail = json!({ "site": row.site, "page": row.page, "cause": cause, "until": until });
            let mut deeds = over(before, now);
            deeds.push(deed(&row, now, SYSTEM, "attack.begin", &detail));
            Turn { then: Then::Is(row), deeds, answer: Raised::Begun }
        }
    }
}

pub(in crate::store) fn set(found: Option<AttackRow>, order: AttackSet) -> Turn<AttackRow> {
    let AttackSet { site, page, by, until, now } = order;
    let (going, gone) = match found {
        Some(row) if row.is_on(now) => (Some(row), None),
        other => (None, other),
    };
    let since = going.as_ref().map_or(now, |row| row.since);
    let page = going.as_ref().map_or(page, |row| row.page.clone());
    let cause = AttackCause::Hand;
    let row = AttackRow { site, page, cause, by: Some(by.clone()), since, until, rests_until: None };
    if going.as_ref() == Some(&row) {
        return untouched(row);
    }
    let mut deeds = over(gone, now);
    let detail = json!({ "site": row.site, "page": row.page, "until": until });
    deeds.push(deed(&row, now, &by, "attack.set", &detail));
    Turn { then: Then::Is(row.clone()), deeds, answer: row }
}

pub(in crate::store) fn end(found: Option<AttackRow>, order: &AttackEnd) -> Turn<bool> {
    let Some(row) = found else { return untouched(false) };
    if !row.is_on(order.now) {
        let Turn { then, deeds, .. } = close(row, order.now);
        return Turn { then, deeds, answer: false };
    }
    let row = AttackRow { until: order.now, rests_until: Some(order.rests_until), ..row };
    let deeds = vec![ended(&row, order.now, &order.by)];
    Turn { then: Then::Is(row), deeds, answer: true }
}

/// The answer is the row where an attack has ended by this.
pub(in crate::store) fn close(row: AttackRow, now: Timestamp) -> Turn<Option<AttackRow>> {
    if !row.is_over(now) {
        return untouched(None);
    }
    let deeds = over(Some(row.clone()), now);
    let answer = row.rests_until.is_none().then_some(row);
    Turn { then: Then::Goes, deeds, answer }
}

/// What is told of a row that was still there after its time.
fn over(row: Option<AttackRow>, now: Timestamp) -> Vec<AttackDeed> {
    // One that rests was ended by somebody, and that was told.
    row.filter(|row| row.rests_until.is_none()).map(|row| ended(&row, now, SYSTEM)).into_iter().collect()
}

fn ended(row: &AttackRow, at: Timestamp, by: &str) -> AttackDeed {
    let AttackRow { site, page, cause, since, until, .. } = row;
    let detail = json!({ "site": site, "page": page, "cause": cause, "since": since, "until": until });
    deed(row, at, by, "attack.end", &detail)
}

fn deed(row: &AttackRow, at: Timestamp, actor: &str, action: &'static str, detail: &serde_json::Value) -> AttackDeed {
    let subject = row.page.clone().unwrap_or_else(|| row.site.clone());
    AttackDeed { at, actor: actor.to_owned(), action, subject, detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(now: i64, until: i64) -> AttackRaise {
        let (now, until) = (Timestamp(now), Timestamp(until));
        AttackRaise { site: "news".into(), page: None, cause: AttackCause::Ceiling, since: now, until, now }
    }

    fn row(then: Then) -> AttackRow {
        match then {
            Then::Is(row) => row,
            other => panic!("{other:?}"),
        }
    }

    fn actions<T>(turn: &Turn<T>) -> Vec<(&'static str, &str)> {
        turn.deeds.iter().map(|deed| (deed.action, deed.actor.as_str())).collect()
    }

    #[test]
    fn an_attack_begins_once_goes_on_without_a_word_and_ends_before_the_next_begins() {
        let begun = raise(None, order(10, 20));
        assert_eq!(actions(&begun), [("attack.begin", "system")]);
        let stands = row(begun.then);
        let on = raise(Some(stands.clone()), order(15, 25));
        assert_eq!((on.answer, actions(&on)), (Raised::GoesOn, vec![]));
        assert_eq!(row(on.then), AttackRow { until: Timestamp(25), ..stands.clone() });
        assert_eq!(raise(Some(stands.clone()), order(12, 18)).then, Then::Stays, "an older word shortens nothing");
        let late = AttackRaise { since: Timestamp(10), ..order(40, 35) };
        assert_eq!(row(raise(Some(stands.clone()), late).then).until, Timestamp(35), "one attack, told late");
        let anew = raise(Some(stands), order(20, 30));
        assert_eq!(actions(&anew), [("attack.end", "system"), ("attack.begin", "system")]);
        assert_eq!(row(anew.then).since, Timestamp(20));
    }

    #[test]
    fn what_somebody_ended_rests_and_only_a_hand_begins_it_sooner() {
        let stands = row(raise(None, order(10, 20)).then);
        let hand = AttackEnd {
            site: "news".into(),
            page: None,
            by: "moderator:ada".into(),
            rests_until: Timestamp(30),
            now: Timestamp(12),
        };
        let done = end(Some(stands), &hand);
        assert_eq!(actions(&done), [("attack.end", "moderator:ada")]);
        let rests = row(done.then);
        assert!(!end(Some(rests.clone()), &hand).answer, "twice is once");
        assert_eq!(raise(Some(rests.clone()), order(29, 40)).answer, Raised::Rests);
        let after = raise(Some(rests.clone()), order(30, 40));
        assert_eq!(actions(&after), [("attack.begin", "system")]);
        let by = || AttackSet {
            site: "news".into(),
            page: None,
            by: "moderator:ben".into(),
            until: Timestamp(60),
            now: Timestamp(13),
        };
        let held = set(Some(rests.clone()), by());
        assert_eq!(actions(&held), [("attack.set", "moderator:ben")]);
        assert_eq!(set(Some(held.answer), by()).then, Then::Stays);
        assert!(close(rests, Timestamp(30)).deeds.is_empty());
    }
}
