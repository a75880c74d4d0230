//! Replies: to what, how deep, and when no more.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{App, comment};

fn reply(to: &str, body: &str) -> Value {
    let mut reply = comment(body);
    reply["parent"] = json!(to);
    reply
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_approved_comment_of_the_same_page_can_be_replied_to() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let approved = app.submit(&comment("First.")).await.expect(202).id();
    moderator.approve(&approved).await;
    let pending = app.submit(&comment("Second.")).await.expect(202).id();
    let mut there = comment("Elsewhere.");
    there["page"] = json!("http://news.example/elsewhere");
    let elsewhere = app.submit(&there).await.expect(202).id();
    moderator.approve(&elsewhere).await;
    let unknown = "0199a0a0-0000-7000-8000-000000000000";
    for parent in [pending.as_str(), elsewhere.as_str(), unknown] {
        app.submit(&reply(parent, "A reply.")).await.expect_problem(404, "parent_not_found");
    }
    let answer = app.submit(&reply(&approved, "A reply.")).await.expect(202);
    moderator.approve(&answer.id()).await;
    moderator.reject(&approved).await;
    app.submit(&reply(&approved, "Another.")).await.expect_problem(404, "parent_not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_is_as_deep_as_the_site_says() {
    let app = App::with("[moderation]\nmode = 'post'\n[[site]]\nmax_depth = 2").await;
    let mut parent = app.submit(&comment("Depth 0.")).await.expect(201).id();
    for depth in 1..=2 {
        parent = app.submit(&reply(&parent, &format!("Depth {depth}."))).await.expect(201).id();
    }
    let answer = app.submit(&reply(&parent, "Depth 3.")).await.expect_problem(422, "validation_failed");
    assert_eq!(answer.faults(), ["parent invalid"]);
    let depths: Vec<Value> =
        app.thread("").await.json()["comments"].as_array().unwrap().iter().map(|c| c["depth"].clone()).collect();
    assert_eq!(depths, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_closes_by_its_age_and_says_so() {
    let app = App::with("[moderation]\nmode = 'post'\nclose_after = '30d'").await;
    app.submit(&comment("The first.")).await.expect(201);
    app.clock.advance(Duration::from_secs(30 * 86_400 - 1));
    let last = app.submit(&comment("The last.")).await.expect(201).id();
    assert_eq!(app.thread("").await.json()["page"]["closed"], false);
    app.clock.advance(Duration::from_secs(1));
    app.submit(&comment("Too late.")).await.expect_problem(403, "comments_closed");
    app.submit(&reply(&last, "Too late.")).await.expect_problem(403, "comments_closed");
    assert_eq!(app.thread("").await.json()["page"]["closed"], true);
    let mut other = comment("Another page is open.");
    other["page"] = json!("http://news.example/new");
    app.submit(&other).await.expect(201);
}
