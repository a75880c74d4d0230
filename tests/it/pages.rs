//! Which page and site a comment is for, and from where it may come.

use serde_json::{Value, json};

use crate::support::{App, NEWS, comment};

const TWO: &str = r#"
[moderation]
mode = "post"
[[site]]
keep_query = ["id"]
[[site]]
id = "blog"
origins = ["http://blog.example"]
"#;

fn on(page: &str, body: &str) -> Value {
    let mut comment = comment(body);
    comment["page"] = json!(page);
    comment
}

async fn total(app: &App, page: &str) -> Value {
    app.get(&format!("/api/comments?page={page}")).answer().await.expect(200).json()["total"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_page_has_one_thread_however_it_is_spelled() {
    let app = App::with(TWO).await;
    let spellings = [
        "http://news.example/story/caf%C3%A9",
        "https://news.example/story/café/",
        "http://news.example/x/../story/caf%c3%a9?utm_source=mail#top",
        "http://NEWS.example:80/story/./caf%C3%A9",
        "/story/%63af%C3%A9",
    ];
    for (n, page) in spellings.iter().enumerate() {
        app.submit(&on(page, &format!("Spelling {n}."))).await.expect(201);
    }
    assert_eq!(total(&app, "http://news.example/story/caf%25C3%25A9").await, spellings.len());
    assert_eq!(total(&app, "http://news.example/Story/caf%C3%A9").await, 0, "case is part of a path");
    assert_eq!(app.count("SELECT count(*) FROM pages"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_query_keys_make_another_page_and_others_do_not() {
    let app = App::with(TWO).await;
    for (n, page) in ["/a?id=1", "/a?x=9&id=1", "/a?id=2", "/a"].iter().enumerate() {
        app.submit(&on(&format!("{NEWS}{page}"), &format!("Query {n}."))).await.expect(201);
    }
    assert_eq!(total(&app, &format!("{NEWS}/a%3Fid=1")).await, 2);
    assert_eq!(total(&app, &format!("{NEWS}/a")).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_is_on_the_site_of_its_origin_else_its_referer_else_nowhere() {
    let app = App::with(TWO).await;
    let path = |body: &str| app.post("/api/comments").json(&on("/shared", body));
    path("By origin.").origin("http://blog.example").answer().await.expect(201);
    path("By referer.").header("Referer", "http://blog.example/shared?x=1").answer().await.expect(201);
    let answer = path("By nothing.").answer().await.expect_problem(422, "validation_failed");
    assert_eq!(answer.faults(), ["page invalid"]);
    assert_eq!(app.count("SELECT count(*) FROM pages WHERE site = 'blog'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_path_on_two_sites_is_two_pages() {
    let app = App::with(TWO).await;
    app.submit(&on("http://news.example/shared", "Here.")).await.expect(201);
    assert_eq!(total(&app, "http://blog.example/shared").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_host_or_origin_is_refused() {
    let app = App::with(TWO).await;
    for page in ["http://evil.example/a", "http://news.example.evil.example/a", "http://news.example:81/a"] {
        app.submit(&on(page, "Where am I?")).await.expect_problem(403, "origin_not_allowed");
    }
    for origin in ["http://evil.example", "http://blog.example", "https://news.example:444", "file://"] {
        let answer = app.submission(&comment("Whence?")).origin(origin).answer().await;
        answer.expect_problem(403, "origin_not_allowed");
    }
    let listed = app.get("/api/comments?page=http://evil.example/a").answer().await;
    listed.expect_problem(403, "origin_not_allowed");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_origin_a_comment_passes_with_a_signal() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let null = app.submission(&comment("From a sandbox.")).origin("null").answer().await.expect(202).id();
    let none = app.post("/api/comments").json(&comment("From a script.")).answer().await.expect(202).id();
    let own = app.submit(&comment("From the page.")).await.expect(202).id();
    for (id, expected) in [(null, true), (none, true), (own, false)] {
        assert_eq!(moderator.signals(&id).await.contains(&"no_origin".to_owned()), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_is_kept_from_the_first_and_shown_after_an_approval() {
    let app = App::start().await;
    let mut first = comment("With a title.");
    first["title"] = json!("A bridge reopens");
    let id = app.submit(&first).await.expect(202).id();
    let mut second = comment("With another title.");
    second["title"] = json!("BUY NOW");
    app.submit(&second).await.expect(202);
    let title = async || app.thread("").await.json()["page"]["title"].clone();
    assert_eq!(title().await, Value::Null, "a stranger's words, unapproved");
    app.moderator().await.approve(&id).await;
    assert_eq!(title().await, "A bridge reopens");
}
