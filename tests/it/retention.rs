//! What has outlived its time goes: the words, the people behind them, and nothing that others need.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{App, PAGE, comment, moderator::Moderator, until};

const DAY: Duration = Duration::from_secs(86_400);
const PERSONAL: &str = "SELECT count(*) FROM comments WHERE body <> '' OR name <> '' OR email IS NOT NULL OR url IS NOT NULL OR address IS NOT NULL OR network_key <> '' OR sketch IS NOT NULL";

/// Somebody of this name sends it.
async fn sent(app: &App, name: &str, body: &str) -> String {
    let mut wanted = comment(body);
    (wanted["name"], wanted["email"]) = (json!(name), json!(format!("{name}@readers.example")));
    app.submission(&wanted).from("203.0.113.77").answer().await.expect(202).id()
}

async fn later(app: &App, days: u32) {
    app.clock.advance(DAY * days);
    app.running.keep_house().await;
}

async fn is_gone(moderator: &Moderator, id: &str) -> bool {
    moderator.get(&format!("/comments/{id}")).await.told().0 == 404
}

async fn counted(app: &App, what: &str) -> u64 {
    let metrics = app.get("/metrics").answer().await.text();
    let name = format!("replydesk_dropped_total{{what=\"{what}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spam_goes_fifteen_days_after_the_decision_and_what_was_rejected_after_thirty() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let (spam, rude) = (sent(&app, "eve", "Buy pills.").await, sent(&app, "bob", "Rude words.").await);
    let (kept, waits) = (sent(&app, "ada", "Good.").await, sent(&app, "cy", "Undecided.").await);
    later(&app, 10).await;
    moderator.mark_spam(&spam).await;
    moderator.reject(&rude).await;
    moderator.approve(&kept).await;
    later(&app, 14).await;
    assert!(!is_gone(&moderator, &spam).await, "its time counts from the decision");
    later(&app, 1).await;
    assert!(is_gone(&moderator, &spam).await && !is_gone(&moderator, &rude).await);
    later(&app, 15).await;
    assert!(
        is_gone(&moderator, &rude).await && !is_gone(&moderator, &kept).await && !is_gone(&moderator, &waits).await
    );
    later(&app, 400).await;
    assert!(
        !is_gone(&moderator, &kept).await && !is_gone(&moderator, &waits).await,
        "what stands and what waits stays"
    );
    assert_eq!((counted(&app, "spam").await, counted(&app, "rejected").await), (1, 1));
    assert_eq!(app.count(PERSONAL), 2, "two comments are kept");
    let dump =
        app.dump("SELECT * FROM comments") + &app.dump("SELECT * FROM lessons") + &app.dump("SELECT * FROM audit");
    for word in ["pills", "Rude", "eve", "bob", "203.0.113.77"] {
        assert!(!dump.contains(word), "{word}");
    }
    // A tab that was left open is told that there is none.
    moderator.decide(&spam, json!({"action": "approve", "version": 2})).await.expect_problem(404, "not_found");
    let bulk = json!({"decisions": [{"id": spam, "action": "approve"}]});
    let results = moderator.ask("POST", "/decisions").json(&bulk).answer().await.expect(200).json();
    assert_eq!(results["results"][0]["outcome"], "not_found");
    let ban = json!({"kind": "name", "from_comment": spam, "mode": "hold", "reason": "Too late."});
    moderator.ask("POST", "/bans").json(&ban).answer().await.expect_problem(404, "not_found");
    app.get(&format!("/api/comments/{spam}")).answer().await.expect_problem(404, "not_found");
    for status in ["spam", "rejected"] {
        let list = moderator.get(&format!("/comments?status={status}")).await.json();
        assert_eq!(list["items"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_is_in_no_file_of_the_store() {
    let app = App::start().await;
    // What PostgreSQL keeps in its log is its own affair.
    if app.folder.is_postgres() {
        return;
    }
    let moderator = app.moderator().await;
    // From one that is a part of a page to one that takes several pages by itself.
    for (n, words) in [1, 40, 90, 300, 600, 1_100].into_iter().enumerate() {
        let body = format!("Buy {}end{n}", "quincunx ".repeat(words));
        let spam = sent(&app, &format!("eve-{n}"), &body).await;
        moderator.mark_spam(&spam).await;
    }
    let holds = |word: &str| {
        let files = std::fs::read_dir(app.folder.path()).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.to_string_lossy().contains("replydesk.db")).any(|path| {
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(word.len()).any(|part| part == word.as_bytes())
        })
    };
    assert!(holds("quincunx") && holds("eve-3") && holds("203.0.113.77"));
    // Somebody who reads the whole store keeps its log as it is.
    let backup = rusqlite::Connection::open(app.folder.file()).unwrap();
    backup.execute_batch("BEGIN; SELECT count(*) FROM comments;").unwrap();
    later(&app, 15).await;
    assert!(holds("quincunx"));
    drop(backup);
    // A loop of the server's own may be reading too, for a moment, and then it is the next run's.
    until("the log is empty", || async {
        app.running.keep_house().await;
        !holds("quincunx") && !holds("eve-3") && !holds("203.0.113.77")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_changes_a_comment_begins_its_time_anew() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let (twice, moved) = (sent(&app, "eve", "First.").await, sent(&app, "bob", "Second.").await);
    let revised = sent(&app, "cy", "Third.").await;
    for id in [&twice, &moved, &revised] {
        moderator.mark_spam(id).await;
    }
    later(&app, 14).await;
    moderator.mark_spam(&twice).await;
    moderator.reject(&moved).await;
    moderator
        .ask("PATCH", &format!("/comments/{revised}"))
        .json(&json!({"body": "Other words."}))
        .answer()
        .await
        .expect(200);
    later(&app, 1).await;
    assert!(is_gone(&moderator, &twice).await, "the decision that stands, repeated, changes nothing");
    assert!(!is_gone(&moderator, &moved).await && !is_gone(&moderator, &revised).await);
    later(&app, 14).await;
    assert!(!is_gone(&moderator, &moved).await && is_gone(&moderator, &revised).await);
    later(&app, 15).await;
    assert!(is_gone(&moderator, &moved).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_keeps_its_place_and_an_author_the_record() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let first = app.submit(&comment("A root.")).await.expect(202);
    let (root, token) = (first.id(), first.json()["author_token"].clone());
    moderator.approve(&root).await;
    let mut reply = comment("A reply.");
    (reply["parent"], reply["name"]) = (json!(root), json!("Bob"));
    let reply = app.submit(&reply).await.expect(202).id();
    moderator.approve(&reply).await;
    app.clock.advance(Duration::from_secs(1));
    let mut late = comment("A reply that waits.");
    (late["parent"], late["name"]) = (json!(root), json!("Cy"));
    let late = app.submit(&late).await.expect(202).id();
    moderator.reject(&root).await;
    let before = app.thread("").await.expect(200);
    later(&app, 30).await;
    assert!(is_gone(&moderator, &root).await);
    let after = app.thread("").await.expect(200);
    assert_eq!((before.json(), before.header("etag")), (after.json(), after.header("etag")), "readers see no change");
    assert_eq!(after.json()["comments"][0], json!({"id": root, "parent": null, "depth": 0, "removed": true}));
    moderator.approve(&late).await;
    let list = app.thread("").await.json();
    let ids: Vec<&Value> = list["comments"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(root), &json!(reply), &json!(late)]);
    // Who was rejected once stays known for it.
    let mut next = comment("Something else entirely.");
    next["author_token"] = token;
    let next = app.submit(&next).await.expect(202).id();
    let author = moderator.item(&next).await["author"].clone();
    assert_eq!((&author["rejected"], &author["approved"]), (&json!(1), &json!(0)), "{author}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_its_author_took_back_goes_and_a_site_may_keep_all_for_good() {
    let app = App::with("[[site]]\nmoderation = { retain_spam = '', retain_rejected = '2d' }").await;
    let moderator = app.moderator().await;
    let taken = app.submit(&comment("I take it back.")).await.expect(202);
    let own =
        app.http.ask("DELETE", &format!("/api/comments/{}", taken.id())).header("X-Edit-Token", taken.edit_token());
    own.answer().await.expect(204);
    let (spam, rude) = (sent(&app, "eve", "Pills.").await, sent(&app, "bob", "Rude.").await);
    moderator.mark_spam(&spam).await;
    moderator.reject(&rude).await;
    later(&app, 2).await;
    assert!(is_gone(&moderator, &rude).await && !is_gone(&moderator, &spam).await);
    assert_eq!(counted(&app, "deleted").await, 1);
    assert!(!app.dump("SELECT * FROM comments").contains("take it back"));
    later(&app, 4_000).await;
    assert!(!is_gone(&moderator, &spam).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_worked_off_by_two_instances_at_once_while_readers_post_and_when_one_is_ended_midway() {
    let app = App::start().await;
    let beside = app.beside("").await;
    app.submit(&comment("The page begins.")).await.expect(202);
    let (id, path) = match app.folder.is_postgres() {
        true => ("gen_random_uuid()", "''::bytea"),
        false => ("randomblob(16)", "x''"),
    };
    let no = if app.folder.is_postgres() { "false" } else { "0" };
    app.run(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO comments (id, page, depth, root, path, status, shown, version, name, email, body, created_at, edit_until, author, proven,
           network_key, captcha_provider, captcha_outcome, risk, verdict, signals)
         SELECT {id}, 1, 0, {id}, {path}, 'spam', 0, 1, 'Eve', 'eve@spam.example', 'Pills.', 1000, 1000, {id}, {no},
           'network', 'none', 'off', 0.99, 'spam', '[]' FROM n"
    ));
    let unfinished = "SELECT count(*) FROM comments WHERE status = 'spam'";
    // One that is ended in the middle leaves whole stretches behind it.
    let ended = tokio::time::timeout(Duration::from_millis(150), app.running.keep_house()).await;
    let half = app.count(unfinished);
    assert!(ended.is_ok() || half % 50 == 0, "{half}");
    let posting = async {
        for n in 0..20 {
            app.submission(&comment(&format!("Meanwhile {n}."))).from("198.51.100.7").answer().await.expect(202);
        }
    };
    let house = async { tokio::join!(app.running.keep_house(), beside.running.keep_house()) };
    tokio::join!(posting, house);
    // Whoever found the other at it left the rest to it.
    app.running.keep_house().await;
    assert_eq!(app.count(unfinished), 0);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE was = 'spam' AND body = '' AND email IS NULL"), 3_000);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE body LIKE 'Meanwhile%'"), 20);
    // The stretch in which one was ended may have gone uncounted.
    let counted = counted(&app, "spam").await + counted(&beside, "spam").await;
    assert!((2_950..=3_000).contains(&counted), "nothing is counted twice: {counted}");
    app.get(&format!("/api/comments?page={PAGE}")).answer().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_can_be_changed_while_the_server_runs() {
    let app = App::with("[moderation]\nretain_spam = ''").await;
    let moderator = app.moderator().await;
    let spam = sent(&app, "eve", "Pills.").await;
    moderator.mark_spam(&spam).await;
    later(&app, 100).await;
    assert!(!is_gone(&moderator, &spam).await);
    crate::support::settings::write(&app.folder, "[moderation]\nretain_spam = '20d'");
    app.running.reload().await;
    later(&app, 0).await;
    assert!(is_gone(&moderator, &spam).await);
}
