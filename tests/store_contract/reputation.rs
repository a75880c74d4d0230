//! What moderators decide on a network's comments: it moves with the decision and back with its undoing.

use replydesk::{
    domain::{CommentId, Decision, Timestamp},
    store::{DecisionOrder, NetworkRecord, REPUTATION_HALF_LIFE, SurroundingsQuery},
};

use crate::{DAY, File, NOW, page, waiting};

impl File {
    async fn record(&self, networks: [&str; 2], now: Timestamp) -> (f64, f64) {
        let query = SurroundingsQuery {
            page: page("news", "/a"),
            parent: None,
            duplicate: [0; 32],
            duplicate_since: NOW,
            author: None,
            email_key: None,
            lately_since: NOW,
            networks: networks.map(str::to_owned),
            now,
        };
        let NetworkRecord { good, bad } = self.store.surroundings(query).await.unwrap().network;
        (round(good), round(bad))
    }

    async fn sent_by(&self, network: &str, body: &str) -> CommentId {
        let mut comment = waiting(body);
        comment.network_key = network.to_owned();
        self.stored(comment).await.id
    }
}

fn round(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}

const HERE: [&str; 2] = ["here", "here before"];

#[tokio::test]
async fn decisions_count_for_the_network_and_every_other_decision_takes_the_last_one_back() {
    let file = File::fresh().await;
    let (one, two) = (file.sent_by("here", "One.").await, file.sent_by("here", "Two.").await);
    let elsewhere = file.sent_by("elsewhere", "Three.").await;
    assert_eq!(file.record(HERE, NOW).await, (0.0, 0.0));
    for (id, decision, expected) in [
        (one, Decision::Spam, (0.0, 1.0)),
        (one, Decision::Spam, (0.0, 1.0)),
        (two, Decision::Approve, (1.0, 1.0)),
        (elsewhere, Decision::Spam, (1.0, 1.0)),
        (one, Decision::Approve, (2.0, 0.0)),
        (one, Decision::Reject, (1.0, 0.0)),
        (one, Decision::Spam, (1.0, 1.0)),
        (one, Decision::Pending, (1.0, 0.0)),
        (two, Decision::Pending, (0.0, 0.0)),
    ] {
        file.decided(id, decision, NOW).await;
        assert_eq!(file.record(HERE, NOW).await, expected, "{decision:?}");
    }
    assert_eq!(file.record(["elsewhere", ""], NOW).await, (0.0, 1.0));
}

#[tokio::test]
async fn a_decision_counts_half_after_its_half_life_and_what_is_taken_back_is_what_is_left_of_it() {
    let file = File::fresh().await;
    let (old, new) = (file.sent_by("here before", "Old.").await, file.sent_by("here", "New.").await);
    file.decided(old, Decision::Spam, NOW).await;
    let later = NOW.plus(REPUTATION_HALF_LIFE);
    assert_eq!(file.record(HERE, later).await, (0.0, 0.5), "the key of the epoch before counts too");
    file.decided(new, Decision::Spam, later).await;
    assert_eq!(file.record(HERE, later).await, (0.0, 1.5));
    file.decided(old, Decision::Approve, later).await;
    assert_eq!(file.record(HERE, later).await, (1.0, 1.0));
    file.decided(new, Decision::Pending, later.plus(REPUTATION_HALF_LIFE)).await;
    assert_eq!(file.record(HERE, later.plus(REPUTATION_HALF_LIFE)).await, (0.5, 0.0));
}

#[tokio::test]
async fn what_cannot_be_decided_counts_nothing_and_what_is_long_past_is_dropped() {
    let file = File::fresh().await;
    let id = file.sent_by("here", "To decide.").await;
    file.home.run("ALTER TABLE audit RENAME TO audit_away");
    let order = DecisionOrder { id, decision: Decision::Spam, version: None, reason: None, sites: None };
    assert!(file.store.decide(vec![order], "x".into(), NOW).await.is_err());
    file.home.run("ALTER TABLE audit_away RENAME TO audit");
    assert_eq!(file.number("SELECT count(*) FROM network_reputation"), 0);
    file.decided(id, Decision::Spam, NOW).await;
    file.store.tidy(NOW.plus(DAY * 119), Vec::new()).await.unwrap();
    assert_eq!(file.number("SELECT count(*) FROM network_reputation"), 1);
    file.store.tidy(NOW.plus(DAY * 121), Vec::new()).await.unwrap();
    assert_eq!(file.number("SELECT count(*) FROM network_reputation"), 0);
}
