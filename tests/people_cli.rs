//! `replydesk moderator` and `replydesk token`, as an operator types them.

#![expect(clippy::unwrap_used, reason = "clippy knows no helper of an integration test for a test")]

use assert_cmd::{Command, assert::Assert, cargo::cargo_bin_cmd};
use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn run(&self, line: &str, stdin: &str) -> Assert {
        let mut command: Command = cargo_bin_cmd!("replydesk");
        let store = format!("\"sqlite:{}/replydesk.db\"", self.0.path().display());
        command.env_clear().env("REPLYDESK__STORE__URL", store).current_dir(self.0.path());
        command.args(line.split_whitespace()).write_stdin(stdin).assert()
    }
}

fn stdout(done: &Assert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

/// The one line on stderr.
fn complaint(failed: &Assert) -> String {
    let text = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn people_are_added_listed_changed_and_removed() {
    let shell = Shell::new();
    shell.run("moderator add ada --role admin --password-stdin", "correct horse battery\n").success();
    shell.run("moderator add bea --role moderator --site default --password-stdin", "correct horse battery").success();
    let list = stdout(&shell.run("moderator list", "").success());
    assert_eq!(list.lines().count(), 2);
    assert!(list.contains("ada") && list.contains("all sites") && list.contains("default"), "{list}");
    assert!(!list.contains("argon2"));
    shell.run("moderator password bea --password-stdin", "another long secret\r\n").success();
    shell.run("moderator remove bea", "").success();
    assert_eq!(stdout(&shell.run("moderator list", "").success()).lines().count(), 1);
}

#[test]
fn a_link_stands_alone_on_stdout_and_takes_the_password_they_had() {
    let shell = Shell::new();
    let link = |line: &str| {
        let printed = stdout(&shell.run(line, "").success());
        assert_eq!(printed.lines().count(), 1, "{printed}");
        let token = printed.trim_end().strip_prefix("http://127.0.0.1:8080/desk#invitation=").unwrap().to_owned();
        assert!(token.len() >= 22, "{printed}");
        token
    };
    let first = link("moderator add ada --role admin --invite");
    assert!(stdout(&shell.run("moderator list", "").success()).contains(", invited"));
    shell.run("moderator password ada --password-stdin", "correct horse battery").success();
    assert!(!stdout(&shell.run("moderator list", "").success()).contains("invited"));
    assert_ne!(link("moderator invite ada"), first);
    let list = stdout(&shell.run("moderator list", "").success());
    assert!(list.contains("invited") && !list.contains(&first), "{list}");
    // Who has a shell here may also remove the last admin.
    shell.run("moderator remove ada", "").success();
}

#[test]
fn a_second_factor_is_taken_away_from_whoever_lost_the_phone() {
    let shell = Shell::new();
    shell.run("moderator add ada --role admin --password-stdin", "correct horse battery").success();
    let store = rusqlite::Connection::open(shell.0.path().join("replydesk.db")).unwrap();
    store.execute_batch("INSERT INTO second_factors (username, secret) VALUES ('ada', x'00')").unwrap();
    assert!(stdout(&shell.run("moderator list", "").success()).contains(", second factor"));
    shell.run("moderator second-factor ada --off", "").success();
    assert!(!stdout(&shell.run("moderator list", "").success()).contains("second factor"));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let shell = Shell::new();
    shell.run("moderator add ada --role admin --password-stdin", "correct horse battery").success();
    for (line, stdin, said) in [
        ("moderator add ada --role admin --password-stdin", "correct horse battery", "taken"),
        ("moderator add bea --role admin --password-stdin", "short", "at least 12"),
        ("moderator add bea --role admin --password-stdin", "password1234", "guessed"),
        ("moderator add bea --role admin --password-stdin", "our bea our bea", "user name"),
        ("moderator add bea --role admin --password-stdin", "", "no password on stdin"),
        ("moderator add bea --role admin", "", "--password-stdin"),
        ("moderator add b/a --role admin --password-stdin", "correct horse battery", "letters"),
        ("moderator add bea --role admin --email bea --password-stdin", "correct horse battery", "email"),
        ("moderator add bea --role moderator --site nowhere --password-stdin", "correct horse battery", "nowhere"),
        ("moderator remove bea", "", "bea"),
        ("moderator invite bea", "", "bea"),
        ("moderator second-factor bea --off", "", "bea"),
        ("moderator password bea --password-stdin", "correct horse battery", "bea"),
        ("token revoke script", "", "script"),
    ] {
        let failed = shell.run(line, stdin).code(1);
        let complaint = complaint(&failed);
        assert!(complaint.contains(said), "{line}: {complaint}");
        assert!(failed.get_output().stdout.is_empty());
    }
    for line in [
        "moderator add bea --role owner",
        "moderator add bea",
        "moderator add bea --role admin --invite --password-stdin",
        "moderator second-factor ada",
        "token create x --scope all",
        "token create x --scope read --expires soon",
    ] {
        shell.run(line, "").code(2);
    }
}

#[test]
fn a_token_stands_alone_on_stdout_and_is_not_told_again() {
    let shell = Shell::new();
    let token = stdout(&shell.run("token create script --scope decide --expires 90d", "").success());
    assert!(token.starts_with("rd_") && token.trim_end().len() == 46 && token.lines().count() == 1, "{token}");
    let list = stdout(&shell.run("token list", "").success());
    assert!(
        list.contains("script") && list.contains("decide") && list.contains("until") && !list.contains("rd_"),
        "{list}"
    );
    shell.run("token create script --scope read", "").code(1);
    shell.run("token revoke script", "").success();
    assert!(stdout(&shell.run("token list", "").success()).is_empty());
}
