//! Attack mode: what brings it on and ends it, on every instance, and that no reader is ever refused by it.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::support::{Answer, App, PAGE, comment, moderator::Moderator, until, within_a_second};

/// Authors are trusted, pages and site have small ceilings.
const CEILINGS: &str =
    "[moderation]\nmode = 'post'\nattack_for = '15m'\n[limits]\nper_page = ['20/1m']\nper_site = ['100/1m']\n";
/// Whoever sends no token is refused.
const STRICT: &str = "[moderation]\nmode = 'post'\n[captcha]\nprovider = 'builtin'\non_missing = 'refuse'\n";
const ATTACK_FOR: Duration = Duration::from_secs(15 * 60);

/// Each of a thousand readers is in a network of their own.
fn address(n: usize) -> String {
    format!("198.{}.{}.7", 18 + n / 250, n % 250)
}

/// Words of somebody else each time: no near-copies.
fn words(n: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "de", "fi", "go", "hu", "ja", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa"];
    let mut drawn = n as u64 + 1;
    let mut next = || {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        SYLLABLES[usize::try_from(drawn >> 60).unwrap()]
    };
    (0..12).map(|_word| [next(), next(), next()].concat()).collect::<Vec<_>>().join(" ")
}

async fn post(app: &App, n: usize, page: &str) -> Answer {
    let mut wanted = comment(&words(n));
    wanted["page"] = json!(page);
    wanted["email"] = json!(format!("reader{n}@readers.example"));
    app.submission(&wanted).from(&address(n)).answer().await
}

async fn attacks(moderator: &Moderator) -> Vec<Value> {
    moderator.get("/attack").await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// Waits until the moderator's instance knows of so many attacks, and at most a second.
async fn until_attacks(moderator: &Moderator, count: usize) -> Vec<Value> {
    within_a_second("attacks are known", || async { attacks(moderator).await.len() == count }).await;
    attacks(moderator).await
}

/// What the audit tells of attacks, oldest first.
async fn deeds(moderator: &Moderator) -> Vec<(String, String)> {
    let rows = moderator.get("/audit?action=attack.&limit=200").await.expect(200).json();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows["items"].as_array().unwrap().iter().rev().map(|row| (text(row, "action"), text(row, "actor"))).collect()
}

async fn until_deeds(moderator: &Moderator, count: usize) -> Vec<(String, String)> {
    until("the audit tells it", || async { deeds(moderator).await.len() >= count }).await;
    deeds(moderator).await
}

fn pair(action: &str, actor: &str) -> (String, String) {
    (action.to_owned(), actor.to_owned())
}

/// Whether challenges ask for more than the 4,000 tries that they ask for at most while all is calm. How many one takes is
/// drawn: under an attack every other one takes more.
async fn is_harder(app: &App) -> bool {
    use replydesk::captcha::challenge::{Challenge, solve};
    for n in 0..16 {
        let path = format!("/api/captcha/challenge?page={PAGE}");
        let answer = app.get(&path).from(&address(n)).answer().await.expect(200);
        let challenge: Challenge = serde_json::from_value(answer.json()).unwrap();
        let solved = tokio::task::spawn_blocking(move || solve(&challenge).unwrap()).await.unwrap();
        if counter(&solved) > 4_000 {
            return true;
        }
    }
    false
}

fn counter(token: &str) -> u32 {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let payload: Value = serde_json::from_slice(&STANDARD.decode(token).unwrap()).unwrap();
    u32::try_from(payload["solution"]["counter"].as_u64().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_a_thousand_addresses_is_held_while_a_readers_comment_is_taken_and_it_ends_by_itself() {
    let app = Arc::new(App::with(CEILINGS).await);
    let moderator = app.moderator().await;
    // Forty at once, each of whom has many addresses.
    let flood = (0..40).map(|nth| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let mut statuses = Vec::new();
            for n in (0..25).map(|n| nth * 25 + n) {
                statuses.push(post(&app, n, &format!("http://news.example/page/{}", n % 40)).await.status);
            }
            statuses
        })
    });
    let reader = {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            for n in 0..30 {
                let status = post(&app, 2_000 + n, PAGE).await.status;
                assert!(matches!(status, 201 | 202), "the reader was answered {status}");
            }
        })
    };
    let mut statuses = Vec::new();
    for one in flood.collect::<Vec<_>>() {
        statuses.extend(one.await.unwrap());
    }
    reader.await.unwrap();
    assert!(statuses.iter().all(|status| matches!(status, 201 | 202)), "nobody is refused: {statuses:?}");
    assert_eq!(statuses.len(), 1_000);
    assert!(statuses.iter().filter(|status| **status == 201).count() <= 140, "all but the first were held");
    post(&app, 3_000, "http://news.example/calm").await.expect(202);
    let attack = attacks(&moderator).await.remove(0);
    assert_eq!((&attack["site"], &attack["page"], &attack["cause"]), (&json!("news"), &Value::Null, &json!("ceiling")));
    let ready = app.get("/readyz").answer().await.expect(200).json();
    assert_eq!(ready["status"], "ok");
    let gauge = "replydesk_attacks{site=\"news\",cause=\"ceiling\"}";
    assert!(!app.get("/metrics").answer().await.text().contains(&format!("{gauge} 0\n")));

    app.clock.advance(ATTACK_FOR);
    post(&app, 3_001, "http://news.example/calm").await.expect(201);
    until("it is closed", || async { deeds(&moderator).await.iter().any(|(action, _)| action == "attack.end") }).await;
    assert!(attacks(&moderator).await.is_empty());
    assert!(app.get("/metrics").answer().await.text().contains(&format!("{gauge} 0\n")));
    let told = deeds(&moderator).await;
    let count = |wanted: &str| told.iter().filter(|(action, actor)| action == wanted && actor == "system").count();
    assert_eq!((count("attack.begin"), count("attack.begin") + count("attack.end")), (count("attack.end"), told.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_lasts_from_the_last_comment_over_the_ceiling_and_is_told_once() {
    let app = App::with("[moderation]\nmode = 'post'\nattack_for = '15m'\n[limits]\nper_page = ['3/1h']\n").await;
    let moderator = app.moderator().await;
    for n in 0..3 {
        post(&app, n, PAGE).await.expect(201);
    }
    for n in 3..9 {
        post(&app, n, PAGE).await.expect(202);
        app.clock.advance(Duration::from_secs(60));
    }
    let attack = attacks(&moderator).await.remove(0);
    let last = app.clock.now().minus(Duration::from_secs(60));
    assert_eq!(attack["until"], json!(last.plus(ATTACK_FOR).to_string()));
    assert_eq!(attack["since"], json!(last.minus(Duration::from_secs(300)).to_string()));
    app.clock.advance(ATTACK_FOR);
    until_attacks(&moderator, 0).await;
    assert_eq!(until_deeds(&moderator, 2).await, [pair("attack.begin", "system"), pair("attack.end", "system")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rise_in_captcha_refusals_brings_it_on_and_a_readers_comment_with_a_token_is_taken() {
    let app = App::with(STRICT).await;
    let moderator = app.moderator().await;
    for n in 0..150 {
        post(&app, n, PAGE).await.expect_problem(403, "captcha_failed");
    }
    let attack = until_attacks(&moderator, 1).await.remove(0);
    assert_eq!((&attack["page"], &attack["cause"], &attack["by"]), (&Value::Null, &json!("refusals"), &Value::Null));
    let mut reader = comment("I read this paper, and have a token.");
    reader["captcha"] = json!(app.solved(PAGE, Duration::from_secs(30)));
    let taken = app.submission(&reader).from("203.0.113.5").answer().await.expect(202);
    assert!(moderator.signals(&taken.id()).await.contains(&"attack_mode".to_owned()));
    app.clock.advance(ATTACK_FOR);
    until_attacks(&moderator, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_papers_few_refusals_and_one_client_that_hammers_are_no_attack() {
    let app = App::with(STRICT).await;
    let limited = App::with("[limits]\nper_ip = ['1/1h']\n").await;
    for n in 0..5 {
        post(&app, n, PAGE).await.expect_problem(403, "captcha_failed");
    }
    for n in 0..300 {
        let wanted = comment(&format!("Without a token, number {n}."));
        app.submission(&wanted).from("203.0.113.9").answer().await.expect_problem(403, "captcha_failed");
        limited.submission(&wanted).from("203.0.113.9").answer().await;
    }
    for one in [app, limited] {
        one.running.services.intake.share_attacks().await.unwrap();
        assert!(attacks(&one.moderator().await).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_the_limiter_bring_it_on_also_those_before_the_body_is_read() {
    let app = App::with("[limits]\nper_ip = ['1/1d']\n").await;
    let moderator = app.moderator().await;
    for n in 0..60 {
        post(&app, n, PAGE).await.expect(202);
        post(&app, n, PAGE).await.expect_problem(429, "rate_limited");
    }
    // Another minute: who is known now is refused at the wall, and counts once more.
    app.clock.advance(Duration::from_secs(60));
    for n in 0..60 {
        post(&app, n, PAGE).await.expect_problem(429, "rate_limited");
    }
    assert_eq!(until_attacks(&moderator, 1).await[0]["cause"], "refusals");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_instances_hold_within_a_second_and_so_does_one_that_starts_anew() {
    let app = App::with(&format!("{CEILINGS}[captcha]\nprovider = 'builtin'\n")).await;
    let beside = app.beside(&format!("{CEILINGS}[captcha]\nprovider = 'builtin'\n")).await;
    let (here, there) = (app.moderator().await, beside.moderator().await);
    for n in 0..21 {
        let mut wanted = comment(&words(n));
        wanted["captcha"] = json!(app.solved(PAGE, Duration::from_secs(30)));
        wanted["email"] = json!(format!("reader{n}@readers.example"));
        app.submission(&wanted).from(&address(n)).answer().await;
    }
    let known = until_attacks(&there, 1).await;
    assert_eq!(known[0]["page"], "/2026/town/bridge");
    assert_eq!(known, attacks(&here).await);
    let mut reader = comment("On the other instance.");
    reader["captcha"] = json!(app.solved(PAGE, Duration::from_secs(30)));
    let held = beside.submission(&reader).from("203.0.113.5").answer().await.expect(202);
    assert!(there.signals(&held.id()).await.contains(&"attack_mode".to_owned()));
    assert!(is_harder(&beside).await, "a challenge there asks for more work");

    here.ask("DELETE", &format!("/attack?site=news&page={PAGE}")).answer().await.expect(204);
    until_attacks(&there, 0).await;
    there.ask("PUT", "/attack").json(&json!({"site": "news", "minutes": 60})).answer().await.expect(200);
    until_attacks(&here, 1).await;
    beside.running.stop().await;
    let app = app.restarted(CEILINGS).await;
    assert_eq!(attacks(&app.moderator().await).await.len(), 1, "before anything else");
    post(&app, 700, "http://news.example/calm").await.expect(202);
    let expected = [("attack.begin", "system"), ("attack.end", "token:tests-0"), ("attack.set", "token:tests-1")];
    assert_eq!(deeds(&app.moderator().await).await, expected.map(|(action, actor)| pair(action, actor)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_hand_it_is_set_changed_and_ended_and_what_was_ended_rests() {
    let app = App::with(CEILINGS).await;
    let moderator = app.moderator().await;
    let put = async |wanted: Value| moderator.ask("PUT", "/attack").json(&wanted).answer().await;
    let now = app.clock.now();
    let set = put(json!({"site": "news", "page": PAGE})).await.expect(200).json();
    assert_eq!(
        set,
        json!({
            "site": "news", "page": "/2026/town/bridge", "since": now.to_string(),
            "until": now.plus(ATTACK_FOR).to_string(), "cause": "hand", "by": "tests-0",
        })
    );
    assert_eq!(put(json!({"site": "news", "page": "/2026/town/bridge"})).await.expect(200).json(), set, "idempotent");
    post(&app, 1, PAGE).await.expect(202);
    post(&app, 2, "http://news.example/calm").await.expect(201);
    let shorter = put(json!({"site": "news", "page": PAGE, "minutes": 1})).await.expect(200).json();
    assert_eq!(shorter["until"], json!(now.plus(Duration::from_secs(60)).to_string()));
    let path = format!("/attack?site=news&page={PAGE}");
    for _twice in 0..2 {
        moderator.ask("DELETE", &path).answer().await.expect(204);
    }
    post(&app, 3, PAGE).await.expect(201);
    assert_eq!(deeds(&moderator).await.len(), 3, "{:?}", deeds(&moderator).await);

    // What was ended by hand does not begin by itself for as long as an attack lasts.
    for n in 10..60 {
        post(&app, n, PAGE).await.expect(201);
    }
    app.clock.advance(ATTACK_FOR);
    for n in 60..81 {
        post(&app, n, PAGE).await;
    }
    assert_eq!(until_attacks(&moderator, 1).await[0]["cause"], "ceiling");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_an_attack_is_told_the_desk_under_a_mark() {
    let app = App::with("[moderation]\nmode = 'post'\n").await;
    let moderator = app.moderator().await;
    let mut stream = moderator.ask("GET", "/stream").open().await;
    post(&app, 1, PAGE).await.expect(201);
    moderator.ask("PUT", "/attack").json(&json!({"site": "news"})).answer().await.expect(200);
    let held = post(&app, 2, PAGE).await.expect(202).id();
    let mut heard = String::new();
    while !heard.contains(&held) || !heard.ends_with("\n\n") {
        heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    let told: Vec<Value> =
        heard.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    let marks: Vec<&Value> = told.iter().map(|event| &event["attack"]).collect();
    assert_eq!(marks, [&Value::Null, &json!(true)], "{heard}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_where_it_begins_and_ends_and_no_page() {
    use crate::support::{database::Home, process::Process, settings};
    let folder = Home::new();
    let config =
        settings::write(&folder, "[moderation]\nmode = 'post'\nattack_for = '1s'\n[limits]\nper_page = ['1/1h']\n");
    let process = Process::serve(&config, "info");
    for n in 0..2 {
        let mut wanted = comment(&words(n));
        wanted["email"] = json!(format!("reader{n}@readers.example"));
        let ask = process.http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted);
        assert!(ask.from(&address(n)).answer().await.status < 300);
    }
    until("it begins", || async { process.log().contains("attack mode begins") }).await;
    until("it ends", || async { process.log().contains("attack mode is over") }).await;
    let log = process.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("attack mode")).collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines.iter().all(|line| line.contains("news") && line.contains("ceiling") && !line.contains("bridge")));
}
