//! Every way to break the settings, and what the operator is told; then what good settings become.
//!
//! `tests/fixtures/config/broken` holds one file a way. The snapshot is what an operator reads.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper of a test fails loudly")]

#[path = "config_faults/layers.rs"]
mod layers;
#[path = "config_faults/live.rs"]
mod live;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use replydesk::config::load::{DEFAULT_TOML, Loaded, Sources, load};

const FIXTURES: &str = "tests/fixtures/config";

fn sources(file: &str, env: &[(&str, &str)]) -> Sources {
    let file = (!file.is_empty()).then(|| Path::new(FIXTURES).join(file));
    Sources { file, env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() }
}

fn good(file: &str, env: &[(&str, &str)]) -> Loaded {
    load(&sources(file, env)).unwrap_or_else(|faults| panic!("{faults}"))
}

fn told(file: &str, env: &[(&str, &str)]) -> String {
    load(&sources(file, env)).expect_err("these settings are broken").to_string()
}

fn broken_files() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(Path::new(FIXTURES).join("broken")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn each_broken_file_is_told_with_line_key_and_cure() {
    let mut report = String::new();
    for file in broken_files() {
        let told = load(&Sources { file: Some(file), env: Vec::new() }).unwrap_err().to_string();
        report += &format!("{}\n\n", told.replace(&format!("{FIXTURES}/"), ""));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn no_fault_of_a_file_lacks_its_line_or_its_cure_or_tells_a_secret() {
    let files = broken_files();
    assert!(files.len() >= 20, "{} files", files.len());
    for file in files {
        let faults = load(&Sources { file: Some(file.clone()), env: Vec::new() }).unwrap_err();
        assert!(!faults.all().is_empty());
        for fault in faults.all() {
            assert!(fault.line().is_some() && !fault.wrong.is_empty() && !fault.right.is_empty(), "{fault}");
            assert!(!fault.to_string().contains("hunter2"), "{fault}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_said_so_by_name() {
    assert_eq!(
        told("no_such_file.toml", &[]),
        "tests/fixtures/config/no_such_file.toml: the file cannot be read: there is no such file; \
         name a readable file with --config or REPLYDESK_CONFIG"
    );
}

#[test]
fn a_bad_variable_is_told_by_its_name() {
    let env = [
        ("REPLYDESK__CAPTCHA__REJECT_BELOW", "1.5"),
        ("REPLYDESK__CAPTCHA__REJCT_BELOW", "0.5"),
        ("REPLYDESK__LIMITS__PER_IP", "5/10s"),
        ("REPLYDESK__SCORING__HOLD_AT", "0.95"),
        ("REPLYDESK__SERVER__SECRET_FILE", "/no/such/secret"),
        ("REPLYDESK__SITE", "[{id = \"a\"}]"),
        ("REPLYDESK__SITE__LANG", "de"),
    ];
    insta::assert_snapshot!(told("", &env), @r#"
    environment variable REPLYDESK__CAPTCHA__REJCT_BELOW: captcha.rejct_below: there is no such key; the nearest known one is captcha.reject_below
    environment variable REPLYDESK__CAPTCHA__REJECT_BELOW: captcha.reject_below: 1.5 does not fit; a score is in [0, 1]
    environment variable REPLYDESK__LIMITS__PER_IP: limits.per_ip: text does not belong here; write a list, e.g. ["5/10s"]
    environment variable REPLYDESK__SCORING__HOLD_AT: scoring.hold_at: 0.95 is above scoring.spam_at = 0.9; give at most 0.9, or raise scoring.spam_at
    environment variable REPLYDESK__SERVER__SECRET_FILE: server.secret_file: /no/such/secret cannot be read: there is no such file; give a readable text file that holds the secret and nothing else
    environment variable REPLYDESK__SITE: site[0].origins: it is missing; say where its pages live, e.g. origins = ["https://news.example"]
    environment variable REPLYDESK__SITE__LANG: site.lang: a site cannot be set key by key; give the whole list in REPLYDESK__SITE, or use the file
    "#);
}

#[test]
fn faults_of_the_file_and_of_the_environment_are_told_together() {
    let told = told("broken/syntax.toml", &[("REPLYDESK__CAPTCHA__HOLD_BELOW", "high")]);
    assert!(told.contains("syntax.toml:5:14: "), "{told}");
    assert!(told.contains("\nenvironment variable REPLYDESK__CAPTCHA__HOLD_BELOW: captcha.hold_below: "), "{told}");
}

proptest! {
    #[test]
    fn a_file_cut_or_garbled_anywhere_is_refused_or_sound_but_never_a_panic(
        cut in 0..DEFAULT_TOML.len(), at in 0..DEFAULT_TOML.len(), byte in any::<u8>()
    ) {
        let mut bytes = DEFAULT_TOML.as_bytes().to_vec();
        bytes[at] = byte;
        bytes.truncate(cut.max(at));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("replydesk.toml");
        std::fs::write(&file, bytes).unwrap();
        if let Err(faults) = load(&Sources { file: Some(file), env: Vec::new() }) {
            prop_assert!(faults.all().iter().all(|fault| fault.line().is_some()), "{}", faults);
        }
    }
}

#[test]
fn a_key_that_crosses_another_in_another_layer_is_told_where_it_was_given() {
    let told = told("good/site_overrides.toml", &[("REPLYDESK__CAPTCHA__HOLD_BELOW", "0.1")]);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.starts_with("tests/fixtures/config/good/site_overrides.toml:5: captcha.reject_below: 0.2 is above"),
        "{told}"
    );
}
