//! What the store promises to those who ask it, on a real file or, with `TEST_DATABASE_URL`, in a real PostgreSQL database:
//! one transaction an operation, unique keys that decide races, and nothing kept longer than it may be.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "clippy knows no helper of an integration test for a test"
)]

mod accounts;
mod attacks;
mod bans;
mod batches;
mod clusters;
#[expect(dead_code, reason = "these tests need some of it")]
#[path = "../support/database.rs"]
mod database;
mod deciding;
mod keeping;
mod lessons;
mod pages;
mod recorded;
mod reputation;
mod statements;
mod submitting;
mod threads;
mod unverified;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use database::Home;
use replydesk::{
    domain::{
        AuthorId, CaptchaOutcome, CaptchaRecord, CommentId, Decision, PageIdentity, SiteId, Status, Timestamp, Verdict,
    },
    store::{Accepted, DecisionOrder, NewComment, Receipt, Store},
};

/// 2027-01-15T08:00:00Z
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

struct File {
    home: Home,
    store: Store,
}

impl File {
    async fn fresh() -> Self {
        let home = Home::new();
        let store = Store::open(&home.url()).await.unwrap();
        Self { home, store }
    }
    /// Closes it and opens it again.
    async fn reopened(self) -> Self {
        let Self { home, store } = self;
        store.close();
        let store = Store::open(&home.url()).await.unwrap();
        Self { home, store }
    }
    /// One number, by a connection of its own.
    fn number(&self, sql: &str) -> i64 {
        self.home.number(sql)
    }
    async fn stored(&self, comment: NewComment) -> Receipt {
        match self.store.accept(comment).await.unwrap() {
            Accepted::Stored(receipt) => receipt,
            other => panic!("{other:?}"),
        }
    }
    async fn decided(&self, id: CommentId, decision: Decision, now: Timestamp) {
        let order = DecisionOrder { id, decision, version: None, reason: None, sites: None };
        self.store.decide(vec![order], "x".into(), now).await.unwrap();
    }
}

/// A key that no other has.
fn key() -> [u8; 32] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut key = [0; 32];
    key[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    key
}

fn page(site: &str, path: &str) -> PageIdentity {
    PageIdentity { site: SiteId::new(site), key: path.to_owned(), url: format!("http://{site}.example{path}") }
}

/// A comment that waits, like no other.
fn waiting(body: &str) -> NewComment {
    NewComment {
        id: CommentId::new(NOW),
        page: page("news", "/a"),
        title: None,
        parent: None,
        status: Status::Pending,
        name: "Ada".to_owned(),
        email: Some("ada@readers.example".to_owned()),
        url: None,
        body: body.to_owned(),
        post_id: None,
        created_at: NOW,
        edit_until: NOW.plus(Duration::from_secs(300)),
        author: AuthorId::new(NOW),
        proven: false,
        email_key: Some(1),
        sketch: None,
        cluster: None,
        founder: None,
        address: Some("203.0.113.7".to_owned()),
        network_key: "network".to_owned(),
        captcha: CaptchaRecord {
            provider: "none".to_owned(),
            outcome: CaptchaOutcome::Off,
            score: None,
            raw_score: None,
        },
        sampled: None,
        risk: 0.1,
        verdict: Verdict::Hold,
        signals: Vec::new(),
        duplicate: (key(), NOW.minus(DAY)),
        claim: None,
        unverified: None,
        idempotency: None,
        staff: None,
    }
}
