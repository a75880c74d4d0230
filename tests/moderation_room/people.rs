//! People and tokens, for admins.

use replydesk::auth::Right;
use serde_json::{Value, json};

use crate::support::{Desk, PASSWORD, nobody};

const PEOPLE: &str = "/api/moderation/moderators";

#[tokio::test]
async fn an_admin_adds_and_removes_people() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let path = "/api/moderation/moderators";
    let new = json!({ "username": "ada", "role": "moderator", "password": PASSWORD, "sites": ["news"] });
    let made = desk.post(&admin, path, new.clone()).await.ok(201);
    assert_eq!(
        made,
        json!({
            "username": "ada", "role": "moderator", "email": null, "sites": ["news"], "created_at": desk.clock.now(),
            "second_factor": false, "invited": false, "seen_at": null, "invitation": null
        })
    );
    desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200);
    for (change, field, code) in [
        (json!({}), "username", "invalid"),
        (json!({ "username": "a b" }), "username", "invalid"),
        (json!({ "username": "--" }), "username", "invalid"),
        (json!({ "username": "bea", "sites": [] }), "sites", "invalid"),
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
async fn a_change_holds_at_once_for_open_sessions() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let path = "/api/moderation/moderators/ada";
    let id = desk.comment("sport", "Hello").await;
    let comment = format!("/api/moderation/comments/{id}");
    desk.get(&ada, &comment).await.ok(200);
    let limited = desk.patch(&admin, path, json!({ "sites": ["news"] })).await.ok(200);
    assert_eq!(limited["sites"], json!(["news"]));
    desk.get(&ada, &comment).await.refused(404, "not_found");
    assert_eq!(desk.get(&ada, "/api/session").await.ok(200)["sites"], json!(["news"]));
    desk.get(&ada, PEOPLE).await.refused(403, "forbidden");
    // An admin sees all sites.
    let risen = desk.patch(&admin, path, json!({ "role": "admin" })).await.ok(200);
    assert_eq!((&risen["role"], &risen["sites"]), (&json!("admin"), &Value::Null));
    desk.get(&ada, &comment).await.ok(200);
    desk.get(&ada, PEOPLE).await.ok(200);
    let session = desk.get(&ada, "/api/session").await.ok(200);
    assert_eq!((&session["role"], &session["sites"]), (&json!("admin"), &Value::Null));
    let email = desk.patch(&admin, path, json!({ "email": "ada@news.example" })).await.ok(200);
    assert_eq!(email["email"], "ada@news.example");
    assert_eq!(desk.patch(&admin, path, json!({})).await.ok(200), email);
    assert_eq!(desk.patch(&admin, path, json!({ "email": null })).await.ok(200)["email"], Value::Null);
    let changes: Vec<Value> =
        desk.audit().await.into_iter().filter(|row| row.1 == "moderator.change").map(|row| row.3).collect();
    assert_eq!(
        changes,
        [
            json!({ "sites": { "from": null, "to": ["news"] } }),
            json!({ "role": { "from": "moderator", "to": "admin" }, "sites": { "from": ["news"], "to": null } }),
            json!({ "email": true }),
            json!({ "email": true }),
        ]
    );
    desk.stop().await;
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_changes_nothing() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    desk.person("chief", "admin", &[]).await;
    desk.person("ada", "moderator", &["news"]).await;
    let path = "/api/moderation/moderators/ada";
    for (change, field, code) in [
        (json!({ "role": "owner" }), "role", "invalid"),
        (json!({ "sites": ["nowhere"] }), "sites", "invalid"),
        (json!({ "sites": [] }), "sites", "invalid"),
        (json!({ "role": "admin", "sites": ["news"] }), "sites", "invalid"),
        (json!({ "email": "ada" }), "email", "invalid"),
        (json!({ "password": "short" }), "password", "too_short"),
        (json!({ "password": PASSWORD, "invite": true }), "invite", "invalid"),
        (json!({ "username": "bea" }), "username", "invalid"),
        (json!({ "invite": "yes" }), "invite", "invalid"),
    ] {
        let mut asked = json!({ "email": "other@news.example" });
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = desk.patch(&admin, path, asked.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str().unwrap()), (field, code), "{asked}");
    }
    let chief = desk.patch(&admin, "/api/moderation/moderators/chief", json!({ "sites": ["news"] })).await;
    assert_eq!((chief.status, chief.field()), (422, "sites"));
    desk.patch(&admin, "/api/moderation/moderators/eve", json!({ "role": "admin" })).await.refused(404, "not_found");
    assert_eq!(desk.get(&admin, PEOPLE).await.ok(200)["items"][0]["email"], Value::Null);
    desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200);
    assert!(desk.audit().await.iter().all(|row| row.1 != "moderator.change"));
    desk.stop().await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let desk = Desk::start().await;
    let chief = desk.signed_in("chief", "admin", &[]).await;
    desk.person("ada", "moderator", &[]).await;
    let (own, demote) = ("/api/moderation/moderators/chief", json!({ "role": "moderator" }));
    let stays = async || {
        for answer in [desk.patch(&chief, own, demote.clone()).await, desk.delete(&chief, own).await] {
            answer.refused(422, "validation_failed");
            assert_eq!(answer.field(), "role");
        }
    };
    stays().await;
    desk.patch(&chief, own, json!({ "role": "admin", "email": "chief@news.example" })).await.ok(200);
    // Who was only invited cannot sign in, and so stands in for nobody.
    desk.post(&chief, PEOPLE, json!({ "username": "bea", "role": "admin" })).await.ok(201);
    stays().await;
    desk.delete(&chief, "/api/moderation/moderators/bea").await.ok(204);
    desk.patch(&chief, "/api/moderation/moderators/ada", json!({ "role": "admin" })).await.ok(200);
    desk.patch(&chief, own, demote.clone()).await.ok(200);
    desk.get(&chief, PEOPLE).await.refused(403, "forbidden");
    // Two who demote each other at once: one of them stays.
    let token = desk.token(Right::Admin).await;
    desk.patch(&token, own, json!({ "role": "admin" })).await.ok(200);
    let both = [own, "/api/moderation/moderators/ada"].map(|path| desk.patch(&token, path, demote.clone()));
    let statuses: Vec<u16> = futures_util::future::join_all(both).await.iter().map(|answer| answer.status).collect();
    assert!(statuses == [200, 422] || statuses == [422, 200], "{statuses:?}");
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

#[tokio::test]
async fn no_link_takes_the_password_of_the_last_admin_who_can_sign_in() {
    let desk = Desk::start().await;
    let admin = desk.signed_in("chief", "admin", &[]).await;
    let path = "/api/moderation/moderators/chief";
    desk.patch(&admin, path, json!({ "invite": true })).await.refused(422, "validation_failed");
    desk.sign_in(&nobody(), "chief", PASSWORD).await.ok(200);
    desk.person("deputy", "admin", &[]).await;
    desk.patch(&admin, path, json!({ "invite": true })).await.ok(200);
    desk.sign_in(&nobody(), "chief", PASSWORD).await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_made_an_admin_while_they_are_limited_to_a_site_is_not_limited() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    for n in 0..8 {
        let path = format!("/api/moderation/moderators/rising{n}");
        desk.person(&format!("rising{n}"), "moderator", &[]).await;
        let (_, _) = tokio::join!(
            desk.patch(&admin, &path, json!({ "role": "admin" })),
            desk.patch(&admin, &path, json!({ "sites": ["news"] }))
        );
        let people = desk.get(&admin, "/api/moderation/moderators?limit=200").await.ok(200);
        let found = people["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|person| path.ends_with(person["username"].as_str().unwrap()));
        let found = found.unwrap();
        assert_eq!((&found["role"], &found["sites"]), (&json!("admin"), &Value::Null));
    }
    desk.stop().await;
}
