//! Answers that are given again from a worker's memory: they are the routes' own, each under a name of its own, and no longer
//! than they hold.

use std::collections::BTreeMap;

use crate::support::{Answer, App, NEWS, PAGE, comment};

const POST: &str = "[server]\nworkers = 1\n[moderation]\nmode = 'post'\n";
const ONE_AN_HOUR: &str = "[server]\nworkers = 1\n[limits]\nper_ip = ['1/1h']\n";

/// All headers but the date and the request's name.
fn lasting(answer: &Answer) -> BTreeMap<String, Vec<String>> {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &answer.headers {
        headers.entry(name.to_string()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    headers.retain(|name, _| !["date", "x-request-id"].contains(&name.as_str()));
    headers
}

async fn read(app: &App, origin: &str, held: &str) -> Answer {
    let ask = app.get(&format!("/api/comments?page={PAGE}")).header("Accept-Encoding", "br");
    let ask = if origin.is_empty() { ask } else { ask.origin(origin) };
    let ask = if held.is_empty() { ask } else { ask.header("If-None-Match", held) };
    ask.answer().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_told_again_is_the_same_but_for_the_requests_name() {
    let app = App::with(POST).await;
    app.submit(&comment("The lamps on the bridge are lit again.")).await.expect(201);
    let tag = read(&app, "", "").await.header("etag").to_owned();
    for (origin, held) in
        [("", ""), (NEWS, ""), ("http://elsewhere.example", ""), ("", tag.as_str()), (NEWS, tag.as_str())]
    {
        let first = read(&app, origin, held).await;
        let again = read(&app, origin, held).await;
        assert_eq!(first.status, again.status, "{origin} {held}");
        assert_eq!(lasting(&first), lasting(&again), "{origin} {held}");
        assert_eq!(first.bytes, again.bytes, "{origin} {held}");
        assert_ne!(first.header("x-request-id"), again.header("x-request-id"), "{origin} {held}");
        assert_eq!(again.header("x-request-id").len(), 12);
        let shared = again.headers.contains_key("access-control-allow-origin");
        assert_eq!(shared, origin == NEWS, "{origin} {held}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_here_is_not_told_as_it_was() {
    let app = App::with(POST).await;
    app.submit(&comment("The first of two.")).await.expect(201);
    for _ in 0..3 {
        assert_eq!(read(&app, "", "").await.status, 200);
    }
    let before = read(&app, "", "").await;
    app.submit(&comment("The second of two.")).await.expect(201);
    let after = read(&app, "", before.header("etag")).await;
    assert_eq!(after.status, 200, "the page has moved");
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_flooder_is_refused_alike_each_time_and_counted() {
    let app = App::with(ONE_AN_HOUR).await;
    let post = async |origin: &str| {
        app.submission(&comment("Again and again.")).origin(origin).from("203.0.113.9").answer().await
    };
    assert_eq!(post(NEWS).await.status, 202);
    let by_the_limiter = post(NEWS).await.expect(429);
    let answers = [post(NEWS).await.expect(429), post(NEWS).await.expect(429), post(NEWS).await.expect(429)];
    for answer in &answers {
        assert_eq!(lasting(answer), lasting(&answers[0]));
        assert_eq!(answer.bytes, by_the_limiter.bytes);
        assert_eq!(answer.header("access-control-allow-origin"), NEWS);
        assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 3_600);
    }
    app.clock.advance(std::time::Duration::from_secs(1_800));
    let later = post(NEWS).await.expect(429);
    assert!(later.header("retry-after").parse::<u64>().unwrap() <= 1_800, "the wait is this moment's");
    assert_eq!(later.header("ratelimit"), format!("\"per_ip\";r=0;t={}", later.header("retry-after")));
    let metrics = app.get("/metrics").answer().await.text();
    assert!(metrics.contains("replydesk_submissions_total{outcome=\"rate_limited\"} 5"), "{metrics}");
    assert!(metrics.contains("replydesk_http_answers_total{route=\"/api/comments\",status=\"429\"} 5"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_flooder_keeps_the_connection_where_the_body_has_arrived() {
    let app = App::with(ONE_AN_HOUR).await;
    let body = comment("Again and again, over one connection.").to_string();
    let head = format!(
        "POST /api/comments HTTP/1.1\r\nHost: {}\r\nOrigin: {NEWS}\r\nX-Forwarded-For: 203.0.113.9\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        app.http.address,
        body.len()
    );
    for _ in 0..3 {
        app.http.raw_to_the_end(format!("{head}Connection: close\r\n\r\n{body}")).await;
    }
    let one = format!("{head}\r\n{body}");
    let said = app.http.raw_to_the_end(format!("{one}{one}{one}{head}Connection: close\r\n\r\n{body}")).await;
    assert_eq!(said.matches("HTTP/1.1 429").count(), 4, "{said}");
}
