//! Attacks: one row a place, an audit row for each beginning and end, whoever is first.

use std::time::Duration;

use replydesk::{
    domain::{AttackCause, Timestamp},
    store::{AttackEnd, AttackRaise, AttackSet, AuditFrom, AuditQuery, Raised},
};

use crate::{File, NOW};

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// Raised at that second, for a minute.
fn raise(page: Option<&str>, at: u64) -> AttackRaise {
    AttackRaise {
        site: "news".into(),
        page: page.map(str::to_owned),
        cause: AttackCause::Ceiling,
        since: after(at),
        until: after(at + 60),
        now: after(at),
    }
}

fn end(page: Option<&str>, at: u64) -> AttackEnd {
    let (site, by) = ("news".into(), "moderator:ada".into());
    AttackEnd { site, page: page.map(str::to_owned), by, rests_until: after(at + 60), now: after(at) }
}

fn set(page: Option<&str>, at: u64, until: u64) -> AttackSet {
    let (site, by) = ("news".into(), "moderator:ada".into());
    AttackSet { site, page: page.map(str::to_owned), by, until: after(until), now: after(at) }
}

async fn deeds(file: &File) -> Vec<(String, String, String)> {
    let query = AuditQuery { action: Some("attack.".into()), ..AuditQuery::all(AuditFrom::Oldest(None), 100) };
    let rows = file.store.audit(query).await.unwrap().rows;
    rows.into_iter().map(|row| (row.action, row.actor, row.subject)).collect()
}

fn deed(action: &str, actor: &str, subject: &str) -> (String, String, String) {
    (action.into(), actor.into(), subject.into())
}

#[tokio::test]
async fn an_attack_is_begun_once_prolonged_without_a_word_and_closed_once() {
    let file = File::fresh().await;
    assert_eq!(file.store.raise_attack(raise(None, 0)).await.unwrap(), Raised::Begun);
    for at in [0, 10, 30, 20] {
        assert_eq!(file.store.raise_attack(raise(None, at)).await.unwrap(), Raised::GoesOn);
    }
    let rows = file.store.attacks().await.unwrap();
    assert_eq!((rows.len(), rows[0].since, rows[0].until), (1, NOW, after(90)));
    assert!(file.store.close_attacks(after(89)).await.unwrap().is_empty());
    assert_eq!(file.store.close_attacks(after(90)).await.unwrap(), rows);
    assert!(file.store.close_attacks(after(90)).await.unwrap().is_empty());
    assert!(file.store.attacks().await.unwrap().is_empty());
    assert_eq!(deeds(&file).await, [deed("attack.begin", "system", "news"), deed("attack.end", "system", "news")]);
}

#[tokio::test]
async fn instances_that_raise_at_the_same_moment_begin_one_attack() {
    let file = File::fresh().await;
    let other = replydesk::store::Store::open(&file.home.url()).await.unwrap();
    let (one, two) = tokio::join!(file.store.raise_attack(raise(None, 0)), other.raise_attack(raise(None, 0)));
    let mut both = [one.unwrap(), two.unwrap()];
    both.sort_by_key(|raised| *raised == Raised::GoesOn);
    assert_eq!(both, [Raised::Begun, Raised::GoesOn]);
    let (one, two) = tokio::join!(file.store.close_attacks(after(60)), other.close_attacks(after(60)));
    assert_eq!(one.unwrap().len() + two.unwrap().len(), 1);
    assert_eq!(deeds(&file).await.len(), 2);
    other.close();
}

#[tokio::test]
async fn pages_stand_beside_their_site_whatever_their_spelling() {
    let file = File::fresh().await;
    for page in [Some("/Town"), Some("/town"), None, Some("/a")] {
        file.store.raise_attack(raise(page, 0)).await.unwrap();
    }
    let pages: Vec<_> = file.store.attacks().await.unwrap().into_iter().map(|row| row.page).collect();
    assert_eq!(pages, [None, Some("/a".to_owned()), Some("/Town".to_owned())]);
    assert!(file.store.end_attack(end(Some("/TOWN"), 1)).await.unwrap());
    assert_eq!(deeds(&file).await.last(), Some(&deed("attack.end", "moderator:ada", "/Town")));
}

#[tokio::test]
async fn what_somebody_ended_rests_and_somebody_may_set_it_all_the_same() {
    let file = File::fresh().await;
    file.store.raise_attack(raise(None, 0)).await.unwrap();
    assert!(file.store.end_attack(end(None, 10)).await.unwrap());
    assert!(!file.store.end_attack(end(None, 11)).await.unwrap(), "twice is once");
    assert_eq!(file.store.raise_attack(raise(None, 69)).await.unwrap(), Raised::Rests);
    let file = file.reopened().await;
    assert!(file.store.attacks().await.unwrap()[0].rests(after(69)), "kept");
    let row = file.store.set_attack(set(None, 20, 500)).await.unwrap();
    assert_eq!((row.cause, row.by.as_deref(), row.since), (AttackCause::Hand, Some("moderator:ada"), after(20)));
    assert_eq!(file.store.set_attack(set(None, 20, 500)).await.unwrap(), row);
    assert_eq!(file.store.set_attack(set(None, 30, 100)).await.unwrap().until, after(100), "shorter, too");
    assert_eq!(file.store.raise_attack(raise(None, 50)).await.unwrap(), Raised::GoesOn);
    let row = file.store.attacks().await.unwrap().remove(0);
    assert_eq!((row.cause, row.until), (AttackCause::Hand, after(110)), "longer where more comes");
    let begin_end_set_set = ["attack.begin", "attack.end", "attack.set", "attack.set"];
    assert_eq!(deeds(&file).await.into_iter().map(|(action, ..)| action).collect::<Vec<_>>(), begin_end_set_set);
}

#[tokio::test]
async fn a_rest_that_is_over_leaves_nothing_and_is_told_nobody() {
    let file = File::fresh().await;
    file.store.raise_attack(raise(None, 0)).await.unwrap();
    file.store.end_attack(end(None, 10)).await.unwrap();
    assert!(file.store.close_attacks(after(69)).await.unwrap().is_empty());
    assert_eq!(file.store.attacks().await.unwrap().len(), 1);
    assert!(file.store.close_attacks(after(70)).await.unwrap().is_empty());
    assert!(file.store.attacks().await.unwrap().is_empty());
    assert_eq!(deeds(&file).await.len(), 2);
    assert_eq!(file.store.raise_attack(raise(None, 70)).await.unwrap(), Raised::Begun);
}
