//! Reasons to choose from, and statements of them for authors.

use std::time::Duration;

use replydesk::{
    auth::Right,
    domain::{CommentId, Status, Verdict},
    store::{Edit, Edited},
};
use serde_json::{Value, json};

use crate::support::{Desk, Who, nobody};

const REASONS: &str = "/api/moderation/reasons";
const OWN: &str =
    "[[reason]]\nid = \"rude\"\nlabel = \"Rude\"\nground = \"terms\"\ntext = \"It is rude, see 4.2 of our terms.\"\n";
const SPORT: &str = "contact = \"mailto:desk@sport.example\"\n[site.moderation]\nreasons_file = \"own.toml\"\n";

impl Desk {
    async fn turned_down(&self, who: &Who, id: CommentId, action: &str, reason: Option<&str>) {
        let body = json!({ "action": action, "reason": reason });
        self.post(who, &format!("/api/moderation/comments/{id}/decision"), body).await.ok(200);
    }

    async fn statement(&self, who: &Who, id: CommentId, query: &str) -> Value {
        self.get(who, &format!("/api/moderation/comments/{id}/statement{query}")).await.ok(200)
    }
}

fn text(statement: &Value) -> &str {
    statement["text"].as_str().unwrap()
}

#[tokio::test]
async fn the_reasons_are_those_of_the_site() {
    let desk = Desk::with(SPORT, &[("own.toml", OWN)]).await;
    let who = desk.token(Right::Read).await;
    let shipped = desk.get(&who, &format!("{REASONS}?site=news")).await.ok(200);
    let items = shipped["items"].as_array().unwrap();
    let grounds: Vec<&Value> = items.iter().map(|item| &item["ground"]).collect();
    for ground in [json!("law"), json!("terms"), Value::Null] {
        assert!(grounds.contains(&&ground), "{ground}");
    }
    let of_sport = desk.get(&who, &format!("{REASONS}?site=sport")).await.ok(200);
    let own = json!({ "id": "rude", "label": "Rude", "ground": "terms", "text": "It is rude, see 4.2 of our terms." });
    assert_eq!(of_sport, json!({ "items": [own] }));
    let which = desk.get(&who, REASONS).await;
    which.refused(422, "validation_failed");
    assert_eq!(which.field(), "site");
    let ben = desk.signed_in("ben", "moderator", &["sport"]).await;
    assert_eq!(desk.get(&ben, REASONS).await.ok(200), of_sport);
    desk.get(&ben, &format!("{REASONS}?site=news")).await.refused(404, "not_found");
    desk.get(&who, &format!("{REASONS}?site=weather")).await.refused(404, "not_found");
    desk.get(&nobody(), REASONS).await.refused(401, "unauthenticated");
    desk.stop().await;

    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    assert_eq!(desk.get(&who, REASONS).await.ok(200), shipped, "all sites share one list");
    desk.stop().await;
}

#[tokio::test]
async fn a_statement_tells_the_reason_its_ground_and_how_to_contest_it() {
    let desk = Desk::with(SPORT, &[("own.toml", OWN)]).await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("sport", "You all are fools.").await;
    desk.clock.advance(Duration::from_secs(3600));
    desk.turned_down(&ada, id, "reject", Some("rude")).await;
    let told = desk.statement(&ada, id, "").await;
    assert_eq!((&told["reason"], &told["ground"]), (&json!("rude"), &json!("terms")));
    assert_eq!((&told["automated"], &told["detected"]), (&json!(false), &json!(true)), "the captcha's score was low");
    assert_eq!(told["decided_at"], json!(desk.clock.now()));
    assert_eq!((&told["email"], &told["contact"]), (&json!("bob@reader.example"), &json!("mailto:desk@sport.example")));
    assert_eq!(told["subject"], "Your comment of 15 January 2027 on sport.example");
    for part in [
        "Hello Bob",
        "https://sport.example/article",
        "\u{201c}You all are fools.\u{201d}",
        "It is not shown to readers",
        "against our terms",
        "Rude: It is rude, see 4.2 of our terms.",
        "A person looked at it and decided",
        "desk@sport.example",
        &id.to_string(),
    ] {
        assert!(text(&told).contains(part), "{part}: {}", text(&told));
    }
    assert_eq!(
        desk.store.history(id).await.unwrap().last().unwrap().detail["reason"],
        "rude",
        "the id is what is kept"
    );
    // Another reason can be tried; nothing is changed by it.
    let other = desk.statement(&ada, id, "?reason=It%20names%20a%20child.").await;
    assert_eq!((&other["reason"], &other["ground"]), (&json!("It names a child."), &Value::Null));
    assert!(text(&other).contains("Why: It names a child."), "{}", text(&other));
    assert_eq!(desk.statement(&ada, id, "").await, told);
    desk.stop().await;
}

#[tokio::test]
async fn a_statement_follows_the_decision_that_stands() {
    let desk = Desk::start().await;
    let (ada, program) = (desk.signed_in("ada", "moderator", &[]).await, desk.token(Right::Decide).await);
    let id = desk.comment("news", "Hello").await;
    desk.turned_down(&ada, id, "reject", Some("an early note")).await;
    desk.turned_down(&ada, id, "approve", None).await;
    desk.store.report(id, [1; 32], "rude".into(), desk.clock.now()).await.unwrap();
    desk.turned_down(&program, id, "spam", None).await;
    let told = desk.statement(&ada, id, "").await;
    assert_eq!((&told["reason"], &told["ground"], &told["automated"]), (&Value::Null, &json!("terms"), &json!(true)));
    for part in ["has been removed", "readers reported", "decision was taken automatically", "answer and tell us why"] {
        assert!(text(&told).contains(part), "{part}: {}", text(&told));
    }
    assert_eq!(told["contact"], Value::Null);
    // The same by a person, who says why, makes it a person's.
    desk.turned_down(&ada, id, "reject", Some("hate")).await;
    let told = desk.statement(&ada, id, "").await;
    assert_eq!((&told["reason"], &told["ground"], &told["automated"]), (&json!("hate"), &json!("law"), &json!(false)));
    assert!(text(&told).contains("against the law"));
    desk.stop().await;
}

#[tokio::test]
async fn what_the_program_turned_down_by_itself_says_so() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let mut spam = desk.draft("news", "Cheap watches");
    (spam.status, spam.verdict, spam.email) = (Status::Spam, Verdict::Spam, None);
    let came = spam.created_at;
    let id = desk.accept(spam).await;
    desk.clock.advance(Duration::from_secs(60));
    let told = desk.statement(&ada, id, "").await;
    assert_eq!(
        (&told["automated"], &told["detected"], &told["decided_at"]),
        (&json!(true), &json!(true), &json!(came))
    );
    assert_eq!((&told["email"], &told["ground"]), (&Value::Null, &json!("terms")));
    // A person who says the same makes it theirs.
    desk.turned_down(&ada, id, "spam", Some("advertising")).await;
    let told = desk.statement(&ada, id, "").await;
    assert_eq!((&told["automated"], &told["reason"]), (&json!(false), &json!("advertising")));
    // What its author made of an approved one, the program judged anew.
    let shown = desk.comment("news", "Hello").await;
    desk.turned_down(&ada, shown, "approve", None).await;
    desk.clock.advance(Duration::from_secs(60));
    let edit = Edit {
        id: shown,
        seen_version: 2,
        body: "Buy this".into(),
        sketch: None,
        cluster: None,
        status: Status::Spam,
        risk: 0.95,
        verdict: Verdict::Spam,
        signals: Vec::new(),
        now: desk.clock.now(),
    };
    assert_eq!(desk.store.edit(edit).await.unwrap(), Edited::Stored(3));
    let told = desk.statement(&ada, shown, "").await;
    assert_eq!(
        (&told["automated"], &told["decided_at"], &told["reason"]),
        (&json!(true), &json!(desk.clock.now()), &Value::Null)
    );
    assert!(text(&told).contains("has been removed"));
    desk.stop().await;
}

#[tokio::test]
async fn there_is_a_statement_only_of_what_was_turned_down_and_only_for_who_may_decide() {
    let desk = Desk::start().await;
    let (ada, ben) =
        (desk.signed_in("ada", "moderator", &[]).await, desk.signed_in("ben", "moderator", &["sport"]).await);
    let id = desk.comment("news", "Hello").await;
    let path = format!("/api/moderation/comments/{id}/statement");
    for action in [None, Some("approve")] {
        if let Some(action) = action {
            desk.turned_down(&ada, id, action, None).await;
        }
        let refused = desk.get(&ada, &path).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.field(), "id");
    }
    desk.turned_down(&ada, id, "reject", None).await;
    let told = desk.get(&ada, &path).await.ok(200);
    assert!(text(&told).contains("it does not fit the rules for comments"), "{}", text(&told));
    desk.get(&ben, &path).await.refused(404, "not_found");
    desk.get(&desk.token(Right::Read).await, &path).await.refused(403, "forbidden");
    desk.get(&nobody(), &path).await.refused(401, "unauthenticated");
    for id in ["x", "0197e0c0-0000-7000-8000-000000000000"] {
        desk.get(&ada, &format!("/api/moderation/comments/{id}/statement")).await.refused(404, "not_found");
    }
    let long = format!("reason={}", "x".repeat(501));
    for (query, field) in [("reasons=x", "reasons"), (&*long, "reason"), ("reason=%00", "reason")] {
        let refused = desk.get(&ada, &format!("{path}?{query}")).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.field(), field);
    }
    desk.store.withdraw(id, desk.clock.now()).await.unwrap();
    desk.get(&ada, &path).await.refused(404, "not_found");
    desk.stop().await;
}

#[tokio::test]
async fn what_a_ban_turned_down_is_stated_as_a_programs_decision_without_the_bans_own_note() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    let ban =
        json!({ "kind": "name", "value": "Bob", "mode": "refuse", "site": "news", "reason": "the one from Mill Lane" });
    assert_eq!(desk.post(&ada, "/api/moderation/bans", ban).await.ok(201)["applied"], 1);
    let told = desk.statement(&ada, id, "").await;
    assert_eq!((&told["automated"], &told["reason"]), (&json!(true), &Value::Null));
    assert!(!text(&told).contains("Mill Lane"), "{told}");
    desk.stop().await;
}
