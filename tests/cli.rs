//! The command line as an operator types it: what it prints, where, and how it exits.

#![expect(clippy::unwrap_used, reason = "clippy knows no helper of an integration test for a test")]

use std::{net::TcpListener, path::Path};

use assert_cmd::{Command, assert::Assert, cargo::cargo_bin_cmd};
use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    /// The program in an empty folder, with nothing of this machine's environment.
    fn command(&self, words: &[&str]) -> Command {
        let mut command: Command = cargo_bin_cmd!("replydesk");
        command.env_clear().current_dir(self.0.path()).args(words);
        command
    }
    fn run(&self, words: &[&str]) -> Assert {
        self.command(words).assert()
    }
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn stdout(done: &Assert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn stderr(done: &Assert) -> String {
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

/// The one line on stderr.
fn complaint(failed: &Assert) -> String {
    let text = stderr(failed);
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn fixtures(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn help_is_worth_reading() {
    let shell = Shell::new();
    insta::assert_snapshot!("help", stdout(&shell.run(&["--help"]).success()));
    let help: String = [
        &["moderator", "add"][..],
        &["moderator", "invite"],
        &["moderator", "second-factor"],
        &["token", "create"],
        &["captcha", "check"],
        &["captcha", "calibrate"],
        &["captcha", "mint"],
        &["model", "show"],
        &["model", "rollback"],
        &["audit", "verify"],
        &["audit", "export"],
        &["migrate"],
        &["backup"],
        &["restore"],
        &["evaluate"],
        &["check-config"],
        &["health"],
    ]
    .iter()
    .map(|words| stdout(&shell.run(&[words, &["-h"][..]].concat()).success()))
    .collect();
    insta::assert_snapshot!("help_of_commands", help);
}

#[test]
fn wrong_use_exits_with_2_and_says_how() {
    let shell = Shell::new();
    for words in [&[][..], &["serv"], &["serve", "--port", "80"], &["check-config", "a", "b"], &["health", "a", "b"]] {
        let failed = shell.run(words).code(2);
        assert!(stderr(&failed).contains("Usage") && stdout(&failed).is_empty(), "{words:?}: {}", stderr(&failed));
    }
    assert!(stdout(&shell.run(&["--version"]).success()).starts_with("replydesk 0."));
}

#[test]
fn check_config_remarks_on_a_language_without_texts_and_takes_it() {
    let shell = Shell::new();
    let site =
        |id: &str, lang: &str| format!("[[site]]\nid = '{id}'\norigins = ['http://{id}.example']\nlang = '{lang}'\n");
    let file = shell.file("two.toml", &(site("roma", "it-IT") + &site("wien", "de-AT")));
    let checked = shell.run(&["check-config", &file]).success();
    assert_eq!(
        stderr(&checked),
        "note: site roma: lang: no texts in \"it-IT\", so its readers read English; there are texts in en, de, fr, es, pt, ru, zh, ar\n"
    );
}

#[test]
fn check_config_tells_good_from_broken_by_its_exit_code() {
    let shell = Shell::new();
    for file in fixtures("good") {
        assert_eq!(stdout(&shell.run(&["check-config", &file]).success()), "The settings are good.\n");
    }
    let broken = fixtures("broken");
    assert!(broken.len() >= 20, "{broken:?}");
    for file in broken {
        let failed = shell.run(&["check-config", &file]).code(2);
        assert!(stdout(&failed).is_empty(), "{file}");
        let name = Path::new(&file).file_name().unwrap().to_str().unwrap().to_owned();
        assert!(stderr(&failed).contains(&name), "no place is told: {}", stderr(&failed));
        shell.run(&["serve", "--config", &file]).code(2);
    }
    shell.run(&["check-config"]).success();
    shell.run(&["check-config", "no-such-file.toml"]).code(2);
}

#[test]
fn every_fault_is_told_at_once_with_its_key_and_line() {
    let shell = Shell::new();
    let file = shell
        .file("three.toml", "[captcha]\nreject_below = 2\n[limits]\nper_ip = ['often']\n[scoring]\nhold_on = 0.5\n");
    let told = stderr(&shell.run(&["check-config", &file]).code(2));
    for (key, line) in [
        ("captcha.reject_below", "three.toml:2"),
        ("limits.per_ip", "three.toml:4"),
        ("scoring.hold_on", "three.toml:6"),
    ] {
        assert!(told.contains(key) && told.contains(line), "{key} at {line} in {told}");
    }
    assert!(told.contains("hold_at"), "the nearest known key: {told}");
}

#[test]
fn the_file_comes_from_the_option_else_the_environment() {
    let shell = Shell::new();
    let good = shell.file("good.toml", "[captcha]\nreject_below = 0.2\n");
    let bad = shell.file("bad.toml", "[captcha]\nreject_below = 9\n");
    shell.command(&["check-config"]).env("REPLYDESK_CONFIG", &bad).assert().code(2);
    shell.command(&["check-config"]).env("REPLYDESK_CONFIG", &good).assert().success();
    shell.command(&["check-config", "--config", &good]).env("REPLYDESK_CONFIG", &bad).assert().success();
    shell.command(&["--config", &good, "check-config", &bad]).assert().code(2);
}

#[test]
fn the_environment_lies_over_the_file_and_is_judged_like_it() {
    let shell = Shell::new();
    let file = shell.file("good.toml", "[captcha]\nhold_below = 0.5\n");
    let with = |name: &str, value: &str| shell.command(&["check-config", &file]).env(name, value).assert();
    with("REPLYDESK__CAPTCHA__REJECT_BELOW", "0.4").success();
    let crossed = with("REPLYDESK__CAPTCHA__REJECT_BELOW", "0.8").code(2);
    assert!(stderr(&crossed).contains("hold_below"), "{}", stderr(&crossed));
    for (name, value) in [
        ("REPLYDESK__CAPTCHA__REJECT_BELOW", "high"),
        ("REPLYDESK__CAPTCHA__NO_SUCH_KEY", "1"),
        ("REPLYDESK__NOWHERE__X", "1"),
    ] {
        let failed = with(name, value).code(2);
        assert!(stderr(&failed).contains(name), "{name}: {}", stderr(&failed));
    }
}

#[test]
fn the_apis_description_is_json_and_needs_no_settings() {
    let shell = Shell::new();
    let bad = shell.file("bad.toml", "nonsense");
    let text = stdout(&shell.run(&["openapi", "--config", &bad]).success());
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(document["paths"]["/api/comments"]["post"].is_object());
    assert_eq!(std::fs::read_dir(shell.0.path()).unwrap().count(), 1, "it left something behind");
}

#[test]
fn migrating_makes_the_store_and_doing_it_again_changes_nothing() {
    let shell = Shell::new();
    for _ in 0..2 {
        assert_eq!(stdout(&shell.run(&["migrate"]).success()), "The store is up to date.\n");
    }
    let store = rusqlite::Connection::open(shell.0.path().join("data/replydesk.db")).unwrap();
    let n: i64 = store.query_row("SELECT count(*) FROM comments", [], |row| row.get(0)).unwrap();
    assert_eq!(n, 0);
}

#[test]
fn a_newer_store_is_refused_in_clear_words_and_left_alone() {
    let shell = Shell::new();
    shell.run(&["migrate"]).success();
    let file = shell.0.path().join("data/replydesk.db");
    let store = rusqlite::Connection::open(&file).unwrap();
    store.execute_batch("INSERT INTO schema_migrations VALUES (999, 'of_tomorrow', 'x')").unwrap();
    drop(store);
    let before = std::fs::read(&file).unwrap();
    for words in [&["migrate"][..], &["serve"], &["token", "list"]] {
        let free = ("REPLYDESK__SERVER__LISTEN", "127.0.0.1:0");
        let said = complaint(&shell.command(words).env(free.0, free.1).assert().code(1));
        assert!(said.contains("newer") && said.contains("999"), "{said}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let shell = Shell::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let file = shell.file("taken.toml", &format!("[server]\nlisten = '{address}'\n"));
    let said = complaint(&shell.run(&["serve", "--config", &file]).code(1));
    assert!(said.contains(&address) && said.contains("port taken"), "{said}");
}

#[test]
fn a_store_that_cannot_be_is_one_clear_line() {
    let shell = Shell::new();
    shell.file("a-file", "");
    for url in ["sqlite:a-file/replydesk.db", "sqlite:a-file"] {
        let mut text = std::fs::read_to_string(shell.0.path().join("a-file")).unwrap();
        if url == "sqlite:a-file" {
            text = "this is no database, it is a letter to my aunt".repeat(100);
        }
        shell.file("a-file", &text);
        let file = shell.file("store.toml", &format!("[store]\nurl = '{url}'\n[server]\nlisten = '127.0.0.1:0'\n"));
        let said = complaint(&shell.run(&["serve", "--config", &file]).code(1));
        assert!(said.contains("store"), "{url}: {said}");
    }
    let file = shell.file("store.toml", "[store]\nurl = 'mysql://x'\n");
    assert!(stderr(&shell.run(&["migrate", "--config", &file]).code(2)).contains("store.url"));
}

#[test]
fn health_of_nobody_is_1_and_one_clear_line() {
    let shell = Shell::new();
    // Nobody listens on the first port.
    let free = "127.0.0.1:1";
    for url in
        [format!("http://{free}"), format!("http://{free}/"), "https://news.example".to_owned(), "nonsense".to_owned()]
    {
        let said = complaint(&shell.run(&["health", &url]).code(1));
        assert!(said.starts_with("replydesk: "), "{said}");
    }
}

#[test]
fn minted_payloads_are_one_a_line_and_no_two_alike() {
    let shell = Shell::new();
    let lines = stdout(&shell.run(&["captcha", "mint", "--page", "/a", "--count", "3"]).success());
    let mut lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 3);
    lines.dedup();
    assert_eq!(lines.len(), 3);
    complaint(&shell.run(&["captcha", "mint", "--page", "/a", "--site", "nowhere"]).code(1));
    complaint(&shell.run(&["captcha", "mint", "--page", "nonsense"]).code(1));
}
