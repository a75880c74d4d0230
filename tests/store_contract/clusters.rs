//! Near-copies: who is grouped with whom, told to every instance, and decided on in batches.

use replydesk::{
    domain::{CommentId, Decision, Status},
    store::{ClusterEnd, ClusterOrder, DecisionOutcome, NewComment, Regroup, SketchCursor, UpTo},
};

use crate::{DAY, File, NOW, page, waiting};

fn copy(cluster: Option<CommentId>) -> NewComment {
    NewComment { sketch: Some(7), cluster, ..waiting("Nearly the same.") }
}

fn order(cluster: CommentId, decision: Decision, last: i64) -> ClusterOrder {
    ClusterOrder { cluster, decision, status: None, reason: None, sites: None, after: 0, last }
}

async fn decide_all(file: &File, mut order: ClusterOrder) -> Vec<DecisionOutcome> {
    let mut outcomes = Vec::new();
    loop {
        let (results, next) = file.store.decide_cluster(order.clone(), "moderator:ada".into(), NOW).await.unwrap();
        assert!(results.len() <= 500, "one batch keeps everybody else waiting");
        outcomes.extend(results.into_iter().map(|result| result.outcome));
        match next {
            Some(next) => order.after = next,
            None => return outcomes,
        }
    }
}

#[tokio::test]
async fn the_first_copy_puts_the_one_that_was_alone_into_its_cluster() {
    let file = File::fresh().await;
    let alone = file.stored(copy(None)).await.id;
    let mut second = copy(Some(alone));
    second.founder = Some(alone);
    file.stored(second).await;
    assert_eq!(file.store.item(alone).await.unwrap().unwrap().cluster, Some((alone, 2)));
}

#[tokio::test]
async fn what_was_stored_and_done_since_is_read_once() {
    let file = File::fresh().await;
    let old = NewComment { id: CommentId::new(NOW.minus(8 * DAY)), created_at: NOW.minus(8 * DAY), ..copy(None) };
    file.stored(old).await;
    let first = file.stored(copy(None)).await.id;
    let mut all = vec![first];
    for _ in 0..20 {
        // All of one millisecond: their ids are in no order.
        all.push(file.stored(copy(None)).await.id);
    }
    let begin = file.store.sketches_begin(NOW.minus(7 * DAY), 1000).await.unwrap();
    let (rows, cursor) = file.store.sketches(begin, 1000).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), all, "all but what is too old is read");
    assert_eq!(file.store.sketches(cursor, 1000).await.unwrap().0.len(), 0);
    let decision = replydesk::store::DecisionOrder {
        id: first,
        decision: Decision::Spam,
        version: None,
        reason: None,
        sites: None,
    };
    file.store.decide(vec![decision], "moderator:ada".into(), NOW).await.unwrap();
    let (rows, after) = file.store.sketches(cursor, 1000).await.unwrap();
    assert_eq!((rows.len(), rows[0].status, rows[0].decided), (1, Status::Spam, true));
    assert!(after.audit > cursor.audit && after.seq == cursor.seq);
    let last_two = file.store.sketches_begin(NOW.minus(70 * DAY), 1).await.unwrap();
    assert_eq!(file.store.sketches(last_two, 1000).await.unwrap().0.len(), 1, "no more than so many are read");
    let empty = File::fresh().await;
    assert_eq!(empty.store.sketches_begin(NOW, 10).await.unwrap(), SketchCursor::default());
}

#[tokio::test]
async fn corrections_group_and_merge_but_leave_a_changed_text_alone() {
    let file = File::fresh().await;
    let (a, b) = (file.stored(copy(None)).await.id, file.stored(copy(None)).await.id);
    let changed = file.stored(NewComment { sketch: Some(8), ..copy(None) }).await.id;
    let joins = [a, b, changed].map(|comment| Regroup::Join { comment, sketch: 7, cluster: b });
    file.store.regroup(joins.to_vec()).await.unwrap();
    for _ in 0..450 {
        file.stored(copy(Some(b))).await;
    }
    file.store.regroup(vec![Regroup::Merge { from: b, to: a }]).await.unwrap();
    assert_eq!(file.store.item(b).await.unwrap().unwrap().cluster, Some((a, 452)));
    assert_eq!(file.store.item(changed).await.unwrap().unwrap().cluster, None);
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE version <> 1"), 0, "nobody's version moved");
}

#[tokio::test]
async fn a_cluster_is_decided_up_to_its_end_with_version_and_audit_each() {
    let file = File::fresh().await;
    let cluster = CommentId::new(NOW);
    let mut ids = Vec::new();
    for _ in 0..450 {
        ids.push(file.stored(copy(Some(cluster))).await.id);
    }
    assert!(file.store.withdraw(ids[3], NOW).await.unwrap());
    let end = file.store.cluster_end(cluster, UpTo::Comment(ids[439]), None).await.unwrap();
    let ClusterEnd::At(last) = end else { panic!("{end:?}") };
    let outcomes = decide_all(&file, order(cluster, Decision::Spam, last)).await;
    assert_eq!((outcomes.len(), outcomes.iter().all(|it| *it == DecisionOutcome::Applied)), (439, true));
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE status = 'spam' AND version = 2"), 439);
    assert_eq!(file.number("SELECT count(*) FROM audit WHERE action = 'comment.spam'"), 439);
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE status = 'pending'"), 10);
    let again = decide_all(&file, order(cluster, Decision::Spam, last)).await;
    assert!(again.iter().all(|it| *it == DecisionOutcome::Unchanged));
    let waiting = ClusterOrder { status: Some(Status::Pending), ..order(cluster, Decision::Approve, i64::MAX) };
    assert_eq!(decide_all(&file, waiting).await.len(), 10);
}

#[tokio::test]
async fn a_cluster_of_another_site_or_without_that_comment_has_no_end() {
    let file = File::fresh().await;
    let cluster = CommentId::new(NOW);
    let member = file.stored(NewComment { page: page("sport", "/a"), ..copy(Some(cluster)) }).await.id;
    let stranger = file.stored(copy(None)).await.id;
    let end = async |cluster, up_to, site: Option<&str>| {
        let sites = site.map(|site| vec![site.to_owned()]);
        file.store.cluster_end(cluster, up_to, sites).await.unwrap()
    };
    assert_eq!(end(cluster, UpTo::Comment(member), Some("news")).await, ClusterEnd::NotFound);
    assert_eq!(end(stranger, UpTo::Comment(stranger), None).await, ClusterEnd::NotFound);
    assert_eq!(end(cluster, UpTo::Comment(stranger), None).await, ClusterEnd::NoMember);
    assert!(matches!(end(cluster, UpTo::Comment(member), Some("sport")).await, ClusterEnd::At(_)));
    assert_eq!(end(cluster, UpTo::Moment(NOW.minus(DAY)), None).await, ClusterEnd::At(0));
    assert_eq!(end(cluster, UpTo::Moment(NOW), None).await, end(cluster, UpTo::Comment(member), None).await);
}
