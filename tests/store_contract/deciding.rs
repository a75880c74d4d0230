//! Decisions: the status, the audit and the event move together, by versions.

use replydesk::{
    domain::{Decision, Status},
    store::{DecisionOrder, DecisionOutcome},
};

use crate::{File, NOW, waiting};

fn order(id: replydesk::domain::CommentId, decision: Decision, version: Option<i64>) -> DecisionOrder {
    DecisionOrder { id, decision, version, reason: None, sites: None }
}

#[tokio::test]
async fn decision_audit_and_event_are_one() {
    let file = File::fresh().await;
    let id = file.stored(waiting("To decide.")).await.id;
    let (audit, outbox) = (file.number("SELECT count(*) FROM audit"), file.number("SELECT count(*) FROM outbox"));
    let results =
        file.store.decide(vec![order(id, Decision::Approve, Some(1))], "moderator:ada".into(), NOW).await.unwrap();
    assert_eq!((&results[0].outcome, results[0].version), (&DecisionOutcome::Applied, Some(2)));
    assert_eq!(file.number("SELECT count(*) FROM audit"), audit + 1);
    assert_eq!(file.number("SELECT count(*) FROM outbox"), outbox + 1);
    assert_eq!(file.store.history(id).await.unwrap()[0].actor, "moderator:ada");
    assert_eq!(file.number("SELECT approved FROM pages"), 1);
}

#[tokio::test]
async fn when_the_audit_cannot_be_written_nothing_is_decided() {
    let file = File::fresh().await;
    let id = file.stored(waiting("To decide.")).await.id;
    file.home.run("ALTER TABLE audit RENAME TO audit_away");
    assert!(file.store.decide(vec![order(id, Decision::Approve, None)], "x".into(), NOW).await.is_err());
    file.home.run("ALTER TABLE audit_away RENAME TO audit");
    assert_eq!(file.store.own(id).await.unwrap().unwrap().status, Status::Pending);
    assert_eq!(file.number("SELECT approved FROM pages"), 0);
}

#[tokio::test]
async fn versions_decide_who_was_first_and_a_repetition_changes_nothing() {
    let file = File::fresh().await;
    let id = file.stored(waiting("To decide.")).await.id;
    let decide = async |decision, version| {
        let results = file.store.decide(vec![order(id, decision, version)], "x".into(), NOW).await.unwrap();
        (results[0].outcome.clone(), results[0].version)
    };
    assert_eq!(decide(Decision::Approve, Some(1)).await, (DecisionOutcome::Applied, Some(2)));
    assert_eq!(decide(Decision::Approve, Some(1)).await, (DecisionOutcome::Unchanged, Some(2)));
    let (outcome, version) = decide(Decision::Spam, Some(1)).await;
    assert!(!matches!(outcome, DecisionOutcome::Applied | DecisionOutcome::Unchanged), "{outcome:?}");
    assert_eq!(version, Some(2));
    assert_eq!(decide(Decision::Spam, None).await, (DecisionOutcome::Applied, Some(3)));
    assert_eq!(file.number("SELECT approved FROM pages"), 0);
}

#[tokio::test]
async fn the_pages_count_is_what_is_approved_whatever_was_decided() {
    let file = File::fresh().await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(file.stored(waiting(&format!("Number {n}."))).await.id);
    }
    let decisions = [Decision::Approve, Decision::Reject, Decision::Spam, Decision::Pending];
    for step in 0..40 {
        let decision = decisions[(step * 7 + step / 3) % 4];
        file.store.decide(vec![order(ids[step % 6], decision, None)], "x".into(), NOW).await.unwrap();
        let counted = file.number("SELECT count(*) FROM comments WHERE status = 'approved'");
        assert_eq!(file.number("SELECT approved FROM pages"), counted, "after step {step}");
    }
}
