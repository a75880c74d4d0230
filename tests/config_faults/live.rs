//! Settings that change under a running server.

use std::{fs, path::PathBuf};

use replydesk::{
    config::{
        Live,
        live::{Change, Reload},
        load::{Sources, load},
    },
    domain::{Clock, Timestamp},
};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

/// A folder with a settings file, and the settings that were loaded from it.
struct Desk {
    folder: TempDir,
    live: Live,
}

const START: &str = "[server]\nsecret = \"one\"\n[captcha]\nreject_below = 0.3\n";

impl Desk {
    fn with(settings: &str, others: &[(&str, &str)]) -> Self {
        Self::within(tempfile::tempdir().unwrap(), settings, others)
    }

    fn within(folder: TempDir, settings: &str, others: &[(&str, &str)]) -> Self {
        others.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        let file = folder.path().join("replydesk.toml");
        fs::write(&file, settings).unwrap();
        let sources = Sources { file: Some(file), env: Vec::new() };
        let loaded = load(&sources).unwrap();
        Self { folder, live: Live::with_clock(loaded, sources, Clock::standing_at(Timestamp(0))) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, settings: &str) {
        fs::write(self.path("replydesk.toml"), settings).unwrap();
    }

    fn reject_below(&self) -> f64 {
        self.live.get().sites.first().unwrap().captcha.reject_below
    }
}

fn changed(reload: Reload) -> (Vec<Change>, Vec<String>) {
    match reload {
        Reload::Changed { changes, needs_restart } => (changes, needs_restart),
        other => panic!("{other:?}"),
    }
}

fn change(key: &str, before: serde_json::Value, after: serde_json::Value) -> Change {
    Change { key: key.to_owned(), before, after }
}

fn refusal(reload: Reload) -> String {
    match reload {
        Reload::Refused(faults) => faults.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_changed_file_comes_into_force_and_says_what_changed() {
    let desk = Desk::with(START, &[]);
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
    let before = desk.live.get();
    desk.write(&START.replace("0.3", "0.2"));
    let (changes, restart) = changed(desk.live.looked());
    assert_eq!(changes, [change("captcha.reject_below", json!(0.3), json!(0.2))]);
    assert!(restart.is_empty());
    assert_eq!((desk.reject_below(), desk.live.version()), (0.2, 2));
    assert_eq!(desk.live.settings()["captcha"]["reject_below"], 0.2);
    assert_eq!(before.sites[0].captcha.reject_below, 0.3, "who holds the old settings keeps them");
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
}

#[test]
fn a_comment_or_a_blank_line_changes_nothing() {
    let desk = Desk::with(START, &[]);
    desk.write(&format!("# a word\n\n{START}"));
    assert!(desk.live.changed_on_disk());
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
    assert!(!desk.live.changed_on_disk());
    assert_eq!(desk.live.version(), 1);
}

#[test]
fn a_broken_file_leaves_the_old_settings_and_is_told_once() {
    let desk = Desk::with(START, &[]);
    desk.write("[captcha]\nreject_below = 3\nhold_below = \"x\"\n");
    let told = refusal(desk.live.looked());
    assert!(told.contains(":2: captcha.reject_below: 3 does not fit; a score is in [0, 1]\n"), "{told}");
    assert_eq!((desk.reject_below(), desk.live.version()), (0.3, 1));
    let status = desk.live.status();
    let start = "the new settings have 2 faults; the settings of 1970-01-01T00:00:00Z stay in force: ";
    assert!(!status.ok && status.detail.starts_with(start), "{}", status.detail);

    assert!(matches!(desk.live.looked(), Reload::Unchanged), "the poll tells a fault once");
    assert!(matches!(desk.live.reload(), Reload::Refused(_)), "who asks is answered");

    desk.write(START);
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
    assert!(desk.live.status().ok, "what is in force is on the disk again");
}

#[test]
fn a_file_that_vanishes_and_one_cut_in_half_leave_the_old_settings() {
    let desk = Desk::with(START, &[]);
    fs::remove_file(desk.path("replydesk.toml")).unwrap();
    assert!(refusal(desk.live.looked()).contains("there is no such file"));
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
    desk.write(START.strip_suffix("_below = 0.3\n").unwrap());
    assert!(refusal(desk.live.looked()).contains("not TOML"));
    assert_eq!(desk.reject_below(), 0.3);
}

#[test]
fn every_broken_fixture_leaves_the_old_settings() {
    for file in super::broken_files() {
        let desk = Desk::with(START, &[]);
        fs::copy(&file, desk.path("replydesk.toml")).unwrap();
        let told = refusal(desk.live.looked());
        assert!(told.contains("replydesk.toml:"), "{told}");
        assert_eq!((desk.reject_below(), desk.live.version()), (0.3, 1), "{}", file.display());
    }
}

#[test]
fn what_needs_a_restart_keeps_its_value_and_is_named() {
    let desk = Desk::with(START, &[]);
    desk.write("[server]\nsecret = \"two\"\nlisten = \"127.0.0.1:9\"\nworkers = 3\n[store]\nurl = \"sqlite:other.db\"\n[redis]\nurl = \"redis://x\"\n[captcha]\nreject_below = 0.2");
    let (changes, restart) = changed(desk.live.looked());
    assert_eq!(changes, [change("captcha.reject_below", json!(0.3), json!(0.2))]);
    assert_eq!(restart, ["server.listen", "server.workers", "server.secret", "store.url", "redis.url"]);
    let config = desk.live.get();
    assert_eq!(config.server.secret.expose_secret(), "one");
    assert_eq!((config.server.listen.port(), config.server.workers), (8080, 0));
    assert_eq!(config.store.url.expose_secret(), "sqlite:data/replydesk.db");
    assert_eq!(config.redis.url.expose_secret(), "");
    assert_eq!(desk.live.settings()["redis"]["url"], "");
    assert_eq!(desk.live.settings()["server"]["listen"], "127.0.0.1:8080");
    assert!(
        desk.live
            .status()
            .detail
            .ends_with("a restart is needed for server.listen, server.workers, server.secret, store.url, redis.url")
    );
    assert!(matches!(desk.live.reload(), Reload::Unchanged), "told once");
}

#[test]
fn a_restart_key_alone_is_told_without_a_new_version() {
    let desk = Desk::with(START, &[]);
    desk.write(&START.replace("one", "two"));
    let (changes, restart) = changed(desk.live.looked());
    assert_eq!((changes, restart), (vec![], vec!["server.secret".to_owned()]));
    assert_eq!(desk.live.version(), 1);
}

#[test]
fn a_changed_secret_is_told_without_its_text() {
    let settings = "[captcha]\nprovider = \"recaptcha-v3\"\nsite_key = \"public\"\nsecret_file = \"key\"\n";
    let desk = Desk::with(settings, &[("key", "first\n")]);
    fs::write(desk.path("key"), "second\n").unwrap();
    let (changes, _) = changed(desk.live.looked());
    assert_eq!(changes, [change("captcha.secret", json!("***"), json!("*** (changed)"))]);
    assert_eq!(desk.live.get().sites[0].captcha.secret.expose_secret(), "second");
}

#[test]
fn a_word_file_is_read_again_when_it_changes() {
    let desk = Desk::with("[moderation.words]\nhold_files = [\"hold.txt\"]\n", &[("hold.txt", "casino\n")]);
    fs::write(desk.path("hold.txt"), "casino\nviagra\n").unwrap();
    let (changes, _) = changed(desk.live.looked());
    let key = format!("word file {}", desk.path("hold.txt").display());
    assert_eq!(changes, [change(&key, json!("entries: 1"), json!("entries: 2 (changed)"))]);
    assert_eq!(desk.live.get().sites[0].moderation.words.hold[..], ["casino", "viagra"]);

    fs::remove_file(desk.path("hold.txt")).unwrap();
    assert!(refusal(desk.live.looked()).contains(":2: moderation.words.hold_files: "));
    assert_eq!(desk.live.get().sites[0].moderation.words.hold.len(), 2);
    fs::write(desk.path("hold.txt"), "poker\n").unwrap();
    changed(desk.live.looked());
    assert_eq!(desk.live.get().sites[0].moderation.words.hold[..], ["poker"], "a missing file is watched too");
}

#[test]
fn a_list_of_reasons_is_read_again_when_it_changes_and_a_broken_one_keeps_the_old() {
    let reason = |id: &str| format!("[[reason]]\nid = \"{id}\"\nlabel = \"A label\"\ntext = \"A text.\"\n");
    let settings = "[moderation]\nreasons_file = \"own.toml\"\n";
    let desk = Desk::with(settings, &[("own.toml", &reason("rude"))]);
    let ids = || -> Vec<String> {
        desk.live.get().sites[0].moderation.reasons.iter().map(|reason| reason.id.clone()).collect()
    };
    fs::write(desk.path("own.toml"), reason("rude") + &reason("late")).unwrap();
    let (changes, _) = changed(desk.live.looked());
    let key = format!("reasons file {}", desk.path("own.toml").display());
    assert_eq!(changes, [change(&key, json!("entries: 1"), json!("entries: 2 (changed)"))]);
    fs::write(desk.path("own.toml"), reason("Rude!")).unwrap();
    assert!(refusal(desk.live.looked()).contains("own.toml:2: reason[0].id: "));
    assert_eq!(ids(), ["rude", "late"]);
    fs::write(desk.path("replydesk.toml"), "").unwrap();
    changed(desk.live.looked());
    assert!(ids().iter().any(|id| id == "insult"), "without a file it is the list that is built in");
}

#[test]
fn a_list_of_networks_is_read_again_when_it_changes_and_a_broken_one_keeps_the_old() {
    let settings =
        "[captcha.lists]\ntor_exits = [\"tor.txt\"]\nhosting = [\"hosting.txt\"]\nasn_database = \"asn.mmdb\"\n";
    let hosting = "# AS numbers and networks\nAS64500 # a remark\n192.0.2.0/24\n";
    let folder = tempfile::tempdir().unwrap();
    fs::copy("tests/fixtures/asn/tiny.mmdb", folder.path().join("asn.mmdb")).unwrap();
    let desk = Desk::within(folder, settings, &[("tor.txt", "203.0.113.7\n"), ("hosting.txt", hosting)]);
    let of = |address: &str| {
        let networks = desk.live.get().sites[0].captcha.lists.networks.clone();
        let address = address.parse().unwrap();
        (networks.is_tor(address), networks.is_hosting(address))
    };
    assert_eq!((of("203.0.113.7"), of("203.0.113.8")), ((true, false), (false, false)));
    assert_eq!((of("198.51.100.9"), of("192.0.2.9")), ((false, true), (false, true)));

    fs::write(desk.path("tor.txt"), "203.0.113.7\n203.0.113.8\n").unwrap();
    let (changes, _) = changed(desk.live.looked());
    let key = format!("list file {}", desk.path("tor.txt").display());
    assert_eq!(changes, [change(&key, json!("entries: 1"), json!("entries: 2 (changed)"))]);
    assert_eq!(of("203.0.113.8"), (true, false));

    fs::write(desk.path("tor.txt"), "203.0.113.9\n203.0.113.300\n").unwrap();
    let told = refusal(desk.live.looked());
    assert!(told.contains(":2: captcha.lists.tor_exits: ") && told.contains("line 2, is no network"), "{told}");
    fs::write(desk.path("tor.txt"), "203.0.113.9\n").unwrap();
    let whole = fs::read(desk.path("asn.mmdb")).unwrap();
    fs::write(desk.path("asn.mmdb"), &whole[..whole.len() / 2]).unwrap();
    assert!(refusal(desk.live.looked()).contains("is no MaxMind DB"));
    assert_eq!((of("203.0.113.8"), of("198.51.100.9")), ((true, false), (false, true)), "the old lists stay");
    fs::write(desk.path("asn.mmdb"), whole).unwrap();
    changed(desk.live.looked());
    assert_eq!((of("203.0.113.8"), of("203.0.113.9")), ((false, false), (true, false)));
}

#[test]
fn a_large_list_is_seen_to_change_too() {
    let many = |first: u32| -> String {
        let address = |n: u32| format!("{}\n", std::net::Ipv4Addr::from_bits(first + 2 * n));
        (0..120_000).map(address).collect()
    };
    let desk = Desk::with("[captcha.lists]\nhosting = [\"hosting.txt\"]\n", &[("hosting.txt", &many(0x0a00_0000))]);
    assert!(fs::metadata(desk.path("hosting.txt")).unwrap().len() > 1 << 20);
    assert!(matches!(desk.live.looked(), Reload::Unchanged));
    let is_hosting = || desk.live.get().sites[0].captcha.lists.networks.is_hosting("10.0.0.1".parse().unwrap());
    assert!(!is_hosting());
    fs::write(desk.path("hosting.txt"), many(0x0a00_0001)).unwrap();
    changed(desk.live.looked());
    assert!(is_hosting());
}

#[test]
fn sites_come_go_and_change_by_their_id() {
    let site = |id: &str, lang: &str| {
        format!("[[site]]\nid = \"{id}\"\norigins = [\"https://{id}.example\"]\nlang = \"{lang}\"\n")
    };
    let desk = Desk::with(&(site("a", "en") + &site("b", "en")), &[]);
    desk.write(&(site("b", "de") + "[site.captcha]\nreject_below = 0.1\n" + &site("a", "en")));
    let (changes, _) = changed(desk.live.looked());
    assert_eq!(
        changes,
        [
            change("site", json!(["a", "b"]), json!(["b", "a"])),
            change("site[b].captcha.reject_below", json!(null), json!(0.1)),
            change("site[b].lang", json!("en"), json!("de")),
        ]
    );
    assert_eq!(desk.live.get().sites[0].captcha.reject_below, 0.1);
}

#[test]
fn a_guard_may_refuse_what_is_sound_in_itself() {
    let desk = Desk::with(START, &[]);
    desk.write(&START.replace("0.3", "0.6"));
    let guard = |candidate: &replydesk::config::Config| match candidate.sites[0].captcha.reject_below > 0.5 {
        true => Err("80 % of last week would be held; raise moderation.max_hold_share".to_owned()),
        false => Ok(()),
    };
    let told = refusal(desk.live.looked_with(guard));
    assert_eq!(told, "settings: 80 % of last week would be held; raise moderation.max_hold_share");
    assert!(!desk.live.status().ok && desk.reject_below() == 0.3);
    desk.write(&START.replace("0.3", "0.4"));
    changed(desk.live.looked_with(guard));
    assert!(desk.live.status().ok && desk.reject_below() == 0.4);
}
