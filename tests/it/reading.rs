//! What readers get: order, pages, counts, placeholders, and nothing that is not theirs to see.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};

use crate::support::{App, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n";

async fn say(app: &App, body: &str, parent: Option<&str>) -> String {
    app.clock.advance(Duration::from_secs(1));
    let mut wanted = comment(body);
    wanted["parent"] = json!(parent);
    app.submit(&wanted).await.expect(201).id()
}

/// The bodies, in the order told; a removed comment is a dash.
fn told(thread: &Value) -> Vec<String> {
    let text = |html: &str| html.replace("<p>", "").replace("</p>", "").trim().to_owned();
    thread["comments"].as_array().unwrap().iter().map(|c| c["html"].as_str().map_or("-".to_owned(), text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_follow_the_sort_and_replies_stand_oldest_first_under_their_parent() {
    let app = App::with(POST).await;
    let a = say(&app, "a root", None).await;
    let b = say(&app, "b root", None).await;
    let a1 = say(&app, "a 1", Some(&a)).await;
    say(&app, "b 1", Some(&b)).await;
    say(&app, "a 2", Some(&a)).await;
    say(&app, "a 1 1", Some(&a1)).await;
    say(&app, "c root", None).await;
    let oldest = ["a root", "a 1", "a 1 1", "a 2", "b root", "b 1", "c root"];
    assert_eq!(told(&app.thread("").await.expect(200).json()), oldest);
    assert_eq!(told(&app.thread("&sort=oldest").await.json()), oldest);
    let newest = ["c root", "b root", "b 1", "a root", "a 1", "a 1 1", "a 2"];
    assert_eq!(told(&app.thread("&sort=newest").await.json()), newest);
    assert_eq!(told(&app.thread("&sort=best").await.json()), oldest, "nobody liked anything yet");
    app.thread("&sort=worst").await.expect_problem(422, "validation_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_shows_what_is_meant_for_readers_and_nothing_else() {
    let app = App::start().await;
    let mut wanted = comment("Some *words* & <script>alert(1)</script> [a link](http://else.example/?a=1&b=2)");
    wanted["url"] = json!("http://ada.example/");
    let id = app.submission(&wanted).from("203.0.113.77").answer().await.expect(202).id();
    app.moderator().await.approve(&id).await;
    let thread = app.thread("").await.expect(200);
    insta::assert_json_snapshot!(thread.json(), { ".comments[].id" => "[id]" });
    for secret in ["readers.example", "203.0.113", "risk", "captcha", "edit_token", "author"] {
        assert!(!thread.text().contains(secret), "{secret}: {}", thread.text());
    }
    let one = app.get(&format!("/api/comments/{id}")).answer().await.expect(200).json();
    assert_eq!((&one["id"], &one["html"]), (&json!(id), &thread.json()["comments"][0]["html"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_comment_with_replies_leaves_its_place() {
    let app = App::with(POST).await;
    let moderator = app.moderator().await;
    let root = say(&app, "root", None).await;
    let middle = say(&app, "middle", Some(&root)).await;
    let leaf = say(&app, "leaf", Some(&middle)).await;
    let alone = say(&app, "alone", None).await;
    moderator.reject(&middle).await;
    moderator.reject(&alone).await;
    let thread = app.thread("").await.json();
    assert_eq!(told(&thread), ["root", "-", "leaf"]);
    assert_eq!(thread["comments"][1], json!({"id": middle, "parent": root, "depth": 1, "removed": true}));
    assert_eq!(thread["total"], 2, "a place is no comment");
    app.get(&format!("/api/comments/{middle}")).answer().await.expect_problem(404, "not_found");
    moderator.mark_spam(&leaf).await;
    assert_eq!(told(&app.thread("").await.json()), ["root"], "a place with no reply left is gone");
    moderator.approve(&leaf).await;
    moderator.approve(&middle).await;
    assert_eq!(told(&app.thread("").await.json()), ["root", "middle", "leaf"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_nobody_knows_is_empty_and_fine() {
    let app = App::start().await;
    let thread = app.get("/api/comments?page=/never/seen").answer().await.expect(200).json();
    assert_eq!(
        thread,
        json!({
            "page": {"url": "/never/seen", "title": null, "closed": false}, "total": 0, "comments": [], "next_cursor": null,
        })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_told_by_the_page_as_it_was_asked_for() {
    let app = App::with(POST).await;
    say(&app, "one", None).await;
    say(&app, "two", None).await;
    let asked = format!("/api/comments/counts?page={PAGE}&page={PAGE}/?utm=1&page=/never");
    let counts = app.get(&asked).answer().await.expect(200).json();
    assert_eq!(counts, json!({"counts": {PAGE: 2, format!("{PAGE}/?utm=1"): 2, "/never": 0}}));
    for (query, status) in [
        (String::new(), 422),
        ("?page=http://evil.example/a".to_owned(), 403),
        (format!("?{}", (0..100).map(|n| format!("page=/{n}&")).collect::<String>()), 200),
        (format!("?{}", (0..101).map(|n| format!("page=/{n}&")).collect::<String>()), 422),
    ] {
        app.get(&format!("/api/comments/counts{query}")).answer().await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stretch_is_as_long_as_asked_within_bounds() {
    let app = App::with(POST).await;
    for n in 0..3 {
        say(&app, &format!("number {n}"), None).await;
    }
    let stretch = app.thread("&limit=2").await.expect(200).json();
    assert_eq!((told(&stretch).len(), stretch["total"].clone()), (2, json!(3)));
    assert!(stretch["next_cursor"].is_string());
    assert_eq!(app.thread("&limit=3").await.json()["next_cursor"], Value::Null);
    app.thread("&limit=200").await.expect(200);
    for bad in ["0", "201", "-1", "ten", "1.5", ""] {
        let answer = app.thread(&format!("&limit={bad}")).await.expect_problem(422, "validation_failed");
        assert_eq!(answer.faults(), ["limit invalid"], "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_good_for_its_page_and_order_and_cannot_be_made() {
    let app = App::with(POST).await;
    for n in 0..3 {
        say(&app, &format!("number {n}"), None).await;
    }
    let cursor = app.thread("&limit=1").await.json()["next_cursor"].as_str().unwrap().to_owned();
    app.thread(&format!("&limit=1&cursor={cursor}")).await.expect(200);
    let mut bent = cursor.clone().into_bytes();
    let last = bent.len() - 5;
    bent[last] = if bent[last] == b'A' { b'B' } else { b'A' };
    let bent = String::from_utf8(bent).unwrap();
    for bad in [bent.as_str(), cursor.get(1..).unwrap(), "x", "", "AAAA", "%00", "../../etc"] {
        app.thread(&format!("&cursor={bad}")).await.expect_problem(422, "invalid_cursor");
    }
    app.thread(&format!("&sort=newest&cursor={cursor}")).await.expect_problem(422, "invalid_cursor");
    let elsewhere = format!("/api/comments?page=/elsewhere&cursor={cursor}");
    app.get(&elsewhere).answer().await.expect_problem(422, "invalid_cursor");
}

/// Walks the whole page in stretches of two, while `meanwhile` changes it after each.
async fn walk(app: &App, sort: &str, meanwhile: impl AsyncFn(usize)) -> Vec<String> {
    let (mut seen, mut cursor, mut step) = (Vec::new(), String::new(), 0);
    loop {
        let stretch = app.thread(&format!("&sort={sort}&limit=2{cursor}")).await.expect(200).json();
        seen.extend(told(&stretch));
        let Some(next) = stretch["next_cursor"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
        meanwhile(step).await;
        step += 1;
        assert!(step < 100, "it never ends: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paging_while_comments_come_and_go_repeats_and_skips_nothing() {
    for sort in ["oldest", "newest"] {
        let app = App::with(POST).await;
        let moderator = app.moderator().await;
        let (mut standing, mut roots) = (HashSet::new(), Vec::new());
        for n in 0..6 {
            let root = say(&app, &format!("root {n}"), None).await;
            standing.insert(format!("root {n}"));
            for m in 0..2 {
                say(&app, &format!("reply {n} {m}"), Some(&root)).await;
                standing.insert(format!("reply {n} {m}"));
            }
            roots.push(root);
        }
        let goes = say(&app, "goes away", Some(&roots[5])).await;
        let seen = walk(&app, sort, async |step| {
            say(&app, &format!("new root {step}"), None).await;
            say(&app, &format!("new reply {step}"), Some(&roots[step % 6])).await;
            if step == 1 {
                moderator.reject(&goes).await;
            }
        })
        .await;
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{sort}: something came twice: {seen:?}");
        let missing: Vec<_> = standing.iter().filter(|body| !distinct.contains(body)).collect();
        assert!(missing.is_empty(), "{sort}: {missing:?} never came");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_shows_within_a_second_on_another_instance() {
    let app = App::start().await;
    let other = app.beside("").await;
    let id = app.submit(&comment("Shown everywhere.")).await.expect(202).id();
    assert_eq!(other.thread("").await.json()["total"], 0);
    app.moderator().await.approve(&id).await;
    assert_eq!(app.thread("").await.json()["total"], 1, "at once on its own instance");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(other.thread("").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn since_when_a_comment_is_seen_is_told_to_who_asks() {
    let app = App::start().await;
    let id = app.submit(&comment("Read an hour later.")).await.expect(202).id();
    app.clock.advance(Duration::from_secs(3600));
    app.moderator().await.approve(&id).await;
    let told = app.thread("&with=approved_at").await.json()["comments"][0].clone();
    assert_eq!(
        (&told["created_at"], &told["approved_at"]),
        (&json!("2027-01-15T08:00:00Z"), &json!("2027-01-15T09:00:00Z"))
    );
    assert_eq!(app.thread("").await.json()["comments"][0].get("approved_at"), None);
    app.thread("&with=email").await.expect_problem(422, "validation_failed");
}
