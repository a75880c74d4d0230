//! A ban meets the same, whether it is tried, held against what waits, or met by what comes.

use serde_json::{Value, json};

use crate::support::{App, PAGE, comment, moderator::Moderator};

/// Senders, each in one thing like the one who is banned or nearly so.
fn senders() -> Vec<(&'static str, &'static str, Value)> {
    let plain = |name: &str, email: &str, url: &str, body: &str| json!({"page": PAGE, "name": name, "email": email, "url": url, "body": body});
    let ada = |body: &str| plain("Ada Reader", "ada@readers.example", "", body);
    vec![
        ("stranger", "198.51.100.1", ada("Nothing to see.")),
        ("eve", "203.0.113.9", plain("Eve Example", "eve@spam.example", "", "See http://shop.pills.example/ now.")),
        (
            "looks like her",
            "198.51.100.2",
            plain("Ev\u{435} Ex\u{430}mple", "ada@readers.example", "", "A look-alike."),
        ),
        ("nearly her name", "198.51.100.3", plain("Eve Exampled", "ada@readers.example", "", "Another name.")),
        ("her address in capitals", "198.51.100.4", plain("Ada", "EVE@Spam.Example", "", "Shouting.")),
        ("below her domain", "198.51.100.5", plain("Ada", "bob@mail.spam.example", "", "A subdomain.")),
        ("nearly her domain", "198.51.100.6", plain("Ada", "eve@notspam.example", "", "Another domain.")),
        (
            "links as author",
            "198.51.100.7",
            plain("Ada", "ada@readers.example", "https://www.PILLS.example./x", "My site."),
        ),
        ("links in Markdown", "198.51.100.8", ada("[x](http&#58;//pills.example/y)")),
        ("links nearly there", "198.51.100.9", ada("At http://pills.example.org/ and http://mypills.example/.")),
        ("of her network", "203.0.113.200", ada("From nearby.")),
        ("her IPv6", "2001:db8:1:2::3", ada("By IPv6.")),
        ("her IPv6 as one client", "2001:db8:1:2:ffff::9", ada("The same /64.")),
        ("of her IPv6 network", "2001:db8:1:ff::1", ada("The same /48.")),
        ("of another IPv6 network", "2001:db8:2::1", ada("Another /48.")),
    ]
}

const BANS: [(&str, &str, &[&str]); 10] = [
    ("ip", "203.0.113.9", &["eve"]),
    ("ip", "2001:db8:1:2::1", &["her IPv6", "her IPv6 as one client"]),
    ("network", "203.0.113.0/24", &["eve", "of her network"]),
    ("network", "2001:db8:1::/48", &["her IPv6", "her IPv6 as one client", "of her IPv6 network"]),
    ("email", "eve@spam.example", &["eve", "her address in capitals"]),
    ("email_domain", "spam.example", &["eve", "her address in capitals", "below her domain"]),
    ("link_domain", "pills.example", &["eve", "links as author", "links in Markdown"]),
    ("name", "Eve Example", &["eve", "looks like her"]),
    ("name", "*exam*pled", &["nearly her name"]),
    ("name", "Nobody Known", &[]),
];

/// Everybody sends; who was refused.
async fn send(app: &App, how_often: u32) -> Vec<&'static str> {
    let mut refused = Vec::new();
    for (who, from, mut wanted) in senders() {
        let body = format!("{} ({how_often})", wanted["body"].as_str().unwrap());
        wanted["body"] = json!(body);
        let answer = app.submission(&wanted).from(from).answer().await;
        if answer.status == 403 {
            answer.expect_problem(403, "banned");
            refused.push(who);
        } else {
            answer.expect(202);
        }
    }
    refused
}

async fn statuses(moderator: &Moderator) -> Vec<(String, String)> {
    let all = moderator.get("/comments?status=all&limit=200").await.expect(200).json();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    all["items"].as_array().unwrap().iter().map(|item| (text(item, "body"), text(item, "status"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_every_kind_what_is_previewed_is_what_is_dealt_with_and_what_is_refused() {
    for (kind, value, met) in BANS {
        let app = App::start().await;
        let moderator = app.moderator().await;
        assert!(send(&app, 1).await.is_empty());
        let ban = json!({"kind": kind, "value": value, "mode": "refuse", "reason": "tests"});
        let seen = moderator.ask("POST", "/bans/preview").json(&ban).answer().await.expect(200).json();
        let n = met.len();
        assert_eq!(
            (&seen["hits"], &seen["approved"], &seen["waiting"]),
            (&json!(n), &json!(0), &json!(n)),
            "{kind} {value}"
        );
        let mut excerpts: Vec<&str> =
            seen["examples"].as_array().unwrap().iter().map(|one| one["excerpt"].as_str().unwrap()).collect();
        let mut bodies: Vec<String> = senders()
            .iter()
            .filter(|(who, ..)| met.contains(who))
            .map(|(.., wanted)| format!("{} (1)", wanted["body"].as_str().unwrap()))
            .collect();
        // All came in one millisecond, so none is the newest.
        excerpts.sort_unstable();
        bodies.sort_unstable();
        assert_eq!(excerpts, bodies, "{kind} {value}");

        assert_eq!(moderator.ban(ban).await.json()["applied"], json!(n), "{kind} {value}");
        for (body, status) in statuses(&moderator).await {
            let expected = if bodies.contains(&body) { "rejected" } else { "pending" };
            assert_eq!(status, expected, "{kind} {value}: {body}");
        }
        assert_eq!(send(&app, 2).await, met, "{kind} {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_that_holds_leaves_on_what_waits_what_it_leaves_on_what_comes() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let waits = app.submit(&comment("It waits already, with more to say.")).await.expect(202).id();
    let ban = json!({"kind": "email", "value": "ada@readers.example", "mode": "hold", "reason": "tests"});
    assert_eq!(moderator.ban(ban).await.json()["applied"], 1);
    let comes = app.submit(&comment("It comes under a ban, and has as much.")).await.expect(202).id();
    let (waits, comes) = (moderator.item(&waits).await, moderator.item(&comes).await);
    for part in ["signals", "verdict", "status"] {
        let of_bans = |item: &Value| match item[part].as_array() {
            Some(signals) => json!(signals.iter().filter(|s| s["name"] == "ban_hold").collect::<Vec<_>>()),
            None => item[part].clone(),
        };
        assert_eq!(of_bans(&waits), of_bans(&comes), "{part}");
    }
}
