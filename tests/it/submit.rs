//! Submitting as JSON: the answer's shape, and each refusal's code and words.

use serde_json::{Value, json};

use crate::support::{App, comment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_comment_waits_and_its_sender_is_told_how_to_change_it() {
    let app = App::start().await;
    let answer = app.submit(&comment("A bridge is a promise.")).await.expect(202);
    assert_eq!(answer.header("cache-control"), "no-store");
    insta::assert_json_snapshot!(answer.json(), {
        ".id" => "[id]", ".edit_token" => "[token]", ".author_token" => "[token]",
    });
    assert_eq!(app.thread("").await.json()["total"], 0, "unapproved and yet shown");
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE status = 'pending'"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_long_and_differ_from_comment_to_comment() {
    let app = App::start().await;
    let one = app.submit(&comment("The first of two.")).await.expect(202).json();
    let other = app.submit(&comment("The second of two.")).await.expect(202).json();
    for name in ["id", "edit_token", "author_token"] {
        assert_ne!(one[name], other[name], "{name}");
    }
    assert!(one["edit_token"].as_str().unwrap().len() >= 22, "128 bits are 22 letters");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_mode_allows_a_comment_is_published_at_once() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let answer = app.submit(&comment("Straight to the page.")).await.expect(201).json();
    assert_eq!(answer["status"], "approved");
    let thread = app.thread("").await.expect(200).json();
    assert_eq!((&thread["total"], &thread["comments"][0]["id"]), (&json!(1), &answer["id"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_in_the_answer_tells_spam_or_a_reject_word_from_waiting() {
    let words = "[moderation]\nmode = 'post'\n[moderation.words]\nreject = ['forbidden']\nhold = ['doubtful']";
    let app = App::with(words).await;
    let spam = "BUY NOW http://a.biz http://b.biz http://c.biz http://d.biz http://e.biz cheap pills casino bonus!!!";
    let mut answers = Vec::new();
    let honeypot = json!({"contact_ref": "x"});
    for (body, more) in [("a doubtful thing", &Value::Null), ("a forbidden thing", &Value::Null), (spam, &honeypot)] {
        let mut comment = comment(body);
        comment.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let answer = app.submit(&comment).await.expect(202);
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        // Their order is each worker's own and says nothing.
        names.sort();
        let mut told = answer.json();
        for name in ["id", "edit_token", "author_token"] {
            told[name] = Value::Null;
        }
        answers.push((names, told));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let stored = |status: &str| app.count(&format!("SELECT count(*) FROM comments WHERE status = '{status}'"));
    assert_eq!((stored("pending"), stored("rejected"), stored("spam")), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_has_its_code_and_its_words() {
    let app = App::with("[moderation]\nclose_after = '1d'").await;
    let first = app.submit(&comment("Something to repeat.")).await.expect(202);
    let mut told = Vec::new();
    let mut tell = |answer: crate::support::Answer| {
        let problem = answer.json();
        told.push(json!([answer.status, problem["code"], problem["title"], problem["detail"], problem["type"]]));
    };
    tell(app.submit(&comment("something  to REPEAT.")).await);
    let mut reply = comment("A reply.");
    reply["parent"] = first.json()["id"].clone();
    tell(app.submit(&reply).await);
    tell(app.submission(&comment("From elsewhere.")).origin("http://evil.example").answer().await);
    tell(app.submit(&json!({"page": "http://news.example/a"})).await);
    app.clock.advance(std::time::Duration::from_secs(86_400));
    tell(app.submit(&comment("Too late.")).await);
    insta::assert_json_snapshot!(told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_host_gives_no_page_its_address() {
    let app = App::start().await;
    let mut first = comment("The first on this page.");
    first["page"] = json!("http://evil.example/story");
    let forged = app.post("/api/comments").header("Host", "evil.example").json(&first).answer().await.expect(202);
    assert_eq!(forged.json()["page"], "/story");
    let read = app.get("/api/comments?page=http://news.example/story").answer().await.expect(200);
    assert_eq!(read.json()["page"]["url"], "/story");
}
