//! What the built-in score knows beside the request: lists, the network's past and present, the text, the
//! author. Each as a moderator sees it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, App, PAGE, comment, moderator::names, until};

/// The tests' tokens are minted for no network in particular.
const BUILTIN: &str =
    "[captcha]\nprovider = 'builtin'\n[moderation]\nmode = 'post'\n[captcha.weights]\ntoken_network_changed = 0\n";
const A_WHILE: Duration = Duration::from_secs(40);
const TEXT: &str = "A text that is long enough to be somebody's own";

/// As a browser on the site's page sends it, with a fresh token.
async fn send(app: &App, wanted: Value) -> Answer {
    let mut wanted = wanted;
    wanted["captcha"] = json!(app.solved(PAGE, A_WHILE));
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    let ask = app.submission(&wanted).header("User-Agent", browser).header("Accept-Language", "en");
    ask.header("Sec-Fetch-Mode", "cors").answer().await
}

/// The captcha's signals of a comment, and its score.
async fn seen(app: &App, wanted: Value) -> (Vec<String>, f64) {
    let taken = send(app, wanted).await;
    assert!([201, 202].contains(&taken.status), "{}", taken.text());
    let item = app.moderator().await.item(&taken.id()).await;
    let names = names(&item).into_iter().filter_map(|name| name.strip_prefix("captcha.").map(str::to_owned)).collect();
    let z: f64 = item["signals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|signal| signal["name"].as_str().unwrap().starts_with("captcha."))
        .map(|signal| signal["weight"].as_f64().unwrap())
        .sum();
    let score = item["captcha"]["score"].as_f64().unwrap();
    assert!((score - 1.0 / (1.0 + (z - 1.4).exp())).abs() < 1e-6, "the signals do not explain the score: {item}");
    (names, score)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listed_network_is_told_and_a_changed_list_acts_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (tor, hosting) = (folder.path().join("tor.txt"), folder.path().join("hosting.txt"));
    std::fs::write(&tor, "127.0.0.0/8\n::1\n").unwrap();
    std::fs::write(&hosting, "198.51.100.0/24\n").unwrap();
    let lists = format!("[captcha.lists]\ntor_exits = [{tor:?}]\nhosting = [{hosting:?}]\n");
    let app = App::with(&format!("{BUILTIN}form_time_human = 0\n{lists}")).await;
    let (names, score) = seen(&app, comment("Through an onion.")).await;
    assert_eq!(names, ["pow_ok", "net_tor"], "and a weight of 0 silences a signal");
    assert!(score > 0.6);
    std::fs::write(&tor, "203.0.113.7\n").unwrap();
    std::fs::write(&hosting, "127.0.0.0/8\n::1\n").unwrap();
    app.running.reload().await;
    assert_eq!(seen(&app, comment("Through a cloud.")).await.0, ["pow_ok", "net_hosting"]);
    std::fs::write(&hosting, "nonsense\n").unwrap();
    app.running.reload().await;
    assert_eq!(seen(&app, comment("Through a cloud that stays.")).await.0, ["pow_ok", "net_hosting"]);
    let ready = app.get("/readyz").answer().await.json();
    assert!(ready["checks"]["config"]["detail"].as_str().unwrap().contains("captcha.lists.hosting"), "{ready}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderators_decisions_weigh_on_the_network_and_their_undoing_does_not() {
    let app = App::with(BUILTIN).await;
    let moderator = app.moderator().await;
    let mut spam = Vec::new();
    for n in 0..10 {
        // The later ones wait: their author's record speaks against them.
        let taken = send(&app, comment(&format!("Number {n} of them."))).await;
        moderator.mark_spam(&taken.id()).await;
        spam.push(taken.id());
    }
    let other = json!({"email": "somebody-else@readers.example"});
    let from_other = |body: &str| {
        let mut wanted = comment(body);
        wanted["email"] = other["email"].clone();
        wanted
    };
    let (names, score) = seen(&app, from_other("From a bad neighbourhood.")).await;
    assert!(names.contains(&"prefix_reputation".to_owned()), "{names:?}");
    assert!((0.6..0.95).contains(&score), "a reader is not shut out: {score}");
    moderator.decide(&spam[0], json!({"action": "pending"})).await.expect(200);
    let (names, _) = seen(&app, from_other("Nine are too few.")).await;
    assert!(!names.contains(&"prefix_reputation".to_owned()), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_asks_for_many_challenges_is_told_until_it_has_calmed_down() {
    let app = App::with(BUILTIN).await;
    for _ in 0..40 {
        app.get(&format!("/api/captcha/challenge?page={PAGE}")).answer().await.expect(200);
    }
    let (names, score) = seen(&app, comment("In a hurry.")).await;
    assert!(names.contains(&"prefix_rate_high".to_owned()), "{names:?}");
    assert!(score > 0.6, "{score}");
    app.clock.advance(Duration::from_secs(600));
    assert!(!seen(&app, comment("At leisure.")).await.0.contains(&"prefix_rate_high".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_texts_floods_of_links_and_filled_traps_are_told_in_the_captchas_own_list() {
    let app = App::with(BUILTIN).await;
    assert_eq!(seen(&app, comment(TEXT)).await.0, ["pow_ok", "form_time_human"]);
    let mut again = comment(&TEXT.to_uppercase());
    again["email"] = json!("another@readers.example");
    assert_eq!(seen(&app, again).await.0, ["pow_ok", "form_time_human", "body_duplicate"]);
    let links: String = (0..4).map(|n| format!("See https://site{n}.example/ too. ")).collect();
    assert_eq!(seen(&app, comment(&links)).await.0, ["pow_ok", "form_time_human", "link_burst"]);
    let mut trapped = comment("A password manager filled it.");
    trapped["contact_ref"] = json!("https://x.example");
    assert_eq!(seen(&app, trapped).await.0, ["pow_ok", "honeypot", "form_time_human"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_is_known_to_be_good_by_a_token_and_to_be_bad_by_the_email_alone() {
    let app = App::with(BUILTIN).await;
    let moderator = app.moderator().await;
    let mut wanted = comment("The first of three.");
    for n in 0..3 {
        wanted["body"] = json!(format!("Approved, {n}."));
        let taken = send(&app, wanted.clone()).await.expect(201);
        moderator.approve(&taken.id()).await;
        wanted["author_token"] = taken.json()["author_token"].clone();
    }
    wanted["body"] = json!("With the token.");
    assert!(seen(&app, wanted.clone()).await.0.contains(&"author_known_good".to_owned()));
    wanted["author_token"] = Value::Null;
    wanted["body"] = json!("Without it.");
    assert!(!seen(&app, wanted).await.0.contains(&"author_known_good".to_owned()));
    let mut spam = comment("Spam.");
    spam["email"] = json!("spammer@readers.example");
    for n in 0..3 {
        spam["body"] = json!(format!("Spam, {n}."));
        moderator.mark_spam(&send(&app, spam.clone()).await.id()).await;
    }
    spam["body"] = json!("More of it.");
    assert!(seen(&app, spam).await.0.contains(&"author_known_bad".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_row_of_a_refused_repetition_says_that_the_token_was_used() {
    let app = App::with(BUILTIN).await;
    let token = app.solved(PAGE, A_WHILE);
    let with_token = |body: &str| {
        let mut wanted = comment(body);
        wanted["captcha"] = json!(token);
        wanted
    };
    app.submit(&with_token("The first.")).await.expect(201);
    let refused = app.submit(&with_token("The second.")).await.expect_problem(403, "captcha_failed").json();
    let moderator = app.moderator().await;
    let reference = refused["reference"].as_str().unwrap().to_owned();
    let row = || async { moderator.get(&format!("/refusals?reference={reference}")).await.expect(200).json() };
    until("the row is there", || async { row().await["items"][0].is_object() }).await;
    let row = row().await["items"][0].clone();
    assert!(names(&row).contains(&"token_replayed".to_owned()), "{row}");
    assert!(!names(&row).contains(&"pow_ok".to_owned()), "{row}");
    assert!(row["score"].as_f64().unwrap() < 0.3, "{row}");
}
