//! The same key with the same content is one comment, whatever happens in between.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::support::{App, comment};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_key_gives_the_same_answer_and_one_comment() {
    let app = App::start().await;
    let first = app.submission(&comment("Once.")).key("k-1").answer().await.expect(202);
    app.clock.advance(HOUR);
    let again = app.submission(&comment("Once.")).key("k-1").answer().await.expect(202);
    assert_eq!(first.json(), again.json());
    let by_field = json!({"idempotency_key": "k-1"});
    let mut same = comment("Once.");
    same.as_object_mut().unwrap().extend(by_field.as_object().unwrap().clone());
    assert_eq!(app.submit(&same).await.expect(202).json(), first.json(), "as a field of the body");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_over_a_restart_for_a_day_and_no_longer() {
    let app = App::start().await;
    let first = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    let app = app.restarted("").await;
    app.clock.advance(HOUR * 24 - Duration::from_secs(1));
    assert_eq!(app.submission(&comment("Once.")).key("k").answer().await.expect(202).json(), first);
    app.clock.advance(Duration::from_secs(2));
    let later = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    assert_ne!(later["id"], first["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_while_the_keyed_hash_of_the_address_turns() {
    let app = App::start().await;
    // 30-day epochs since 1970: the next one begins within so many hours.
    let epoch = 30 * 24 * 3600;
    let left = epoch - app.clock.now().seconds().rem_euclid(epoch);
    app.clock.advance(Duration::from_secs(u64::try_from(left - 60).unwrap()));
    let first = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    app.clock.advance(Duration::from_secs(120));
    let again = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    assert_eq!(first["id"], again["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_on_a_second_instance_over_the_same_store() {
    let app = App::start().await;
    let other = app.beside("").await;
    let first = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    assert_eq!(other.submission(&comment("Once.")).key("k").answer().await.expect(202).json(), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_over_two_instances_are_one_comment_and_one_answer() {
    let app = App::with("[captcha]\nprovider = 'builtin'").await;
    let other = app.beside("[captcha]\nprovider = 'builtin'").await;
    let mut wanted = comment("Once, from an impatient hand.");
    wanted["captcha"] = json!(app.solved(crate::support::PAGE, Duration::from_secs(30)));
    let (app, other, wanted) = (Arc::new(app), Arc::new(other), Arc::new(wanted));
    let posts = (0..20).map(|n| {
        let (app, wanted) = (Arc::clone(if n % 2 == 0 { &app } else { &other }), Arc::clone(&wanted));
        tokio::spawn(async move { app.submission(&wanted).key("impatient").answer().await })
    });
    let mut answers = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        answers.push(post.await.unwrap().expect(202).json());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
    assert_eq!(app.count("SELECT count(*) FROM refusals"), 0, "a replay was told to fail the captcha");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_content_under_a_used_key_is_refused() {
    let app = App::start().await;
    app.submission(&comment("Once.")).key("k").answer().await.expect(202);
    for (field, value) in
        [("body", "Twice."), ("name", "Bea"), ("email", "b@c.example"), ("url", "http://a.example"), ("title", "T")]
    {
        let mut other = comment("Once.");
        other[field] = json!(value);
        let answer = app.submission(&other).key("k").answer().await;
        answer.expect_problem(422, "idempotency_key_reused");
    }
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_captcha_and_other_signals_are_the_same_content() {
    let app = App::with("[captcha]\nprovider = 'builtin'").await;
    let mut wanted = comment("Once.");
    wanted["captcha"] = json!(app.solved(crate::support::PAGE, Duration::from_secs(30)));
    let first = app.submission(&wanted).key("k").answer().await.expect(202).json();
    wanted["captcha"] = json!(app.solved(crate::support::PAGE, Duration::from_secs(9)));
    wanted["signals"] =
        json!({"t_first": 1, "t_total": 2, "keys": 3, "key_jitter_bucket": 1, "moves_bucket": 1, "pastes": 0});
    assert_eq!(app.submission(&wanted).key("k").answer().await.expect(202).json(), first);
    assert_eq!(app.count("SELECT count(*) FROM claimed_tokens"), 1, "the second token was spent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_charges_no_limit_and_a_refusal_is_not_kept() {
    let app = App::with("[limits]\nper_ip = ['2/1h']").await;
    let bad = json!({"page": crate::support::PAGE, "name": "Ada", "email": "a@b.example", "body": ""});
    app.submission(&bad).key("k").answer().await.expect(422);
    let first = app.submission(&comment("Once.")).key("k").answer().await.expect(202).json();
    for _ in 0..5 {
        assert_eq!(app.submission(&comment("Once.")).key("k").answer().await.expect(202).json(), first);
    }
    app.submit(&comment("The second of two.")).await.expect(202);
    app.submit(&comment("One too many.")).await.expect_problem(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_somebodys_own_and_of_visible_letters() {
    let app = App::start().await;
    let one = app.submission(&comment("Same key.")).from("203.0.113.1").key("k").answer().await.expect(202).id();
    let mut other = comment("Same key.");
    other["email"] = json!("other@readers.example");
    let two = app.submission(&other).from("198.51.100.1").key("k").answer().await.expect(202).id();
    assert_ne!(one, two);
    for bad in ["a".repeat(129), "a b".to_owned(), "schlüssel".to_owned()] {
        let answer = app.submission(&comment("Odd.")).key(&bad).answer().await;
        assert_eq!(answer.faults(), ["idempotency_key invalid"], "{bad}");
    }
    app.submission(&comment("Longest.")).key(&"~".repeat(128)).answer().await.expect(202);
}
