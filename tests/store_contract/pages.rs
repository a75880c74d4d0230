//! Pages: what is counted of them, whatever moves a comment.

use replydesk::{
    domain::{Decision, Mode, Status},
    store::{Edit, PageChange},
};

use crate::{File, NOW, page, waiting};

fn change() -> PageChange {
    PageChange { page: page("news", "/a"), closed: None, title: None, mode: None, by: "moderator:ada".into(), now: NOW }
}

#[tokio::test]
async fn what_waits_is_counted_whatever_moves_a_comment() {
    let file = File::fresh().await;
    let mut ids = Vec::new();
    for n in 0..6 {
        let mut comment = waiting(&format!("Number {n}."));
        comment.status = if n == 5 { Status::Spam } else { Status::Pending };
        if n > 3 {
            comment.page = page("news", "/b");
        }
        ids.push(file.stored(comment).await.id);
    }
    let check = |step: usize| {
        let wrong = "SELECT count(*) FROM pages p WHERE pending <>
            (SELECT count(*) FROM comments c WHERE c.page = p.id AND c.status = 'pending')";
        assert_eq!(file.number(wrong), 0, "after step {step}");
    };
    let decisions = [Decision::Approve, Decision::Pending, Decision::Spam, Decision::Pending, Decision::Reject];
    for step in 0..40 {
        let id = ids[step % 6];
        if step % 7 == 3 {
            let seen_version = file.store.own(id).await.unwrap().unwrap().version;
            let (status, risk, now) = ([Status::Pending, Status::Spam][step % 2], 0.1, NOW);
            let (body, verdict) = ("Edited.".to_owned(), replydesk::domain::Verdict::Hold);
            let edit = Edit {
                id,
                seen_version,
                body,
                sketch: None,
                cluster: None,
                status,
                risk,
                verdict,
                signals: vec![],
                now,
            };
            file.store.edit(edit).await.unwrap();
        } else {
            file.decided(id, decisions[(step * 3 + step / 6) % 5], NOW).await;
        }
        check(step);
    }
    file.store.withdraw(ids[0], NOW).await.unwrap();
    check(40);
    file.home.run("DELETE FROM comments");
    check(41);
}

#[tokio::test]
async fn a_change_moves_the_revision_and_the_audit_and_no_change_moves_nothing() {
    let file = File::fresh().await;
    file.stored(waiting("Here.")).await;
    let row = async || file.store.page("news".into(), "/a".into()).await.unwrap().unwrap();
    let before = row().await.revision;
    file.store.change_page(PageChange { mode: Some(Some(Mode::Post)), ..change() }).await.unwrap();
    let after = row().await;
    assert_eq!((after.mode, after.revision), (Some(Mode::Post), before + 1));
    for same in [change(), PageChange { mode: Some(Some(Mode::Post)), closed: Some(false), ..change() }] {
        file.store.change_page(same).await.unwrap();
    }
    assert_eq!(row().await.revision, before + 1);
    assert_eq!(file.number("SELECT count(*) FROM audit"), 1);
}

#[tokio::test]
async fn a_store_of_before_is_counted_once() {
    let file = File::fresh().await;
    if file.home.is_postgres() {
        return; // There was none before.
    }
    for n in 0..3 {
        file.stored(waiting(&format!("Number {n}."))).await;
    }
    file.home.run("DROP TRIGGER pages_one_more; DROP TRIGGER pages_moved; DROP TRIGGER pages_one_less; DROP INDEX pages_waiting;
             ALTER TABLE pages DROP COLUMN pending; ALTER TABLE comments DROP COLUMN ban; ALTER TABLE bans DROP COLUMN applied;
             DROP TABLE kept_answers; DELETE FROM schema_migrations WHERE number = 11");
    let file = file.reopened().await;
    assert_eq!(file.number("SELECT pending FROM pages"), 3);
    file.stored(waiting("One more.")).await;
    assert_eq!(file.number("SELECT pending FROM pages"), 4);
}
