//! A form that is refused: the status of the JSON route, the words, and nothing typed lost.

use std::time::Duration;

use crate::support::{App, NEWS, PAGE};

const HOSTILE: &str = "I said \"</textarea><script>alert('x')</script>\" & left";

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            '/' => out.push_str("&#x2f;"),
            c => out.push(c),
        }
    }
    out
}

/// The page holds these very words as text, whichever way it spells a slash.
fn holds(page: &str, text: &str) -> bool {
    page.contains(&escaped(text)) || page.contains(&escaped(text).replace("&#x2f;", "/"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_keeps_every_word_and_escapes_it() {
    let app = App::start().await;
    let url = "http://ada.example/?a=1&b=\"2\"";
    let fields = [
        ("page", PAGE),
        ("title", "A <bridge> \"reopens\""),
        ("name", HOSTILE),
        ("email", "no \"address\" <at all>"),
        ("url", url),
        ("body", HOSTILE),
        ("parent", "no id <b>"),
        ("redirect_to", "http://news.example/thanks"),
        ("idempotency_key", "kept-key"),
    ];
    let answer = app.submit_form(&fields).await.expect(422);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = answer.text();
    for (name, value) in fields {
        assert!(holds(&page, value), "{name} is lost: {page}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("<at all>"), "{page}");
    assert!(page.contains("You have entered an incorrect email address!"), "{page}");
    assert!(page.contains("<form") && page.contains("method=\"post\"") && page.contains("lang=\"en\""), "{page}");
    let back = page.replace("&#x2f;", "/");
    assert!(back.contains(&format!("<a href=\"{PAGE}\">go back")), "no way back: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_form_shows_the_catalogues_words_beside_their_fields() {
    let app = App::start().await;
    let page = app.submit_form(&[("page", PAGE)]).await.expect(422).text();
    for words in ["Please enter your comment!", "Please enter your name here", "Please enter your email address here"] {
        assert_eq!(page.matches(words).count(), 2, "in the summary and beside the field: {words}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_the_status_of_the_json_route() {
    let app = App::with("[limits]\nper_ip = ['2/1h']").await;
    let form = |body: &'static str| [("page", PAGE), ("name", "Ada"), ("email", "a@b.example"), ("body", body)];
    app.submit_form(&form("First words.")).await.expect(303);
    let twice = app.submit_form(&form("First words.")).await.expect(409).text();
    assert!(twice.contains("already said that") && holds(&twice, "First words."), "{twice}");
    let flood = app.submit_form(&form("Kept through the flood.")).await.expect(429);
    assert!(flood.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=1800).contains(&seconds)));
    assert!(flood.text().contains("Kept through the flood."), "known to be over it, and yet read");
    let foreign = app.form("/comments", &form("From elsewhere.")).from("198.51.100.1").origin("http://evil.example");
    assert!(foreign.answer().await.expect(403).text().contains("From elsewhere."));
    let mut foreign_page = form("For elsewhere.");
    foreign_page[0].1 = "http://evil.example/a";
    let page = app.form("/comments", &foreign_page).from("198.51.100.1").answer().await.expect(403).text();
    assert!(page.contains("For elsewhere.") && !page.contains("href=\"http://evil.example"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_refusal_gives_reference_contact_and_the_way_to_review() {
    let stub = crate::support::captcha_stub::CaptchaStub::start(crate::support::app::START);
    let app = App::with(&stub.settings()).await;
    let form = |token: &'static str| {
        [
            ("page", PAGE),
            ("name", "Ada"),
            ("email", "a@b.example"),
            ("body", "Human, I swear."),
            ("g-recaptcha-response", token),
        ]
    };
    let page = app.submit_form(&form("ok:0.1")).await.expect(403).text();
    assert!(page.contains("CAPTCHA user score failed.") && page.contains("Please contact us!"), "{page}");
    let reference = page.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0.to_owned();
    let found = app.count(&format!("SELECT count(*) FROM refusals WHERE reference = '{reference}'"));
    assert_eq!(found, 1, "{reference} leads nowhere");
    assert!(page.contains("mailto:desk@news.example"), "{page}");
    assert!(page.contains("Send for review") && page.contains("name=\"review\""), "{page}");
    assert!(!page.contains("ok:0.1"), "a spent token is offered again");
    let failed = app.submit_form(&form("fail")).await.expect(403).text();
    assert!(failed.contains("Captcha verification failed!") && failed.contains("Human, I swear."), "{failed}");
    let mut review = form("ok:0.1").to_vec();
    review.push(("review", "1"));
    app.submit_form(&review).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE captcha_outcome = 'missing'"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_form_goes_through_with_what_the_page_offered() {
    let app = App::with("[captcha]\nprovider = 'builtin'").await;
    let token = app.solved(PAGE, Duration::from_secs(30));
    let fields =
        [("page", PAGE), ("name", ""), ("email", "a@b.example"), ("body", "Almost right."), ("altcha", token.as_str())];
    let page = app.submit_form(&fields).await.expect(422).text();
    let hidden: Vec<(String, String)> = page
        .split("<input type=\"hidden\" ")
        .skip(1)
        .map(|input| {
            let value = |name: &str| input.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
            (value("name").to_owned(), value("value").replace("&#x2f;", "/").replace("&amp;", "&"))
        })
        .collect();
    let mut again: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    again.extend([("name", "Ada"), ("email", "a@b.example"), ("body", "Almost right.")]);
    let own = format!("http://{}", app.http.address);
    app.post("/comments").origin(&own).form(&again).answer().await.expect(303);
    assert_eq!(
        app.count("SELECT count(*) FROM comments WHERE captcha_outcome = 'pass'"),
        1,
        "the unspent token is lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_form_is_refused_in_html() {
    let app = App::start().await;
    for (media, body, status) in [
        ("text/plain", "body=x", 415),
        ("application/json", "{}", 415),
        ("application/x-www-form-urlencoded; charset=latin1", "body=%e4", 415),
        ("application/x-www-form-urlencoded", "body=%ff", 400),
        ("application/x-www-form-urlencoded", "comment=a&comment=b", 400),
        ("multipart/form-data", "x", 400),
        ("multipart/form-data; boundary=b", "no boundary here", 400),
        ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\ncut", 400),
    ] {
        let answer = app.post("/comments").origin(NEWS).body(media, body).answer().await;
        assert_eq!(answer.status, status, "{media} {body}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{media} {body}");
    }
    let long = format!("body={}", "x".repeat(200_000));
    app.post("/comments").body("application/x-www-form-urlencoded", long).answer().await.expect(413);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nul_in_a_form_is_a_fault_of_its_field() {
    let app = App::start().await;
    let fields = [("page", PAGE), ("name", "Ada"), ("email", "a@b.example"), ("body", "a\0b")];
    let page = app.submit_form(&fields).await.expect(422).text();
    assert!(page.contains("characters that cannot be stored"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_may_lead_to_its_site_and_links_nowhere_else() {
    let app = App::start().await;
    let answer = app.submit_form(&[("page", PAGE)]).await.expect(422);
    // Browsers hold the redirect after a form to this list as well.
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://news.example https://news.example;"), "{policy}");
    let parent = "0199a0a0-0000-7000-8000-000000000000";
    for wanted in ["javascript:alert(1)", "http://evil.example/story"] {
        let page = app.submit_form(&[("page", wanted), ("parent", parent)]).await.expect(422).text();
        assert!(!page.replace("&#x2f;", "/").contains(&format!("href=\"{wanted}")), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_a_post_that_no_store_could_keep_is_refused_and_spoils_nobody_elses() {
    let app = App::start().await;
    let good = [("page", PAGE), ("name", "Ada"), ("email", "a@b.example"), ("body", "A good one.")];
    let bad = [&good[..3], &[("body", "Another."), ("comment_post_ID", "7\0")]].concat();
    let (refused, taken) = tokio::join!(app.submit_form(&bad), app.submit_form(&good));
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    taken.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}
