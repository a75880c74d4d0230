//! Trials that comment systems fail, by their number: words, edits, moderators at once, borrowed emails.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use replydesk::{auth::NewPerson, domain::Clock};
use serde_json::{Value, json};

use crate::support::database::Home;
use crate::support::{App, app::START, client::comment as plain, comment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_12_a_hundred_thousand_words_and_hostile_bodies_take_no_longer_than_reading_them() {
    let folder = Arc::new(Home::new());
    let mut list = String::new();
    for n in 0..100_000 {
        writeln!(list, "bad{n:x} phrase{}", n % 7).unwrap();
    }
    std::fs::write(folder.path().join("words.txt"), list + "aaaaaaaaaaaaaaab\n").unwrap();
    let settings = "[moderation]\nmode = 'post'\n[moderation.words]\nhold_files = ['words.txt']\n[scoring]\nhold_at = 1.0\nspam_at = 1.0\n";
    let app = App::within(folder, Clock::standing_at(START), settings).await;
    let hostile = [
        "a".repeat(9_990),
        "a ".repeat(4_990),
        "bad1 ".repeat(1_990),
        "bad1 phrase".repeat(900),
        "[".repeat(9_990),
        "*_".repeat(4_990),
        "> ".repeat(4_990),
        "![](".repeat(2_490),
        "http://a".repeat(1_200),
        "e\u{301}\u{301}".repeat(3_300),
        "\u{202e}\u{200b}x".repeat(3_300),
        "ﷺ".repeat(9_990),
        "`".repeat(9_990),
    ];
    for body in &hostile {
        let asked = Instant::now();
        let answer = app.submit(&comment(body)).await;
        let start: String = body.chars().take(8).collect();
        assert!(asked.elapsed() < Duration::from_secs(5), "{start}… took {:?}", asked.elapsed());
        assert!(matches!(answer.status, 201 | 202), "{start}… {}", answer.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE signals LIKE '%word_hold%'"), 0);
    let hit = format!("{} and then bad1869f PHRASE4 at the very end", "innocent words ".repeat(600));
    let held = app.submit(&comment(&hit)).await.expect(202);
    assert!(app.moderator().await.signals(&held.id()).await.contains(&"word_hold".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_14_an_approved_text_edited_into_spam_is_scored_again_and_goes_back() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let taken = app.submit(&comment("A harmless thought about the bridge.")).await.expect(201);
    let before = app.moderator().await.item(&taken.id()).await["risk"].as_f64().unwrap();
    let spam = "CHEAP PILLS!!! http://a.biz http://b.biz http://c.biz http://d.biz http://e.biz casino bonus, buy now";
    let edit =
        app.http.ask("PATCH", &format!("/api/comments/{}", taken.id())).header("X-Edit-Token", taken.edit_token());
    assert_eq!(edit.json(&json!({"body": spam})).answer().await.expect(200).json()["status"], "pending");
    assert_eq!(app.thread("").await.json()["total"], 0);
    let item = app.moderator().await.item(&taken.id()).await;
    assert!(item["risk"].as_f64().unwrap() > before, "{before} before, then {}", item["risk"]);
    assert!(matches!(item["status"].as_str(), Some("pending" | "spam")), "{}", item["status"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_16_of_two_moderators_at_once_one_wins_and_the_other_sees_who_and_what() {
    let app = App::start().await;
    let second = app.beside("").await;
    let (ada, bea) = (app.moderator().await, second.moderator().await);
    for n in 0..10 {
        let id = app.submit(&comment(&format!("To be decided, {n}."))).await.expect(202).id();
        let version = ada.item(&id).await["version"].clone();
        let (one, other) = tokio::join!(
            ada.decide(&id, json!({"action": "approve", "version": version})),
            bea.decide(&id, json!({"action": "spam", "version": version})),
        );
        let (won, lost, by) =
            if one.status == 200 { (one, other, "token:tests-0") } else { (other, one, "token:tests-1") };
        let won = won.expect(200).json();
        let lost = lost.expect_problem(409, "version_conflict").json();
        assert_eq!(lost["decided_by"], by.split(':').nth(1).unwrap(), "{lost}");
        assert_eq!((&lost["status_now"], &lost["version"]), (&won["status"], &won["version"]));
        assert_eq!(lost["decided_at"], won["decided_at"]);
        // An instance believes its memory for half a second.
        app.clock.advance(Duration::from_millis(500));
        let approved = app.count("SELECT count(*) FROM comments WHERE status = 'approved'");
        for instance in [&app, &second] {
            assert_eq!(instance.thread("").await.json()["total"].as_i64().unwrap(), approved);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_16_the_standing_decision_repeated_changes_nothing() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let id = app.submit(&comment("Decided twice.")).await.expect(202).id();
    let first = moderator.decide(&id, json!({"action": "approve", "version": 1})).await.expect(200).json();
    let again = moderator.decide(&id, json!({"action": "approve", "version": 1})).await.expect(200).json();
    assert_eq!((&first["version"], &first["decided_at"]), (&again["version"], &again["decided_at"]));
    let decided = moderator.item(&id).await["history"].as_array().unwrap().len();
    assert_eq!(decided, 1, "a repetition is no second entry");
}

fn with(body: &str, email: &str, token: Option<&Value>) -> Value {
    let mut wanted = plain(body);
    wanted["email"] = json!(email);
    wanted["author_token"] = token.cloned().unwrap_or(Value::Null);
    wanted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_18_a_trusted_authors_email_without_the_token_earns_nothing() {
    let app = App::with("[moderation]\nmode = 'trusted'\ntrusted_after = 1").await;
    let moderator = app.moderator().await;
    let ada = "ada@readers.example";
    let first = app.submit(&with("My first thought.", ada, None)).await.expect(202).json();
    moderator.approve(first["id"].as_str().unwrap()).await;
    let token = &first["author_token"];
    app.submit(&with("My second thought.", ada, Some(token))).await.expect(201);
    let borrowed = app.submit(&with("A stranger's thought.", ada, None)).await.expect(202);
    assert!(moderator.signals(&borrowed.id()).await.contains(&"email_unproven".to_owned()));
    assert_eq!(moderator.item(&borrowed.id()).await["author"]["proven"], false);
    let bent = json!(token.as_str().unwrap().chars().rev().collect::<String>());
    app.submit(&with("With a bent token.", ada, Some(&bent))).await.expect(202);
    let other = app.submit(&with("Another email, the same token.", "eve@readers.example", Some(token))).await;
    other.expect(202);
    let plain = app.submit(&with("My own, again.", ada, Some(token))).await.expect(201);
    assert!(!moderator.signals(&plain.id()).await.contains(&"email_unproven".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_18_a_moderators_email_and_look_alike_name_are_marked() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let new = NewPerson {
        username: "margaret".into(),
        role: "moderator".into(),
        email: Some("Margaret@news.example".into()),
        sites: None,
        password: Some("a long enough passphrase".into()),
    };
    app.running.services.auth.people.add(new, "operator").await.unwrap();
    app.running.services.intake.refresh().await.unwrap();
    let typed = app.submit(&with("I work here, honestly.", "margaret@NEWS.example", None)).await;
    assert!(app.moderator().await.signals(&typed.id()).await.contains(&"email_unproven".to_owned()));
    let mut posing = comment("Official announcement of the staff.");
    posing["name"] = json!("M\u{430}rgaret");
    let posing = app.submit(&posing).await.expect(202);
    assert!(app.moderator().await.signals(&posing.id()).await.contains(&"staff_lookalike".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_20_words_are_found_whole_and_through_every_disguise() {
    let app = App::with(
        "[moderation]\nmode = 'post'\n[moderation.words]\nhold = ['cialis', 'c++', 'viagra', 'mauvais goût']",
    )
    .await;
    let moderator = app.moderator().await;
    for (body, hit) in [
        ("Ask a specialist about socialism.", false),
        ("Buy cialis today", true),
        ("Cialis.", true),
        ("I write c++ for a living", true),
        ("I write C++, mostly.", true),
        ("I got a c+ in school", false),
        ("Get your v1\u{430}gr\u{430} here", true),
        ("V\u{200b}i\u{200d}a\u{ad}gra for all", true),
        ("ＶＩＡＧＲＡ in wide letters", true),
        ("v\u{456}agra in Cyrillic dress", true),
        ("The viagrande region is lovely", false),
        ("C'est de MAUVAIS GOUT, monsieur", true),
    ] {
        let answer = app.submit(&comment(body)).await;
        let held = moderator.signals(&answer.id()).await.contains(&"word_hold".to_owned());
        assert_eq!(held, hit, "{body}");
        if hit {
            assert_eq!(answer.status, 202, "{body}");
        }
    }
}
