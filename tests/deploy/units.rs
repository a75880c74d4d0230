//! systemd reads the units, and finds them closed. That they do what they say is shown by `scripts/unit-check`.

use std::{fs, path::PathBuf, process::Command};

use crate::{asking::read, done, root, tool};

/// The units in a folder of the test's own, with a program in them that this machine has.
fn laid_out() -> (tempfile::TempDir, Vec<PathBuf>) {
    let (folder, mut units) = (tempfile::tempdir().unwrap(), Vec::new());
    for entry in fs::read_dir(root().join("deploy/systemd")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".service") && !name.ends_with(".timer") {
            continue;
        }
        let text = fs::read_to_string(&entry).unwrap();
        assert!(
            !name.ends_with(".service") || text.contains("/usr/local/bin/replydesk"),
            "{name} starts something else"
        );
        let file = folder.path().join(name.replace("@.", "@8081."));
        fs::write(folder.path().join(&name), text.replace("/usr/local/bin/replydesk", "/bin/true")).unwrap();
        units.push(file);
    }
    assert_eq!(units.len(), 4);
    (folder, units)
}

/// systemd's judge of units, where it is one that looks at files and knows every setting of these.
fn analyze() -> Option<Command> {
    const LEAST: u32 = 250;
    let said = done(tool("systemd-analyze", "systemd")?.arg("--version"));
    // "systemd 252 (252.39-1)"; some builds put ".4" or "~rc1" behind the number.
    let number = said.split_whitespace().nth(1).unwrap();
    let number: u32 = number.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    if number < LEAST {
        eprintln!("skipped: systemd is {number} here, and its judge takes files from {LEAST} on");
        return None;
    }
    tool("systemd-analyze", "systemd")
}

#[test]
fn systemd_finds_nothing_wrong_in_the_units() {
    let Some(mut analyze) = analyze() else { return };
    let (folder, units) = laid_out();
    // What is wrong with units that this machine has is not for us to say.
    let said = done(analyze.args(["verify", "--recursive-errors=no"]).args(&units));
    let within = folder.path().to_str().unwrap();
    let ours: Vec<_> = said.lines().filter(|line| line.contains("replydesk") || line.contains(within)).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}

#[test]
fn systemd_finds_the_services_closed() {
    let (folder, _) = laid_out();
    for name in ["replydesk.service", "replydesk@.service", "replydesk-backup.service"] {
        let Some(mut analyze) = analyze() else { return };
        // Twelve is 1.2 of 10, where 10 is open.
        let said = done(analyze.args(["security", "--offline=true", "--threshold=12"]).arg(folder.path().join(name)));
        assert!(said.contains("Overall exposure level"), "{said}");
    }
}

#[test]
fn the_unit_by_port_is_the_unit_but_for_its_port() {
    let body = |file: &str| read(file).split_once("[Unit]").unwrap().1.to_owned();
    let expected = body("deploy/systemd/replydesk.service")
        .replace("comments for news pages", "comments for news pages, on port %i")
        .replace("REPLYDESK_LOG_FORMAT=json", "REPLYDESK_LOG_FORMAT=json REPLYDESK__SERVER__LISTEN=127.0.0.1:%i");
    assert_eq!(body("deploy/systemd/replydesk@.service"), expected);
}

#[test]
fn systemd_waits_longer_for_the_end_than_the_end_may_take() {
    // Two seconds of leaving and eight of draining, in src/cli/serve.rs.
    let unit = read("deploy/systemd/replydesk.service");
    let wait: u32 = unit.split_once("TimeoutStopSec=").unwrap().1.lines().next().unwrap().parse().unwrap();
    assert!(wait >= 15);
}
