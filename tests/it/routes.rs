//! What every route has in common, and the API's description held against the running server.

use serde_json::Value;

use crate::support::{App, NEWS, PAGE, comment};

/// Every operation of the description, with its parameters filled in.
fn described(document: &Value) -> Vec<(String, String)> {
    let filled = |path: &str| {
        path.replace("{id}", "0199a0a0-0000-7000-8000-000000000000").replace("{name}", "nobody").replace("{lang}", "en")
    };
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str()))
        {
            operations.push((method.to_uppercase(), filled(path)));
        }
    }
    operations
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_nobody_serves_is_a_404_problem() {
    let app = App::start().await;
    for path in
        ["/nothing", "/api", "/api/", "/api/comment", "/api/comments/", "/api/moderation/nothing", "/.env", "/..%2f"]
    {
        let answer = app.get(path).answer().await.expect_problem(404, "not_found");
        insta::allow_duplicates! { insta::assert_json_snapshot!(answer.json()); }
    }
    let page = app.get("/nothing").header("Accept", "text/html").answer().await.expect(404);
    assert!(page.header("content-type").starts_with("text/html"), "a person gets a page");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_method_is_a_405_problem_that_names_the_right_ones() {
    let app = App::start().await;
    for (method, path, allowed) in [
        ("PUT", "/api/comments", vec!["GET", "POST"]),
        ("DELETE", "/api/comments", vec!["GET", "POST"]),
        ("POST", "/api/comments/counts", vec!["GET"]),
        ("POST", "/api/comments/0199a0a0-0000-7000-8000-000000000000", vec!["GET", "PATCH", "DELETE"]),
        ("GET", "/comments", vec!["POST"]),
        ("GET", "/wp-comments-post.php", vec!["POST"]),
        ("POST", "/livez", vec!["GET"]),
        ("DELETE", "/readyz", vec!["GET"]),
        ("PATCH", "/api/captcha", vec!["GET"]),
    ] {
        let answer = app.http.ask(method, path).answer().await.expect_problem(405, "method_not_allowed");
        let told = answer.header("allow").to_owned();
        for name in allowed {
            assert!(told.split(',').any(|entry| entry.trim() == name), "{method} {path}: Allow is {told:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_goes_without_its_headers() {
    let app = App::start().await;
    let answers = [
        ("a page", app.get("/demo").answer().await),
        ("a thread", app.get("/thread?page=/demo").answer().await),
        ("json", app.thread("").await),
        ("accepted", app.submit(&comment("With headers.")).await),
        ("refused", app.submit(&comment("")).await),
        ("a form", app.submit_form(&[("page", PAGE)]).await),
        ("missing", app.get("/nothing").answer().await),
        ("wrong method", app.http.ask("PUT", "/livez").answer().await),
        ("operations", app.get("/livez").answer().await),
        ("a file", app.get("/assets/site.css").answer().await),
        ("unsigned", app.get("/api/moderation/comments").answer().await),
    ];
    let mut ids = std::collections::HashSet::new();
    for (what, answer) in answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert!(!answer.header("referrer-policy").is_empty(), "{what}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors") && !policy.contains("unsafe-inline"), "{what}: {policy}");
        assert!(
            ids.insert(answer.header("x-request-id").to_owned()) && !answer.header("x-request-id").is_empty(),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_described_operation_exists_and_refuses_with_described_answers() {
    let app = App::start().await;
    let document = app.get("/openapi.json").answer().await.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let operations = described(&document);
    assert!(operations.len() > 15, "{operations:?}");
    let token = app.moderator().await.token;
    for (method, path) in &operations {
        let ask = app.http.ask(method, path).header("Authorization", format!("Bearer {token}"));
        // A stream goes on until its listener leaves; the moderators' room tries it.
        let is_stream = path.ends_with("/stream");
        let answer = ask.header("Last-Event-ID", if is_stream { "none" } else { "" }).answer().await;
        assert!(answer.status < 500 && answer.status != 405, "{method} {path}: {} {}", answer.status, answer.text());
        // A 404 must be about the comment or name asked for, not about the route.
        assert!(
            answer.status != 404 || path.contains("0199a0a0") || path.contains("nobody") || path.contains("siteverify"),
            "{method} {path}"
        );
        let template = path
            .replace("0199a0a0-0000-7000-8000-000000000000", "{id}")
            .replace("nobody", "{name}")
            .replace("texts/en.", "texts/{lang}.");
        let responses = &document["paths"][&template][method.to_lowercase()]["responses"];
        assert!(
            responses.get(answer.status.to_string()).is_some(),
            "{method} {path} answered {}, described: {responses}",
            answer.status
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_contract_that_exists_is_described() {
    let app = App::start().await;
    let document = app.get("/openapi.json").answer().await.expect(200).json();
    let operations = described(&document);
    let id = "0199a0a0-0000-7000-8000-000000000000";
    let contract = [
        ("POST", "/api/comments".to_owned()),
        ("GET", "/api/comments".to_owned()),
        ("GET", "/api/comments/counts".to_owned()),
        ("GET", format!("/api/comments/{id}")),
        ("PATCH", format!("/api/comments/{id}")),
        ("DELETE", format!("/api/comments/{id}")),
        ("GET", "/api/stream".to_owned()),
        ("GET", "/feed.atom".to_owned()),
        ("GET", "/api/form".to_owned()),
        ("GET", "/embed.js".to_owned()),
        ("GET", "/embed-later.js".to_owned()),
        ("GET", "/embed.css".to_owned()),
        ("POST", "/comments".to_owned()),
        ("POST", "/wp-comments-post.php".to_owned()),
        ("GET", "/api/captcha".to_owned()),
        ("GET", "/api/captcha/challenge".to_owned()),
        ("POST", "/api/session".to_owned()),
        ("GET", "/api/session".to_owned()),
        ("DELETE", "/api/session".to_owned()),
        ("GET", "/api/moderation/attack".to_owned()),
        ("PUT", "/api/moderation/attack".to_owned()),
        ("DELETE", "/api/moderation/attack".to_owned()),
        ("GET", "/api/moderation/comments".to_owned()),
        ("GET", format!("/api/moderation/comments/{id}")),
        ("POST", format!("/api/moderation/comments/{id}/decision")),
        ("POST", "/api/moderation/decisions".to_owned()),
        ("GET", "/api/moderation/bans".to_owned()),
        ("POST", "/api/moderation/bans".to_owned()),
        ("POST", "/api/moderation/bans/preview".to_owned()),
        ("DELETE", format!("/api/moderation/bans/{id}")),
        ("GET", "/api/moderation/pages".to_owned()),
        ("PATCH", "/api/moderation/pages".to_owned()),
        ("GET", "/api/moderation/sites".to_owned()),
        ("GET", "/api/moderation/refusals".to_owned()),
        ("GET", "/api/moderation/summary".to_owned()),
        ("GET", "/api/moderation/audit".to_owned()),
        ("GET", "/api/moderation/settings".to_owned()),
        ("GET", "/livez".to_owned()),
        ("GET", "/readyz".to_owned()),
        ("GET", "/metrics".to_owned()),
        ("GET", "/openapi.json".to_owned()),
        ("GET", "/docs".to_owned()),
        ("GET", "/".to_owned()),
        ("GET", "/demo".to_owned()),
        ("GET", "/thread".to_owned()),
        ("GET", "/desk".to_owned()),
    ];
    for (method, path) in contract {
        assert!(operations.contains(&(method.to_owned(), path.clone())), "{method} {path} is not described");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_for_people_render_without_anything_from_elsewhere() {
    let app = App::start().await;
    for (path, words) in [
        ("/", "Replydesk"),
        ("/demo", "LEAVE A REPLY"),
        ("/thread?page=/a", "LEAVE A REPLY"),
        ("/docs", "Submit a comment"),
        ("/desk", "main.js"),
    ] {
        let answer = app.get(path).answer().await.expect(200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        let page = answer.text();
        assert!(page.contains(words), "{path}");
        assert!(!page.contains("src=\"http") && !page.contains("<script>"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_page_takes_a_plain_form_and_says_what_waits() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let own = format!("http://{}", app.http.address);
    let form = [("page", "/demo"), ("name", "Ada"), ("email", "a@b.example"), ("body", "Seen beside the demo page.")];
    let sent = app.post("/comments").origin(&own).form(&form).answer().await.expect(303);
    assert!(sent.header("location").starts_with(&format!("{own}/demo#comment-")), "{}", sent.header("location"));
    assert!(app.get("/thread?page=/demo").answer().await.text().contains("Seen beside the demo page."));
    assert!(app.get("/demo?replydesk=pending").answer().await.text().contains("awaiting moderation"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_several_sites_the_demo_page_is_the_first_ones_and_says_so() {
    let app = App::with("[[site]]\n[[site]]\nid = 'blog'\norigins = ['http://blog.example']\n").await;
    let html = app.get("/demo").answer().await.expect(200).text().replace("&#x2f;", "/");
    assert!(html.contains("<reply-desk page=\"http://news.example/demo\">"), "{html}");
    assert!(html.contains("href=\"/thread?page=http%3A%2F%2Fnews.example%2Fdemo\""), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_tell_how_it_stands() {
    let app = App::start().await;
    app.get("/livez").answer().await.expect(200);
    let ready = app.get("/readyz").answer().await.expect(200);
    insta::assert_json_snapshot!(ready.json(), { ".checks.config.detail" => "[since when]" });
    app.submission(&comment("Counted.")).origin(NEWS).answer().await.expect(202);
    let metrics = app.get("/metrics").answer().await.expect(200).text();
    assert!(metrics.contains("replydesk_submissions_total{outcome=\"queued\"} 1"), "{metrics}");
}
