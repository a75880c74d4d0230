//! Bans: who sets which, and what is shown of them.

use std::time::Duration;

use replydesk::{auth::Right, domain::CommentId};
use serde_json::{Value, json};

use crate::support::{Desk, Who, ids};

const BANS: &str = "/api/moderation/bans";

#[tokio::test]
async fn a_moderator_bans_from_a_comment_and_never_sees_the_address() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let admin = desk.token(Right::Admin).await;
    let id = desk.comment("news", "Buy this").await;
    for (kind, value) in [
        ("ip", "2001:db8:1:2::3"),
        ("network", "2001:db8:1::/48"),
        ("email", "bob@reader.example"),
        ("email_domain", "reader.example"),
        ("name", "Bob"),
    ] {
        let asked = json!({ "kind": kind, "from_comment": id, "mode": "hold", "site": "news", "reason": "spam" });
        let ban = desk.post(&ada, BANS, asked).await.ok(201);
        let hidden = matches!(kind, "ip" | "network");
        assert_eq!(ban["value"], if hidden { Value::Null } else { json!(value) });
        assert_eq!(ban["from_comment"], json!(id));
        let ban_id = ban["id"].as_str().unwrap();
        let seen = desk.get(&admin, &format!("{BANS}?limit=1")).await.ok(200);
        assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["value"]), (&json!(ban_id), &json!(value)));
        assert_eq!(seen["items"][0]["created_by"], "ada");
        let listed = desk.get(&ada, BANS).await.ok(200).to_string();
        assert!(!listed.contains("2001:db8"), "{listed}");
        desk.clock.advance(Duration::from_millis(1));
    }
    let audit = desk.get(&admin, "/api/moderation/audit").await.ok(200).to_string();
    assert!(audit.contains("ban.add") && !audit.contains("2001:db8") && !audit.contains("bob@"), "{audit}");
    desk.stop().await;
}

#[tokio::test]
async fn bans_on_all_sites_and_foreign_ones_are_not_a_moderators() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["news"]).await;
    let admin = desk.token(Right::Admin).await;
    let sport = desk.comment("sport", "Buy this").await;
    let ban = |site: Value| json!({ "kind": "name", "value": "Eve", "mode": "shadow", "site": site, "reason": null });
    desk.post(&ada, BANS, ban(Value::Null)).await.refused(403, "forbidden");
    desk.post(&ada, BANS, ban(json!("sport"))).await.refused(404, "not_found");
    desk.post(&admin, BANS, ban(json!("nowhere"))).await.refused(404, "not_found");
    let from_foreign = json!({ "kind": "name", "from_comment": sport, "mode": "hold", "site": "news" });
    desk.post(&ada, BANS, from_foreign).await.refused(404, "not_found");

    let own = desk.post(&ada, BANS, ban(json!("news"))).await.ok(201);
    desk.clock.advance(Duration::from_millis(1));
    let foreign = desk.post(&admin, BANS, ban(json!("sport"))).await.ok(201);
    desk.clock.advance(Duration::from_millis(1));
    let all = desk.post(&admin, BANS, ban(Value::Null)).await.ok(201);
    let id = |ban: &Value| ban["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&desk.get(&ada, BANS).await.ok(200)), [id(&all), id(&own)]);
    desk.delete(&ada, &format!("{BANS}/{}", id(&foreign))).await.refused(404, "not_found");
    desk.delete(&ada, &format!("{BANS}/{}", id(&all))).await.refused(403, "forbidden");
    desk.delete(&ada, &format!("{BANS}/{}", id(&own))).await.ok(204);
    desk.delete(&ada, &format!("{BANS}/{}", id(&own))).await.refused(404, "not_found");

    let page = desk.get(&admin, &format!("{BANS}?limit=1")).await.ok(200);
    assert_eq!(ids(&page), [id(&all)]);
    let next = desk.get(&admin, &format!("{BANS}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    let next = next.ok(200);
    assert_eq!((ids(&next), &next["next_cursor"]), (vec![id(&foreign)], &Value::Null));
    desk.stop().await;
}

#[tokio::test]
async fn a_ban_ends_by_itself() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let asked = json!({ "kind": "network", "value": "192.0.2.9/24", "mode": "refuse", "expires_at": "2027-01-15T09:00:00Z", "reason": "flood" });
    let ban = desk.post(&admin, BANS, asked.clone()).await.ok(201);
    assert_eq!((&ban["value"], &ban["expires_at"]), (&json!("192.0.2.0/24"), &json!("2027-01-15T09:00:00Z")));
    desk.clock.advance(Duration::from_secs(3600));
    assert!(ids(&desk.get(&admin, BANS).await.ok(200)).is_empty());
    let past = desk.post(&admin, BANS, asked).await;
    past.refused(422, "validation_failed");
    assert_eq!(past.field(), "expires_at");
    desk.stop().await;
}

#[tokio::test]
async fn a_ban_that_goes_by_nothing_names_its_field() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let id = desk.comment("news", "Hello").await;
    for (change, field) in [
        (json!({ "kind": "planet" }), "kind"),
        (json!({ "kind": null }), "kind"),
        (json!({ "mode": "maybe" }), "mode"),
        (json!({ "value": null }), "value"),
        (json!({ "value": 7 }), "value"),
        (json!({ "value": "0.0.0.0/0", "kind": "network" }), "value"),
        (json!({ "from_comment": id }), "value"),
        (json!({ "value": null, "from_comment": id, "kind": "link_domain" }), "value"),
        (json!({ "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "until": "tomorrow" }), "until"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
    ] {
        let mut asked = json!({ "kind": "name", "value": "Eve", "mode": "hold" });
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = desk.post(&admin, BANS, asked.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{asked}");
    }
    let unknown = json!({ "kind": "name", "from_comment": CommentId::new(desk.clock.now()), "mode": "hold" });
    desk.post(&admin, BANS, unknown).await.refused(404, "not_found");
    desk.stop().await;
}

#[tokio::test]
async fn the_list_is_narrowed_by_kind_site_and_what_is_seen_of_them() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let admin = desk.token(Right::Admin).await;
    let mut made = Vec::new();
    for (kind, value, site, reason) in [
        ("network", "192.0.2.0/24", json!("news"), "flood"),
        ("name", "Eve", json!("sport"), "asked for by the court"),
        ("email", "eve@spam.example", Value::Null, "flood"),
    ] {
        let asked = json!({ "kind": kind, "value": value, "mode": "hold", "site": site, "reason": reason });
        made.push(desk.post(&admin, BANS, asked).await.ok(201)["id"].as_str().unwrap().to_owned());
        desk.clock.advance(Duration::from_millis(1));
    }
    let list = async |who: &Who, query: &str| ids(&desk.get(who, &format!("{BANS}?{query}")).await.ok(200));
    for (query, found) in [
        ("kind=network", vec![0]),
        ("site=news", vec![0]),
        ("site=sport", vec![1]),
        ("q=FLOOD", vec![2, 0]),
        ("q=spam.example", vec![2]),
        ("q=admin", vec![2, 1, 0]),
        ("q=flood&kind=email", vec![2]),
        ("q=192.0.2", vec![0]),
        ("q=nothing", vec![]),
    ] {
        let found: Vec<&String> = found.into_iter().map(|n: usize| &made[n]).collect();
        assert_eq!(list(&admin, query).await.iter().collect::<Vec<_>>(), found, "{query}");
    }
    assert!(list(&ada, "q=192.0.2").await.is_empty(), "what she does not see she cannot search");
    let first = desk.get(&admin, &format!("{BANS}?q=flood&limit=1")).await.ok(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(list(&admin, &format!("q=flood&limit=1&cursor={cursor}")).await, [made[0].clone()]);
    desk.get(&admin, &format!("{BANS}?limit=1&cursor={cursor}")).await.refused(422, "invalid_cursor");
    assert_eq!(desk.get(&admin, &format!("{BANS}?kind=planet")).await.field(), "kind");
    desk.get(&admin, &format!("{BANS}?site=nowhere")).await.refused(404, "not_found");
    let ben = desk.signed_in("ben", "moderator", &["news"]).await;
    desk.get(&ben, &format!("{BANS}?site=sport")).await.refused(404, "not_found");
    desk.stop().await;
}

#[tokio::test]
async fn a_repeated_request_sets_one_ban_and_gives_one_answer() {
    let desk = Desk::start().await;
    let (ada, ben) = (desk.token(Right::Decide).await, desk.token(Right::Decide).await);
    let keyed = |who: &Who, key: &str| who.clone().with("idempotency-key", key);
    let ban = |value: &str| json!({ "kind": "name", "value": value, "mode": "shadow", "site": "news" });
    for n in 0..3 {
        desk.comment("news", &format!("By Bob, {n}")).await;
    }
    let first = desk.post(&keyed(&ada, "k"), BANS, ban("Bob")).await.ok(201);
    assert_eq!(first["applied"], 3);
    // What was undone since stays undone.
    let undone = desk.comment("news", "By Bob, later").await;
    let mut spelled = ban("Bob");
    (spelled["apply"], spelled["reason"]) = (json!(true), Value::Null);
    for asked in [ban("Bob"), spelled] {
        assert_eq!(desk.post(&keyed(&ada, "k"), BANS, asked).await.ok(201), first);
    }
    assert_eq!(desk.get(&ada, &format!("/api/moderation/comments/{undone}")).await.ok(200)["status"], "pending");
    desk.post(&keyed(&ada, "k"), BANS, ban("Eve")).await.refused(422, "idempotency_key_reused");
    // It is looked up before anything is checked, and is of one actor.
    let gone =
        json!({ "kind": "name", "from_comment": CommentId::new(desk.clock.now()), "mode": "hold", "site": "news" });
    desk.post(&keyed(&ada, "k"), BANS, gone.clone()).await.refused(422, "idempotency_key_reused");
    desk.post(&keyed(&ada, "l"), BANS, gone).await.refused(404, "not_found");
    let other = desk.post(&keyed(&ben, "k"), BANS, ban("Bob")).await.ok(201);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(ids(&desk.get(&ada, BANS).await.ok(200)).len(), 2);
    // An answer outlives its ban, and a day ends it.
    desk.delete(&ada, &format!("{BANS}/{}", first["id"].as_str().unwrap())).await.ok(204);
    assert_eq!(desk.post(&keyed(&ada, "k"), BANS, ban("Bob")).await.ok(201), first);
    desk.clock.advance(Duration::from_secs(24 * 3600));
    assert_ne!(desk.post(&keyed(&ada, "k"), BANS, ban("Bob")).await.ok(201)["id"], first["id"]);
    for key in ["", "a b", &"x".repeat(129)] {
        let answer = desk.post(&keyed(&ada, key), BANS, ban("Bob")).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), "idempotency_key", "{key}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_request_that_broke_off_goes_on_when_it_is_repeated() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await.with("idempotency-key", "k");
    let ban = json!({ "kind": "name", "value": "Bob", "mode": "refuse", "site": "news" });
    desk.comment("news", "Dealt with").await;
    let first = desk.post(&ada, BANS, ban.clone()).await.ok(201);
    assert_eq!(first["applied"], 1);
    // As it stands where the process ended in the middle.
    desk.tamper("UPDATE kept_answers SET answer = NULL");
    let left = desk.comment("news", "Not reached").await;
    let second = desk.post(&ada, BANS, ban.clone()).await.ok(201);
    assert_eq!((&second["id"], &second["applied"]), (&first["id"], &json!(2)));
    assert_eq!(desk.get(&ada, &format!("/api/moderation/comments/{left}")).await.ok(200)["status"], "rejected");
    assert_eq!(desk.post(&ada, BANS, ban).await.ok(201), second);
    assert_eq!(ids(&desk.get(&ada, BANS).await.ok(200)).len(), 1);
    desk.stop().await;
}

#[tokio::test]
async fn where_the_store_fails_in_the_middle_the_answer_says_what_stands() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await.with("idempotency-key", "k");
    let ban = json!({ "kind": "name", "value": "Bob", "mode": "shadow", "site": "news" });
    desk.comment("news", "By Bob").await;
    desk.tamper("ALTER TABLE outbox RENAME TO outbox_away");
    let half = desk.post(&ada, BANS, ban.clone()).await;
    half.refused(503, "unavailable");
    assert!(half.body["detail"].as_str().unwrap().starts_with("The ban is set"), "{}", half.body);
    desk.tamper("ALTER TABLE outbox_away RENAME TO outbox");
    assert_eq!(desk.post(&ada, BANS, ban).await.ok(201)["applied"], 1);
    assert_eq!(ids(&desk.get(&ada, BANS).await.ok(200)).len(), 1);
    desk.stop().await;
}

#[tokio::test]
async fn twins_sent_at_once_set_one_ban() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await.with("idempotency-key", "k");
    for n in 0..30 {
        desk.comment("news", &format!("By Bob, {n}")).await;
    }
    let ban = json!({ "kind": "name", "value": "Bob", "mode": "shadow", "site": "news" });
    let twins = (0..4).map(|_n| desk.post(&ada, BANS, ban.clone()));
    let answers: Vec<Value> = futures_util::future::join_all(twins).await.into_iter().map(|a| a.ok(201)).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0]["applied"], 30);
    assert_eq!(ids(&desk.get(&ada, BANS).await.ok(200)).len(), 1);
    desk.stop().await;
}
