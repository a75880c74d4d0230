//! Tokens that wait to be checked again: taken up by one, settled together with their comment, and gone
//! in time.

use std::time::Duration;

use replydesk::{
    domain::{CaptchaOutcome, CommentId, Timestamp},
    store::{HeldToken, NewComment, Recheck, Rechecked, Store, Take, Unverified, Waiting},
};

use crate::{DAY, File, NOW, key, waiting};

const MINUTE: Duration = Duration::from_secs(60);
const TOKENS: &str = "SELECT count(*) FROM unverified";

fn unverified(body: &str, due: Timestamp) -> NewComment {
    let mut comment = waiting(body);
    comment.captcha.outcome = CaptchaOutcome::Unverified;
    comment.unverified = Some(Unverified {
        provider: "siteverify".to_owned(),
        action: "comment".to_owned(),
        token: HeldToken(format!("the token of {body}")),
        until: NOW.plus(5 * MINUTE),
        due,
    });
    comment
}

fn longest() -> Waiting {
    Waiting::Longest { site: "news".to_owned(), provider: "siteverify".to_owned() }
}

async fn taken(store: &Store, waiting: Waiting, now: Timestamp) -> Option<CommentId> {
    match store.take_up(waiting, now, now.plus(MINUTE)).await.unwrap() {
        Take::Up(taken) => {
            assert!(taken.kept.token.0.starts_with("the token of "));
            assert!(!format!("{taken:?}").contains("the token of"), "a token in what is logged");
            Some(taken.comment)
        }
        Take::Busy | Take::Nothing => None,
    }
}

async fn outcome(file: &File, id: CommentId) -> CaptchaOutcome {
    file.store.own(id).await.unwrap().unwrap().captcha.outcome
}

async fn passed(file: &File, id: CommentId, claim: Option<([u8; 32], Timestamp)>) -> Recheck {
    let own = file.store.own(id).await.unwrap().unwrap();
    let mut captcha = own.captcha;
    captcha.outcome = CaptchaOutcome::Pass;
    let told = "It passed.".to_owned();
    Recheck { comment: id, seen_version: own.version, captcha, risk: 0.05, signals: vec![], claim, told, now: NOW }
}

#[tokio::test]
async fn one_token_of_a_site_is_taken_up_at_a_time_the_longest_due_first() {
    let file = File::fresh().await;
    let later = file.stored(unverified("Later.", NOW.plus(Duration::from_secs(1)))).await.id;
    let first = file.stored(unverified("First.", NOW)).await.id;
    let other = Store::open(&file.home.url()).await.unwrap();
    let soon = NOW.plus(Duration::from_secs(2));
    assert_eq!(file.store.unverified_sites(NOW.minus(MINUTE)).await.unwrap(), Vec::<String>::new());
    assert_eq!(file.store.unverified_sites(soon).await.unwrap(), ["news"]);
    assert_eq!(taken(&file.store, longest(), soon).await, Some(first));
    assert_eq!(taken(&other, longest(), soon).await, None, "another instance, meanwhile");
    assert!(matches!(other.take_up(Waiting::Of(first), soon, soon).await.unwrap(), Take::Busy));
    assert_eq!(taken(&other, Waiting::Of(later), soon).await, Some(later), "a moderator need not wait");
    file.store.put_back(first, soon.plus(MINUTE)).await.unwrap();
    file.store.put_back(later, soon).await.unwrap();
    assert_eq!(taken(&other, longest(), soon).await, Some(later), "the first is not due");
    let lapsed = soon.plus(MINUTE);
    assert_eq!(taken(&file.store, longest(), lapsed).await, Some(later), "whoever took it up is gone");
}

#[tokio::test]
async fn what_it_came_to_is_kept_with_the_claim_and_the_token_is_gone() {
    let file = File::fresh().await;
    let (one, other) = (file.stored(unverified("One.", NOW)).await.id, file.stored(unverified("Other.", NOW)).await.id);
    let claim = Some((key(), NOW.plus(DAY)));
    assert_eq!(file.store.recheck(passed(&file, one, claim).await).await.unwrap(), Rechecked::Stored);
    assert_eq!((outcome(&file, one).await, file.number(TOKENS)), (CaptchaOutcome::Pass, 1));
    let history = file.store.history(one).await.unwrap();
    assert_eq!((history[0].actor.as_str(), history[0].action.as_str()), ("system", "comment.captcha"));
    assert_eq!(file.store.recheck(passed(&file, other, claim).await).await.unwrap(), Rechecked::TokenUsed);
    assert_eq!((outcome(&file, other).await, file.number(TOKENS)), (CaptchaOutcome::Unverified, 1));
}

#[tokio::test]
async fn a_comment_that_moved_meanwhile_is_left_alone() {
    let file = File::fresh().await;
    let id = file.stored(unverified("Moved.", NOW)).await.id;
    let mut stale = passed(&file, id, Some((key(), NOW.plus(DAY)))).await;
    stale.seen_version -= 1;
    assert_eq!(file.store.recheck(stale).await.unwrap(), Rechecked::Moved);
    let late = passed(&file, id, None).await;
    assert!(file.store.withdraw(id, NOW).await.unwrap());
    assert_eq!(file.number(TOKENS), 0, "taken back, and its token kept");
    assert_eq!(file.store.recheck(late).await.unwrap(), Rechecked::Moved);
    assert_eq!(file.number("SELECT count(*) FROM claimed_tokens"), 0);
}

#[tokio::test]
async fn a_token_past_its_age_is_not_taken_up_and_is_swept() {
    let file = File::fresh().await;
    let id = file.stored(unverified("Old.", NOW)).await.id;
    let old = NOW.plus(5 * MINUTE);
    assert_eq!(taken(&file.store, longest(), old).await, None);
    assert!(matches!(file.store.take_up(Waiting::Of(id), old, old).await.unwrap(), Take::Nothing));
    assert_eq!(file.store.unverified_sites(old).await.unwrap(), Vec::<String>::new());
    file.store.tidy(NOW, vec![]).await.unwrap();
    assert_eq!(file.number(TOKENS), 1);
    file.store.tidy(old, vec![]).await.unwrap();
    assert_eq!(file.number(TOKENS), 0);
}
