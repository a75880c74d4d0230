//! Comments held because nobody could verify their token: checked again once the provider answers.

use std::time::Duration;

use replydesk::{auth::Right, captcha::breaker::FAILURES};
use serde_json::{Value, json};

use crate::{
    captcha_builtin::reason,
    captcha_provider::{self, send},
    support::{
        Answer, App,
        app::START,
        captcha_stub::CaptchaStub,
        comment,
        moderator::{Moderator, names},
        until,
    },
};

/// Past the first pause, and past the rest of an open breaker.
const SOON: Duration = Duration::from_secs(11);

struct Outage {
    stub: CaptchaStub,
    app: App,
    moderator: Moderator,
}

/// A provider that is out, before a server that publishes what nothing speaks against.
async fn outage(more: &str) -> Outage {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, more).await;
    stub.is_out(true);
    let moderator = app.moderator().await;
    Outage { stub, app, moderator }
}

impl Outage {
    async fn held(&self, body: &str, token: &str) -> String {
        send(&self.app, body, token).await.expect(202).id()
    }
    async fn outcome(&self, id: &str) -> String {
        self.moderator.item(id).await["captcha"]["outcome"].as_str().unwrap().to_owned()
    }
    /// The provider answers again, and time goes by.
    fn over(&self) {
        self.stub.is_out(false);
        self.app.clock.advance(SOON);
    }
    fn kept(&self) -> i64 {
        self.app.count("SELECT count(*) FROM unverified")
    }
    async fn ask(&self, id: &str) -> Answer {
        self.moderator.ask("POST", &format!("/comments/{id}/captcha")).answer().await
    }
}

fn last_of(item: &Value) -> Value {
    item["history"].as_array().unwrap().last().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_the_provider_answers_a_pass_is_told_and_publishes_nothing() {
    let outage = outage("").await;
    let id = outage.held("Held for a while.", "ok:0.9:::first").await;
    let before = outage.moderator.item(&id).await;
    assert!(
        names(&before).contains(&"captcha_unverified".to_owned())
            && names(&before).contains(&"captcha.unverified".to_owned())
    );
    outage.over();
    until("the comment passes", || async { outage.outcome(&id).await == "pass" }).await;
    let item = outage.moderator.item(&id).await;
    assert_eq!((&item["status"], &item["captcha"]["score"]), (&json!("pending"), &json!(0.9)));
    assert!(!names(&item).iter().any(|name| name.contains("unverified")), "{item}");
    assert!(item["risk"].as_f64() < before["risk"].as_f64(), "{} then {}", before["risk"], item["risk"]);
    assert_eq!(item["version"], before["version"], "what a moderator looks at is the same");
    let deed = last_of(&item);
    assert_eq!((&deed["who"], &deed["action"]), (&json!("system"), &json!("comment.captcha")));
    assert!(deed["why"].as_str().unwrap().contains("pass"), "{deed}");
    assert_eq!(outage.app.thread("").await.json()["total"], 0, "published by a background step");
    assert_eq!(outage.kept(), 0);
    assert_eq!(reason(send(&outage.app, "The token again.", "ok:0.9:::first").await), "expired");
    outage.moderator.approve(&id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_low_score_and_a_failure_are_told_and_the_comments_go_on_waiting() {
    let outage = outage("").await;
    let low = outage.held("I score low.", "ok:0.1:::low").await;
    let foreign = outage.held("My token is another site's.", "ok:0.9:comment:evil.example:x").await;
    let refused = outage.held("My token is made up.", "fail:x").await;
    outage.over();
    until("all are checked", || async { outage.kept() == 0 }).await;
    let item = outage.moderator.item(&low).await;
    assert_eq!((&item["captcha"]["outcome"], &item["captcha"]["score"]), (&json!("low"), &json!(0.1)));
    assert!(names(&item).contains(&"captcha_low".to_owned()));
    for id in [&foreign, &refused] {
        let item = outage.moderator.item(id).await;
        assert_eq!(item["status"], "pending");
        assert!(names(&item).contains(&"captcha_failed".to_owned()), "{item}");
        assert!(!names(&item).contains(&"captcha_unverified".to_owned()), "{item}");
        assert!(last_of(&item)["why"].as_str().unwrap().contains("failed"), "{item}");
    }
    let metrics = outage.app.get("/metrics").answer().await.text();
    assert!(metrics.contains("replydesk_captcha_rechecks_total{outcome=\"failed\"} 2"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_aged_with_us_is_no_fault_of_its_sender() {
    let outage = outage("").await;
    let id = outage.held("Too late for my token.", "dup:x").await;
    let before = outage.moderator.item(&id).await;
    outage.over();
    until("it is settled", || async { outage.kept() == 0 }).await;
    let item = outage.moderator.item(&id).await;
    assert_eq!(
        (&item["captcha"], &item["risk"], &item["signals"]),
        (&before["captcha"], &before["risk"], &before["signals"])
    );
    assert!(last_of(&item)["why"].as_str().unwrap().contains("too late"), "{item}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_comments_with_one_token_only_one_passes() {
    let outage = outage("").await;
    let one = outage.held("The first of two.", "reuse:0.9").await;
    let other = outage.held("The second of two.", "reuse:0.9").await;
    outage.over();
    until("both are checked", || async { outage.kept() == 0 }).await;
    let (one, other) = (outage.moderator.item(&one).await, outage.moderator.item(&other).await);
    let passed = [&one, &other].into_iter().filter(|item| item["captcha"]["outcome"] == "pass").count();
    let failed = [&one, &other].into_iter().filter(|item| names(item).contains(&"captcha_failed".to_owned())).count();
    assert_eq!((passed, failed), (1, 1), "{one} {other}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moderator_may_ask_at_once_and_is_told_what_came_of_it() {
    let outage = outage("").await;
    let id = outage.held("Ask about me.", "ok:0.9:::ask").await;
    let still_out = outage.ask(&id).await.expect(200).json();
    assert_eq!((&still_out["recheck"], &still_out["captcha"]["outcome"]), (&json!("unanswered"), &json!("unverified")));
    outage.stub.is_out(false);
    let done = outage.ask(&id).await.expect(200).json();
    assert_eq!(
        (&done["recheck"], &done["captcha"]["outcome"], &done["id"]),
        (&json!("done"), &json!("pass"), &json!(id))
    );
    let nothing = outage.ask(&id).await.expect(200).json();
    assert_eq!((&nothing["recheck"], &nothing["captcha"]["outcome"]), (&json!("nothing_left"), &json!("pass")));
    assert_eq!(outage.stub.asked_about("ok:0.9:::ask"), 3);

    outage.ask("0199a0a0-0000-7000-8000-000000000000").await.expect_problem(404, "not_found");
    let people = &outage.app.running.services.auth.people;
    let (token, _) = people.add_token("reads", Right::Read, None, "operator").await.unwrap();
    let reads = Moderator { http: outage.app.http.clone(), token };
    let refused = reads.ask("POST", &format!("/comments/{id}/captcha")).answer().await;
    refused.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_out_waiting_tokens_are_asked_about_one_at_a_time_and_seldom() {
    let outage = outage("").await;
    for n in 0..2 * FAILURES {
        outage.held(&format!("One of many, {n}."), &format!("ok:0.9:::{n}")).await;
    }
    let before = outage.stub.asked().len();
    assert_eq!(before, FAILURES as usize, "the breaker is open");
    outage.app.clock.advance(SOON);
    until("a waiting token is the probe", || async { outage.stub.asked().len() > before }).await;
    // The clock stands: the probe failed and the next rest has begun, whoever would ask.
    outage.held("Another reader meanwhile.", "ok:0.9:::meanwhile").await;
    assert_eq!(outage.stub.asked().len(), before + 1);
    outage.over();
    until("all are checked", || async {
        // Slowly enough that no token grows too old while the ones before it are asked about.
        outage.app.clock.advance(Duration::from_millis(100));
        outage.kept() == 0
    })
    .await;
    assert_eq!(outage.app.count("SELECT count(*) FROM comments WHERE captcha_outcome = 'pass'"), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_ask_about_a_token_once() {
    let outage = outage("").await;
    let other = outage.app.beside(&format!("{}\n[moderation]\nmode = 'post'\n", outage.stub.settings())).await;
    let ids: Vec<String> = {
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(outage.held(&format!("Which of you, {n}?"), &format!("ok:0.9:::twice-{n}")).await);
        }
        ids
    };
    let before = outage.stub.asked().len();
    outage.over();
    until("all are checked", || async { outage.kept() == 0 }).await;
    assert_eq!(outage.stub.asked().len() - before, ids.len());
    for id in &ids {
        assert_eq!(outage.outcome(id).await, "pass");
    }
    drop(other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_forgotten_when_its_comment_is_decided_or_taken_back_and_after_a_restart_it_is_not() {
    let outage = outage("").await;
    let decided = outage.held("Decided meanwhile.", "ok:0.9:::decided").await;
    let taken_back = send(&outage.app, "Taken back.", "ok:0.9:::back").await.expect(202);
    let stays = outage.held("Still there.", "ok:0.9:::stays").await;
    outage.moderator.reject(&decided).await;
    let path = format!("/api/comments/{}", taken_back.id());
    let gone = outage.app.http.ask("DELETE", &path).header("X-Edit-Token", taken_back.edit_token()).answer().await;
    assert!(gone.status < 300, "{}", gone.text());
    assert_eq!(outage.kept(), 1);
    let Outage { stub, app, .. } = outage;
    let app = app.restarted(&format!("{}\n[moderation]\nmode = 'post'\n", stub.settings())).await;
    let moderator = app.moderator().await;
    let outage = Outage { stub, app, moderator };
    outage.over();
    until("the one that stayed passes", || async { outage.outcome(&stays).await == "pass" }).await;
    assert_eq!(outage.stub.asked_about("ok:0.9:::decided"), 1);
    assert_eq!(outage.moderator.item(&decided).await["status"], "rejected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_past_its_age_is_not_asked_about() {
    let outage = outage("max_age = '1m'").await;
    let id = outage.held("An hour's outage.", "ok:0.9:::old").await;
    outage.app.clock.advance(Duration::from_secs(60));
    outage.stub.is_out(false);
    assert_eq!(outage.ask(&id).await.expect(200).json()["recheck"], "nothing_left");
    assert_eq!(outage.stub.asked_about("ok:0.9:::old"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_as_spam_or_brings_no_token_keeps_none_and_no_answer_shows_one() {
    let outage = outage("[moderation.words]\nreject = ['forbidden']").await;
    outage.held("A forbidden word.", "ok:0.9:::rejected").await;
    outage.app.submit(&comment("No token at all.")).await.expect(202);
    assert_eq!(outage.kept(), 0);
    let id = outage.held("Keep it to yourself.", "ok:0.9:::unmistakable").await;
    assert_eq!(outage.kept(), 1);
    let shown = [
        outage.moderator.get(&format!("/comments/{id}")).await.text(),
        outage.moderator.get("/comments?status=all").await.text(),
        outage.moderator.get("/audit").await.text(),
        outage.app.get("/metrics").answer().await.text(),
    ];
    assert!(shown.iter().all(|text| !text.contains("unmistakable")), "{shown:?}");
}
