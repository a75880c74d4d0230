//! What moderators decided comes out in stretches, each comment once, and nothing that anybody wrote.

use std::time::Duration;

use replydesk::{
    domain::{CommentId, Decision, Signal, Timestamp},
    store::{DecidedQuery, DecidedRow, DecisionOrder, NewComment},
};

use super::{DAY, File, NOW, waiting};

fn query(limit: usize) -> DecidedQuery {
    DecidedQuery { site: None, since: NOW.minus(DAY), after: None, limit }
}

async fn decided(file: &File, at: Timestamp, decision: Decision) -> CommentId {
    let signals =
        vec![Signal::new("captcha.pow_ok", -1.2, "a secret text"), Signal::new("link_foreign", 0.5, "x.example")];
    let comment = NewComment { id: CommentId::new(at), created_at: at, signals, ..waiting("a secret text") };
    let id = file.stored(comment).await.id;
    let order = DecisionOrder { id, decision, version: None, reason: None, sites: None };
    file.store.decide(vec![order], "moderator:ada".to_owned(), at).await.unwrap();
    id
}

#[tokio::test]
async fn stretches_hold_each_decision_once_oldest_first() {
    let file = File::fresh();
    let mut expected = Vec::new();
    for second in 0..7_u64 {
        let decision = if second % 2 == 0 { Decision::Spam } else { Decision::Approve };
        expected.push(decided(&file, NOW.plus(Duration::from_secs(second)), decision).await);
    }
    decided(&file, NOW, Decision::Reject).await;
    decided(&file, NOW.minus(2 * DAY), Decision::Spam).await;
    for limit in [1, 3, 7, 100] {
        let (mut found, mut query): (Vec<DecidedRow>, _) = (Vec::new(), query(limit));
        loop {
            let rows = file.store.decided(query.clone()).await.unwrap();
            assert!(rows.len() <= limit);
            let Some(last) = rows.last() else { break };
            query.after = Some(last.id);
            found.extend(rows);
        }
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{limit}");
        assert_eq!(found.iter().filter(|row| row.spam).count(), 4);
    }
}

#[tokio::test]
async fn of_a_signal_its_name_and_weight_come_out_and_of_a_comment_no_word() {
    let file = File::fresh();
    decided(&file, NOW, Decision::Spam).await;
    let rows = file.store.decided(query(10)).await.unwrap();
    assert_eq!(rows[0].signals, [("captcha.pow_ok".to_owned(), -1.2), ("link_foreign".to_owned(), 0.5)]);
    assert!((rows[0].spam, rows[0].by_token, rows[0].edited) == (true, false, false) && rows[0].sampled.is_none());
    let told = format!("{rows:?}");
    for word in ["secret", "example", "Ada", "203.0.113.7"] {
        assert!(!told.contains(word), "{word} in {told}");
    }
}

#[tokio::test]
async fn a_store_opened_to_read_answers_reads_and_writes_nothing() {
    let file = File::fresh();
    decided(&file, NOW, Decision::Spam).await;
    let url = format!("sqlite:{}", file.folder.path().join("replydesk.db").display());
    let reading = replydesk::store::Store::open_to_read(&url).unwrap();
    assert_eq!(reading.decided(query(10)).await.unwrap().len(), 1);
    assert!(reading.accept(waiting("never")).await.is_err());
    assert_eq!(file.number("SELECT count(*) FROM comments"), 1);
}
