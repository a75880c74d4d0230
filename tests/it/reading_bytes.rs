//! The same answer under each coding: strong tags of their own, 304, and who may read it from where.

use std::io::Read as _;

use crate::support::{Answer, App, NEWS, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n";

async fn coded(app: &App, coding: &str, held: &str) -> Answer {
    let ask = app.get(&format!("/api/comments?page={PAGE}")).header("Accept-Encoding", coding);
    let ask = if held.is_empty() { ask } else { ask.header("If-None-Match", held) };
    ask.answer().await
}

fn plain(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        "" => plain.clone_from(&answer.bytes),
        "gzip" => drop(flate2::read::GzDecoder::new(&answer.bytes[..]).read_to_end(&mut plain).unwrap()),
        "br" => brotli::BrotliDecompress(&mut &answer.bytes[..], &mut plain).unwrap(),
        other => panic!("{other}"),
    }
    plain
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_coding_has_a_strong_tag_of_its_own_and_304_under_it() {
    let app = App::with(POST).await;
    for n in 0..20 {
        app.submit(&comment(&format!("Enough words to be worth packing, number {n}."))).await.expect(201);
    }
    let codings = [
        ("identity", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1, br;q=0.1", "gzip"),
    ];
    let mut answers = Vec::new();
    for (accepted, expected) in codings {
        let answer = coded(&app, accepted, "").await.expect(200);
        assert_eq!(answer.header("content-encoding"), expected, "{accepted}");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{accepted}: not strong: {tag}");
        assert!(answer.header("vary").to_lowercase().contains("accept-encoding") || varies(&answer, "accept-encoding"));
        assert!(!answer.header("cache-control").is_empty());
        let held = coded(&app, accepted, &tag).await.expect(304);
        assert_eq!((held.header("etag"), held.bytes.len()), (tag.as_str(), 0), "{accepted}");
        assert!(varies(&held, "accept-encoding"), "{accepted}: a 304 names what it hangs on too");
        answers.push((tag, answer));
    }
    let tags: std::collections::HashSet<&String> = answers.iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags.len(), 3, "one a coding: {tags:?}");
    assert!(answers.iter().all(|(_, answer)| plain(answer) == plain(&answers[0].1)), "the same words in every coding");
    let crossed = coded(&app, "gzip", &answers[2].0).await;
    assert_eq!(crossed.status, 200, "the tag of another coding is another tag");
    let listed = coded(&app, "gzip", &format!("\"x\", {}, W/\"y\"", answers[1].0)).await;
    assert_eq!(listed.status, 304);
}

fn varies(answer: &Answer, name: &str) -> bool {
    let lines = answer.headers.get_all("vary").iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|entry| entry.trim().eq_ignore_ascii_case(name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_moves_with_what_readers_see_and_with_nothing_else() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let id = app.submit(&comment("Seen later.")).await.expect(202).id();
    for coding in ["identity", "gzip", "br"] {
        let before = coded(&app, coding, "").await.header("etag").to_owned();
        app.submit(&comment(&format!("Waits, {coding}."))).await.expect(202);
        coded(&app, coding, &before).await.expect(304);
        moderator.approve(&id).await;
        let after = coded(&app, coding, &before).await.expect(200).header("etag").to_owned();
        assert_ne!(before, after, "{coding}");
        moderator.reject(&id).await;
        let gone = coded(&app, coding, &after).await.expect(200);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&plain(&gone)).unwrap()["total"], 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_says_what_get_would() {
    let app = App::with(POST).await;
    app.submit(&comment("For a head.")).await.expect(201);
    let get = app.thread("").await.expect(200);
    let head = app.http.ask("HEAD", &format!("/api/comments?page={PAGE}")).answer().await.expect(200);
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.bytes.len(), 0);
    let both = "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = app.http.raw_to_the_end(both).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    let between = answers.split("\r\n\r\n").nth(1).unwrap();
    assert!(between.starts_with("HTTP/1.1 200"), "a body after HEAD: {answers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sites_origins_may_read_from_a_browser_and_nobody_else() {
    let app = App::with(POST).await;
    for origin in [NEWS, "https://news.example"] {
        let answer = app.get(&format!("/api/comments?page={PAGE}")).origin(origin).answer().await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        let exposed = answer.header("access-control-expose-headers").to_lowercase();
        for name in ["etag", "retry-after", "ratelimit", "x-request-id"] {
            assert!(exposed.split(',').any(|entry| entry.trim() == name), "{name} in {exposed}");
        }
        assert!(varies(&answer, "origin"));
    }
    let foreign =
        app.get(&format!("/api/comments?page={PAGE}")).origin("http://evil.example").answer().await.expect(200);
    assert!(!foreign.headers.contains_key("access-control-allow-origin"));
    let absent = app.thread("").await;
    assert!(varies(&absent, "origin"), "a cache would give it to the next origin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preflight_allows_what_the_form_needs() {
    let app = App::start().await;
    let preflight = async |path: &str, origin: &str, method: &str| {
        let ask = app.http.ask("OPTIONS", path).origin(origin).header("Access-Control-Request-Method", method);
        ask.header("Access-Control-Request-Headers", "content-type, idempotency-key, x-edit-token").answer().await
    };
    for (path, method) in [("/api/comments", "POST"), ("/api/comments/0199a0a0-0000-7000-8000-000000000000", "PATCH")] {
        let answer = preflight(path, NEWS, method).await;
        assert!(matches!(answer.status, 200 | 204), "{path}: {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), NEWS);
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        for name in ["content-type", "idempotency-key", "x-edit-token"] {
            assert!(allowed.contains(name), "{name} in {allowed}");
        }
        assert!(answer.header("access-control-allow-methods").contains(method));
    }
    for (path, origin) in
        [("/api/comments", "http://evil.example"), ("/api/moderation/comments", NEWS), ("/api/session", NEWS)]
    {
        let answer = preflight(path, origin, "POST").await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path} for {origin}");
    }
    let refused = app.submission(&comment("x")).answer().await.expect(422);
    assert_eq!(refused.header("access-control-allow-origin"), NEWS, "a script must be able to read the refusal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderation_has_no_cors_at_all() {
    let app = App::start().await;
    let answer = app.moderator().await.ask("GET", "/comments").origin(NEWS).answer().await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    assert!(!answer.headers.contains_key("access-control-expose-headers"));
}
