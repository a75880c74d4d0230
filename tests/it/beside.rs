//! Commands beside a running server: what they change holds there within a second.

use std::{
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    client::Http,
    process::{Process, program},
    settings, until,
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
    let folder = tempfile::tempdir().unwrap();
    let config = settings::write(folder.path(), "");
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
    let folder = tempfile::tempdir().unwrap();
    let config = settings::write(folder.path(), "");
    let process = Process::serve(&config, "info");
    let token = done(&config, &["token", "create", "script", "--scope", "read"], "");
    assert_eq!(queue(&process.http, &token).await, 200);
    let ban = process.http.ask("POST", "/api/moderation/bans").header("Authorization", format!("Bearer {token}"));
    ban.json(&json!({"kind": "name", "value": "x", "mode": "hold"})).answer().await.expect_problem(403, "forbidden");
    done(&config, &["token", "revoke", "script"], "");
    let asked = Instant::now();
    until("the token ends", || async { queue(&process.http, &token).await == 401 }).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_and_are_gone_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let config = settings::write(folder.path(), "");
    let process = Process::serve(&config, "info");
    done(&config, &["moderator", "add", "ada", "--role", "moderator", "--password-stdin"], "correct horse battery");
    let wanted = json!({"username": "ada", "password": "correct horse battery"});
    let signed_in = process.http.ask("POST", "/api/session").json(&wanted).answer().await.expect(200);
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let session = async || process.http.ask("GET", "/api/session").header("Cookie", &cookie).answer().await.status;
    assert_eq!(session().await, 200);
    done(&config, &["moderator", "remove", "ada"], "");
    let asked = Instant::now();
    until("the session ends", || async { session().await == 401 }).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_asks_a_server_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let config = settings::write(folder.path(), "");
    let process = Process::serve(&config, "info");
    let said = done(&config, &["health", &format!("http://{}", process.http.address)], "");
    assert!(said.contains("\"status\":\"ok\""), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minted_payload_is_taken_by_the_server_beside() {
    let folder = tempfile::tempdir().unwrap();
    let config = settings::write(folder.path(), "[captcha]\nprovider = 'builtin'\non_missing = 'refuse'\n");
    let process = Process::serve(&config, "info");
    let token = done(&config, &["captcha", "mint", "--page", crate::support::PAGE], "");
    let mut wanted = crate::support::comment("With a minted payload.");
    wanted["captcha"] = json!(token);
    let ask = process.http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted);
    ask.answer().await.expect(202);
}
