//! A page read from one comment on: what leads to it, itself, and what follows.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{App, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n[[site]]\nmax_depth = 20\n";

async fn say(app: &App, body: &str, parent: Option<&str>) -> String {
    app.clock.advance(Duration::from_secs(1));
    let mut wanted = comment(body);
    wanted["parent"] = json!(parent);
    app.submit(&wanted).await.expect(201).id()
}

fn ids(stretch: &Value) -> Vec<String> {
    stretch["comments"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

/// Every id from this question on, stretch by stretch.
async fn walk(app: &App, question: &str) -> Vec<String> {
    let (mut seen, mut asked) = (Vec::new(), question.to_owned());
    loop {
        let stretch = app.thread(&asked).await.expect(200).json();
        seen.extend(ids(&stretch));
        let Some(next) = stretch["next_cursor"].as_str() else { return seen };
        let sort = question.split('&').find(|part| part.starts_with("sort=")).unwrap_or_default();
        asked = format!("&limit=3&{sort}&cursor={next}");
        assert!(seen.len() < 500, "it never ends");
    }
}

/// Three threads, each with replies down to the third level; the second is liked.
async fn grown(app: &App) -> Vec<String> {
    let mut all = Vec::new();
    for n in 0..3 {
        let root = say(app, &format!("root {n}"), None).await;
        for m in 0..2 {
            let reply = say(app, &format!("reply {n} {m}"), Some(&root)).await;
            all.push(say(app, &format!("answer {n} {m}"), Some(&reply)).await);
            all.push(reply);
        }
        if n == 1 {
            app.post(&format!("/api/comments/{root}/likes")).json(&json!({})).answer().await.expect(200);
        }
        all.push(root);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_above_comes_first_and_all_behind_follows_without_a_repeat_or_a_gap() {
    let app = App::with(POST).await;
    let all = grown(&app).await;
    for sort in ["oldest", "newest", "best"] {
        let whole = walk(&app, &format!("&sort={sort}&limit=200")).await;
        assert_eq!(whole.len(), all.len());
        for id in &all {
            let stretch = app.thread(&format!("&sort={sort}&limit=4&at={id}")).await.expect(200).json();
            assert_eq!(stretch["total"], all.len());
            let seen = walk(&app, &format!("&sort={sort}&limit=4&at={id}")).await;
            let own = seen.iter().position(|seen| seen == id).unwrap();
            // Each above is answered by the next.
            for (n, comment) in stretch["comments"].as_array().unwrap().iter().take(own + 1).enumerate() {
                assert_eq!(comment["depth"], n, "{sort}");
                assert_eq!(comment["parent"].as_str(), n.checked_sub(1).map(|n| seen[n].as_str()), "{sort}");
            }
            let place = whole.iter().position(|seen| seen == id).unwrap();
            assert_eq!(seen[own..], whole[place..], "{sort}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_down_to_a_deep_comment_is_told_as_far_as_there_is_room() {
    let app = App::with(POST).await;
    let mut way = vec![say(&app, "root", None).await];
    for n in 1..=20 {
        let next = say(&app, &format!("level {n}"), way.last().map(String::as_str)).await;
        way.push(next);
    }
    let deepest = way.last().unwrap();
    for limit in [1, 2, 20, 21, 50] {
        let stretch = app.thread(&format!("&limit={limit}&at={deepest}")).await.expect(200).json();
        assert_eq!(ids(&stretch), way[way.len().saturating_sub(limit)..], "{limit}");
        assert_eq!(stretch["next_cursor"], Value::Null, "{limit}");
    }
    let last = say(&app, "another root", None).await;
    let stretch = app.thread(&format!("&limit=1&at={deepest}")).await.expect(200).json();
    assert_eq!(ids(&stretch), std::slice::from_ref(deepest));
    let next = stretch["next_cursor"].as_str().unwrap();
    assert_eq!(ids(&app.thread(&format!("&cursor={next}")).await.json()), [last]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_comment_above_is_told_as_removed_and_one_asked_for_is_not_there() {
    let app = App::with(POST).await;
    let moderator = app.moderator().await;
    let root = say(&app, "root", None).await;
    let middle = say(&app, "middle", Some(&root)).await;
    let leaf = say(&app, "leaf", Some(&middle)).await;
    moderator.reject(&middle).await;
    let stretch = app.thread(&format!("&at={leaf}")).await.expect(200).json();
    assert_eq!(ids(&stretch), [root.clone(), middle.clone(), leaf.clone()]);
    assert_eq!(stretch["comments"][1], json!({"id": middle, "parent": root, "depth": 1, "removed": true}));
    app.thread(&format!("&at={middle}")).await.expect_problem(404, "not_found");
    moderator.mark_spam(&leaf).await;
    app.thread(&format!("&at={leaf}")).await.expect_problem(404, "not_found");
    moderator.approve(&leaf).await;
    app.thread(&format!("&at={leaf}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_approved_comment_of_this_page_can_be_begun_at() {
    let app = App::start().await;
    let id = app.submit(&comment("Waits.")).await.expect(202).id();
    app.thread(&format!("&at={id}")).await.expect_problem(404, "not_found");
    app.moderator().await.approve(&id).await;
    let there = app.thread(&format!("&at={id}")).await.expect(200);
    let again = app.get(&format!("/api/comments?page={PAGE}&at={id}")).header("If-None-Match", there.header("etag"));
    again.answer().await.expect(304);
    for page in ["/elsewhere", "http://news.example/2026/town"] {
        app.get(&format!("/api/comments?page={page}&at={id}")).answer().await.expect_problem(404, "not_found");
    }
    for odd in ["", "x", "0199a0a0-0000-7000-8000-000000000000"] {
        app.thread(&format!("&at={odd}")).await.expect_problem(404, "not_found");
    }
    let both = app.thread(&format!("&at={id}&cursor=x")).await.expect_problem(422, "validation_failed");
    assert_eq!(both.faults(), ["at invalid"]);
}
