//! What was recorded of comments comes out in stretches, each comment once, and nothing that anybody wrote.

use std::time::Duration;

use replydesk::{
    domain::{AuthorId, CommentId, Decision, RefusalId, Signal, Status, Timestamp, Verdict},
    store::{Decider, DecisionOrder, Edit, Edited, NewComment, RecordedQuery, RecordedRow, RefusalRow, Stretch},
};

use super::{DAY, File, NOW, waiting};

fn query(limit: usize) -> RecordedQuery {
    let (since, from) = (NOW.minus(DAY), Stretch::Oldest(None));
    RecordedQuery { sites: None, since, decided: true, records: false, from, limit }
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
    let file = File::fresh().await;
    let mut expected = Vec::new();
    for second in 0..7_u64 {
        let decision = if second % 2 == 0 { Decision::Spam } else { Decision::Approve };
        expected.push(decided(&file, NOW.plus(Duration::from_secs(second)), decision).await);
    }
    decided(&file, NOW, Decision::Reject).await;
    decided(&file, NOW.minus(2 * DAY), Decision::Spam).await;
    for limit in [1, 3, 7, 100] {
        let (mut found, mut query): (Vec<RecordedRow>, _) = (Vec::new(), query(limit));
        loop {
            let rows = file.store.recorded(query.clone()).await.unwrap();
            assert!(rows.len() <= limit);
            let Some(last) = rows.last() else { break };
            query.from = Stretch::Oldest(Some(last.id));
            found.extend(rows);
        }
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{limit}");
        assert_eq!(found.iter().filter(|row| row.status == Status::Spam).count(), 4);
    }
}

#[tokio::test]
async fn of_a_signal_its_name_and_weight_come_out_and_of_a_comment_no_word() {
    let file = File::fresh().await;
    decided(&file, NOW, Decision::Spam).await;
    let rows = file.store.recorded(query(10)).await.unwrap();
    assert_eq!(rows[0].signals, [Signal::new("captcha.pow_ok", -1.2, ""), Signal::new("link_foreign", 0.5, "")]);
    let row = &rows[0];
    assert_eq!((row.status, row.decider, row.edited), (Status::Spam, Some(Decider::Person), false));
    assert_eq!((row.sampled, row.site.as_str()), (None, "news"));
    let told = format!("{rows:?}");
    for word in ["secret", "example", "Ada", "203.0.113.7"] {
        assert!(!told.contains(word), "{word} in {told}");
    }
}

#[tokio::test]
async fn a_store_opened_to_read_answers_reads_and_writes_nothing() {
    let file = File::fresh().await;
    decided(&file, NOW, Decision::Spam).await;
    let reading = replydesk::store::Store::open_to_read(&file.home.url()).await.unwrap();
    assert_eq!(reading.recorded(query(10)).await.unwrap().len(), 1);
    if !file.home.is_postgres() {
        // A file of which somebody makes a backup stays as it is; a database may be written to by anybody it lets in.
        assert!(reading.accept(waiting("never")).await.is_err());
        assert_eq!(file.number("SELECT count(*) FROM comments"), 1);
    }
}

#[tokio::test]
async fn undecided_ones_come_too_where_they_are_asked_for_newest_first_and_of_the_sites_named() {
    let file = File::fresh().await;
    let mut expected = Vec::new();
    for second in 0..5_u64 {
        let at = NOW.plus(Duration::from_secs(second));
        expected.insert(0, file.stored(NewComment { id: CommentId::new(at), created_at: at, ..waiting("b") }).await.id);
    }
    file.stored(NewComment { page: super::page("sport", "/a"), ..waiting("elsewhere") }).await;
    let sites = Some(vec!["news".to_owned()]);
    for limit in [1, 2, 5, 9] {
        let mut query =
            RecordedQuery { sites: sites.clone(), decided: false, from: Stretch::Newest(None), ..query(limit) };
        let mut found = Vec::new();
        loop {
            let rows = file.store.recorded(query.clone()).await.unwrap();
            let Some(last) = rows.last() else { break };
            query.from = Stretch::Newest(Some(last.id));
            found.extend(rows.iter().map(|row| (row.id, row.status, row.decider)));
        }
        let told: Vec<_> = expected.iter().map(|id| (*id, Status::Pending, None)).collect();
        assert_eq!(found, told, "{limit}");
    }
}

#[tokio::test]
async fn a_decision_on_a_text_that_was_changed_since_is_nobodys() {
    let file = File::fresh().await;
    let id = decided(&file, NOW, Decision::Approve).await;
    let own = file.store.own(id).await.unwrap().unwrap();
    let edit = Edit {
        id,
        seen_version: own.version,
        body: "another".to_owned(),
        sketch: None,
        cluster: None,
        status: Status::Approved,
        risk: 0.2,
        verdict: Verdict::Publish,
        signals: Vec::new(),
        now: NOW.plus(Duration::from_secs(1)),
    };
    assert!(matches!(file.store.edit(edit).await.unwrap(), Edited::Stored(_)));
    assert!(file.store.recorded(query(9)).await.unwrap().is_empty());
    let rows = file.store.recorded(RecordedQuery { decided: false, ..query(9) }).await.unwrap();
    assert_eq!((rows[0].status, rows[0].decider, rows[0].edited), (Status::Approved, None, true));
}

#[tokio::test]
async fn an_authors_record_is_that_of_the_moment() {
    let file = File::fresh().await;
    let author = AuthorId::new(NOW);
    let mut seconds = 0;
    let mut one = async |decision: Option<(Decision, u64)>| {
        seconds += 10;
        let at = NOW.plus(Duration::from_secs(seconds));
        let comment = NewComment { id: CommentId::new(at), created_at: at, author, proven: true, ..waiting("more") };
        let id = file.stored(comment).await.id;
        if let Some((decision, after)) = decision {
            let order = DecisionOrder { id, decision, version: None, reason: None, sites: None };
            let then = at.plus(Duration::from_secs(after));
            file.store.decide(vec![order], "moderator:ada".to_owned(), then).await.unwrap();
        }
    };
    one(Some((Decision::Approve, 1))).await;
    one(Some((Decision::Approve, 15))).await;
    one(None).await;
    one(Some((Decision::Spam, 1))).await;
    one(None).await;
    let asked = RecordedQuery { decided: false, records: true, ..query(9) };
    let rows = file.store.recorded(asked.clone()).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.author.approved, row.author.rejected)).collect();
    // The second was approved only after the third had come.
    assert_eq!(told, [(0, 0), (1, 0), (1, 0), (2, 0), (2, 1)]);
    assert!(rows.iter().all(|row| row.author.proven));
    let without = file.store.recorded(RecordedQuery { records: false, ..asked }).await.unwrap();
    assert!(without.iter().all(|row| row.author.approved == 0));
}

#[tokio::test]
async fn of_refusals_those_by_score_come_newest_first() {
    let file = File::fresh().await;
    let mut expected = Vec::new();
    for (n, reason) in ["score_low", "expired", "score_low", "missing", "score_low"].into_iter().enumerate() {
        let at = NOW.plus(Duration::from_secs(u64::try_from(n).unwrap()));
        let id = RefusalId::new(at);
        let row = RefusalRow {
            id,
            reference: String::new(),
            site: if n == 4 { "sport" } else { "news" }.to_owned(),
            page: "/a".to_owned(),
            reason: reason.to_owned(),
            provider: "builtin".to_owned(),
            score: Some(0.1),
            raw_score: None,
            signals: Vec::new(),
            at,
        };
        file.store.refuse(row).await.unwrap();
        if reason == "score_low" {
            expected.insert(0, id);
        }
    }
    let ask = async |sites: Option<Vec<String>>, before, limit| {
        let rows = file.store.refused_by_score(sites, NOW.minus(DAY), before, limit).await.unwrap();
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(ask(None, None, 9).await, expected);
    assert_eq!(ask(None, None, 2).await, expected[..2]);
    assert_eq!(ask(None, Some(expected[1]), 9).await, expected[2..]);
    assert_eq!(ask(Some(vec!["news".to_owned()]), None, 9).await, expected[1..]);
    assert_eq!(file.store.refused_by_score(None, NOW.plus(DAY), None, 9).await.unwrap().len(), 0);
}
