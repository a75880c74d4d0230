//! People and tokens, for admins.

use replydesk::auth::Right;
use serde_json::{Value, json};

use crate::support::{Desk, PASSWORD, nobody};

#[tokio::test]
async fn an_admin_adds_and_removes_people() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let path = "/api/moderation/moderators";
    let new = json!({ "username": "ada", "role": "moderator", "password": PASSWORD, "sites": ["news"] });
    let made = desk.post(&admin, path, new.clone()).await.ok(201);
    assert_eq!(
        made,
        json!({ "username": "ada", "role": "moderator", "email": null, "sites": ["news"], "created_at": desk.clock.now() })
    );
    desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200);
    for (change, field, code) in [
        (json!({}), "username", "invalid"),
        (json!({ "username": "a b" }), "username", "invalid"),
        (json!({ "username": "bea", "role": "owner" }), "role", "invalid"),
        (json!({ "username": "bea", "email": "bea" }), "email", "invalid"),
        (json!({ "username": "bea", "sites": ["nowhere"] }), "sites", "invalid"),
        (json!({ "username": "bea", "role": "admin" }), "sites", "invalid"),
        (json!({ "username": "bea", "password": "short" }), "password", "too_short"),
        (json!({ "username": "bea", "password": "password1234" }), "password", "invalid"),
        (json!({ "username": "bea", "password": "sheisBEAtheeditor" }), "password", "invalid"),
    ] {
        let mut asked = new.clone();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = desk.post(&admin, path, asked.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str().unwrap()), (field, code), "{asked}");
    }
    desk.person("bea", "admin", &[]).await;
    let page = desk.get(&admin, &format!("{path}?limit=1")).await.ok(200);
    assert_eq!(page["items"][0]["username"], "ada");
    let next = format!("{path}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = desk.get(&admin, &next).await.ok(200);
    assert_eq!((&rest["items"][0]["username"], &rest["next_cursor"]), (&json!("bea"), &Value::Null));
    assert!(!page.to_string().contains("argon2"));
    desk.delete(&admin, &format!("{path}/ada")).await.ok(204);
    desk.delete(&admin, &format!("{path}/ada")).await.refused(404, "not_found");
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn a_token_is_told_once_and_can_be_revoked() {
    let desk = Desk::start().await;
    let admin = desk.signed_in("chief", "admin", &[]).await;
    let path = "/api/moderation/tokens";
    let asked = json!({ "name": "script", "scope": "decide", "expires_at": "2027-02-01T00:00:00Z" });
    let made = desk.post(&admin, path, asked.clone()).await.ok(201);
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!(made["expires_at"], "2027-02-01T00:00:00Z");
    let script = nobody().with("authorization", format!("Bearer {token}"));
    desk.get(&script, "/api/moderation/summary").await.ok(200);
    let listed = desk.get(&admin, path).await.ok(200);
    assert_eq!(listed["items"][0]["name"], "script");
    assert!(!listed.to_string().contains(&token));
    let twice = desk.post(&admin, path, asked).await;
    twice.refused(422, "validation_failed");
    assert_eq!(twice.field(), "name");
    desk.delete(&admin, &format!("{path}/script")).await.ok(204);
    desk.get(&script, "/api/moderation/summary").await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn settings_are_shown_without_their_secrets() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let settings = desk.get(&admin, "/api/moderation/settings").await.ok(200);
    assert_eq!(settings["server"]["workers"], 1);
    assert!(!settings.to_string().contains("operator's own"));
    desk.stop().await;
}
