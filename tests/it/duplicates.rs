//! The same words again.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::support::{App, comment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_words_are_refused_whatever_their_case_and_spaces_and_fate() {
    let app = App::start().await;
    let id = app.submit(&comment("The same words.")).await.expect(202).id();
    for again in ["The same words.", "the SAME words.", "  The\n same \t words.  "] {
        app.submit(&comment(again)).await.expect_problem(409, "duplicate");
    }
    app.moderator().await.mark_spam(&id).await;
    app.submit(&comment("The same words.")).await.expect_problem(409, "duplicate");
    app.clock.advance(Duration::from_secs(24 * 3600 + 1));
    app.submit(&comment("The same words.")).await.expect(202);
    app.submit(&comment("Καλώς ήρθες, φίλος.")).await.expect(202);
    app.submit(&comment("ΚΑΛΏΣ ΉΡΘΕΣ, ΦΊΛΟΣ.")).await.expect_problem(409, "duplicate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_page_or_email_makes_them_other_words() {
    let app = App::start().await;
    app.submit(&comment("The same words.")).await.expect(202);
    let mut elsewhere = comment("The same words.");
    elsewhere["page"] = json!("http://news.example/elsewhere");
    app.submit(&elsewhere).await.expect(202);
    let mut somebody = comment("The same words.");
    somebody["email"] = json!("bea@readers.example");
    app.submit(&somebody).await.expect(202);
    let mut spelled = comment("The same words.");
    spelled["email"] = json!("ADA@readers.example");
    app.submit(&spelled).await.expect_problem(409, "duplicate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_another_network_they_are_a_signal_and_no_refusal() {
    let app = App::start().await;
    let first = app.submission(&comment("A copied line of text.")).from("203.0.113.1").answer().await.expect(202).id();
    let neighbour = app.submission(&comment("A copied line of text.")).from("203.0.113.200").answer().await;
    neighbour.expect_problem(409, "duplicate");
    let far = app.submission(&comment("A copied line of text.")).from("198.51.100.1").answer().await.expect(202).id();
    let moderator = app.moderator().await;
    assert!(moderator.signals(&far).await.contains(&"near_copy".to_owned()));
    assert!(!moderator.signals(&first).await.contains(&"near_copy".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_over_two_instances_leave_one() {
    let app = Arc::new(App::start().await);
    let other = Arc::new(app.beside("").await);
    let posts: Vec<_> = (0..20)
        .map(|n| {
            let app = Arc::clone(if n % 2 == 0 { &app } else { &other });
            tokio::spawn(async move { app.submit(&comment("All at once.")).await.told() })
        })
        .collect();
    let mut taken = 0;
    for post in posts {
        match post.await.unwrap() {
            (202, _) => taken += 1,
            told => assert_eq!(told, (409, "duplicate".to_owned())),
        }
    }
    assert_eq!((taken, app.count("SELECT count(*) FROM comments")), (1, 1));
}
