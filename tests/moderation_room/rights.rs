//! Every described route for signed-in people, tried with no rights, wrong ones and too small ones, and from
//! elsewhere: a route that nobody has thought about fails here.

use replydesk::auth::Right;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, Desk, Who, nobody};

/// The least right that each route asks for. Routes of one's own session ask for a session, whatever its right.
const RIGHTS: &[(Right, &[&str])] = &[
    (
        Right::Read,
        &[
            "GET /api/moderation/attack",
            "GET /api/moderation/audit",
            "GET /api/moderation/audit/export",
            "GET /api/moderation/bans",
            "GET /api/moderation/comments",
            "GET /api/moderation/comments/{id}",
            "GET /api/moderation/pages",
            "GET /api/moderation/reasons",
            "GET /api/moderation/refusals",
            "GET /api/moderation/sites",
            "GET /api/moderation/statistics",
            "GET /api/moderation/stream",
            "GET /api/moderation/summary",
            "GET /api/moderation/thresholds",
            "POST /api/moderation/thresholds/preview",
        ],
    ),
    (
        Right::Decide,
        &[
            "DELETE /api/moderation/attack",
            "DELETE /api/moderation/bans/{id}",
            "DELETE /api/moderation/comments/{id}/claim",
            "GET /api/moderation/comments/{id}/statement",
            "PATCH /api/moderation/comments/{id}",
            "PATCH /api/moderation/pages",
            "POST /api/moderation/bans",
            "POST /api/moderation/bans/preview",
            "POST /api/moderation/clusters/{id}/decision",
            "POST /api/moderation/comments/{id}/captcha",
            "POST /api/moderation/comments/{id}/claim",
            "POST /api/moderation/comments/{id}/decision",
            "POST /api/moderation/comments/{id}/reply",
            "POST /api/moderation/decisions",
            "PUT /api/moderation/attack",
        ],
    ),
    (
        Right::Admin,
        &[
            "DELETE /api/moderation/moderators/{name}",
            "DELETE /api/moderation/moderators/{name}/sessions",
            "DELETE /api/moderation/tokens/{name}",
            "GET /api/moderation/moderators",
            "GET /api/moderation/moderators/{name}/sessions",
            "GET /api/moderation/settings",
            "GET /api/moderation/tokens",
            "PATCH /api/moderation/moderators/{name}",
            "POST /api/moderation/moderators",
            "POST /api/moderation/tokens",
        ],
    ),
];
/// Asked for a session of one's own.
const OWN: &[&str] = &[
    "DELETE /api/session",
    "DELETE /api/sessions",
    "DELETE /api/sessions/{id}",
    "GET /api/session",
    "GET /api/sessions",
    "POST /api/session/password",
    "POST /api/session/second-factor",
    "POST /api/session/second-factor/confirm",
    "POST /api/session/second-factor/end",
];
/// Open to whoever can prove it by what they send.
const OPEN: &[&str] = &["POST /api/session", "POST /api/session/invitation"];

/// The described operations below these addresses, in order.
async fn described(desk: &Desk) -> Vec<String> {
    let document = desk.document().await;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.starts_with("/api/moderation") || path.starts_with("/api/session") {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            found.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
    }
    found.sort();
    found
}

/// Nothing of these names and ids is there, and no body is good: what passes the guard is refused behind it.
async fn knock(desk: &Desk, who: &Who, route: &str) -> Answer {
    let (method, path) = route.split_once(' ').unwrap();
    let path = path.replace("{id}", "0199a0a0-0000-7000-8000-000000000000").replace("{name}", "nobody");
    let path = path.replace("/export", "/export?format=none");
    let who = who.clone().with("content-type", "application/json").with("last-event-id", "none");
    let body = (method != "GET").then(|| b"[]".to_vec());
    desk.send(Method::from_bytes(method.as_bytes()).unwrap(), &who, &path, body).await
}

#[tokio::test]
async fn the_table_knows_every_described_route_and_no_other() {
    let desk = Desk::start().await;
    let mut known: Vec<String> = RIGHTS.iter().flat_map(|(_, routes)| *routes).map(ToString::to_string).collect();
    known.extend(OWN.iter().chain(OPEN).map(ToString::to_string));
    known.sort();
    assert_eq!(described(&desk).await, known);
    desk.stop().await;
}

#[tokio::test]
async fn every_route_refuses_nobody_strangers_and_too_small_rights() {
    let desk = Desk::start().await;
    let bearer = |text: &str| nobody().with("authorization", format!("Bearer {text}"));
    let made_up = format!("rd_{}", "A".repeat(43));
    let cookie = format!("replydesk_session={}", "A".repeat(43));
    let strangers = [
        nobody(),
        bearer("nonsense"),
        bearer(&made_up),
        nobody().with("authorization", "Basic YTpi"),
        nobody().with("cookie", cookie),
    ];
    let tokens = [
        (Right::Read, desk.token(Right::Read).await),
        (Right::Decide, desk.token(Right::Decide).await),
        (Right::Admin, desk.token(Right::Admin).await),
    ];
    for (least, routes) in RIGHTS {
        for route in *routes {
            for stranger in &strangers {
                knock(&desk, stranger, route).await.refused(401, "unauthenticated");
            }
            for (right, token) in &tokens {
                let answer = knock(&desk, token, route).await;
                assert_eq!(answer.status == 403, right < least, "{route} for {right:?}: {}", answer.body);
                assert_ne!(answer.status, 401, "{route} for {right:?}");
            }
        }
    }
    for route in OWN {
        for stranger in strangers.iter().chain(tokens.iter().map(|(_, token)| token)) {
            knock(&desk, stranger, route).await.refused(401, "unauthenticated");
        }
    }
    desk.stop().await;
}

#[tokio::test]
async fn every_unsafe_route_refuses_a_session_without_its_token_or_from_another_origin() {
    let desk = Desk::start().await;
    let admin = desk.signed_in("chief", "admin", &[]).await;
    let other = desk.signed_in("ben", "admin", &[]).await;
    let foreign_token = other.headers.iter().find(|(name, _)| *name == "x-csrf-token").unwrap().1.clone();
    let guarded = RIGHTS.iter().flat_map(|(_, routes)| *routes).chain(OWN).filter(|route| !route.starts_with("GET "));
    for route in guarded {
        let bare = admin.clone().without("x-csrf-token");
        let forged = bare.clone().with("x-csrf-token", foreign_token.clone());
        let elsewhere = admin.clone().with("origin", "https://evil.example");
        for attack in [bare, forged, elsewhere] {
            knock(&desk, &attack, route).await.refused(403, "csrf_failed");
        }
    }
    for route in OPEN {
        let elsewhere = nobody().with("origin", "https://evil.example");
        knock(&desk, &elsewhere, route).await.refused(403, "csrf_failed");
    }
    // Nothing of all this ended the session.
    desk.get(&admin, "/api/session").await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn a_moderator_of_one_site_finds_nothing_of_another() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["sport"]).await;
    let id = desk.comment("news", "Hello").await;
    let path = |end: &str| format!("/api/moderation/comments/{id}{end}");
    for (method, path, body) in [
        (Method::GET, path(""), Value::Null),
        (Method::GET, path("/statement"), Value::Null),
        (Method::PATCH, path(""), serde_json::json!({ "body": "Other words" })),
        (Method::POST, path("/decision"), serde_json::json!({ "action": "spam" })),
        (Method::POST, path("/claim"), Value::Null),
        (Method::DELETE, path("/claim"), Value::Null),
        (Method::POST, path("/reply"), serde_json::json!({ "body": "A reply" })),
        (Method::POST, path("/captcha"), Value::Null),
    ] {
        let who = ada.clone().with("content-type", "application/json");
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        desk.send(method.clone(), &who, &path, body).await.refused(404, "not_found");
    }
    desk.stop().await;
}
