//! A page that moderators closed, named, or gave a mode of its own.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, App, PAGE, comment, moderator::Moderator, until};

const DAY: Duration = Duration::from_secs(86_400);

async fn change(moderator: &Moderator, change: Value) -> Value {
    let mut asked = json!({"page": PAGE});
    asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    moderator.ask("PATCH", "/pages").json(&asked).answer().await.expect(200).json()
}

async fn edit(app: &App, taken: &Answer, body: &str) -> Answer {
    let own = app.http.ask("PATCH", &format!("/api/comments/{}", taken.id()));
    own.header("X-Edit-Token", taken.edit_token()).json(&json!({"body": body})).answer().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_page_takes_no_comment_and_no_edit_until_it_is_opened() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let moderator = app.moderator().await;
    let taken = app.submit(&comment("Before it closes.")).await.expect(201);
    change(&moderator, json!({"closed": true})).await;
    app.submit(&comment("Too late.")).await.expect_problem(403, "comments_closed");
    edit(&app, &taken, "Too late to change.").await.expect_problem(403, "comments_closed");
    let thread = app.thread("").await.json();
    assert_eq!((&thread["page"]["closed"], &thread["total"]), (&json!(true), &json!(1)), "what is shown stays");
    change(&moderator, json!({"closed": false})).await;
    app.submit(&comment("Open again.")).await.expect(201);
    assert_eq!(app.thread("").await.json()["page"]["closed"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_can_be_closed_before_anybody_comments_and_its_age_begins_with_the_first() {
    let app = App::with("[moderation]\nmode = 'post'\nclose_after = '7d'").await;
    let moderator = app.moderator().await;
    let closed = change(&moderator, json!({"closed": true})).await;
    assert_eq!((&closed["first_at"], &closed["closes_at"]), (&Value::Null, &Value::Null));
    app.submit(&comment("Nobody may.")).await.expect_problem(403, "comments_closed");
    assert_eq!(app.thread("").await.expect(200).json()["page"]["closed"], true);
    change(&moderator, json!({"closed": null, "title": "Budget"})).await;
    app.clock.advance(30 * DAY);
    app.submit(&comment("The first.")).await.expect(201);
    let thread = app.thread("").await.json();
    assert_eq!((&thread["page"]["closed"], &thread["page"]["title"]), (&json!(false), &json!("Budget")));
    let page = moderator.get("/pages").await.expect(200).json()["items"][0].clone();
    assert_eq!(page["closes_at"], json!(app.clock.now().plus(7 * DAY)));
    app.clock.advance(7 * DAY);
    app.submit(&comment("Closed by its age.")).await.expect_problem(403, "comments_closed");
    // No moderator closed it, so there is nothing for one to take back.
    assert_eq!(change(&moderator, json!({"closed": false})).await["closed"], false);
    app.submit(&comment("Still closed by its age.")).await.expect_problem(403, "comments_closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pages_mode_goes_before_the_sites_for_new_texts_and_edits() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    app.submit(&comment("The site lets all wait.")).await.expect(202);
    change(&moderator, json!({"mode": "post"})).await;
    let taken = app.submit(&comment("This page publishes.")).await.expect(201);
    assert_eq!(edit(&app, &taken, "And goes on doing so.").await.expect(200).json()["status"], "approved");
    let mut elsewhere = comment("Another page does not.");
    elsewhere["page"] = json!("http://news.example/another");
    app.submit(&elsewhere).await.expect(202);
    change(&moderator, json!({"mode": "pre"})).await;
    assert_eq!(edit(&app, &taken, "From now on it waits.").await.expect(200).json()["status"], "pending");
    change(&moderator, json!({"mode": "trusted"})).await;
    app.submit(&comment("Who is that?")).await.expect(202);
    change(&moderator, json!({"mode": null})).await;
    app.submit(&comment("As on the whole site.")).await.expect(202);

    // What holds, holds in every mode.
    change(&moderator, json!({"mode": "post"})).await;
    moderator.ban(json!({"kind": "name", "value": "Eve", "mode": "hold", "reason": "tests"})).await;
    let mut eve = comment("Published? No.");
    eve["name"] = json!("Eve");
    app.submit(&eve).await.expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_follows_within_a_second() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let beside = app.beside("[moderation]\nmode = 'post'").await;
    let moderator = app.moderator().await;
    beside.submit(&comment("Read by both.")).await.expect(201);
    let title = async |app: &App| app.thread("").await.json()["page"]["title"].clone();
    assert_eq!((title(&app).await, title(&beside).await), (Value::Null, Value::Null));
    let changed = Instant::now();
    change(&moderator, json!({"title": "Budget", "mode": "pre"})).await;
    assert_eq!(title(&app).await, "Budget");
    beside.submit(&comment("It waits there too.")).await.expect(202);
    until("the title shows there", || async {
        beside.clock.advance(Duration::from_millis(50));
        title(&beside).await == "Budget"
    })
    .await;
    change(&moderator, json!({"closed": true})).await;
    beside.submit(&comment("Closed there too.")).await.expect_problem(403, "comments_closed");
    assert!(changed.elapsed() < Duration::from_secs(5), "{:?}", changed.elapsed());
}
