//! What a ban does to comments that wait when it is set.

use std::time::Duration;

use replydesk::{
    auth::Right,
    domain::{CommentId, Status},
    store::{RecordedQuery, Stretch},
};
use serde_json::{Value, json};

use crate::support::{Desk, Who, ids};

const BANS: &str = "/api/moderation/bans";

async fn item(desk: &Desk, who: &Who, id: CommentId) -> Value {
    desk.get(who, &format!("/api/moderation/comments/{id}")).await.ok(200)
}

async fn decide(desk: &Desk, who: &Who, id: CommentId, action: &str) -> Value {
    desk.post(who, &format!("/api/moderation/comments/{id}/decision"), json!({ "action": action })).await.ok(200)
}

async fn ban(desk: &Desk, who: &Who, mode: &str) -> Value {
    let asked = json!({ "kind": "name", "value": "Bob", "mode": mode, "site": "news", "reason": "flood" });
    desk.post(who, BANS, asked).await.ok(201)
}

fn signals(item: &Value) -> Vec<&str> {
    item["signals"].as_array().unwrap().iter().map(|signal| signal["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn shadow_marks_as_spam_and_refuse_rejects_what_waits_and_nothing_else() {
    for (mode, status) in [("shadow", "spam"), ("refuse", "rejected")] {
        let desk = Desk::start().await;
        let (ada, admin) = (desk.signed_in("ada", "moderator", &[]).await, desk.token(Right::Admin).await);
        let (waiting, approved) = (desk.comment("news", "Buy this").await, desk.comment("news", "A good word").await);
        let elsewhere = desk.comment("sport", "Buy this").await;
        let mut other = desk.draft("news", "By somebody else");
        other.name = "Cleo".into();
        let other = desk.accept(other).await;
        decide(&desk, &ada, approved, "approve").await;
        let lessons = desk.store.last_lesson().await.unwrap();

        let set = ban(&desk, &ada, mode).await;
        assert_eq!(set["applied"], 1, "{mode}");
        let dealt = item(&desk, &ada, waiting).await;
        assert_eq!(
            (&dealt["status"], &dealt["version"], &dealt["decided_by"]),
            (&json!(status), &json!(2), &json!("ada"))
        );
        let deed = &dealt["history"][0];
        assert_eq!(
            (&deed["who"], &deed["why"], &deed["from"], &deed["to"]),
            (&json!("ada"), &json!("flood"), &json!("pending"), &json!(status))
        );
        assert_eq!(deed["ban"], set["id"]);
        assert_eq!(item(&desk, &ada, approved).await["status"], "approved");
        for id in [elsewhere, other] {
            assert_eq!(item(&desk, &ada, id).await["status"], "pending", "{mode}");
        }
        let audit = desk.get(&admin, "/api/moderation/audit?limit=1").await.ok(200);
        assert_eq!((&audit["items"][0]["subject"], &audit["items"][0]["detail"]["ban"]), (&json!(waiting), &set["id"]));

        // Nobody judged the text: it teaches nothing, and says nothing of the author or the network.
        assert_eq!(desk.store.last_lesson().await.unwrap(), lessons, "{mode}");
        let bad = desk.number("SELECT CAST(round(1000000000 * sum(abs(bad))) AS BIGINT) FROM network_reputation");
        assert_eq!(bad, 0, "{mode}");

        // Undone like any other decision; and what a ban did stays when it ends.
        let back = decide(&desk, &ada, waiting, "pending").await;
        assert_eq!((&back["status"], &back["version"]), (&json!("pending"), &json!(3)));
        let again = ban(&desk, &ada, mode).await;
        assert_eq!(again["applied"], 1);
        for set in [set, again] {
            desk.delete(&ada, &format!("{BANS}/{}", set["id"].as_str().unwrap())).await.ok(204);
        }
        assert_eq!(item(&desk, &ada, waiting).await["status"], status);
        desk.stop().await;
    }
}

#[tokio::test]
async fn hold_leaves_its_signal_once_and_the_version() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Buy this").await;
    assert_eq!(ban(&desk, &ada, "hold").await["applied"], 1);
    let held = item(&desk, &ada, id).await;
    assert_eq!((&held["status"], &held["version"], &held["decided_by"]), (&json!("pending"), &json!(1), &Value::Null));
    assert_eq!(signals(&held), ["ban_hold", "captcha_low"]);
    // As if it had come under the ban: 1 for the ban and 0.5 for the captcha over -3.
    assert!((held["risk"].as_f64().unwrap() - 1.0 / (1.0 + 1.5_f64.exp())).abs() < 1e-9, "{held}");
    let deed = &held["history"][0];
    assert_eq!(
        (&deed["who"], &deed["action"], &deed["to"]),
        (&json!("ada"), &json!("comment.hold"), &json!("pending"))
    );
    assert_eq!(ban(&desk, &ada, "hold").await["applied"], 0, "it has the signal");
    assert_eq!(item(&desk, &ada, id).await["history"].as_array().unwrap().len(), 1);
    desk.stop().await;
}

#[tokio::test]
async fn a_ban_can_be_set_for_what_comes_alone() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Buy this").await;
    let asked = json!({ "kind": "name", "value": "Bob", "mode": "refuse", "site": "news", "apply": false });
    assert_eq!(desk.post(&ada, BANS, asked).await.ok(201)["applied"], 0);
    assert_eq!(item(&desk, &ada, id).await["status"], "pending");
    desk.stop().await;
}

#[tokio::test]
async fn a_ban_by_every_kind_deals_with_what_it_meets() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    for (kind, value) in [
        ("ip", "2001:db8:1:2::ffff"),
        ("network", "2001:db8:1::/48"),
        ("email", "BOB@reader.example"),
        ("email_domain", "reader.example"),
        ("link_domain", "pills.example"),
        ("name", "B\u{43e}b"),
    ] {
        let mut met = desk.draft("news", "See http://shop.pills.example/ now");
        met.name = "Bob".into();
        let met = desk.accept(met).await;
        let mut missed = desk.draft("news", "See http://shop.pills.example.org/ now");
        (missed.name, missed.email, missed.address) = ("Cleo".into(), None, Some("2001:db8:2::1".into()));
        let missed = desk.accept(missed).await;
        let set = desk.post(&admin, BANS, json!({ "kind": kind, "value": value, "mode": "shadow" })).await.ok(201);
        assert_eq!(set["applied"], 1, "{kind}");
        assert_eq!(item(&desk, &admin, met).await["status"], "spam", "{kind}");
        assert_eq!(item(&desk, &admin, missed).await["status"], "pending", "{kind}");
        let listed = desk.get(&admin, &format!("{BANS}?kind={kind}")).await.ok(200);
        assert_eq!(listed["items"][0]["applied"], 1, "{kind}");
        desk.clock.advance(Duration::from_millis(1));
    }
    desk.stop().await;
}

#[tokio::test]
async fn hundreds_are_dealt_with_in_batches() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["news"]).await;
    let cluster = CommentId::new(desk.clock.now());
    for n in 0..450 {
        let mut draft = desk.draft(if n % 10 == 0 { "sport" } else { "news" }, &format!("Copy {n}"));
        (draft.cluster, draft.sketch) = (Some(cluster), Some(7));
        desk.accept(draft).await;
    }
    assert_eq!(ban(&desk, &ada, "shadow").await["applied"], 405);
    let counts = desk.get(&ada, "/api/moderation/summary").await.ok(200)["counts"].clone();
    assert_eq!((&counts["spam"], &counts["pending"]), (&json!(405), &json!(0)));
    let one = desk.get(&ada, "/api/moderation/comments?status=spam&limit=1").await.ok(200);
    assert_eq!(one["items"][0]["cluster"]["count"], 405);
    let waiting = desk.get(&desk.token(Right::Admin).await, "/api/moderation/pages?order=waiting").await.ok(200);
    assert_eq!(
        waiting["items"].as_array().unwrap().iter().map(|page| page["pending"].as_u64().unwrap()).collect::<Vec<_>>(),
        [45, 0]
    );
    assert!(ids(&desk.get(&ada, "/api/moderation/comments").await.ok(200)).is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn what_a_ban_decided_is_in_no_record_and_no_figure() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let author = desk.draft("news", "x").author;
    for body in ["One", "Two"] {
        let mut draft = desk.draft("news", body);
        draft.author = author;
        desk.accept(draft).await;
    }
    assert_eq!(ban(&desk, &ada, "shadow").await["applied"], 2);
    let query = RecordedQuery {
        sites: None,
        since: desk.clock.now().minus(Duration::from_secs(3600)),
        decided: true,
        records: false,
        from: Stretch::Oldest(None),
        limit: 10,
    };
    assert!(desk.store.recorded(query.clone()).await.unwrap().is_empty());
    // Once a person says so, it is a decision.
    let id = desk.get(&ada, "/api/moderation/comments?status=spam&limit=1").await.ok(200)["items"][0]["id"].clone();
    let path = format!("/api/moderation/comments/{}/decision", id.as_str().unwrap());
    let lessons = desk.store.last_lesson().await.unwrap();
    let confirmed = desk.post(&ada, &path, json!({ "action": "spam" })).await.ok(200);
    assert_eq!(confirmed["version"], 3);
    assert_eq!(desk.store.last_lesson().await.unwrap(), lessons + 1, "now it teaches");
    assert_eq!(desk.post(&ada, &path, json!({ "action": "spam" })).await.ok(200)["version"], 3);
    let judged = desk.store.recorded(query).await.unwrap();
    assert_eq!(judged.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::Spam]);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_listens_is_told_and_claims_end_with_a_decision() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let id = desk.comment("news", "Buy this").await;
    let claim = format!("/api/moderation/comments/{id}/claim");
    desk.send(reqwest::Method::POST, &bea, &claim, None).await.ok(200);
    let mut stream = desk.listen(&bea, "/api/moderation/stream").await;
    ban(&desk, &ada, "hold").await;
    let marked = stream.event().await;
    assert_eq!(marked.name, "edit");
    assert_eq!(marked.data, json!({ "id": id, "site": "news", "status": "pending", "version": 1, "by": "ada" }));
    assert_eq!(item(&desk, &ada, id).await["claimed_by"], "bea", "whoever looks at it goes on looking");
    ban(&desk, &ada, "shadow").await;
    let decided = stream.event().await;
    assert_eq!(decided.name, "decision");
    assert_eq!(
        decided.data,
        json!({ "id": id, "site": "news", "from": "pending", "status": "spam", "version": 2, "by": "ada" })
    );
    assert_eq!(item(&desk, &ada, id).await["claimed_by"], Value::Null);
    desk.stop().await;
}
