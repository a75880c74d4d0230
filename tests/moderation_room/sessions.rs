//! Open sessions: which there are, and how each ends.

use std::time::Duration;

use replydesk::auth::Right;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, PASSWORD, Who, ids, nobody, signed_in_by};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";

async fn sign_in_from(desk: &Desk, name: &str, agent: &str) -> Who {
    desk.clock.advance(Duration::from_secs(1));
    signed_in_by(desk.sign_in(&nobody().with("user-agent", agent), name, PASSWORD).await)
}

async fn own(desk: &Desk, who: &Who) -> Value {
    desk.get(who, "/api/sessions").await.ok(200)
}

#[tokio::test]
async fn people_see_where_they_are_signed_in() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    desk.signed_in("bea", "moderator", &[]).await;
    let firefox = sign_in_from(&desk, "ada", FIREFOX).await;
    let other = sign_in_from(&desk, "ada", "x").await;
    let list = own(&desk, &firefox).await;
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), &list["next_cursor"]), (2, &Value::Null));
    assert_eq!((&items[0]["device"], &items[0]["current"]), (&Value::Null, &json!(false)));
    assert_eq!(
        items[1],
        json!({
            "id": items[1]["id"], "created_at": "2027-01-15T08:00:01Z", "seen_at": "2027-01-15T08:00:01Z",
            "device": "Firefox on Linux", "current": true
        })
    );
    // An id leads neither to the cookie nor to its digest.
    let cookie = firefox.headers[0].1.split_once('=').unwrap().1.to_owned();
    let id = items[1]["id"].as_str().unwrap();
    assert!(id.len() == 22 && !cookie.contains(id));
    desk.get(&nobody().with("cookie", format!("replydesk_session={id}")), "/api/session")
        .await
        .refused(401, "unauthenticated");

    let first = desk.get(&other, "/api/sessions?limit=1").await.ok(200);
    assert_eq!(first["items"][0]["current"], true);
    let next = format!("/api/sessions?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = desk.get(&other, &next).await.ok(200);
    assert_eq!((ids(&rest), &rest["next_cursor"]), (vec![id.to_owned()], &Value::Null));
    let bea = desk.sign_in(&nobody(), "bea", PASSWORD).await;
    desk.get(&signed_in_by(bea), &next).await.refused(422, "invalid_cursor");
    for wrong in ["limit=0", "limit=201", "site=news"] {
        desk.get(&other, &format!("/api/sessions?{wrong}")).await.refused(422, "validation_failed");
    }
    desk.stop().await;
}

#[tokio::test]
async fn use_is_noted_to_the_minute_without_holding_anybody_up() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let admin = desk.token(Right::Admin).await;
    let opened = own(&desk, &ada).await["items"][0]["seen_at"].clone();
    desk.clock.advance(Duration::from_secs(59));
    own(&desk, &ada).await;
    desk.audit().await;
    assert_eq!(own(&desk, &ada).await["items"][0]["seen_at"], opened);
    desk.clock.advance(Duration::from_secs(1));
    own(&desk, &ada).await;
    let (now, mut looks) = (json!(desk.clock.now()), 0);
    while own(&desk, &ada).await["items"][0]["seen_at"] != now {
        looks += 1;
        assert!(looks < 2_000, "it is never noted");
    }
    let listed = desk.get(&admin, "/api/moderation/moderators").await.ok(200);
    assert_eq!(listed["items"][0]["seen_at"], json!(desk.clock.now()));
    desk.stop().await;
}

#[tokio::test]
async fn sessions_end_singly_and_all_others_at_once() {
    let desk = Desk::start().await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(sign_in_from(&desk, "ada", FIREFOX).await);
    }
    let listed = ids(&own(&desk, &ada).await);
    let path = format!("/api/sessions/{}", listed[0]);
    desk.delete(&ada.clone().without("x-csrf-token"), &path).await.refused(403, "csrf_failed");
    // Somebody else's session is as good as not there.
    desk.delete(&bea, &path).await.refused(404, "not_found");
    desk.delete(&ada, "/api/sessions/x").await.refused(404, "not_found");
    desk.delete(&ada, &path).await.ok(204);
    desk.delete(&ada, &path).await.refused(404, "not_found");
    desk.get(&others[2], "/api/session").await.refused(401, "unauthenticated");
    desk.get(&others[1], "/api/session").await.ok(200);
    desk.delete(&ada, "/api/sessions").await.ok(204);
    for gone in &others {
        desk.get(gone, "/api/session").await.refused(401, "unauthenticated");
    }
    desk.get(&bea, "/api/session").await.ok(200);
    let left = own(&desk, &ada).await;
    assert_eq!((ids(&left).len(), &left["items"][0]["current"]), (1, &json!(true)));
    // Ending the one that asks is signing out.
    let last = desk.delete(&ada, &format!("/api/sessions/{}", ids(&left)[0])).await;
    assert!(last.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    let told: Vec<Value> =
        desk.audit().await.into_iter().filter(|row| row.1 == "session.end").map(|row| row.3).collect();
    assert_eq!(told, [json!({ "count": 1 }), json!({ "count": 2 }), json!({ "count": 1 })]);
    desk.stop().await;
}

#[tokio::test]
async fn an_admin_sees_and_ends_somebodys_sessions() {
    let desk = Desk::start().await;
    let chief = desk.signed_in("chief", "admin", &[]).await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let path = "/api/moderation/moderators/ada/sessions";
    let list = desk.get(&chief, path).await.ok(200);
    assert_eq!((ids(&list).len(), &list["items"][0]["current"]), (1, &json!(false)));
    assert_eq!(ids(&list), ids(&own(&desk, &ada).await));
    let of_chief = desk.get(&chief, "/api/moderation/moderators/chief/sessions").await.ok(200);
    assert_eq!(of_chief["items"][0]["current"], true);
    desk.get(&ada, path).await.refused(403, "forbidden");
    desk.delete(&ada, path).await.refused(403, "forbidden");
    desk.delete(&chief.clone().without("x-csrf-token"), path).await.refused(403, "csrf_failed");
    desk.delete(&chief, path).await.ok(204);
    desk.delete(&chief, path).await.ok(204);
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    desk.get(&chief, "/api/session").await.ok(200);
    for unknown in ["/api/moderation/moderators/eve/sessions", "/api/moderation/moderators/%00/sessions"] {
        desk.get(&chief, unknown).await.refused(404, "not_found");
        desk.delete(&chief, unknown).await.refused(404, "not_found");
    }
    assert!(ids(&desk.get(&chief, path).await.ok(200)).is_empty());
    let ends: Vec<_> = desk.audit().await.into_iter().filter(|row| row.1 == "session.end").collect();
    assert_eq!(
        ends,
        [("moderator:chief".to_owned(), "session.end".to_owned(), "ada".to_owned(), json!({ "count": 1 }))]
    );
    desk.stop().await;
}

#[tokio::test]
async fn an_ended_session_is_not_listed() {
    let desk = Desk::start().await;
    desk.signed_in("ada", "moderator", &[]).await;
    desk.clock.advance(Duration::from_secs(12 * 3600));
    let ada = sign_in_from(&desk, "ada", FIREFOX).await;
    assert_eq!(ids(&own(&desk, &ada).await).len(), 1);
    desk.stop().await;
}

#[tokio::test]
async fn a_token_has_no_account_of_its_own() {
    let desk = Desk::start().await;
    let token = desk.token(Right::Admin).await;
    desk.get(&token, "/api/sessions").await.refused(401, "unauthenticated");
    desk.delete(&token, "/api/sessions").await.refused(401, "unauthenticated");
    desk.delete(&token, "/api/sessions/x").await.refused(401, "unauthenticated");
    for path in ["password", "second-factor", "second-factor/confirm", "second-factor/end"] {
        let answer = desk.post(&token, &format!("/api/session/{path}"), json!({})).await;
        answer.refused(401, "unauthenticated");
        desk.post(&nobody(), &format!("/api/session/{path}"), json!({})).await.refused(401, "unauthenticated");
    }
    desk.stop().await;
}

#[tokio::test]
async fn nothing_of_an_account_changes_by_a_cookie_alone_or_from_a_foreign_page() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "admin", &[]).await;
    let (s, m) = ("/api/session", "/api/moderation/moderators");
    let routes = [
        (Method::POST, format!("{s}/password")),
        (Method::POST, format!("{s}/second-factor")),
        (Method::POST, format!("{s}/second-factor/confirm")),
        (Method::POST, format!("{s}/second-factor/end")),
        (Method::DELETE, "/api/sessions".to_owned()),
        (Method::DELETE, "/api/sessions/x".to_owned()),
        (Method::POST, m.to_owned()),
        (Method::PATCH, format!("{m}/ada")),
        (Method::DELETE, format!("{m}/ada")),
        (Method::DELETE, format!("{m}/ada/sessions")),
    ];
    for (method, path) in routes {
        let bare = ada.clone().without("x-csrf-token");
        for wrong in [bare.clone(), bare.with("x-csrf-token", "x"), ada.clone().with("origin", "https://news.example")]
        {
            desk.send(method.clone(), &wrong, &path, None).await.refused(403, "csrf_failed");
        }
    }
    desk.get(&ada, "/api/session").await.ok(200);
    desk.stop().await;
}
