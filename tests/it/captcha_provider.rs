//! A captcha provider over the wire: what its answers lead to, and what its failures must not.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Answer, App, app::START, captcha_stub::CaptchaStub, comment};

/// Everything publishes that nothing speaks against, so that a hold shows.
pub(crate) async fn app(stub: &CaptchaStub, more: &str) -> App {
    App::with(&format!("{}{more}\n[moderation]\nmode = 'post'\n", stub.settings())).await
}

pub(crate) async fn send(app: &App, body: &str, token: &str) -> Answer {
    let mut wanted = comment(body);
    wanted["captcha"] = json!(token);
    app.submit(&wanted).await
}

pub(crate) async fn signals(app: &App, answer: &Answer) -> Vec<String> {
    app.moderator().await.signals(&answer.id()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_01_without_a_token_a_comment_is_held_or_refused_as_configured() {
    let stub = CaptchaStub::start(START);
    let holds = app(&stub, "").await;
    for (n, token) in [Value::Null, json!(""), json!("  ")].iter().enumerate() {
        let mut wanted = comment(&format!("No token, way {n}."));
        wanted["captcha"] = token.clone();
        let held = holds.submit(&wanted).await.expect(202);
        assert!(signals(&holds, &held).await.contains(&"captcha_missing".to_owned()));
        assert_eq!(holds.moderator().await.item(&held.id()).await["captcha"]["outcome"], "missing");
    }
    assert_eq!(holds.thread("").await.json()["total"], 0);
    let refuses = app(&stub, "on_missing = 'refuse'").await;
    let refused = refuses.submit(&comment("No token.")).await.expect_problem(403, "captcha_failed").json();
    assert_eq!((&refused["reason"], &refused["detail"]), (&json!("missing"), &json!("Captcha verification failed!")));
    assert_eq!(stub.asked().len(), 0, "nothing is asked about no token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_02_success_with_a_score_of_a_tenth_is_refused() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "").await;
    let refused = send(&app, "I pass every test.", "ok:0.1").await.expect_problem(403, "captcha_score_low").json();
    insta::assert_json_snapshot!(refused, { ".reference" => "[reference]" });
    let reference = refused["reference"].as_str().unwrap();
    assert!(reference.len() == 9 && reference.is_ascii(), "short enough to quote: {reference}");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
    let rows = app.moderator().await.get(&format!("/refusals?reference={reference}")).await.expect(200).json();
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(1), "{rows}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_03_a_token_for_another_host_or_action_is_refused() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "").await;
    for (n, token) in
        ["ok:0.9:comment:evil.example", "ok:0.9:login", "ok:0.9:comment:news.example.evil.example"].iter().enumerate()
    {
        let refused =
            send(&app, &format!("Borrowed token {n}."), token).await.expect_problem(403, "captcha_failed").json();
        assert_eq!(refused["reason"], "invalid", "{token}");
    }
    send(&app, "My own token.", "ok:0.9").await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_04_one_token_twenty_times_at_once_over_two_instances() {
    let stub = CaptchaStub::start(START);
    let one = Arc::new(app(&stub, "").await);
    let other = Arc::new(one.beside(&format!("{}\n[moderation]\nmode = 'post'\n", stub.settings())).await);
    // The provider itself would accept it every time.
    one_of_twenty(&one, &other, "reuse:0.9").await;
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_04_flushing_redis_does_not_make_a_token_fresh_again() {
    let Some(redis) = crate::support::redis::RedisServer::start().await else { return };
    let stub = CaptchaStub::start(START);
    let settings = format!("{}\n[moderation]\nmode = 'post'\n[redis]\nurl = '{}'", stub.settings(), redis.url());
    let one = Arc::new(App::with(&settings).await);
    let other = Arc::new(one.beside(&settings).await);
    one_of_twenty(&one, &other, "reuse:0.9").await;
    let _: String = redis.command(&["FLUSHALL"]).await;
    for (n, app) in [&one, &other].iter().enumerate() {
        let refused = send(app, &format!("After the flood {n}."), "reuse:0.9").await;
        assert_eq!(refused.expect_problem(403, "captcha_failed").json()["reason"], "expired");
    }
}

async fn one_of_twenty(one: &Arc<App>, other: &Arc<App>, token: &'static str) {
    let posts: Vec<_> = (0..20)
        .map(|n| {
            let app = Arc::clone(if n % 2 == 0 { one } else { other });
            tokio::spawn(async move { send(&app, &format!("Race number {n}."), token).await })
        })
        .collect();
    let mut taken = 0;
    for post in posts {
        let answer = post.await.unwrap();
        if answer.status == 201 {
            taken += 1;
        } else {
            assert_eq!(answer.expect_problem(403, "captcha_failed").json()["reason"], "expired");
        }
    }
    assert_eq!((taken, one.count("SELECT count(*) FROM comments")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_11_without_referer_and_user_agent_every_check_still_runs() {
    let stub = CaptchaStub::start(START);
    let settings = format!(
        "{}\n[moderation]\nmode = 'post'\n[moderation.words]\nreject = ['forbidden']\n[limits]\nper_ip = ['9/1h']",
        stub.settings()
    );
    let app = App::with(&settings).await;
    let bare = async |token: &str, body: &str| {
        let mut wanted = comment(body);
        wanted["captcha"] = json!(token);
        app.post("/api/comments").json(&wanted).answer().await
    };
    bare("ok:0.1", "A low score.").await.expect_problem(403, "captcha_score_low");
    bare("fail", "A bad token.").await.expect_problem(403, "captcha_failed");
    bare("ok:0.9:login", "Another action.").await.expect_problem(403, "captcha_failed");
    bare("ok:0.9:::1", "").await.expect_problem(422, "validation_failed");
    bare("ok:0.9:::2", "A forbidden word.").await.expect(202);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE status = 'rejected'"), 1);
    bare("ok:0.9:::3", "Said once.").await.expect(201);
    bare("ok:0.9:::4", "Said once.").await.expect_problem(409, "duplicate");
    for n in 5..8 {
        bare(&format!("ok:0.9:::{n}"), &format!("Said {n} times.")).await.expect(201);
    }
    bare("ok:0.9:::9", "Said too often.").await.expect_problem(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_score_under_a_threshold_is_refused_or_held_and_an_equal_one_is_not() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "reject_below = 0.3\nhold_below = 0.6").await;
    for (score, status, low) in [
        ("0.0", 403, false),
        ("0.29", 403, false),
        ("0.3", 202, true),
        ("0.59", 202, true),
        ("0.6", 201, false),
        ("1.0", 201, false),
    ] {
        let answer = send(&app, &format!("I score {score}."), &format!("ok:{score}")).await;
        assert_eq!(answer.status, status, "{score}: {}", answer.text());
        if status != 403 {
            assert_eq!(signals(&app, &answer).await.contains(&"captcha_low".to_owned()), low, "{score}");
            let kept = app.moderator().await.item(&answer.id()).await["captcha"]["score"].clone();
            assert_eq!(kept, json!(score.parse::<f64>().unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_captcha_refusal_has_reason_reference_and_contact() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "on_missing = 'refuse'").await;
    for (token, reason) in
        [("fail", "invalid"), ("future", "invalid"), ("dup", "expired"), ("expired", "expired"), ("", "missing")]
    {
        let refused = send(&app, &format!("Refused as {reason} by {token}."), token)
            .await
            .expect_problem(403, "captcha_failed")
            .json();
        assert_eq!(refused["reason"], reason, "{token}");
        assert_eq!(refused["contact"], "mailto:desk@news.example");
        assert!(refused["reference"].as_str().is_some_and(|reference| reference.len() == 9), "{refused}");
    }
    let silent = self::app(&stub, "[[site]]\ncontact = ''").await;
    let refused = send(&silent, "Whom do I ask?", "fail").await.expect_problem(403, "captcha_failed").json();
    assert_eq!(refused["contact"], Value::Null);
    let low = send(&app, "Refused by score.", "ok:0.1").await.expect_problem(403, "captcha_score_low").json();
    assert_eq!(low["review"], false, "a missing token is refused: there is no review to offer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusals_row_says_nothing_of_a_person() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "").await;
    let mut wanted = json!({"page": crate::support::PAGE, "name": "Wilhelmina Quux", "email": "wq@quux.example",
        "url": "http://quux.example/", "body": "Unmistakable quuxish words.", "captcha": "ok:0.1"});
    app.submission(&wanted).from("203.0.113.77").answer().await.expect(403);
    wanted["captcha"] = json!("fail");
    app.submission(&wanted).from("203.0.113.77").answer().await.expect(403);
    let everything = app.dump("SELECT * FROM refusals").to_lowercase();
    // An id may hold a line break, so that rows are not counted as lines.
    assert_eq!(app.count("SELECT count(*) FROM refusals"), 2);
    for planted in ["quux", "wilhelmina", "203.0.113"] {
        assert!(!everything.contains(planted), "{planted}: {everything}");
    }
    let whole = app.get("/metrics").answer().await.text() + &app.dump("SELECT * FROM audit");
    assert!(!whole.to_lowercase().contains("quux"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_of_low_scores_may_be_held_to_judge_the_threshold() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "explore = 1.0").await;
    let held = send(&app, "A sample.", "ok:0.1").await.expect(202);
    assert!(signals(&app, &held).await.contains(&"explored".to_owned()));
    send(&app, "No sample.", "ok:0.5").await.expect(202);
    assert_eq!(app.dump("SELECT sampled FROM comments WHERE sampled IS NOT NULL").lines().count(), 1);
    assert_eq!(app.dump("SELECT body FROM comments WHERE sampled = 1.0").lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_is_told_secret_and_token_and_nothing_of_the_reader() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "").await;
    let mut wanted = comment("A word between us.");
    wanted["captcha"] = json!("ok:0.9");
    app.submission(&wanted).from("203.0.113.77").answer().await.expect(201);
    let names: Vec<String> = stub.asked()[0].iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["secret", "response"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_refused_for_less_never_asks_the_provider() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "[limits]\nper_ip = ['2/1h']").await;
    send(&app, "x", "ok:0.9").await.expect(422);
    send(&app, "Said once.", "ok:0.9").await.expect(201);
    send(&app, "Said once.", "ok:0.9:::2").await.expect(409);
    send(&app, "Said too often.", "ok:0.9:::3").await.expect(429);
    let oversized = "ok:".to_owned() + &"9".repeat(20_000);
    let app = self::app(&stub, "").await;
    send(&app, "A heavy token.", &oversized).await.expect_problem(403, "captcha_failed");
    assert_eq!(stub.asked().len(), 1);
}
