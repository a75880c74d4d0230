//! A planted name, email, address and body, and all the places where none of them may turn up.

use serde_json::{Value, json};

use crate::support::database::Home;
use crate::support::{
    captcha_stub::CaptchaStub,
    client::Ask,
    moderator::Moderator,
    process::{Process, program},
    settings,
};

/// Parts of what is planted that nothing else would spell; in lower case.
const PLANTED: [&str; 7] =
    ["wilhelmina", "quuxley", "plaintive-mail", "203.0.113.77", "2001:db8:77", "unmistakable", "heronry"];

fn planted(token: &str, n: u32) -> Value {
    json!({
        "page": "http://news.example/story/heronry", "title": "Heronry", "name": "Wilhelmina Quuxley",
        "email": "plaintive-mail@quuxley.example", "url": "http://quuxley.example/", "captcha": token,
        "body": format!("Unmistakable words of mine, {n}."),
    })
}

/// Somebody who may do everything, by the command line.
fn moderator(process: &Process, config: &std::path::Path) -> Moderator {
    let made =
        program().args(["token", "create", "tests", "--scope", "admin", "--config"]).arg(config).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Moderator { http: process.http.clone(), token: String::from_utf8(made.stdout).unwrap().trim().to_owned() }
}

async fn live_through_everything(process: &Process, moderator: &Moderator) {
    let post = |wanted: &Value, from: &str| -> Ask {
        process.http.ask("POST", "/api/comments").from(from).origin("http://news.example").json(wanted)
    };
    let here = "203.0.113.77";
    let taken = post(&planted("ok:0.9:::1", 1), here).key("key-of-wilhelmina").answer().await.expect(202);
    post(&planted("ok:0.9:::1", 1), here).key("key-of-wilhelmina").answer().await.expect(202);
    post(&planted("ok:0.9:::2", 1), here).answer().await.expect(409);
    post(&planted("ok:0.1:::3", 2), here).answer().await.expect(403);
    post(&planted("502", 3), here).answer().await.expect(202);
    post(&planted("hang", 4), "2001:db8:77::1").answer().await.expect(202);
    post(&json!({"page": "/story/heronry", "name": "Wilhelmina\u{202e}", "email": "plaintive-mail", "body": ""}), here)
        .answer()
        .await
        .expect(422);
    let malformed =
        process.http.ask("POST", "/api/comments").from(here).body("application/json", "{\"body\":\"unmistakable\",}");
    malformed.answer().await.expect(400);
    let own = |method: &str| {
        process.http.ask(method, &format!("/api/comments/{}", taken.id())).header("X-Edit-Token", taken.edit_token())
    };
    own("PATCH").from(here).json(&json!({"body": "Unmistakable words, bettered."})).answer().await.expect(200);
    moderator.approve(&taken.id()).await;
    process.http.ask("GET", "/api/comments?page=/story/heronry").answer().await.expect(200);
    process.http.ask("GET", "/story/heronry?name=wilhelmina").answer().await.expect(404);
    moderator.get("/comments?status=all&q=unmistakable&author=plaintive-mail@quuxley.example").await.expect(200);
    moderator.ban(json!({"kind": "network", "from_comment": taken.id(), "mode": "hold", "reason": "tests"})).await;
    moderator
        .ban(json!({"kind": "email", "value": "plaintive-mail@quuxley.example", "mode": "shadow", "reason": "tests"}))
        .await;
    moderator.reject(&taken.id()).await;
    own("DELETE").from(here).answer().await.expect(204);
    for n in 10..20 {
        post(&planted(&format!("ok:0.9:::{n}"), n), here).answer().await;
    }
    let form =
        [("page", "/story/heronry"), ("name", "Wilhelmina"), ("email", "plaintive-mail"), ("body", "unmistakable")];
    process.http.ask("POST", "/comments").from(here).form(&form).answer().await;
    let wrong = json!({"username": "wilhelmina", "password": "unmistakable heronry"});
    process.http.ask("POST", "/api/session").from(here).json(&wrong).answer().await.expect(401);
}

fn nothing_planted(place: &str, text: &str) {
    let text = text.to_lowercase();
    for word in PLANTED {
        let line = text.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{word} in the {place}: {line:?}");
    }
}

const LIMITS: &str = "[limits]\nper_ip = ['10/1h']\nper_network = ['30/1h']\nper_email = ['2/1h']\nper_page = ['3/1h']\nper_site = ['600/1m']\nwithout_token = ['3/1h']\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planted_turns_up_in_no_log_and_no_metric() {
    let stub = CaptchaStub::start(replydesk::domain::Clock::system().now());
    let folder = Home::new();
    let config = settings::write(&folder, &format!("{}{LIMITS}", stub.settings()));
    let process = Process::serve(&config, "trace");
    live_through_everything(&process, &moderator(&process, &config)).await;
    let metrics = process.http.ask("GET", "/metrics").answer().await.expect(200).text();
    assert!(metrics.contains("outcome=\"captcha_score_low\"") && metrics.contains("rate_limited"), "{metrics}");
    nothing_planted("metrics", &metrics);
    process.signal("TERM");
    let (_, log) = process.ended().await;
    assert!(log.contains("answered") && log.lines().count() > 30, "the log is not at trace: {log}");
    nothing_planted("log", &log);
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planted_turns_up_in_no_key_or_value_of_redis() {
    let Some(redis) = crate::support::redis::RedisServer::start().await else { return };
    let stub = CaptchaStub::start(replydesk::domain::Clock::system().now());
    let folder = Home::new();
    let wanted = format!("{}{LIMITS}[redis]\nurl = '{}'", stub.settings(), redis.url());
    let config = settings::write(&folder, &wanted);
    let process = Process::serve(&config, "trace");
    live_through_everything(&process, &moderator(&process, &config)).await;
    let keys: Vec<String> = redis.command(&["KEYS", "*"]).await;
    assert!(keys.len() >= 4, "the limits are not in Redis: {keys:?}");
    for key in keys {
        let value: Option<String> = redis.command(&["GET", &key]).await;
        nothing_planted("keys", &key);
        nothing_planted("values", &value.unwrap_or_default());
    }
    process.signal("TERM");
    nothing_planted("log", &process.ended().await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_raw_address_is_dropped_in_its_time_or_never_kept() {
    use crate::support::{App, comment};
    let never = App::with("[moderation]\nretain_ip = '0'").await;
    never.submission(&comment("Not kept.")).from("203.0.113.77").answer().await.expect(202);
    assert!(!never.dump("SELECT * FROM comments").contains("203.0.113.77"));
    let app = App::with("[moderation]\nretain_ip = '2d'").await;
    app.submission(&comment("Kept for two days.")).from("203.0.113.77").answer().await.expect(202);
    assert!(app.dump("SELECT * FROM comments").contains("203.0.113.77"));
}
