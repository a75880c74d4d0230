//! Decisions teach the score: within a second, alike on every instance, and what is taken back is unlearned
//! to the last bit.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Answer, App, comment, in_time,
    moderator::{Moderator, names},
    until, within_a_second,
};

const SPAM: [&str; 4] = [
    "Subscribe to my channel and win free followers today",
    "Cheap followers here, subscribe now to my new channel",
    "Win money fast, my channel shows how, subscribe today",
    "Free followers for everybody who will subscribe now",
];
const HAM: [&str; 4] = [
    "The mayor should have answered the council in March",
    "I crossed the bridge this morning and it was closed",
    "The council never told the traders about the winter",
    "Nobody asked the people who live beside the river",
];
/// Nothing is marked by itself: what a test posts, a person decides on.
const BY_HAND: &str = "[scoring]\nspam_at = 1.0\n";
const LIKE_SPAM: &str = "Everybody can win followers: subscribe to the channel";

/// A comment that stays in the queue, by which the model is asked again and again.
struct Probe {
    id: String,
    token: String,
}

impl Probe {
    async fn post(app: &App, body: &str) -> Self {
        let taken = post(app, body).await.expect(202);
        Self { id: taken.id(), token: taken.edit_token() }
    }

    /// What this instance's model says of it: sent once more in the same words, it is scored anew.
    async fn learned(&self, app: &App, body: &str) -> f64 {
        let ask = app.http.ask("PATCH", &format!("/api/comments/{}", self.id)).header("X-Edit-Token", &self.token);
        ask.json(&json!({"body": body})).answer().await.expect(200);
        learned(&app.moderator().await.item(&self.id).await)
    }
}

/// What the model adds to a comment's log-odds.
fn learned(item: &Value) -> f64 {
    let signals = item["signals"].as_array().unwrap();
    let learned = signals.iter().find(|signal| signal["name"] == "learned");
    learned.map_or(0.0, |signal| signal["weight"].as_f64().unwrap())
}

/// Somebody nobody knows sends it, from a network that nobody knows.
async fn post(app: &App, body: &str) -> Answer {
    static SENDERS: AtomicU32 = AtomicU32::new(0);
    let n = SENDERS.fetch_add(1, Ordering::Relaxed);
    let mut wanted = comment(body);
    (wanted["name"], wanted["email"]) = (json!(format!("Reader {n}")), json!(format!("reader-{n}@readers.example")));
    app.submission(&wanted).from(&format!("10.{}.{}.7", n / 250, n % 250)).answer().await
}

/// Posts these and decides on each.
async fn teach(app: &App, moderator: &Moderator, bodies: &[&str], action: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for body in bodies {
        let id = post(app, body).await.id();
        moderator.decide(&id, json!({"action": action})).await.expect(200);
        ids.push(id);
    }
    ids
}

/// Lessons of this kind that the instance has taken in since it was started.
async fn taken_in(app: &App, kind: &str) -> u64 {
    let metrics = app.get("/metrics").answer().await.text();
    let name = format!("replydesk_lessons_total{{kind=\"{kind}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

async fn until_taken_in(app: &App, kind: &str, count: u64) {
    until(kind, || async { taken_in(app, kind).await == count }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_counts_within_a_second_and_taken_back_leaves_the_very_same_score() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    let probe = Probe::post(&app, LIKE_SPAM).await;
    let blank = probe.learned(&app, LIKE_SPAM).await;
    teach(&app, &moderator, &HAM[..2], "approve").await;
    teach(&app, &moderator, &SPAM[..1], "spam").await;
    until_taken_in(&app, "spam", 1).await;
    until_taken_in(&app, "ham", 2).await;
    let before = probe.learned(&app, LIKE_SPAM).await;
    assert_ne!(before, blank);

    let taught = teach(&app, &moderator, &SPAM[1..], "spam").await;
    within_a_second("it counts", || async { probe.learned(&app, LIKE_SPAM).await > before }).await;
    until_taken_in(&app, "spam", 4).await;
    let item = moderator.item(&probe.id).await;
    assert!(names(&item).contains(&"learned".to_owned()), "{item}");

    for (id, other) in taught.iter().zip(["pending", "reject", "approve"]) {
        moderator.decide(id, json!({"action": other})).await.expect(200);
    }
    moderator.decide(&taught[2], json!({"action": "pending"})).await.expect(200);
    until_taken_in(&app, "void", 4).await;
    assert_eq!(probe.learned(&app, LIKE_SPAM).await, before, "unlearned to the last bit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_approve_and_spam_teach_and_each_once() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    teach(&app, &moderator, &SPAM[..2], "reject").await;
    let ids = teach(&app, &moderator, &SPAM[2..3], "spam").await;
    moderator.mark_spam(&ids[0]).await;
    let bulk = json!({"decisions": [{"id": ids[0], "action": "spam"}, {"id": ids[0], "action": "spam"}]});
    moderator.ask("POST", "/decisions").json(&bulk).answer().await.expect(200);
    teach(&app, &moderator, &HAM[..1], "approve").await;
    until_taken_in(&app, "ham", 1).await;
    assert_eq!(app.dump("SELECT kind FROM lessons ORDER BY seq"), "spam\nham");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_over_one_store_learn_alike_and_so_does_one_that_comes_later() {
    let one = App::with(BY_HAND).await;
    let two = one.beside(BY_HAND).await;
    let (by_one, by_two) = (one.moderator().await, two.moderator().await);
    let probe = Probe::post(&one, LIKE_SPAM).await;
    for n in 0..4 {
        let ids = teach(&one, &by_one, &SPAM[n..=n], "spam").await;
        teach(&two, &by_two, &HAM[n..=n], "approve").await;
        if n == 1 {
            by_two.approve(&ids[0]).await;
        }
    }
    for app in [&one, &two] {
        until_taken_in(app, "void", 1).await;
        until_taken_in(app, "ham", 5).await;
        until_taken_in(app, "spam", 4).await;
    }
    let risk = probe.learned(&one, LIKE_SPAM).await;
    assert_eq!(risk, probe.learned(&two, LIKE_SPAM).await);
    let three = one.beside(BY_HAND).await;
    assert_eq!(risk, probe.learned(&three, LIKE_SPAM).await, "learned anew from the log");
}

/// Many decisions in one request, the first before by itself.
async fn decide_many(app: &App, moderator: &Moderator, count: usize) {
    let words = ["bridge", "winter", "council", "river", "mayor", "market", "school", "station", "harbour", "library"];
    let mut decisions = Vec::new();
    for n in 0..count {
        let word = |step: usize| words[n / 10_usize.pow(u32::try_from(step).unwrap()) % 10];
        let (body, action) = match n % 3 {
            0 => (format!("Subscribe to the {} {} {} channel, number {n}", word(0), word(1), word(2)), "spam"),
            _ => (format!("What the {} said of the {} and the {} is right, {n}", word(0), word(1), word(2)), "approve"),
        };
        let id = post(app, &body).await.id();
        decisions.push(json!({"id": id, "action": action}));
    }
    let first = decisions.remove(0);
    for decisions in [json!([first]), json!(decisions)] {
        let bulk = json!({"decisions": decisions});
        moderator.ask("POST", "/decisions").json(&bulk).answer().await.expect(200);
        until("the first", || async { taken_in(app, "spam").await > 0 }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_outlives_the_process_by_its_snapshot_or_by_its_lessons() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    let probe = Probe::post(&app, LIKE_SPAM).await;
    decide_many(&app, &moderator, 130).await;
    until_taken_in(&app, "spam", 44).await;
    let risk = probe.learned(&app, LIKE_SPAM).await;
    until("a snapshot", || async { app.count("SELECT count(*) FROM models WHERE labels = 100") == 1 }).await;

    // One that is started beside it has what one has that is started after a kill: the store.
    let again = app.beside(BY_HAND).await;
    assert_eq!(probe.learned(&again, LIKE_SPAM).await, risk);
    let old = if app.folder.is_postgres() { "'OLD1'::bytea" } else { "CAST('OLD1' AS BLOB)" };
    for harm in ["bytes = substr(bytes, 1, length(bytes) - 9)".to_owned(), format!("bytes = {old}, version = 'OLD1'")] {
        app.folder.run(&format!("UPDATE models SET {harm}"));
        let anew = app.beside(BY_HAND).await;
        assert_eq!(probe.learned(&anew, LIKE_SPAM).await, risk, "{harm}");
        anew.running.stop().await;
    }
    // It keeps what is new before it ends.
    let app = app.restarted(BY_HAND).await;
    assert_eq!(app.count("SELECT max(labels) FROM models"), 130);
    assert_eq!(probe.learned(&app, LIKE_SPAM).await, risk);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_new_is_kept_after_a_quiet_minute() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    teach(&app, &moderator, &HAM[..2], "approve").await;
    until_taken_in(&app, "ham", 2).await;
    assert_eq!(app.count("SELECT count(*) FROM models"), 0);
    app.clock.advance(Duration::from_secs(61));
    until("a snapshot", || async { app.count("SELECT count(*) FROM models WHERE seq = 2 AND labels = 2") == 1 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_old_decisions_goes_by_the_snapshot_before_them_and_comes_to_the_same() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    let probe = Probe::post(&app, LIKE_SPAM).await;
    decide_many(&app, &moderator, 105).await;
    until("a snapshot", || async { app.count("SELECT count(*) FROM models WHERE labels = 100") == 1 }).await;
    until_taken_in(&app, "spam", 35).await;
    let before = probe.learned(&app, LIKE_SPAM).await;
    let ids = teach(&app, &moderator, &SPAM[..1], "spam").await;
    until_taken_in(&app, "spam", 36).await;
    assert_ne!(probe.learned(&app, LIKE_SPAM).await, before);
    moderator.decide(&ids[0], json!({"action": "pending"})).await.expect(200);
    until_taken_in(&app, "void", 1).await;
    assert_eq!(probe.learned(&app, LIKE_SPAM).await, before);

    // The first decision of all: no snapshot is left that does not know it.
    let store = replydesk::store::Store::open_to_read(&app.folder.url()).await.unwrap();
    let log = store.lesson_log("news".to_owned(), 0).await.unwrap();
    let id = log.first().and_then(|first| first.comment).unwrap().to_string();
    moderator.decide(&id, json!({"action": "pending"})).await.expect(200);
    until_taken_in(&app, "void", 2).await;
    let without = probe.learned(&app, LIKE_SPAM).await;
    assert_eq!(probe.learned(&app.beside(BY_HAND).await, LIKE_SPAM).await, without);
    assert_ne!(without, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_comment_is_unlearned() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    let probe = Probe::post(&app, LIKE_SPAM).await;
    teach(&app, &moderator, &HAM[..1], "approve").await;
    until_taken_in(&app, "ham", 1).await;
    let before = probe.learned(&app, LIKE_SPAM).await;
    teach(&app, &moderator, &SPAM[..1], "spam").await;
    until_taken_in(&app, "spam", 1).await;
    app.folder.run(&format!("UPDATE comments SET name = '', body = '' WHERE body = '{}'", SPAM[0]));
    until_taken_in(&app, "void", 1).await;
    assert_eq!(probe.learned(&app, LIKE_SPAM).await, before);
    assert_eq!(probe.learned(&app.beside(BY_HAND).await, LIKE_SPAM).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taught_stays_when_the_time_of_its_words_is_over() {
    let settings = "[scoring]\nspam_at = 1.0\n[moderation]\nedit_window = '30d'\n";
    let app = App::with(settings).await;
    let moderator = app.moderator().await;
    let probe = Probe::post(&app, LIKE_SPAM).await;
    let good = teach(&app, &moderator, &HAM[..3], "approve").await;
    teach(&app, &moderator, &SPAM, "spam").await;
    until_taken_in(&app, "spam", 4).await;
    let before = probe.learned(&app, LIKE_SPAM).await;
    app.clock.advance(Duration::from_secs(16 * 86_400));
    app.running.keep_house().await;
    assert_eq!(
        app.count("SELECT count(*) FROM lessons WHERE kind = 'spam' AND digest IS NOT NULL AND body IS NULL"),
        4
    );
    assert_eq!(app.count("SELECT count(*) FROM lessons WHERE kind = 'void'"), 0);
    assert_eq!(probe.learned(&app, LIKE_SPAM).await, before);
    // One that comes later has only the numbers to learn from.
    app.run("DELETE FROM models");
    let late = app.beside(settings).await;
    assert_eq!(probe.learned(&late, LIKE_SPAM).await, before, "to the last bit");
    // A decision from before that is taken back now is unlearned, and the spam is not forgotten over it.
    moderator.decide(&good[0], json!({"action": "pending"})).await.expect(200);
    until_taken_in(&app, "void", 1).await;
    until_taken_in(&late, "void", 1).await;
    let after = probe.learned(&app, LIKE_SPAM).await;
    assert!(after != before && after > 0.0, "{after}");
    assert_eq!(probe.learned(&late, LIKE_SPAM).await, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_young_site_rejects_nothing_by_what_it_learned_alone() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    let wins = ["win", "grow", "fast", "money", "now"];
    for n in 0..9 {
        let body = format!("{} {} with {} for {}", wins[n % 5], wins[n / 2], wins[(n + 2) % 5], wins[(n + 3) % 5])
            + &format!(" number {n}");
        teach(&app, &moderator, &[&body], "spam").await;
        teach(&app, &moderator, &[&format!("{}, said number {n}", HAM[n % 4])], "approve").await;
    }
    until_taken_in(&app, "spam", 9).await;
    let app = app.restarted("").await;
    let moderator = app.moderator().await;
    let id = post(&app, "win money now, grow fast, win money fast, grow now").await.expect(202).id();
    let item = moderator.item(&id).await;
    assert!(learned(&item) > 0.0, "{item}");
    assert_eq!((&item["status"], &item["verdict"]), (&json!("pending"), &json!("hold")), "{item}");
    assert!(item["risk"].as_f64().unwrap() < 0.9, "{item}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_only_spam_is_ever_decided_an_ordinary_comment_is_still_published() {
    let app = App::with("[moderation]\nmode = 'post'\n[scoring]\nspam_at = 1.0").await;
    let moderator = app.moderator().await;
    for round in 0..12 {
        for body in SPAM {
            let id = post(&app, &format!("{body}, part {round}")).await.id();
            moderator.mark_spam(&id).await;
        }
    }
    until_taken_in(&app, "spam", 48).await;
    let answer = post(&app, "The harbour should stay open in the evening, as it did last year.").await;
    let item = moderator.item(&answer.expect(201).id()).await;
    assert!(item["risk"].as_f64().unwrap() < 0.5, "{item}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_14_an_approved_text_edited_into_spam_waits_and_teaches_both_ways() {
    let app = App::with("[moderation]\nmode = 'post'\n[scoring]\nspam_at = 1.0").await;
    let moderator = app.moderator().await;
    teach(&app, &moderator, &HAM[..3], "approve").await;
    teach(&app, &moderator, &SPAM, "spam").await;
    until_taken_in(&app, "spam", 4).await;
    let taken = post(&app, "The river rose again, and the market moved.").await.expect(201);
    moderator.mark_spam(&taken.id()).await;
    moderator.approve(&taken.id()).await;
    let ask =
        app.http.ask("PATCH", &format!("/api/comments/{}", taken.id())).header("X-Edit-Token", taken.edit_token());
    let edited = ask.json(&json!({"body": LIKE_SPAM})).answer().await.expect(200).json();
    assert_eq!(edited["status"], "pending");
    moderator.mark_spam(&taken.id()).await;
    until_taken_in(&app, "spam", 6).await;
    let sql = "SELECT kind, coalesce(body, '-') FROM lessons WHERE comment = (SELECT comment FROM lessons ORDER BY seq DESC LIMIT 1)";
    let kept = "The river rose again, and the market moved.";
    assert_eq!(app.dump(sql), format!("spam {kept}\nvoid -\nham {kept}\nspam -"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comments_are_scored_while_hundreds_of_decisions_are_learned() {
    let app = App::with(BY_HAND).await;
    let moderator = app.moderator().await;
    decide_many(&app, &moderator, 300).await;
    for n in 0..20 {
        let body = format!("An answer to number {n} about the bridge of today");
        in_time("a comment beside lessons", Duration::from_secs(1), post(&app, &body)).await.expect(202);
    }
    until_taken_in(&app, "ham", 200).await;
    until_taken_in(&app, "spam", 100).await;
    let waiting = || async { app.get("/metrics").answer().await.text().contains("replydesk_lessons_waiting 0") };
    until("none waits", waiting).await;
}
