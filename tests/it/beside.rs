//! Commands beside a running server: what they change holds there within a second.

use std::{
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
};

use serde_json::json;

use crate::support::database::Home;
use crate::support::{
    client::{Answer, Ask, Http},
    process::{Process, program},
    settings, until, within_a_second,
};

fn run(config: &Path, words: &[&str], stdin: &str) -> Output {
    let mut command = program();
    command.args(words).arg("--config").arg(config).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn done(config: &Path, words: &[&str], stdin: &str) -> String {
    let output = run(config, words, stdin);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn queue(http: &Http, token: &str) -> u16 {
    let ask = http.ask("GET", "/api/moderation/comments").header("Authorization", format!("Bearer {token}"));
    ask.answer().await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_says_how_to_make_the_first_admin_and_has_no_account() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    until("the hint", || async { process.log().contains("replydesk moderator add NAME --role admin") }).await;
    for name in ["admin", "root", "replydesk"] {
        let wanted = json!({"username": name, "password": name});
        let answer = process.http.ask("POST", "/api/session").json(&wanted).answer().await;
        answer.expect_problem(401, "unauthenticated");
    }
    drop(process);
    done(&config, &["moderator", "add", "ada", "--role", "admin", "--password-stdin"], "correct horse battery");
    let process = Process::serve(&config, "info");
    assert!(!process.log().contains("moderator add"), "{}", process.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_hold_and_end_within_a_second() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    let token = done(&config, &["token", "create", "script", "--scope", "read"], "");
    assert_eq!(queue(&process.http, &token).await, 200);
    let ban = process.http.ask("POST", "/api/moderation/bans").header("Authorization", format!("Bearer {token}"));
    ban.json(&json!({"kind": "name", "value": "x", "mode": "hold"})).answer().await.expect_problem(403, "forbidden");
    done(&config, &["token", "revoke", "script"], "");
    within_a_second("the token ends", || async { queue(&process.http, &token).await == 401 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_and_are_gone_within_a_second() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    done(&config, &["moderator", "add", "ada", "--role", "moderator", "--password-stdin"], "correct horse battery");
    let wanted = json!({"username": "ada", "password": "correct horse battery"});
    let signed_in = process.http.ask("POST", "/api/session").json(&wanted).answer().await.expect(200);
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let session = async || process.http.ask("GET", "/api/session").header("Cookie", &cookie).answer().await.status;
    assert_eq!(session().await, 200);
    done(&config, &["moderator", "remove", "ada"], "");
    within_a_second("the session ends", || async { session().await == 401 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_asks_a_server_that_runs() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    let said = done(&config, &["health", &format!("http://{}", process.http.address)], "");
    assert!(said.contains("\"status\":\"ok\""), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minted_payload_is_taken_by_the_server_beside() {
    let folder = Home::new();
    let config = settings::write(&folder, "[captcha]\nprovider = 'builtin'\non_missing = 'refuse'\n");
    let process = Process::serve(&config, "info");
    let token = done(&config, &["captcha", "mint", "--page", crate::support::PAGE], "");
    let mut wanted = crate::support::comment("With a minted payload.");
    wanted["captcha"] = json!(token);
    let ask = process.http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted);
    ask.answer().await.expect(202);
}

fn bearer(http: &Http, method: &str, path: &str, token: &str) -> Ask {
    http.ask(method, &format!("/api/moderation{path}")).header("Authorization", format!("Bearer {token}"))
}

/// Posts a comment, decides on it, and waits until the server has learned it.
async fn taught(http: &Http, token: &str, body: &str, action: &str, lessons: u32) {
    let ask = http.ask("POST", "/api/comments").origin("http://news.example").json(&crate::support::comment(body));
    let id = ask.answer().await.expect(202).id();
    let decision = bearer(http, "POST", &format!("/comments/{id}/decision"), token).json(&json!({"action": action}));
    decision.answer().await.expect(200);
    until_lessons(http, action, lessons).await;
}

async fn until_lessons(http: &Http, action: &str, count: u32) {
    let kind = if action == "approve" { "ham" } else { action };
    let line = format!("replydesk_lessons_total{{kind=\"{kind}\"}} {count}\n");
    until(&line, || async { http.ask("GET", "/metrics").answer().await.text().contains(&line) }).await;
}

/// What the model adds to the first comment of all, which is sent once more in the same words.
async fn says(http: &Http, token: &str, probe: &Answer, body: &str) -> String {
    let ask = http.ask("PATCH", &format!("/api/comments/{}", probe.id())).header("X-Edit-Token", probe.edit_token());
    ask.json(&json!({"body": body})).answer().await.expect(200);
    let item = bearer(http, "GET", &format!("/comments/{}", probe.id()), token).answer().await.expect(200).json();
    let signals = item["signals"].as_array().unwrap();
    signals.iter().find(|signal| signal["name"] == "learned").map_or(String::new(), |s| s["weight"].to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_outlives_a_kill_and_is_rolled_back_and_forth_within_a_second() {
    let folder = Home::new();
    let config = settings::write(&folder, "[scoring]\nspam_at = 1.0\n");
    let process = Process::serve(&config, "info");
    let token = done(&config, &["token", "create", "desk", "--scope", "decide"], "");
    let body = "Whoever reads this may win a new channel";
    let posted = process.http.ask("POST", "/api/comments").origin("http://news.example");
    let probe = posted.json(&crate::support::comment(body)).answer().await.expect(202);
    assert!(done(&config, &["model", "show"], "").contains("Nobody has taught anything yet"));
    taught(&process.http, &token, "The council met on the bridge", "approve", 1).await;
    taught(&process.http, &token, "Win followers on a new channel", "spam", 1).await;
    let before = says(&process.http, &token, &probe, body).await;
    taught(&process.http, &token, "My channel lets everybody win", "spam", 2).await;
    let after = says(&process.http, &token, &probe, body).await;
    assert_ne!(before, after);

    process.signal("KILL");
    drop(process);
    let process = Process::serve(&config, "info");
    assert_eq!(says(&process.http, &token, &probe, body).await, after);

    let told = done(&config, &["model", "rollback", "--site", "news", "--to", "2"], "");
    within_a_second("rolled back", || async { says(&process.http, &token, &probe, body).await == before }).await;
    let shown = done(&config, &["model", "show"], "");
    assert!(shown.starts_with("news: 1 approved, 1 spam; last lesson 4 at "), "{shown}");
    assert!(told.ends_with("replydesk model rollback --site news --to 3"), "{told}");
    done(&config, &["model", "rollback", "--site", "news", "--to", "3"], "");
    until("rolled forth", || async { says(&process.http, &token, &probe, body).await == after }).await;
    let nothing = run(&config, &["model", "rollback", "--site", "news", "--to", "99"], "");
    assert!(!nothing.status.success() && String::from_utf8_lossy(&nothing.stderr).contains("nothing was taught"));
}
