//! Clusters of near-copies: listed, bundled, decided.

use replydesk::{
    auth::Right,
    domain::{CommentId, Status},
};
use serde_json::{Value, json};

use crate::support::{Desk, Who, ids};

const COMMENTS: &str = "/api/moderation/comments";

/// A waiting near-copy, one of this cluster.
async fn copy(desk: &Desk, site: &str, cluster: CommentId) -> CommentId {
    let mut comment = desk.draft(site, "Nearly the same");
    comment.cluster = Some(cluster);
    desk.accept(comment).await
}

async fn decide(desk: &Desk, who: &Who, cluster: CommentId, body: Value) -> crate::support::Answer {
    desk.post(who, &format!("/api/moderation/clusters/{cluster}/decision"), body).await
}

async fn list(desk: &Desk, who: &Who, query: &str) -> Value {
    desk.get(who, &format!("{COMMENTS}?{query}")).await.ok(200)
}

#[tokio::test]
async fn a_cluster_is_one_row_with_its_newest_and_its_count() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let cluster = CommentId::new(desk.clock.now());
    let first = desk.comment("news", "First").await;
    let oldest = copy(&desk, "news", cluster).await;
    let between = desk.comment("news", "Between").await;
    let newest = copy(&desk, "news", cluster).await;
    let last = desk.comment("news", "Last").await;
    let told = |ids: &[CommentId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (query, found) in [
        ("", vec![first, oldest, between, newest, last]),
        ("collapse=cluster", vec![first, newest, between, last]),
        ("collapse=cluster&order=newest", vec![last, newest, between, first]),
        ("collapse=cluster&order=risk", vec![last, newest, between, first]),
        (&format!("cluster={cluster}"), vec![oldest, newest]),
        (&format!("cluster={cluster}&collapse=cluster"), vec![newest]),
        (&format!("cluster={cluster}&status=spam"), vec![]),
        (&format!("cluster={first}"), vec![]),
        ("collapse=cluster&site=sport", vec![]),
        ("collapse=cluster&q=nearly", vec![newest]),
    ] {
        assert_eq!(ids(&list(&desk, &who, query).await), told(&found), "{query}");
    }
    let row = list(&desk, &who, "collapse=cluster").await["items"][1].clone();
    assert_eq!(row["cluster"], json!({ "id": cluster, "count": 2 }));
    assert_eq!(desk.get(&who, &format!("{COMMENTS}/{first}")).await.ok(200)["cluster"], Value::Null);
    for wrong in ["collapse=1", "cluster=7"] {
        desk.get(&who, &format!("{COMMENTS}?{wrong}")).await.refused(422, "validation_failed");
    }
    desk.stop().await;
}

#[tokio::test]
async fn pages_of_bundled_rows_neither_repeat_nor_lose_a_cluster() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let clusters: Vec<CommentId> = (0..5).map(|_| CommentId::new(desk.clock.now())).collect();
    for n in 0..40 {
        if n % 4 == 3 {
            desk.comment("news", "Alone").await;
        } else {
            copy(&desk, "news", clusters[n % 5]).await;
        }
    }
    for order in ["oldest", "newest", "risk"] {
        let all = ids(&list(&desk, &who, &format!("collapse=cluster&order={order}&limit=200")).await);
        assert_eq!(all.len(), 15, "{order}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = list(&desk, &who, &format!("collapse=cluster&order={order}&limit=2&cursor={cursor}")).await;
            seen.extend(ids(&page));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        assert_eq!(seen, all, "{order}");
    }
    let cursor = list(&desk, &who, "collapse=cluster&limit=2").await["next_cursor"].as_str().unwrap().to_owned();
    desk.get(&who, &format!("{COMMENTS}?limit=2&cursor={cursor}")).await.refused(422, "invalid_cursor");
    desk.stop().await;
}

#[tokio::test]
async fn a_decision_takes_what_was_seen_and_leaves_what_came_later() {
    let desk = Desk::start().await;
    let who = desk.signed_in("ada", "moderator", &[]).await;
    let cluster = CommentId::new(desk.clock.now());
    let first = copy(&desk, "news", cluster).await;
    let seen = copy(&desk, "news", cluster).await;
    let later = copy(&desk, "news", cluster).await;
    let spam = json!({ "action": "spam", "up_to": seen, "reason": "flood" });
    assert_eq!(decide(&desk, &who, cluster, spam).await.ok(200), json!({ "applied": 2, "unchanged": 0 }));
    let item = desk.get(&who, &format!("{COMMENTS}/{first}")).await.ok(200);
    assert_eq!((&item["status"], &item["version"], &item["decided_by"]), (&json!("spam"), &json!(2), &json!("ada")));
    assert_eq!((&item["history"][0]["why"], &item["cluster"]["count"]), (&json!("flood"), &json!(2)));
    assert_eq!(ids(&list(&desk, &who, "").await), [later.to_string()]);
    // All is put back, then by the time that the last one shows, and only what waits.
    let undo = json!({ "action": "pending", "up_to": later });
    assert_eq!(decide(&desk, &who, cluster, undo).await.ok(200), json!({ "applied": 2, "unchanged": 1 }));
    let time = desk.get(&who, &format!("{COMMENTS}/{seen}")).await.ok(200)["created_at"].clone();
    let approve = json!({ "action": "approve", "up_to": time });
    assert_eq!(decide(&desk, &who, cluster, approve).await.ok(200)["applied"], 2);
    let rest = json!({ "action": "reject", "up_to": later, "status": "pending" });
    assert_eq!(decide(&desk, &who, cluster, rest).await.ok(200), json!({ "applied": 1, "unchanged": 0 }));
    assert_eq!(desk.store.item(seen).await.unwrap().unwrap().status, Status::Approved);
    desk.stop().await;
}

#[tokio::test]
async fn only_who_may_decide_there_does() {
    let desk = Desk::start().await;
    let cluster = CommentId::new(desk.clock.now());
    let member = copy(&desk, "sport", cluster).await;
    let stranger = desk.comment("sport", "Alone").await;
    let spam = json!({ "action": "spam", "up_to": member });
    let reader = desk.token(Right::Read).await;
    decide(&desk, &reader, cluster, spam.clone()).await.refused(403, "forbidden");
    decide(&desk, &Who::default(), cluster, spam.clone()).await.refused(401, "unauthenticated");
    let foreign = desk.signed_in("ada", "moderator", &["news"]).await;
    decide(&desk, &foreign, cluster, spam.clone()).await.refused(404, "not_found");
    decide(&desk, &foreign.clone().without("x-csrf-token"), cluster, spam.clone()).await.refused(403, "csrf_failed");
    assert_eq!(ids(&list(&desk, &foreign, &format!("cluster={cluster}")).await), Vec::<String>::new());
    let own = desk.signed_in("bea", "moderator", &["sport"]).await;
    decide(&desk, &own, stranger, spam.clone()).await.refused(404, "not_found");
    for (wrong, field) in [
        (json!({ "action": "spam", "up_to": stranger }), "up_to"),
        (json!({ "action": "spam", "up_to": "yesterday" }), "up_to"),
        (json!({ "action": "spam" }), "up_to"),
        (json!({ "action": "burn", "up_to": member }), "action"),
        (json!({ "action": "spam", "up_to": member, "status": "deleted" }), "status"),
        (json!({ "action": "spam", "up_to": member, "version": 1 }), "version"),
    ] {
        let answer = decide(&desk, &own, cluster, wrong).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
    assert_eq!(decide(&desk, &own, cluster, spam).await.ok(200)["applied"], 1);
    desk.stop().await;
}
