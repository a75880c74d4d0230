//! A settings' file in the test's folder: quiet defaults, and what the test wants different.

use std::path::PathBuf;

use super::database::Home;
use toml::{Table, Value};

/// No limits, no captcha, nothing by chance: a test switches on what it is about. The loopback is a
/// trusted proxy, so that one machine can be many readers.
const QUIET: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://replydesk.example"
trusted_proxies = ["127.0.0.1/32"]
secret = "a secret that only the tests know"
workers = 2
[limits]
per_ip = []
per_network = []
per_email = []
per_page = []
per_site = []
without_token = []
without_token_network = []
challenge = []
[captcha]
provider = "none"
[scoring]
explore = 0.0
[[site]]
id = "news"
origins = ["http://news.example", "https://news.example"]
contact = "mailto:desk@news.example"
"#;

/// Writes `replydesk.toml` and returns its path.
pub(crate) fn write(home: &Home, wanted: &str) -> PathBuf {
    let mut table: Table = toml::from_str(QUIET).unwrap();
    let store = format!("[store]\nurl = \"{}\"", home.url());
    overlay(&mut table, toml::from_str(&store).unwrap());
    overlay(&mut table, toml::from_str(wanted).unwrap());
    let (path, draft) = (home.path().join("replydesk.toml"), home.path().join("replydesk.toml.new"));
    std::fs::write(&draft, toml::to_string(&table).unwrap()).unwrap();
    // In one step: a server that looks meanwhile sees the old file or the new one.
    std::fs::rename(draft, &path).unwrap();
    path
}

fn overlay(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => overlay(under, over),
            (Some(Value::Array(under)), Value::Array(over)) if key == "site" => sites(under, over),
            (_, value) => drop(under.insert(key, value)),
        }
    }
}

/// The first site keeps what it is not told; others stand as given.
fn sites(under: &mut Vec<Value>, over: Vec<Value>) {
    for (n, site) in over.into_iter().enumerate() {
        match (under.get_mut(n), site) {
            (Some(Value::Table(under)), Value::Table(site)) => overlay(under, site),
            (_, site) => under.push(site),
        }
    }
}
