//! The form routes: posting without JavaScript, by our field names or WordPress's.

use serde_json::json;

use crate::support::{App, NEWS, PAGE};

const OURS: [(&str, &str); 4] =
    [("page", PAGE), ("name", "Ada Reader"), ("email", "ada@readers.example"), ("body", "By form.")];

/// The fields without `page`, so that the page comes from elsewhere.
const LOST: [(&str, &str); 3] = [("name", "Ada Reader"), ("email", "ada@readers.example"), ("body", "Where am I?")];

fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--xXx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    format!("{}--xXx--\r\n", fields.iter().map(part).collect::<String>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_taken_leads_back_to_the_comment() {
    let app = App::start().await;
    let answer = app.submit_form(&OURS).await.expect(303);
    assert_eq!(answer.header("cache-control"), "no-store");
    let location = answer.header("location");
    let (page, id) = location.split_once("#comment-").unwrap();
    assert_eq!(page, format!("{PAGE}?replydesk=pending"));
    assert_eq!(app.moderator().await.item(id).await["body"], "By form.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_at_once_is_not_called_pending() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let answer = app.submit_form(&OURS).await.expect(303);
    assert!(answer.header("location").starts_with(&format!("{PAGE}#comment-")), "{}", answer.header("location"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wordpress_names_work_on_both_routes_in_both_encodings() {
    let app = App::start().await;
    for (n, route) in ["/wp-comments-post.php", "/comments"].iter().enumerate() {
        for (m, encoded) in ["urlencoded", "multipart"].iter().enumerate() {
            let body = format!("Größe & <b>more</b> + {n}{m}\r\nsecond line");
            let fields = [
                ("author", "Ada Löw"),
                ("email", "ada@readers.example"),
                ("url", "http://ada.example/"),
                ("comment", body.as_str()),
                ("comment_post_ID", "42"),
                ("comment_parent", "0"),
                ("redirect_to", PAGE),
                ("wp-comment-cookies-consent", "yes"),
                ("ak_hp_textarea", ""),
                ("submit", "Post Comment"),
            ];
            let ask = match *encoded {
                "urlencoded" => app.form(route, &fields),
                _ => app.post(route).origin(NEWS).body("multipart/form-data; boundary=xXx", multipart(&fields)),
            };
            let answer = ask.answer().await.expect(303);
            let id = answer.header("location").rsplit_once("#comment-").unwrap().1.to_owned();
            let item = app.moderator().await.item(&id).await;
            assert_eq!(item["name"], "Ada Löw", "{route} {encoded}");
            assert_eq!(item["body"], body.replace("\r\n", "\n"), "{route} {encoded}");
            assert_eq!(item["url"], "http://ada.example/");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_led_off_the_sites_origins() {
    let app = App::start().await;
    let hostile = [
        "http://evil.example/",
        "//evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http://news.example@evil.example/",
        "http://news.example.evil.example/",
        "https:evil.example",
        "data:text/html,x",
        "http://evil.example\r\nSet-Cookie: a=b",
    ];
    for (n, target) in hostile.iter().enumerate() {
        let body = format!("Lead me to number {n}.");
        let fields = [OURS[0], OURS[1], OURS[2], ("body", body.as_str()), ("redirect_to", target)];
        let answer = app.submit_form(&fields).await.expect(303);
        assert!(
            answer.header("location").starts_with("http://news.example/"),
            "{target}: {}",
            answer.header("location")
        );
        assert!(!answer.headers.contains_key("set-cookie"), "{target}");
    }
    for (n, (target, expected)) in [
        ("http://news.example/thanks?a=1&replydesk=x#old", "http://news.example/thanks?a=1&replydesk=pending#comment-"),
        ("/thanks", "http://news.example/thanks?replydesk=pending#comment-"),
        ("https://news.example/tls", "https://news.example/tls?replydesk=pending#comment-"),
    ]
    .iter()
    .enumerate()
    {
        let body = format!("Lead me home, number {n}.");
        let fields = [OURS[0], OURS[1], OURS[2], ("body", body.as_str()), ("redirect_to", target)];
        let answer = app.submit_form(&fields).await.expect(303);
        assert!(answer.header("location").starts_with(expected), "{target}: {}", answer.header("location"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_on_this_server_comes_back_to_this_server() {
    let app = App::start().await;
    let own = format!("http://{}", app.http.address);
    let fields = [("page", "/demo"), OURS[1], OURS[2], ("body", "On the demo page.")];
    let answer = app.post("/comments").origin(&own).form(&fields).answer().await.expect(303);
    assert!(
        answer.header("location").starts_with(&format!("{own}/demo?replydesk=pending")),
        "{}",
        answer.header("location")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_looked_for_in_the_order_that_was_agreed() {
    let app = App::with("[[site]]\npage_by_id = 'http://news.example/?p={id}'\nkeep_query = ['p']").await;
    let moderator = app.moderator().await;
    let page_of = async |fields: &[(&str, &str)], referer: Option<&str>, n: u32| {
        let body = format!("Which page is this, try {n}?");
        let mut fields = fields.to_vec();
        fields.extend([LOST[0], LOST[1], ("body", body.as_str())]);
        let mut ask = app.post("/wp-comments-post.php").form(&fields);
        if let Some(referer) = referer {
            ask = ask.header("Referer", referer);
        }
        let answer = ask.answer().await;
        if answer.status != 303 {
            return answer.status.to_string();
        }
        let id = answer.header("location").rsplit_once("#comment-").unwrap().1.to_owned();
        moderator.item(&id).await["page"].as_str().unwrap().to_owned()
    };
    let (page, target, number) =
        (("page", "http://news.example/1"), ("redirect_to", "http://news.example/3"), ("comment_post_ID", "7"));
    let referer = Some("http://news.example/2?x=1");
    assert_eq!(page_of(&[page, target, number], referer, 1).await, "http://news.example/1");
    assert_eq!(page_of(&[target, number], referer, 2).await, "http://news.example/2");
    assert_eq!(page_of(&[target, number], Some("http://news.example/"), 3).await, "http://news.example/3");
    assert_eq!(page_of(&[target, number], Some("http://evil.example/2"), 4).await, "http://news.example/3");
    assert_eq!(page_of(&[("redirect_to", "http://evil.example/3"), number], None, 5).await, "http://news.example/?p=7");
    assert_eq!(page_of(&[], None, 6).await, "422");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_query_key_that_numbers_articles_keeps_them_apart_by_itself() {
    let app = App::with("[[site]]\npage_by_id = 'http://news.example/?p={id}'").await;
    let moderator = app.moderator().await;
    for number in ["7", "8"] {
        let body = format!("Under number {number}.");
        let fields = [("comment_post_ID", number), LOST[0], LOST[1], ("body", &body)];
        // A theme on another origin: browsers tell no more than it.
        let ask = app.post("/wp-comments-post.php").header("Referer", "http://news.example/").form(&fields);
        let answer = ask.answer().await.expect(303);
        let id = answer.header("location").rsplit_once("#comment-").unwrap().1.to_owned();
        moderator.approve(&id).await;
        let read = format!("/api/comments?page=http://news.example/%3Fp%3D{number}");
        assert_eq!(app.get(&read).answer().await.expect(200).json()["total"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_an_approval_vouched_for_is_a_known_page() {
    let app = App::start().await;
    let number = ("comment_post_ID", "42");
    let lost = [number, LOST[0], LOST[1], LOST[2]];
    app.post("/wp-comments-post.php").form(&lost).answer().await.expect(422);
    let known = [OURS[0], OURS[1], OURS[2], OURS[3], number];
    let answer = app.form("/wp-comments-post.php", &known).answer().await.expect(303);
    let id = answer.header("location").rsplit_once("#comment-").unwrap().1.to_owned();
    app.post("/wp-comments-post.php").form(&lost).answer().await.expect(422);
    app.moderator().await.approve(&id).await;
    let answer = app.post("/wp-comments-post.php").form(&lost).answer().await.expect(303);
    assert!(answer.header("location").starts_with(PAGE), "{}", answer.header("location"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_tells_what_happens_next_where_the_site_wants_one() {
    let app = App::with("[[site]]\nafter_form = 'receipt'").await;
    let answer = app.submit_form(&OURS).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = answer.text();
    assert!(page.contains("awaiting moderation") && page.contains("What happens next"), "{page}");
    assert!(page.contains(&format!("href=\"{PAGE}?replydesk=pending#comment-")) || page.contains("bridge"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filled_trap_is_stored_with_its_signal_and_told_nothing() {
    let app = App::start().await;
    for (n, trap) in ["contact_ref", "ak_hp_textarea"].iter().enumerate() {
        let body = format!("A machine fills every field, number {n}.");
        let fields = [OURS[0], OURS[1], OURS[2], ("body", body.as_str()), (trap, "http://x.example")];
        let answer = app.submit_form(&fields).await.expect(303);
        let id = answer.header("location").rsplit_once("#comment-").unwrap().1.to_owned();
        assert!(app.moderator().await.signals(&id).await.contains(&"honeypot".to_owned()), "{trap}");
    }
    let mut json = crate::support::comment("A machine that speaks JSON.");
    json["contact_ref"] = json!("x");
    let id = app.submit(&json).await.expect(202).id();
    // Both scores weigh it, so both tell it: the captcha's is kept whole, whatever else saw the same.
    let signals = app.moderator().await.signals(&id).await;
    assert!(["honeypot", "captcha.honeypot"].iter().all(|name| signals.contains(&(*name).to_owned())), "{signals:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_twice_is_one_comment() {
    let app = App::start().await;
    let fields = [OURS[0], OURS[1], OURS[2], OURS[3], ("idempotency_key", "from-the-page")];
    let first = app.submit_form(&fields).await.expect(303);
    let again = app.submit_form(&fields).await.expect(303);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_found_under_every_name_that_forms_use() {
    let app = App::with("[captcha]\nprovider = 'builtin'\non_missing = 'refuse'").await;
    let names = [
        "captcha",
        "altcha",
        "g-recaptcha-response",
        "gRecaptchaResponse",
        "recaptchaV3",
        "h-captcha-response",
        "cf-turnstile-response",
        "turnstile",
        "frc-captcha-response",
        "cap-token",
        "private-captcha-solution",
        "mcaptcha__token",
    ];
    for (n, name) in names.iter().enumerate() {
        let token = app.solved(PAGE, std::time::Duration::from_secs(30));
        let body = format!("With a token, number {n}.");
        let fields = [OURS[0], OURS[1], OURS[2], ("body", body.as_str()), ("captcha", ""), (name, token.as_str())];
        let fields = if *name == "captcha" {
            [fields[0], fields[1], fields[2], fields[3], fields[5], ("x", "")]
        } else {
            fields
        };
        let answer = app.submit_form(&fields).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_told_the_rules_of_its_pages_site() {
    let app = App::with("[[site]]\nlang = 'de'\nemail = 'optional'\nbody_min = 5\nmax_depth = 2\n").await;
    let told = app.get(&format!("/api/form?page={PAGE}")).origin(NEWS).answer().await.expect(200);
    let expected = json!({"lang": "de", "email": "optional", "body_min": 5, "body_max": 10_000, "max_depth": 2});
    assert_eq!((told.json(), told.header("cache-control")), (expected.clone(), "public, max-age=60"));
    assert_eq!(told.header("access-control-allow-origin"), NEWS);
    assert_eq!(app.get("/api/form?page=/never/seen").answer().await.expect(200).json(), expected);
    app.get("/api/form?page=http://evil.example/a").answer().await.expect_problem(403, "origin_not_allowed");
    let none = app.get("/api/form").answer().await.expect_problem(422, "validation_failed");
    assert_eq!(none.faults(), ["page required"]);
}
