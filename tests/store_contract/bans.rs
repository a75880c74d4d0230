//! Bans laid on what waits, and answers that are kept with what was created.

use std::{sync::Arc, time::Duration};

use replydesk::{
    domain::{BanId, BanKind, CommentId, Decision, Signal, Status},
    store::{BanBatch, BanDeed, BanRow, Once, Portion, WrittenQuery},
};

use crate::{DAY, File, NOW, key, page, waiting};

fn ban() -> BanRow {
    BanRow {
        id: BanId::new(NOW),
        kind: "name".into(),
        value: "Ada".into(),
        mode: "shadow".into(),
        site: None,
        reason: None,
        created_by: "moderator:ada".into(),
        created_at: NOW,
        expires_at: None,
        from_comment: None,
        applied: 0,
    }
}

fn batch(ban: &BanRow, deed: BanDeed, met: &[(CommentId, i64)]) -> BanBatch {
    BanBatch { ban: ban.id, deed, met: met.to_vec(), reason: Some("flood".into()) }
}

async fn applied(file: &File, batch: BanBatch) -> Option<u64> {
    file.store.apply_ban(batch, "moderator:ada".into(), NOW).await.unwrap().map(|applied| applied.applied)
}

async fn status(file: &File, id: CommentId) -> (Status, i64) {
    let own = file.store.own(id).await.unwrap().unwrap();
    (own.status, own.version)
}

#[tokio::test]
async fn whoever_was_touched_meanwhile_is_left_alone() {
    let file = File::fresh().await;
    let ban = ban();
    assert!(file.store.ban(ban.clone(), None).await.unwrap().is_none());
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(file.stored(waiting(&format!("Number {n}."))).await.id);
    }
    file.decided(ids[1], Decision::Approve, NOW).await;
    for decision in [Decision::Spam, Decision::Pending] {
        file.decided(ids[2], decision, NOW).await;
    }
    file.store.withdraw(ids[3], NOW).await.unwrap();
    let met: Vec<(CommentId, i64)> = ids.iter().map(|id| (*id, 1)).collect();
    let (audit, outbox) = (file.number("SELECT count(*) FROM audit"), file.number("SELECT count(*) FROM outbox"));
    assert_eq!(applied(&file, batch(&ban, BanDeed::Decide(Decision::Spam), &met)).await, Some(1));
    assert_eq!(status(&file, ids[0]).await, (Status::Spam, 2));
    assert_eq!(status(&file, ids[1]).await, (Status::Approved, 2));
    assert_eq!(status(&file, ids[2]).await, (Status::Pending, 3), "a person put it back");
    assert_eq!(file.number("SELECT count(*) FROM audit"), audit + 1);
    assert_eq!(file.number("SELECT count(*) FROM outbox"), outbox + 1);
    assert_eq!(applied(&file, batch(&ban, BanDeed::Decide(Decision::Spam), &[(ids[2], 3)])).await, Some(2));
}

#[tokio::test]
async fn a_ban_that_has_ended_does_nothing_more() {
    let file = File::fresh().await;
    let ban = ban();
    file.store.ban(ban.clone(), None).await.unwrap();
    let id = file.stored(waiting("To decide.")).await.id;
    file.store.unban(ban.id, "x".into(), NOW).await.unwrap();
    assert_eq!(applied(&file, batch(&ban, BanDeed::Decide(Decision::Reject), &[(id, 1)])).await, None);
    assert_eq!(status(&file, id).await, (Status::Pending, 1));
    assert!(file.store.history(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mark_is_made_of_what_stands_at_that_moment() {
    let file = File::fresh().await;
    let ban = ban();
    file.store.ban(ban.clone(), None).await.unwrap();
    let mut comment = waiting("To mark.");
    comment.signals = vec![Signal::new("capitals", 0.6, "Mostly in capitals")];
    let id = file.stored(comment).await.id;
    let mark = Arc::new(|site: &str, mut signals: Vec<Signal>| {
        assert_eq!(site, "news");
        let has_it = signals.iter().any(|signal| signal.name == "ban_hold");
        signals.push(Signal::new("ban_hold", 1.0, "A ban"));
        (!has_it).then_some((signals, 0.75))
    });
    for _twice in 0..2 {
        assert_eq!(applied(&file, batch(&ban, BanDeed::Mark(mark.clone()), &[(id, 1)])).await, Some(1));
    }
    let own = file.store.own(id).await.unwrap().unwrap();
    let names: Vec<&str> = own.signals.iter().map(|signal| &*signal.name).collect();
    assert_eq!((names, own.version, own.status), (vec!["capitals", "ban_hold"], 1, Status::Pending));
    assert!((own.risk - 0.75).abs() < f64::EPSILON);
    let history = file.store.history(id).await.unwrap();
    assert_eq!(history.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["comment.hold"]);
}

#[tokio::test]
async fn what_an_earlier_approval_said_of_the_network_ends_with_a_bans_decision() {
    let file = File::fresh().await;
    let ban = ban();
    file.store.ban(ban.clone(), None).await.unwrap();
    let id = file.stored(waiting("Approved, and then edited.")).await.id;
    file.decided(id, Decision::Approve, NOW).await;
    let edit = replydesk::store::Edit {
        id,
        seen_version: 2,
        body: "Other words.".into(),
        sketch: None,
        cluster: None,
        status: Status::Pending,
        risk: 0.1,
        verdict: replydesk::domain::Verdict::Hold,
        signals: Vec::new(),
        now: NOW.plus(Duration::from_secs(1)),
    };
    file.store.edit(edit).await.unwrap();
    let (lessons, good) =
        (file.store.last_lesson().await.unwrap(), "SELECT round(1000 * sum(good)) FROM network_reputation");
    assert_eq!(file.number(&format!("SELECT CAST(({good}) AS INTEGER)")), 1000);
    assert_eq!(applied(&file, batch(&ban, BanDeed::Decide(Decision::Spam), &[(id, 3)])).await, Some(1));
    assert_eq!(file.number(&format!("SELECT CAST(({good}) AS INTEGER)")), 0);
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE counted IS NOT NULL"), 0);
    assert_eq!(file.store.last_lesson().await.unwrap(), lessons);
}

#[tokio::test]
async fn a_stretch_is_bounded_by_what_is_looked_at() {
    let file = File::fresh().await;
    let mut sport = Vec::new();
    for n in 0..10 {
        let mut comment = waiting(&format!("Number {n}."));
        comment.created_at = NOW.plus(Duration::from_secs(n));
        comment.id = CommentId::new(comment.created_at);
        if n % 5 == 0 {
            comment.page = page("sport", "/b");
            sport.push(comment.id);
        }
        file.stored(comment).await;
    }
    let lately = Portion::Lately { since: NOW, before: None };
    for (portion, expected) in [(lately, vec![sport[1], sport[0]]), (Portion::Waiting { after: 0 }, sport.clone())] {
        let (mut next, mut found, mut reads) = (Some(portion), Vec::new(), 0);
        while let Some(portion) = next {
            let query = WrittenQuery { sites: Some(vec!["sport".into()]), kind: BanKind::Name, portion, limit: 4 };
            let stretch = file.store.written(query).await.unwrap();
            assert!(stretch.rows.iter().all(|row| row.name.is_some() && row.email.is_none() && row.body.is_none()));
            found.extend(stretch.rows.iter().map(|row| row.id));
            (next, reads) = (stretch.next, reads + 1);
        }
        assert_eq!((found, reads), (expected, 3), "{portion:?}");
    }
}

#[tokio::test]
async fn an_answer_is_kept_with_what_was_created_for_a_day() {
    let file = File::fresh().await;
    let once = Once { key: key(), content: [7; 32] };
    let (first, second) = (ban(), ban());
    assert!(file.store.ban(first.clone(), Some(once)).await.unwrap().is_none());
    let kept = file.store.ban(second, Some(once)).await.unwrap().unwrap();
    assert_eq!((kept.content, kept.subject, kept.answer), (once.content, first.id.to_string(), None));
    assert_eq!(file.number("SELECT count(*) FROM bans"), 1);
    for answer in ["first", "second"] {
        assert_eq!(file.store.keep_answer(once.key, answer.into()).await.unwrap(), "first", "the first one stays");
    }
    let at = |now| file.store.kept_answer(once.key, now);
    let file = &file;
    assert_eq!(at(NOW).await.unwrap().unwrap().answer.as_deref(), Some("first"));
    assert!(at(NOW.plus(DAY)).await.unwrap().is_none());
    file.store.tidy(NOW.plus(DAY), Vec::new()).await.unwrap();
    assert_eq!(file.number("SELECT count(*) FROM kept_answers"), 0);
}
