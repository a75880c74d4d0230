//! What a ban would have met, before it is set.

use std::time::Duration;

use replydesk::{
    auth::Right,
    domain::{CommentId, Status},
};
use serde_json::{Value, json};

use crate::support::{Answer, Desk, Who, nobody};

const PREVIEW: &str = "/api/moderation/bans/preview";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn preview(desk: &Desk, who: &Who, asked: Value) -> Answer {
    desk.post(who, PREVIEW, asked).await
}

fn of_bob() -> Value {
    json!({ "kind": "name", "value": "Bob", "mode": "shadow", "site": "news" })
}

fn examples(preview: &Value) -> Vec<String> {
    preview["examples"].as_array().unwrap().iter().map(|example| example["id"].as_str().unwrap().to_owned()).collect()
}

fn counts(preview: &Value) -> [u64; 3] {
    ["hits", "approved", "waiting"].map(|name| preview[name].as_u64().unwrap())
}

#[tokio::test]
async fn it_counts_the_last_thirty_days_and_all_that_waits() {
    let desk = Desk::start().await;
    desk.comment("news", "From before the thirty days, and waiting.").await;
    desk.clock.advance(30 * DAY);
    let ada = desk.signed_in("ada", "moderator", &["news"]).await;
    let mut met = Vec::new();
    for (n, status) in
        [Status::Approved, Status::Approved, Status::Pending, Status::Spam, Status::Rejected].iter().enumerate()
    {
        let mut draft = desk.draft("news", &format!("Number {n}"));
        draft.status = *status;
        met.push(desk.accept(draft).await);
    }
    desk.comment("sport", "Elsewhere").await;
    let mut other = desk.draft("news", "By another");
    other.name = "Cleo".into();
    desk.accept(other).await;
    let taken_back = desk.comment("news", "Never mind").await;
    desk.store.withdraw(taken_back, desk.clock.now()).await.unwrap();
    let by_staff = desk.comment("news", "By a Bob on the staff").await;
    desk.tamper(&format!("UPDATE comments SET by_staff = TRUE WHERE id = {}", desk.id(by_staff)));

    let seen = preview(&desk, &ada, of_bob()).await.ok(200);
    assert_eq!(counts(&seen), [5, 2, 2]);
    assert_eq!(seen["since"], json!(desk.clock.now().minus(30 * DAY)));
    assert_eq!(seen["addresses_since"], Value::Null);
    let newest_first: Vec<String> = met.iter().rev().map(ToString::to_string).collect();
    assert_eq!(examples(&seen), newest_first);
    // Nothing came of it; and what waits is what the ban then deals with.
    assert!(desk.get(&ada, "/api/moderation/bans").await.ok(200)["items"].as_array().unwrap().is_empty());
    let set = desk.post(&ada, "/api/moderation/bans", of_bob()).await.ok(201);
    assert_eq!(set["applied"], seen["waiting"]);
    assert_eq!(counts(&preview(&desk, &ada, of_bob()).await.ok(200)), [5, 2, 0]);
    desk.stop().await;
}

#[tokio::test]
async fn examples_are_five_and_begin_as_the_text_does() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await;
    for n in 0..7 {
        desk.comment("news", &format!("Number {n}\n\n{}", "many words ".repeat(40))).await;
    }
    let seen = preview(&desk, &ada, of_bob()).await.ok(200);
    assert_eq!((counts(&seen), examples(&seen).len()), ([7, 0, 7], 5));
    let first = &seen["examples"][0];
    let excerpt = first["excerpt"].as_str().unwrap();
    assert!(excerpt.starts_with("Number 6 many words") && excerpt.ends_with('…'), "{excerpt}");
    assert!(excerpt.chars().count() <= 161, "{excerpt}");
    assert_eq!(
        (&first["name"], &first["page"], &first["status"]),
        (&json!("Bob"), &json!("https://news.example/article"), &json!("pending"))
    );
    desk.stop().await;
}

#[tokio::test]
async fn addresses_count_as_long_as_they_are_kept_and_are_shown_to_nobody() {
    let desk = Desk::start().await;
    let (ada, admin) = (desk.token(Right::Decide).await, desk.token(Right::Admin).await);
    let (forgotten, kept) = (desk.comment("news", "Forgotten").await, desk.comment("news", "Kept").await);
    desk.tamper(&format!("UPDATE comments SET address = NULL WHERE id = {}", desk.id(forgotten)));
    let from = |kind: &str| json!({ "kind": kind, "from_comment": kept, "mode": "refuse", "site": "news" });
    let value = |kind: &str, value: &str| json!({ "kind": kind, "value": value, "mode": "refuse", "site": "news" });
    for asked in [from("ip"), from("network"), value("ip", "2001:db8:1:2::1"), value("network", "2001:db8::/32")] {
        if asked.get("value").is_some() {
            // By trying values one would find out whose each is, by counts alone.
            preview(&desk, &ada, asked.clone()).await.refused(403, "forbidden");
        } else {
            assert_eq!(preview(&desk, &ada, asked.clone()).await.ok(200)["hits"], 1, "{asked}");
        }
        let seen = preview(&desk, &admin, asked.clone()).await.ok(200);
        assert_eq!(counts(&seen), [1, 0, 1], "{asked}");
        assert_eq!(seen["addresses_since"], json!(desk.clock.now().minus(30 * DAY)));
        assert!(!seen.to_string().contains("2001:db8"), "{seen}");
        assert_eq!(examples(&seen), [kept.to_string()]);
    }
    assert_eq!(counts(&preview(&desk, &admin, value("ip", "2001:db8:1:3::1")).await.ok(200)), [0, 0, 0]);
    let gone = json!({ "kind": "ip", "from_comment": forgotten, "mode": "refuse", "site": "news" });
    assert_eq!(preview(&desk, &ada, gone).await.field(), "value");
    desk.stop().await;
}

#[tokio::test]
async fn who_may_not_set_it_may_not_try_it() {
    let desk = Desk::start().await;
    let ben = desk.signed_in("ben", "moderator", &["news"]).await;
    let sport = desk.comment("sport", "Elsewhere").await;
    desk.comment("news", "Here").await;
    preview(&desk, &nobody(), of_bob()).await.refused(401, "unauthenticated");
    preview(&desk, &desk.token(Right::Read).await, of_bob()).await.refused(403, "forbidden");
    preview(&desk, &ben.clone().without("x-csrf-token"), of_bob()).await.refused(403, "csrf_failed");
    for (change, status, code) in [
        (json!({ "site": null }), 403, "forbidden"),
        (json!({ "site": "sport" }), 404, "not_found"),
        (json!({ "site": "nowhere" }), 404, "not_found"),
        (json!({ "value": null, "from_comment": sport }), 404, "not_found"),
        (json!({ "value": null, "from_comment": CommentId::new(desk.clock.now()) }), 404, "not_found"),
    ] {
        let mut asked = of_bob();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        preview(&desk, &ben, asked).await.refused(status, code);
    }
    assert_eq!(counts(&preview(&desk, &ben, of_bob()).await.ok(200)), [1, 0, 1]);
    let everywhere = json!({ "kind": "name", "value": "Bob" });
    assert_eq!(counts(&preview(&desk, &desk.token(Right::Admin).await, everywhere).await.ok(200)), [2, 0, 2]);
    desk.stop().await;
}

#[tokio::test]
async fn a_preview_that_goes_by_nothing_names_its_field() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    for (change, field) in [
        (json!({ "kind": "planet" }), "kind"),
        (json!({ "mode": "maybe" }), "mode"),
        (json!({ "value": null }), "value"),
        (json!({ "value": "0.0.0.0/0", "kind": "network" }), "value"),
        (json!({ "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "apply": "yes" }), "apply"),
        (json!({ "days": 7 }), "days"),
    ] {
        let mut asked = of_bob();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = preview(&desk, &admin, asked.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{asked}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_preview_over_many_stretches_misses_nobody() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    for n in 0..620 {
        let link = if n % 7 == 0 { "https://www.pills.example/x" } else { "https://fine.example/" };
        desk.comment("news", &format!("Number {n} {link}")).await;
    }
    let seen = preview(&desk, &admin, json!({ "kind": "link_domain", "value": "pills.example" })).await.ok(200);
    assert_eq!(counts(&seen), [89, 0, 89]);
    desk.stop().await;
}
