//! `replydesk captcha check` as an operator runs it, against a provider of sorts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows no helper of an integration test for a test"
)]

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use assert_cmd::cargo::cargo_bin_cmd;
use replydesk::domain::Clock;
use tempfile::TempDir;

const SECRET: &str = "hunter2-of-the-provider";

/// Answers every question with this, dated so many seconds from now; its address.
fn provider(status: &'static str, body: &'static str, seconds: i64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 65_536];
            let mut seen = Vec::new();
            // The body may come after the head: read until both are there.
            while let Ok(n @ 1..) = stream.read(&mut buffer) {
                seen.extend_from_slice(&buffer[..n]);
                let text = String::from_utf8_lossy(&seen).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap()) {
                    break;
                }
            }
            let then = jiff::Timestamp::from_millisecond(Clock::system().now().0).unwrap()
                + jiff::SignedDuration::from_secs(seconds);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap();
            let head =
                format!("HTTP/1.1 {status}\r\ndate: {date}\r\nconnection: close\r\ncontent-length: {}", body.len());
            let _gone = write!(stream, "{head}\r\n\r\n{body}");
        }
    });
    address
}

/// Runs the check; whether it exits with 0, and what it prints.
fn check(settings: &str, words: &[&str]) -> (bool, String) {
    let folder: TempDir = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("r.toml"), settings).unwrap();
    let mut command = cargo_bin_cmd!("replydesk");
    command.env_clear().current_dir(folder.path()).args(["--config", "r.toml", "captcha", "check"]).args(words);
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains(SECRET), "{told}");
    let code = output.status.code().unwrap();
    assert!(code == 0 || code == 1, "{code}: {told}");
    (code == 0, told)
}

fn settings(provider: &str, url: &str) -> String {
    within("30s", provider, url)
}

fn within(timeout: &str, provider: &str, url: &str) -> String {
    format!(
        "[captcha]\nprovider = '{provider}'\nsite_key = 'k'\nproject = 'p'\nsecret = '{SECRET}'\nverify_url = '{url}'\ntimeout = '{timeout}'\n"
    )
}

/// The line about this.
fn line<'a>(told: &'a str, what: &str) -> &'a str {
    told.lines().find(|line| line.trim_start().starts_with(what)).unwrap_or_else(|| panic!("no {what} in {told}"))
}

#[test]
fn a_provider_that_refuses_the_made_up_token_knows_our_keys() {
    for (name, status, body) in [
        ("recaptcha-v3", "200 OK", r#"{"success":false,"error-codes":["invalid-input-response"]}"#),
        ("hcaptcha", "200 OK", r#"{"success":false,"error-codes":["invalid-input-response"]}"#),
        ("turnstile", "200 OK", r#"{"success":false,"error-codes":["invalid-input-response"]}"#),
        ("friendly", "200 OK", r#"{"success":false,"error":{"error_code":"response_invalid"}}"#),
        ("recaptcha-enterprise", "200 OK", r#"{"tokenProperties":{"valid":false,"invalidReason":"MALFORMED"}}"#),
        ("siteverify", "200 OK", r#"{"success":false}"#),
        ("siteverify'\nstyle = 'json", "404 No", r#"{"success":false,"error":"Token not found"}"#),
        ("siteverify'\nstyle = 'header", "200 OK", r#"{"success":false,"code":4}"#),
        ("siteverify'\nstyle = 'mcaptcha", "200 OK", r#"{"valid":false}"#),
    ] {
        let url = provider(status, body, 0);
        let (right, told) = check(&settings(name, &url), &[]);
        assert!(right, "{name}: {told}");
        assert!(told.starts_with(&format!("Site default: {}", name.split('\'').next().unwrap())), "{told}");
        assert!(told.contains(&url), "{told}");
        for what in ["network", "keys", "clock"] {
            assert!(line(&told, what).contains(" right "), "{told}");
        }
    }
}

#[test]
fn a_wrong_secret_is_said_so_with_the_keys_to_look_at() {
    for (name, status, body, key) in [
        ("recaptcha-v3", "200 OK", r#"{"success":false,"error-codes":["invalid-input-secret"]}"#, "captcha.secret"),
        ("friendly", "401 No", r#"{"success":false,"error":{"error_code":"auth_invalid"}}"#, "captcha.site_key"),
        ("recaptcha-enterprise", "403 No", r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#, "captcha.project"),
        ("siteverify'\nstyle = 'header", "403 No", "", "captcha.style"),
    ] {
        let (right, told) = check(&settings(name, &provider(status, body, 0)), &[]);
        assert!(!right, "{told}");
        assert!(line(&told, "keys").contains("WRONG") && told.contains(key), "{told}");
        assert!(line(&told, "network").contains(" right "), "{told}");
    }
}

#[test]
fn a_dead_host_is_the_networks_and_says_nothing_of_the_keys() {
    // Nobody listens on the first port.
    let (right, told) = check(&settings("turnstile", "http://127.0.0.1:1/"), &[]);
    assert!(!right, "{told}");
    assert!(line(&told, "network").contains("WRONG") && line(&told, "network").contains("no connection"), "{told}");
    assert!(line(&told, "keys").contains("unknown") && line(&told, "clock").contains("unknown"), "{told}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (right, told) = check(&within("1s", "hcaptcha", &format!("http://{}/", silent.local_addr().unwrap())), &[]);
    assert!(!right && line(&told, "network").contains("no answer within 1s"), "{told}");
}

#[test]
fn a_clock_ten_minutes_off_is_said_so_and_which_way() {
    let no = r#"{"success":false,"error-codes":["invalid-input-response"]}"#;
    for (seconds, way) in [(600, "behind"), (-600, "ahead of")] {
        let (right, told) = check(&settings("recaptcha-v3", &provider("200 OK", no, seconds)), &[]);
        assert!(!right, "{told}");
        assert!(line(&told, "clock").contains("WRONG") && line(&told, "clock").contains(way), "{told}");
        assert!(line(&told, "keys").contains(" right "), "{told}");
    }
}

#[test]
fn whoever_takes_any_token_or_is_no_provider_is_wrong() {
    for (body, word) in [(r#"{"success":true}"#, "takes a made-up token"), ("<html>", "without an answer")] {
        let (right, told) = check(&settings("siteverify", &provider("200 OK", body, 0)), &[]);
        assert!(!right && line(&told, "keys").contains(word), "{told}");
    }
    let (right, told) = check(&settings("siteverify", &provider("302 Found", "", 0)), &[]);
    assert!(!right && line(&told, "network").contains("redirects"), "{told}");
}

#[test]
fn our_own_check_is_walked_through_and_none_is_said_to_be_none() {
    let (right, told) = check("[captcha]\nprovider = 'builtin'\n", &[]);
    assert!(right && line(&told, "challenge").contains("minted, solved and verified"), "{told}");
    let (right, told) = check("[captcha]\nprovider = 'none'\n", &[]);
    assert!(right && told.contains("no captcha is configured"), "{told}");
}

#[test]
fn one_site_or_all_and_one_wrong_one_is_wrong() {
    let no = r#"{"success":false,"error-codes":["invalid-input-secret"]}"#;
    let sites = format!(
        "{}[[site]]\nid = 'news'\norigins = ['https://news.example']\n[[site]]\nid = 'quiet'\norigins = ['https://quiet.example']\n\
         [site.captcha]\nprovider = 'none'\n",
        settings("recaptcha-v3", &provider("200 OK", no, 0))
    );
    let (right, told) = check(&sites, &[]);
    assert!(!right && told.contains("Site news: ") && told.contains("Site quiet: "), "{told}");
    assert!(check(&sites, &["--site", "quiet"]).0);
    assert!(!check(&sites, &["--site", "news"]).0);
    let (right, told) = check(&sites, &["--site", "nowhere"]);
    assert!(!right && told.contains("there is no site \"nowhere\""), "{told}");
}
