//! An author's own comment: seen, changed and taken back with its token, while the window is open.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, App, client::Ask, comment};

const WINDOW: Duration = Duration::from_secs(300);

fn own(app: &App, method: &str, id: &str, token: &str) -> Ask {
    app.http.ask(method, &format!("/api/comments/{id}")).header("X-Edit-Token", token)
}

async fn see(app: &App, taken: &Answer) -> Answer {
    own(app, "GET", &taken.id(), &taken.edit_token()).answer().await
}

async fn edit(app: &App, taken: &Answer, body: &str) -> Answer {
    own(app, "PATCH", &taken.id(), &taken.edit_token()).json(&json!({"body": body})).answer().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_became_of_it_ones_own_looks_pending() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let (mut shapes, bodies) = (Vec::new(), ["One that waits.", "One turned down.", "One that is spam."]);
    for (n, body) in bodies.iter().enumerate() {
        let taken = app.submit(&comment(body)).await.expect(202);
        match n {
            1 => drop(moderator.reject(&taken.id()).await),
            2 => drop(moderator.mark_spam(&taken.id()).await),
            _ => {}
        }
        let seen = see(&app, &taken).await.expect(200);
        assert_eq!(seen.header("cache-control"), "no-store");
        let mut json = seen.json();
        assert_eq!((&json["status"], &json["body"]), (&json!("pending"), &json!(body)));
        assert_eq!(json["email"], serde_json::Value::Null);
        // A moderator's decision moves the version: it must not be told apart by that either.
        for varies in ["id", "body", "html"] {
            json[varies] = serde_json::Value::Null;
        }
        shapes.push(json);
        app.get(&format!("/api/comments/{}", taken.id())).answer().await.expect_problem(404, "not_found");
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[0], shapes[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_window_what_is_not_approved_is_not_there() {
    let app = App::start().await;
    let taken = app.submit(&comment("For five minutes.")).await.expect(202);
    app.clock.advance(WINDOW - Duration::from_secs(1));
    see(&app, &taken).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    see(&app, &taken).await.expect_problem(404, "not_found");
    edit(&app, &taken, "Too late.").await.expect_problem(403, "edit_window_closed");
    own(&app, "DELETE", &taken.id(), &taken.edit_token()).answer().await.expect_problem(403, "edit_window_closed");
    app.moderator().await.approve(&taken.id()).await;
    see(&app, &taken).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_opens_nothing() {
    let app = App::start().await;
    let (mine, theirs) = (app.submit(&comment("Mine.")).await, app.submit(&comment("Theirs.")).await);
    for token in [theirs.edit_token(), String::new(), "x".repeat(43), mine.edit_token().to_uppercase()] {
        for method in ["GET", "DELETE"] {
            let answer = own(&app, method, &mine.id(), &token).answer().await;
            answer.expect_problem(403, "edit_token_invalid");
        }
        let answer = own(&app, "PATCH", &mine.id(), &token).json(&json!({"body": "Changed."})).answer().await;
        answer.expect_problem(403, "edit_token_invalid");
    }
    assert_eq!(see(&app, &mine).await.expect(200).json()["body"], "Mine.");
    let nobody = "0199a0a0-0000-7000-8000-000000000000";
    own(&app, "PATCH", nobody, &mine.edit_token())
        .json(&json!({"body": "x y"}))
        .answer()
        .await
        .expect_problem(404, "not_found");
    own(&app, "DELETE", "no-id", &mine.edit_token()).answer().await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_bumps_the_version_and_shows_the_new_words_only() {
    let app = App::start().await;
    let taken = app.submit(&comment("A typo hree.")).await.expect(202);
    let before = see(&app, &taken).await.json();
    app.clock.advance(Duration::from_secs(10));
    let after = edit(&app, &taken, "  A typo *here*.  ").await.expect(200).json();
    assert_eq!((&after["body"], &after["version"]), (&json!("A typo *here*."), &json!(2)));
    assert!(after["html"].as_str().unwrap().contains("<em>here</em>"), "{after}");
    assert_eq!(after["edited_at"], app.clock.now().to_string());
    assert_eq!(after["edit_until"], before["edit_until"], "an edit does not lengthen the window");
    assert_eq!(edit(&app, &taken, "Once more.").await.expect(200).json()["version"], 3);
    let item = app.moderator().await.item(&taken.id()).await;
    assert_eq!((&item["version"], &item["body"]), (&json!(3), &json!("Once more.")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_has_the_same_faults_as_a_new_text() {
    let app = App::start().await;
    let taken = app.submit(&comment("A good text.")).await.expect(202);
    for (body, fault) in [("", "body required"), ("x", "body too_short"), ("a\0b", "body invalid")] {
        assert_eq!(edit(&app, &taken, body).await.expect_problem(422, "validation_failed").faults(), [fault]);
    }
    let patch =
        |raw: &str| own(&app, "PATCH", &taken.id(), &taken.edit_token()).body("application/json", raw.to_owned());
    assert_eq!(
        patch("{\"body\": 7}").answer().await.expect_problem(422, "validation_failed").faults(),
        ["body invalid"]
    );
    assert_eq!(patch("{}").answer().await.expect_problem(422, "validation_failed").faults(), ["body required"]);
    patch("{").answer().await.expect_problem(400, "malformed");
    assert_eq!(see(&app, &taken).await.json()["body"], "A good text.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_passes_the_gates_of_a_new_comment() {
    let app = App::with("[limits]\nper_ip = ['2/1h']").await;
    let taken = app.submit(&comment("A text to change.")).await.expect(202);
    let foreign = own(&app, "PATCH", &taken.id(), &taken.edit_token()).origin("http://evil.example");
    foreign.json(&json!({"body": "From elsewhere."})).answer().await.expect_problem(403, "origin_not_allowed");
    let foreign = own(&app, "DELETE", &taken.id(), &taken.edit_token()).origin("http://evil.example");
    foreign.answer().await.expect_problem(403, "origin_not_allowed");
    edit(&app, &taken, "Changed once.").await.expect(200);
    edit(&app, &taken, "Changed twice.").await.expect_problem(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_mode_pre_an_approved_text_that_is_edited_waits_again() {
    let app = App::start().await;
    let taken = app.submit(&comment("Approved words.")).await.expect(202);
    app.moderator().await.approve(&taken.id()).await;
    assert_eq!(app.thread("").await.json()["total"], 1);
    let edited = edit(&app, &taken, "Other words.").await.expect(200).json();
    assert_eq!(edited["status"], "pending");
    let thread = app.thread("").await.json();
    assert_eq!((&thread["total"], &thread["comments"]), (&json!(0), &json!([])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_mode_post_a_harmless_edit_stays_and_a_doubtful_one_waits() {
    let app = App::with("[moderation]\nmode = 'post'\n[moderation.words]\nhold = ['doubtful']").await;
    let taken = app.submit(&comment("Published words.")).await.expect(201);
    assert_eq!(edit(&app, &taken, "Better words.").await.expect(200).json()["status"], "approved");
    assert!(app.thread("").await.text().contains("Better words."));
    assert_eq!(edit(&app, &taken, "Rather doubtful words.").await.expect(200).json()["status"], "pending");
    assert_eq!(app.thread("").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_is_gone_for_everybody() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let taken = app.submit(&comment("Never mind.")).await.expect(202);
    moderator.approve(&taken.id()).await;
    own(&app, "DELETE", &taken.id(), &taken.edit_token()).answer().await.expect(204);
    assert_eq!(app.thread("").await.json()["total"], 0);
    see(&app, &taken).await.expect_problem(404, "not_found");
    app.get(&format!("/api/comments/{}", taken.id())).answer().await.expect_problem(404, "not_found");
    edit(&app, &taken, "Once more.").await.expect_problem(404, "not_found");
}
