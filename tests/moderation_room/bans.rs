//! Bans: who sets which, and what is shown of them.

use std::time::Duration;

use replydesk::{auth::Right, domain::CommentId};
use serde_json::{Value, json};

use crate::support::{Desk, ids};

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
