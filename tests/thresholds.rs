//! `replydesk thresholds` as an operator runs it, on stores of made comments and decisions.

#![expect(clippy::unwrap_used, reason = "clippy knows no helper of an integration test for a test")]

use std::{path::PathBuf, time::Duration};

use assert_cmd::{assert::Assert, cargo::cargo_bin_cmd};
use replydesk::{
    domain::{
        AuthorId, CaptchaOutcome, CaptchaRecord, Clock, CommentId, Decision, PageIdentity, RefusalId, Signal, SiteId,
        Status, Timestamp, Verdict, risk_of,
    },
    store::{Accepted, DecisionOrder, NewComment, RefusalRow, Store},
};
use serde_json::Value;
use tempfile::TempDir;

/// Publishes what nothing speaks against.
const OPEN: &str = "[moderation]\nmode = 'post'\n";

/// A store in the place where the program looks for it.
struct Seeds {
    folder: TempDir,
    store: Store,
    count: u64,
    now: Timestamp,
}

impl Seeds {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::open(&format!("sqlite:{}", folder.path().join("data/replydesk.db").display())).await.unwrap();
        std::fs::write(folder.path().join("open.toml"), OPEN).unwrap();
        let now = Clock::system().now().minus(Duration::from_secs(86_400));
        Self { folder, store, count: 0, now }
    }

    /// A comment with this captcha score that shows these rules, each once and as shipped.
    fn comment(&mut self, score: f64, rules: &[(&'static str, f64)]) -> NewComment {
        self.count += 1;
        self.now = self.now.plus(Duration::from_secs(1));
        let mut duplicate = [0; 32];
        duplicate[..8].copy_from_slice(&self.count.to_be_bytes());
        let found = |(name, weight): &(&'static str, f64)| Signal {
            strength: Some(1.0),
            ..Signal::new(name, *weight, "Seen.")
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
                outcome: if score < 0.6 { CaptchaOutcome::Low } else { CaptchaOutcome::Pass },
                score: Some(score),
                raw_score: None,
            },
            sampled: None,
            risk: risk_of(rules.iter().map(|(_, weight)| *weight)),
            verdict: Verdict::Hold,
            signals: rules.iter().map(found).collect(),
            duplicate: (duplicate, Timestamp(0)),
            claim: None,
            unverified: None,
            idempotency: None,
            staff: None,
        }
    }

    async fn keep(&self, comments: Vec<NewComment>, decision: Option<(Decision, &str)>) {
        let ids: Vec<CommentId> = comments.iter().map(|comment| comment.id).collect();
        // Together, so that they share their syncs.
        let stored = futures_util::future::join_all(comments.into_iter().map(|comment| self.store.accept(comment)));
        for stored in stored.await {
            assert!(matches!(stored.unwrap(), Accepted::Stored(_)));
        }
        if let Some((decision, by)) = decision {
            let order = |id: &CommentId| DecisionOrder { id: *id, decision, version: None, reason: None, sites: None };
            self.store.decide(ids.iter().map(order).collect(), by.to_owned(), self.now).await.unwrap();
        }
    }

    async fn refused(&mut self, score: f64) {
        self.now = self.now.plus(Duration::from_secs(1));
        let row = RefusalRow {
            id: RefusalId::new(self.now),
            reference: String::new(),
            site: "default".to_owned(),
            page: "/a".to_owned(),
            reason: "score_low".to_owned(),
            provider: "builtin".to_owned(),
            score: Some(score),
            raw_score: None,
            signals: Vec::new(),
            at: self.now,
        };
        self.store.refuse(row).await.unwrap();
    }

    /// A week of a small news site: readers, spammers, and what nobody has looked at yet.
    async fn week(&mut self) {
        let by_ada = |decision| Some((decision, "moderator:ada"));
        let link = ("link_foreign", 1.2);
        let (low, trap, markup) = (("captcha_low", 1.0), ("honeypot", 3.5), ("markup", 1.6));
        for (count, score, rules, decision) in [
            (300, 0.92, &[][..], by_ada(Decision::Approve)),
            (120, 0.81, &[link], by_ada(Decision::Approve)),
            (40, 0.68, &[], by_ada(Decision::Approve)),
            (12, 0.52, &[low], by_ada(Decision::Approve)),
            (3, 0.37, &[low], by_ada(Decision::Approve)),
            (1, 0.74, &[trap, markup], by_ada(Decision::Approve)),
            (9, 0.88, &[], by_ada(Decision::Reject)),
            (60, 0.35, &[link, low, trap, markup], by_ada(Decision::Spam)),
            (30, 0.44, &[link, low], by_ada(Decision::Spam)),
            (25, 0.77, &[link, trap], by_ada(Decision::Spam)),
            (14, 0.71, &[link, markup], by_ada(Decision::Spam)),
            (6, 0.9, &[link], by_ada(Decision::Spam)),
            (40, 0.85, &[link], None),
            (5, 0.9, &[], Some((Decision::Approve, "token:desk"))),
        ] {
            let comments = (0..count).map(|_| self.comment(score, rules)).collect();
            self.keep(comments, decision).await;
        }
        for n in 0..20 {
            self.refused(if n % 2 == 0 { 0.12 } else { 0.25 }).await;
        }
    }

    /// The program beside the store that is open here, with nothing of this machine's environment.
    fn run(&self, words: &[&str]) -> Assert {
        let mut command: assert_cmd::Command = cargo_bin_cmd!("replydesk");
        command.env_clear().current_dir(self.folder.path()).arg("thresholds").args(words).assert()
    }
    fn told(&self, words: &[&str]) -> String {
        let told = String::from_utf8(self.run(words).success().get_output().stdout.clone()).unwrap();
        assert!(told.is_ascii(), "a terminal may know no more");
        assert!(told.lines().all(|line| line.len() <= 80), "too wide:\n{told}");
        told
    }
    fn figures(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.told_json(words)).unwrap()
    }
    fn told_json(&self, words: &[&str]) -> String {
        let words = [words, &["--json"]].concat();
        String::from_utf8(self.run(&words).success().get_output().stdout.clone()).unwrap()
    }
    fn complaint(&self, words: &[&str], code: i32) -> String {
        String::from_utf8(self.run(words).code(code).get_output().stderr.clone()).unwrap()
    }
    fn file(&self, text: &str) -> String {
        let file: PathBuf = self.folder.path().join("proposed.toml");
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_in_force_are_told_with_what_they_do_and_how_scores_are_spread() {
    let mut seeds = Seeds::new().await;
    seeds.week().await;
    insta::assert_snapshot!("in_force", seeds.told(&["--config", "open.toml"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_file_is_told_beside_the_settings_in_force() {
    let mut seeds = Seeds::new().await;
    seeds.week().await;
    let file = seeds.file("[captcha]\nreject_below = 0.2\n[scoring]\nspam_at = 0.8\n[scoring.weights]\nhoneypot = 5\n");
    let told = seeds.told(&["--config", "open.toml", "--proposed", &file]);
    insta::assert_snapshot!("compared", told);
    // What a person reads in the manual is what this prints.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/moderation.md")).unwrap();
    assert!(page.contains(told.trim_end()), "docs/moderation.md shows another table");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_told_with_what_it_is_worth_or_with_how_much_is_missing() {
    let mut seeds = Seeds::new().await;
    seeds.week().await;
    let told = seeds.told(&["suggest", "--max-lost", "2%", "--config", "open.toml"]);
    insta::assert_snapshot!("suggest", told);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/moderation.md")).unwrap();
    assert!(page.contains(told.trim_end()), "docs/moderation.md shows another table");
    insta::assert_snapshot!("too_few", seeds.told(&["suggest", "--max-lost", "0.1%", "--config", "open.toml"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_the_table_and_a_program_counts_unless_people_alone_are_asked_for() {
    let mut seeds = Seeds::new().await;
    seeds.week().await;
    let figures = seeds.figures(&["--config", "open.toml"]);
    let told = &figures["in_force"]["figures"];
    // By hand: 300 + 120 + 40 + 9 + 14 + 6 + 40 + 5 publish; 12 + 3 + 30 have a low score, 1 + 25 a risk over 0.5.
    for (what, count) in [("published", 534), ("held", 71), ("spam", 60), ("rejected", 0), ("refused", 20)] {
        assert_eq!(told[what], count, "{what}");
    }
    assert_eq!((&told["approved_lost"]["of"], &figures["notes"]["by_programs"]), (&481.into(), &5.into()));
    let people = seeds.figures(&["--config", "open.toml", "--people-only"]);
    assert_eq!(people["in_force"]["figures"]["approved_lost"]["of"], 476);
    assert!(seeds.told(&["--people-only"]).contains("5 decisions are of programs and left out"));
    let shorter = seeds.figures(&["--config", "open.toml", "--since", "1h"]);
    assert_eq!(shorter["in_force"]["figures"]["submissions"], 0);
    assert!(seeds.told(&["--since", "1h"]).contains("0 came in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_only_names_what_would_change_keeps_the_rest_and_a_bad_one_is_told_with_its_line() {
    let mut seeds = Seeds::new().await;
    let comments = (0..3).map(|_| seeds.comment(0.9, &[])).collect();
    seeds.keep(comments, None).await;
    let file = seeds.file("[captcha]\nhold_below = 0.95\n");
    let found = seeds.figures(&["--config", "open.toml", "--proposed", &file]);
    assert_eq!(
        (&found["in_force"]["figures"]["published"], &found["in_force"]["figures"]["held"]),
        (&3.into(), &0.into())
    );
    assert_eq!(
        (&found["proposed"]["figures"]["published"], &found["proposed"]["figures"]["held"]),
        (&0.into(), &3.into())
    );
    let file = seeds.file("\n[captcha]\nreject_below = 0.7\n");
    let told = seeds.complaint(&["--config", "open.toml", "--proposed", &file], 2);
    assert!(told.contains("proposed.toml:3") && told.contains("captcha.reject_below"), "{told}");
    let told = seeds.complaint(&["--proposed", "nowhere.toml"], 2);
    assert!(told.contains("nowhere.toml"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_use_is_told_in_one_line_and_nothing_is_made() {
    let seeds = Seeds::new().await;
    assert!(seeds.complaint(&["--site", "sport"], 1).contains("there is no site \"sport\""));
    for wrong in [&["suggest"][..], &["suggest", "--max-lost", "7"], &["--since", "soon"]] {
        assert!(!seeds.complaint(wrong, 2).is_empty());
    }
    let differing = seeds.file(
        "[[site]]\nid = 'a'\norigins = ['https://a.example']\n[[site]]\nid = 'b'\norigins = ['https://b.example']\n\
         [site.scoring]\nspam_at = 0.8\n",
    );
    let told = seeds.complaint(&["--config", &differing], 1);
    assert!(told.contains("the sites a and b are judged by different settings: name one with --site"), "{told}");
    assert!(seeds.told(&["--config", &differing, "--site", "b"]).contains("site b"));
    let empty = tempfile::tempdir().unwrap();
    let mut command: assert_cmd::Command = cargo_bin_cmd!("replydesk");
    command.env_clear().current_dir(empty.path()).arg("thresholds").assert().code(1);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "it reads, and makes no store");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_mode_trusted_an_author_publishes_once_they_had_earned_it() {
    let mut seeds = Seeds::new().await;
    let author = AuthorId::new(seeds.now);
    for _ in 0..5 {
        let comment = NewComment { author, proven: true, ..seeds.comment(0.9, &[]) };
        seeds.keep(vec![comment], Some((Decision::Approve, "moderator:ada"))).await;
    }
    let file = seeds.file("[moderation]\nmode = 'trusted'\ntrusted_after = 3\n");
    for (words, side) in [(&["--config", &file][..], "in_force"), (&["--proposed", &file], "proposed")] {
        let figures = &seeds.figures(words)[side]["figures"];
        // The first three had not been approved three times yet.
        assert_eq!((&figures["published"], &figures["held"]), (&2.into(), &3.into()), "{words:?}");
    }
}
