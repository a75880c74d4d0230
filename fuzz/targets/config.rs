//! Settings: TOML, lists, words, reasons, single values, the environment. Faults are told with a cure and never a
//! secret; what loads, loads alike again; lists keep to their bounds.
#![no_main]

use std::{path::PathBuf, sync::LazyLock};

use replydesk::config::{
    load::{Sources, load},
    told_duration,
};
use replydesk_fuzz::choice;

/// A folder in memory where there is one; each process has its own.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = base.join(format!("replydesk-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder to write settings to");
    folder
});

/// Keys whose value is one text, and how a line gives it.
const VALUES: [&str; 12] = [
    "[server]\nlisten = ",
    "[server]\ntrusted_proxies = [",
    "[server]\nmax_body = ",
    "[server]\npublic_url = ",
    "[server]\nforwarded_header = ",
    "[limits]\nper_ip = [",
    "[limits]\nallow = [",
    "[captcha]\ntimeout = ",
    "[captcha]\nhostnames = [",
    "[moderation]\nretain_ip = ",
    "[redis]\nurl = ",
    "[[site]]\nid = \"s\"\norigins = [",
];
/// Files beside the settings, and the lines that name them.
const FILES: [&str; 6] = [
    "[moderation.words]\nhold_files = [\"list\"]\n",
    "[scoring.lists]\nlink_domain_files = [\"list\"]\n",
    "[scoring.lists]\nmail_domain_files = [\"list\"]\n",
    "[captcha.lists]\ntor_exits = [\"list\"]\n",
    "[captcha.lists]\nhosting = [\"list\"]\n",
    "[moderation]\nreasons_file = \"list\"\n",
];

/// The settings' text; for a list the list's too.
fn settings(how: u8, rest: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let which = usize::from(how >> 2);
    match how % 4 {
        0 => Some((rest.to_vec(), None)),
        1 => {
            let text = std::str::from_utf8(rest).ok()?;
            let line = VALUES[which % VALUES.len()];
            let close = if line.ends_with('[') { "]\n" } else { "\n" };
            let value = toml_text(text);
            Some((format!("{line}{value}{close}").into_bytes(), None))
        }
        2 => Some((FILES[which % FILES.len()].as_bytes().to_vec(), Some(rest.to_vec()))),
        _ => None,
    }
}

/// As a TOML string; JSON's escapes are TOML's, but for one.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text.replace('\u{7f}', " ")).to_string()
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = choice(data) else { return };
    let mut sources = Sources::default();
    match settings(how, rest) {
        Some((text, list)) => {
            // A device or pipe that settings name may never end; that is who writes them asking for it.
            if text.windows(5).any(|part| part == b"/dev/" || part == b"/proc") {
                return;
            }
            let file = FOLDER.join("settings.toml");
            std::fs::write(&file, text).expect("the folder is there");
            if let Some(list) = list {
                std::fs::write(FOLDER.join("list"), list).expect("the folder is there");
            }
            sources.file = Some(file);
        }
        None => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            if text.contains('\0') {
                return; // No environment holds it.
            }
            let lines = text.lines().filter_map(|line| line.split_once('='));
            sources.env = lines.map(|(name, value)| (format!("REPLYDESK__{name}"), value.to_owned())).collect();
            if sources.env.iter().any(|(_, value)| value.contains("/dev/") || value.contains("/proc")) {
                return;
            }
        }
    }
    match load(&sources) {
        Ok(loaded) => {
            let again = load(&sources).expect("what loads, loads again");
            assert_eq!(loaded.digest, again.digest);
            assert_eq!(loaded.settings, again.settings);
            assert!(!loaded.config.sites.is_empty(), "there is a site");
            for site in &loaded.config.sites {
                for span in [site.captcha.timeout, site.captcha.max_age, site.moderation.retain_ip] {
                    let told = told_duration(span);
                    assert!(told.ends_with(['s', 'm', 'h', 'd']), "{told}");
                }
                for rate in site.limits.per_ip.iter().chain(&site.limits.per_network) {
                    assert!(rate.burst > 0 && rate.period_us > 0, "a rate counts");
                    assert!(rate.emission_us() >= 1);
                }
                assert!(site.body_min <= site.body_max);
                assert!(site.moderation.words.hold.len() <= 200_000 && site.moderation.reasons.len() <= 200);
            }
        }
        Err(faults) => {
            let told = faults.to_string();
            assert!(!told.trim().is_empty(), "a refusal says why");
            assert!(!told.contains('\0') && !told.contains('\u{1b}'), "a terminal is not written to: {told:?}");
            let again = load(&sources).err().map(|faults| faults.to_string());
            assert_eq!(again, Some(told), "the same again");
        }
    }
});
