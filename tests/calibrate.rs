//! `replydesk captcha calibrate` as an operator runs it, on stores of made comments and decisions.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "clippy knows no helper of an integration test for a test"
)]

mod seeds {
    //! Comments that were never written, and decisions on them.

    use std::time::Duration;

    use replydesk::{
        captcha::builtin::{Asked, WEIGHTS, Weight, hit, kept_as, rescored},
        domain::{
            AuthorId, CaptchaOutcome, CaptchaRecord, Clock, CommentId, Decision, PageIdentity, Signal, SiteId, Status,
            Timestamp, Verdict,
        },
        store::{Accepted, DecisionOrder, NewComment, Store},
    };
    use tempfile::TempDir;

    /// A store in the place where the program looks for it.
    pub(crate) struct Seeds {
        pub(crate) folder: TempDir,
        pub(crate) store: Store,
        dice: u64,
        count: u64,
        now: Timestamp,
    }

    /// Signals that fire in so many of a thousand comments.
    type Habits = [(&'static str, u32)];

    /// One of these, for the proof of work came to something and the form took some time.
    const SPAMMERS: &Habits = &[
        ("honeypot", 240),
        ("headers_inconsistent", 330),
        ("no_origin", 90),
        ("user_agent_tool", 60),
        ("paste_only", 420),
        ("token_network_changed", 110),
    ];
    const READERS: &Habits = &[
        ("honeypot", 35),
        ("headers_inconsistent", 40),
        ("no_origin", 15),
        ("paste_only", 60),
        ("token_network_changed", 50),
    ];

    impl Seeds {
        pub(crate) async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("data/replydesk.db").display());
            let store = Store::open(&url).await.unwrap();
            let now = Clock::system().now().minus(Duration::from_secs(30 * 86_400));
            Self { folder, store, dice: 11, count: 0, now }
        }

        /// Of a thousand, by numbers that are the same each time (`SplitMix64`).
        fn roll(&mut self) -> u32 {
            self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.dice;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u32::try_from((z ^ (z >> 31)) % 1_000).unwrap()
        }

        /// A comment that waits; its captcha saw these signals and weighed them as shipped.
        pub(crate) fn comment(&mut self, signals: &[&'static str]) -> NewComment {
            self.count += 1;
            self.now = self.now.plus(Duration::from_secs(60));
            let mut duplicate = [0; 32];
            duplicate[..8].copy_from_slice(&self.count.to_be_bytes());
            let shipped = |name: &str| WEIGHTS.iter().find(|row| row.name == name).unwrap();
            let proven = signals.contains(&"pow_ok");
            let hits: Vec<_> =
                signals.iter().map(|name| hit(name, shipped(name).weight, |s| Weight::of(s).weight).unwrap()).collect();
            let score = rescored(&hits, Asked { proven, nothing: false }, |signal| Weight::of(signal).weight);
            let kept = |name: &&'static str| Signal {
                name: kept_as(name).into(),
                ..Signal::new("", shipped(name).weight, "Seen.")
            };
            NewComment {
                id: CommentId::new(self.now),
                page: PageIdentity {
                    site: SiteId::new("default"),
                    key: "/a".to_owned(),
                    url: "http://127.0.0.1:8080/a".to_owned(),
                },
                title: None,
                parent: None,
                status: Status::Pending,
                name: "Nobody".to_owned(),
                email: None,
                url: None,
                body: "Made to be counted.".to_owned(),
                post_id: None,
                created_at: self.now,
                edit_until: self.now,
                author: AuthorId::new(self.now),
                proven: false,
                email_key: None,
                sketch: None,
                cluster: None,
                founder: None,
                address: None,
                network_key: String::new(),
                captcha: CaptchaRecord {
                    provider: "builtin".to_owned(),
                    outcome: match (proven, score < 0.6) {
                        (false, _) => CaptchaOutcome::Missing,
                        (true, true) => CaptchaOutcome::Low,
                        (true, false) => CaptchaOutcome::Pass,
                    },
                    score: Some(score),
                    raw_score: None,
                },
                sampled: None,
                risk: 0.1,
                verdict: Verdict::Hold,
                signals: signals.iter().map(kept).collect(),
                duplicate: (duplicate, Timestamp(0)),
                claim: None,
                unverified: None,
                idempotency: None,
                staff: None,
            }
        }

        /// What a spammer or a reader might have sent; none where its score was refused and no sample was taken.
        pub(crate) fn drawn(&mut self, spam: bool) -> Option<NewComment> {
            let (habits, [without_token, short, quick, untouched]) =
                if spam { (SPAMMERS, [120, 280, 300, 350]) } else { (READERS, [30, 2, 45, 12]) };
            let mut signals: Vec<&'static str> =
                habits.iter().filter(|(_, often)| self.roll() < *often).map(|(name, _)| *name).collect();
            if self.roll() < without_token {
                signals.push("pow_missing");
            } else {
                let time = self.roll();
                signals.push("pow_ok");
                signals.push(match time {
                    _ if time < short => "form_time_short",
                    _ if time < short + quick => "form_time_quick",
                    _ => "form_time_human",
                });
                signals.push(if self.roll() < untouched { "interaction_none" } else { "interaction_seen" });
            }
            let comment = self.comment(&signals);
            let is_refused = comment.captcha.outcome == CaptchaOutcome::Low && comment.captcha.score < Some(0.3);
            match (is_refused, self.roll() < 100) {
                (false, _) => Some(comment),
                (true, true) => Some(NewComment { sampled: Some(0.1), ..comment }),
                (true, false) => None,
            }
        }

        /// Keeps them all, and has somebody decide.
        pub(crate) async fn decided(&self, comments: Vec<NewComment>, decision: Decision, by: &str) -> Vec<CommentId> {
            let ids: Vec<CommentId> = comments.iter().map(|comment| comment.id).collect();
            // Together, so that they share their syncs.
            let stored = futures_util::future::join_all(comments.into_iter().map(|comment| self.store.accept(comment)));
            for stored in stored.await {
                assert!(matches!(stored.unwrap(), Accepted::Stored(_)));
            }
            let orders = |id: &CommentId| DecisionOrder { id: *id, decision, version: None, reason: None, sites: None };
            let now = Clock::system().now();
            self.store.decide(ids.iter().map(orders).collect(), by.to_owned(), now).await.unwrap();
            ids
        }

        /// So many of each kind, decided by a person.
        pub(crate) async fn sow(&mut self, spam: usize, approved: usize) {
            for (n, is_spam, decision) in [(spam, true, Decision::Spam), (approved, false, Decision::Approve)] {
                let mut comments = Vec::new();
                while comments.len() < n {
                    comments.extend(self.drawn(is_spam));
                }
                for stretch in comments.chunks(200) {
                    self.decided(stretch.to_vec(), decision, "moderator:ada").await;
                }
            }
        }
    }
}

use std::time::{Duration, Instant};

use assert_cmd::{assert::Assert, cargo::cargo_bin_cmd};
use replydesk::domain::{Decision, Status, Verdict};
use seeds::Seeds;
use serde_json::Value;

impl Seeds {
    /// The program beside the store that is open here, with nothing of this machine's environment.
    fn run(&self, words: &[&str]) -> Assert {
        let mut command: assert_cmd::Command = cargo_bin_cmd!("replydesk");
        command.env_clear().current_dir(self.folder.path()).args(["captcha", "calibrate"]).args(words).assert()
    }
    fn told(&self, words: &[&str]) -> String {
        String::from_utf8(self.run(words).success().get_output().stdout.clone()).unwrap()
    }
    fn figures(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.told(&[words, &["--json"]].concat())).unwrap()
    }
    fn complaint(&self, words: &[&str]) -> String {
        String::from_utf8(self.run(words).code(1).get_output().stderr.clone()).unwrap()
    }
    fn settings(&self, text: &str) -> String {
        let file = self.folder.path().join("own.toml");
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }
    fn file(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("data/replydesk.db")).unwrap()
    }
}

fn signal<'a>(figures: &'a Value, name: &str) -> &'a Value {
    figures["signals"].as_array().unwrap().iter().find(|line| line["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn enough_decisions_give_a_report_with_weights_and_the_manual_shows_this_one() {
    let mut seeds = Seeds::new().await;
    seeds.sow(420, 780).await;
    let told = seeds.told(&[]);
    insta::assert_snapshot!("report", told);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/captcha.md")).unwrap();
    // What a person reads there is what this prints.
    assert!(page.contains(told.trim_end()), "docs/captcha.md shows another report");
    assert!(told.is_ascii(), "a terminal may know no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_to_paste_is_taken_by_the_settings_and_brings_the_new_scores() {
    let mut seeds = Seeds::new().await;
    seeds.sow(300, 300).await;
    let told = seeds.told(&[]);
    let block = &told[told.rfind("[captcha.weights]").unwrap()..];
    let file = seeds.settings(block);
    let (before, after) = (seeds.figures(&[]), seeds.figures(&["--config", &file]));
    assert!(after["builtin"]["brier"].as_f64() < before["builtin"]["brier"].as_f64(), "{block}");
    assert_eq!(before["notes"]["rescored"], 0);
    assert!(after["notes"]["rescored"].as_u64() > Some(500), "scores of old weights are told as if they were new");
    for line in before["signals"].as_array().unwrap().iter().filter(|line| line["proposed"].is_number()) {
        let now = signal(&after, line["name"].as_str().unwrap());
        assert!((now["in_force"].as_f64().unwrap() - line["proposed"].as_f64().unwrap()).abs() < 0.006, "{line} {now}");
        assert!(line["proposed"].as_f64().unwrap() * line["shipped"].as_f64().unwrap() > 0.0, "a sign changed: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_follow_the_decisions_and_stop_at_their_sign() {
    let mut seeds = Seeds::new().await;
    // The trap is filled by readers' browsers alone here, and who pastes is always a spammer.
    for n in 0..300 {
        let spam: &[&str] =
            if n % 2 == 0 { &["pow_ok", "form_time_human", "paste_only"] } else { &["pow_ok", "form_time_human"] };
        let read: &[&str] =
            if n % 5 == 0 { &["pow_ok", "form_time_human", "honeypot"] } else { &["pow_ok", "form_time_human"] };
        let (spam, read) = (seeds.comment(spam), seeds.comment(read));
        seeds.decided(vec![spam], Decision::Spam, "moderator:ada").await;
        seeds.decided(vec![read], Decision::Approve, "moderator:ben").await;
    }
    let figures = seeds.figures(&[]);
    let proposed = |name: &str| signal(&figures, name)["proposed"].as_f64();
    assert!(proposed("paste_only") > Some(2.0), "{figures:#}");
    assert_eq!(proposed("honeypot"), Some(0.01), "it may lose its weight and never turn round");
    assert_eq!(
        (signal(&figures, "honeypot")["s_o"].as_f64(), signal(&figures, "paste_only")["s_o"].as_f64()),
        (Some(0.0), Some(1.0))
    );
    assert_eq!(proposed("user_agent_tool"), None, "nothing is proposed for what never fired");
    let weights = figures["advice"]["weights"].as_array().unwrap();
    assert!(weights.iter().all(|pair| pair[0] != "user_agent_tool"), "{weights:?}");
    let rate = |of: &str, band: &str, which: &str| figures["advice"][of][band][which]["rate"].as_f64().unwrap();
    assert!(rate("new", "held", "spam_through") < rate("old", "held", "spam_through"), "{figures:#}");
    assert!(rate("new", "held", "approved_stopped") <= rate("old", "held", "approved_stopped"));
    // What the operator switched off stays off.
    let file = seeds.settings("[captcha.weights]\npaste_only = 0\n");
    let figures = seeds.figures(&["--config", &file]);
    assert_eq!(signal(&figures, "paste_only")["proposed"], 0.0);
    assert!(seeds.told(&["--config", &file]).contains("paste_only = 0\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_decisions_give_no_weights_and_say_how_many_are_missing() {
    let mut seeds = Seeds::new().await;
    let empty = seeds.told(&[]);
    assert!(empty.contains("0 decisions") && !empty.contains("weights]"), "{empty}");
    seeds.sow(49, 60).await;
    let few = seeds.told(&[]);
    assert!(few.contains("151 spam and 140 approved are missing"), "{few}");
    assert!(
        few.contains("at 0.60 you would have held ") && !few.contains("Platt") && !few.contains("weights]"),
        "{few}"
    );
    seeds.sow(1, 150).await;
    let between = seeds.told(&[]);
    assert!(
        between.contains("and 150 spam are missing") && between.contains("(Platt)") && !between.contains("weights]"),
        "{between}"
    );
    let platt = &seeds.figures(&[])["advice"]["platt"];
    assert!(platt["slope"].as_f64() > Some(0.2), "{platt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_people_decided_about_spam_counts_and_it_is_said_what_does_not() {
    let mut seeds = Seeds::new().await;
    seeds.sow(3, 4).await;
    let signals = ["pow_ok", "form_time_human"];
    let one = |seeds: &mut Seeds| seeds.comment(&signals);
    // Turned down for what it says, decided by nobody, changed since, and put back.
    let rejected = one(&mut seeds);
    seeds.decided(vec![rejected], Decision::Reject, "moderator:ada").await;
    let (published, marked) = (one(&mut seeds), one(&mut seeds));
    for (comment, status, verdict) in
        [(published, Status::Approved, Verdict::Publish), (marked, Status::Spam, Verdict::Spam)]
    {
        let comment = replydesk::store::NewComment { status, verdict, ..comment };
        seeds.store.accept(comment).await.unwrap();
    }
    let changed = one(&mut seeds);
    let id = seeds.decided(vec![changed], Decision::Approve, "moderator:ada").await[0];
    let sql = "UPDATE comments SET edited_at = decided_at + 1 WHERE id = ?";
    assert_eq!(seeds.file().execute(sql, [id.bytes()]).unwrap(), 1);
    let undone = one(&mut seeds);
    let id = seeds.decided(vec![undone], Decision::Spam, "moderator:ada").await[0];
    let back =
        replydesk::store::DecisionOrder { id, decision: Decision::Pending, version: None, reason: None, sites: None };
    seeds.store.decide(vec![back], "moderator:ada".to_owned(), seeds_now()).await.unwrap();
    let counts = |figures: &Value| (figures["spam"].as_u64().unwrap(), figures["approved"].as_u64().unwrap());
    assert_eq!(counts(&seeds.figures(&[])), (3, 4));
    // A program's decisions, another provider's comments.
    let (by_program, of_another) = (one(&mut seeds), one(&mut seeds));
    seeds.decided(vec![by_program], Decision::Spam, "token:desk").await;
    let mut of_another = of_another;
    of_another.captcha.provider = "recaptcha-v3".to_owned();
    seeds.decided(vec![of_another], Decision::Spam, "moderator:ada").await;
    let figures = seeds.figures(&[]);
    assert_eq!(counts(&figures), (3, 4));
    assert_eq!((&figures["notes"]["by_tokens"], &figures["notes"]["other_provider"]), (&1.into(), &1.into()));
    assert_eq!(counts(&seeds.figures(&["--tokens"])), (4, 4));
    // By time and by site.
    assert_eq!(counts(&seeds.figures(&["--since", "29d"])), (0, 0));
    let file =
        seeds.settings("[[site]]\nid = \"default\"\norigins = [\"http://news.example\"]\n[[site]]\nid = \"other\"\norigins = [\"http://other.example\"]\n");
    assert_eq!(counts(&seeds.figures(&["--config", &file])), (3, 4));
    assert_eq!(counts(&seeds.figures(&["--config", &file, "--site", "other"])), (0, 0));
    assert!(seeds.complaint(&["--config", &file, "--site", "third"]).contains("third"));
}

fn seeds_now() -> replydesk::domain::Timestamp {
    replydesk::domain::Clock::system().now()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_stands_for_all_that_were_turned_away_in_its_place() {
    let mut seeds = Seeds::new().await;
    let good = ["pow_ok", "form_time_human", "interaction_seen"];
    let bad = ["pow_ok", "form_time_short", "honeypot"];
    let approved: Vec<_> = (0..18).map(|_| seeds.comment(&good)).collect();
    seeds.decided(approved, Decision::Approve, "moderator:ada").await;
    // Of what scored lower, one of fifty reached the queue; a moderator approved it.
    let sample = replydesk::store::NewComment { sampled: Some(0.02), ..seeds.comment(&bad) };
    assert!(sample.captcha.score < Some(0.3));
    seeds.decided(vec![sample], Decision::Approve, "moderator:ada").await;
    let spam = seeds.comment(&bad);
    seeds.decided(vec![spam], Decision::Spam, "moderator:ada").await;
    let figures = seeds.figures(&[]);
    let at = figures["builtin"]["at"].as_array().unwrap().iter().find(|at| at["threshold"] == 0.3).unwrap();
    let stopped = &at["approved_stopped"];
    assert!((stopped["rate"].as_f64().unwrap() - 50.0 / 68.0).abs() < 1e-9, "{stopped}");
    // And nobody pretends that one comment is as sure as fifty.
    assert!(stopped["interval"]["low"].as_f64() < Some(0.4), "{stopped}");
    assert_eq!(figures["notes"]["samples"], 1);
    assert!(figures["notes"]["samples_of_unknown_share"] == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_version_kept_is_read_and_what_it_cannot_know_is_said() {
    let mut seeds = Seeds::new().await;
    let mut comment = seeds.comment(&["pow_ok", "form_time_human"]);
    // Earlier the trap stood under its bare name alone, as the content's signal.
    comment.signals.push(replydesk::domain::Signal::new("honeypot", 2.0, "Seen."));
    comment.signals.push(replydesk::domain::Signal::new("captcha.phase_of_moon", 1.0, "Seen."));
    comment.signals.push(replydesk::domain::Signal::new("captcha.bound_client", -1.0, "Seen."));
    comment.signals.push(replydesk::domain::Signal::new("captcha.recaptcha_automation", 0.0, "Seen."));
    comment.signals.push(replydesk::domain::Signal::new("explored", 0.0, "Seen."));
    seeds.decided(vec![comment], Decision::Spam, "moderator:ada").await;
    let figures = seeds.figures(&[]);
    assert_eq!(signal(&figures, "honeypot")["spam"], 1);
    assert_eq!(figures["notes"]["unknown"], serde_json::json!({ "phase_of_moon": 1 }));
    assert_eq!(figures["notes"]["samples_of_unknown_share"], 1);
    // 3.0 for the trap is what the score did not say then.
    assert_eq!(figures["notes"]["rescored"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_that_judge_differently_are_not_thrown_together() {
    let seeds = Seeds::new().await;
    let file = seeds.settings(
        "[[site]]\nid = \"default\"\norigins = [\"http://news.example\"]\n[[site]]\nid = \"other\"\norigins = [\"http://other.example\"]\n[site.captcha]\nhold_below = 0.7\n",
    );
    let said = seeds.complaint(&["--config", &file]);
    assert!(said.contains("--site") && said.contains("default") && said.contains("other"), "{said}");
    assert!(seeds.told(&["--config", &file, "--site", "other"]).contains("site other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reads_beside_a_server_changes_nothing_and_makes_nothing() {
    let mut seeds = Seeds::new().await;
    seeds.sow(5, 5).await;
    let everything = || -> String {
        let file = seeds.file();
        let sum = |sql: &str| file.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        sum(
            "SELECT (SELECT count(*) FROM audit) || ' ' || (SELECT count(*) FROM meta) || ' ' || (SELECT group_concat(hex(id) || version || status) FROM comments)",
        )
    };
    let before = everything();
    seeds.told(&[]);
    assert_eq!(everything(), before);
    let elsewhere = seeds.settings("[store]\nurl = \"sqlite:nowhere/replydesk.db\"\n");
    let said = seeds.complaint(&["--config", &elsewhere]);
    assert!(said.contains("there is no nowhere/replydesk.db"), "{said}");
    assert!(!seeds.folder.path().join("nowhere").exists());
    seeds.file().execute("DELETE FROM schema_migrations WHERE number > 1", []).unwrap();
    let said = seeds.complaint(&[]);
    assert!(said.contains("replydesk migrate"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_decisions_take_seconds() {
    let mut seeds = Seeds::new().await;
    seeds.sow(500, 500).await;
    let file = seeds.file();
    let columns: String = file
        .query_row(
            "SELECT group_concat(name) FROM pragma_table_info('comments') WHERE name NOT IN ('seq', 'id')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    // The same again and again, under ids of the same time.
    let more = format!(
        "INSERT INTO comments (id, {columns}) SELECT CAST(substr(id, 1, 6) || randomblob(10) AS BLOB), {columns} FROM comments,
         (WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 99) SELECT n FROM n)"
    );
    assert_eq!(file.execute(&more, []).unwrap(), 99_000);
    let started = Instant::now();
    let figures = seeds.figures(&[]);
    let took = started.elapsed();
    eprintln!("100,000 decisions took {took:?}");
    assert_eq!(figures["spam"].as_u64().unwrap() + figures["approved"].as_u64().unwrap(), 100_000);
    assert!(figures["advice"]["weights"].is_array());
    assert!(took < Duration::from_secs(60), "{took:?}");
}
