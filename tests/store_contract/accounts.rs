//! People and sessions: what a session rests on is judged in the transaction that opens it.

use std::time::Duration;

use replydesk::{
    domain::Timestamp,
    store::{
        AuditFrom, AuditQuery, Changed, Entry, InvitationRow, Key, LastAdmin, ModeratorChange, ModeratorRow,
        NewPassword, Opened, Opening, Proof, SessionRow, Which,
    },
};

use crate::{File, NOW, key};

fn person(name: &str) -> ModeratorRow {
    ModeratorRow {
        username: name.to_owned(),
        role: "moderator".to_owned(),
        email: None,
        sites: None,
        password: Some("first hash".to_owned()),
        created_at: NOW,
        second_factor: false,
        seen_at: None,
    }
}

async fn with_ada() -> File {
    let file = File::fresh().await;
    assert!(file.store.add_moderator(person("ada"), None, "operator".into()).await.unwrap());
    file
}

fn session(token: Key) -> SessionRow {
    let expires_at = NOW.plus(Duration::from_secs(60));
    SessionRow { token, username: "ada".into(), created_at: NOW, expires_at, seen_at: NOW, device: None }
}

fn opening(hash: &str, proof: Option<Proof>) -> Opening {
    Opening { session: session(key()), by: Entry::Password(hash.to_owned()), proof }
}

async fn change(file: &File, change: ModeratorChange) -> Changed {
    let change = ModeratorChange { username: "ada".into(), ..change };
    file.store.change_moderator(change, "operator".into(), NOW).await.unwrap()
}

fn password(hash: &str, keeps: Option<Key>) -> ModeratorChange {
    let password = Some(NewPassword { hash: hash.to_owned(), keeps });
    ModeratorChange { password, ..ModeratorChange::default() }
}

async fn confirmed(file: &File, step: i64, codes: &[Key]) {
    file.store.begin_second_factor("ada".into(), vec![7], NOW.plus(Duration::from_secs(60))).await.unwrap();
    assert!(file.store.confirm_second_factor("ada".into(), vec![7], step, codes.to_vec(), NOW).await.unwrap());
}

#[tokio::test]
async fn a_session_does_not_open_on_a_password_that_was_changed_meanwhile() {
    let file = with_ada().await;
    assert_eq!(file.store.open_session(opening("first hash", None)).await.unwrap(), Opened::Yes);
    assert!(matches!(change(&file, password("second hash", None)).await, Changed::Done(_)));
    assert_eq!(file.store.open_session(opening("first hash", None)).await.unwrap(), Opened::Stale);
    assert_eq!(file.number("SELECT count(*) FROM sessions"), 0);
    let invitation = InvitationRow { token: key(), expires_at: NOW.plus(Duration::from_secs(60)) };
    change(&file, ModeratorChange { invitation: Some(invitation), ..ModeratorChange::default() }).await;
    assert_eq!(file.store.open_session(opening("second hash", None)).await.unwrap(), Opened::Stale);
    assert_eq!(file.store.open_session(opening("", None)).await.unwrap(), Opened::Stale, "no password is none");
}

#[tokio::test]
async fn a_session_does_not_open_without_the_second_factor_that_came_into_force_meanwhile() {
    let file = with_ada().await;
    let recovery = key();
    confirmed(&file, 100, &[recovery]).await;
    for (proof, opened) in [
        (None, Opened::Unproven),
        (Some(Proof::Step(100)), Opened::Unproven),
        (Some(Proof::Step(99)), Opened::Unproven),
        (Some(Proof::Step(101)), Opened::Yes),
        (Some(Proof::Step(101)), Opened::Unproven),
        (Some(Proof::Recovery(key())), Opened::Unproven),
        (Some(Proof::Recovery(recovery)), Opened::Yes),
        (Some(Proof::Recovery(recovery)), Opened::Unproven),
    ] {
        assert_eq!(file.store.open_session(opening("first hash", proof)).await.unwrap(), opened, "{proof:?}");
    }
    // A wrong password spends nothing.
    assert_eq!(file.store.open_session(opening("x", Some(Proof::Step(102)))).await.unwrap(), Opened::Stale);
    assert_eq!(file.store.open_session(opening("first hash", Some(Proof::Step(102)))).await.unwrap(), Opened::Yes);
}

#[tokio::test]
async fn a_session_that_was_ended_changes_no_password() {
    let file = with_ada().await;
    let own = opening("first hash", None);
    let token = own.session.token;
    file.store.open_session(own).await.unwrap();
    assert!(matches!(change(&file, password("second hash", Some(token))).await, Changed::Done(_)));
    assert_eq!(file.number("SELECT count(*) FROM sessions"), 1);
    change(&file, password("third hash", None)).await;
    assert!(matches!(change(&file, password("a thief's", Some(token))).await, Changed::Ended));
    assert_eq!(file.store.open_session(opening("third hash", None)).await.unwrap(), Opened::Yes);
}

#[tokio::test]
async fn who_is_removed_takes_along_all_that_hangs_on_them() {
    let file = with_ada().await;
    confirmed(&file, 100, &[key(), key()]).await;
    file.store.open_session(opening("first hash", Some(Proof::Step(101)))).await.unwrap();
    let mut invited = person("bea");
    invited.password = None;
    let link = InvitationRow { token: key(), expires_at: NOW.plus(Duration::from_secs(60)) };
    file.store.add_moderator(invited, Some(link), "operator".into()).await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM second_factors)
                + (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM invitations)";
    assert_eq!(file.number(rows), 5);
    for name in ["ada", "bea"] {
        let gone = file.store.remove_moderator(name.into(), LastAdmin::Stays, "operator".into(), NOW).await.unwrap();
        assert!(matches!(gone, Changed::Done(_)));
    }
    assert_eq!(file.number(rows), 0);
    // Nothing comes back for who is not there.
    file.store.begin_second_factor("ada".into(), vec![7], NOW.plus(Duration::from_secs(60))).await.unwrap();
    assert_eq!(file.number(rows), 0);
}

#[tokio::test]
async fn an_invitation_that_is_over_is_swept_away_and_its_person_stays() {
    let file = File::fresh().await;
    let mut invited = person("ada");
    invited.password = None;
    let until = NOW.plus(Duration::from_secs(60));
    let link = InvitationRow { token: key(), expires_at: until };
    file.store.add_moderator(invited, Some(link), "operator".into()).await.unwrap();
    let kept = "SELECT count(*) FROM invitations";
    file.store.tidy(Timestamp(until.0 - 1), Vec::new()).await.unwrap();
    assert_eq!(file.number(kept), 1);
    assert!(file.store.invited(link.token, Timestamp(until.0 - 1)).await.unwrap().is_some());
    assert!(file.store.invited(link.token, until).await.unwrap().is_none());
    file.store.tidy(until, Vec::new()).await.unwrap();
    assert_eq!((file.number(kept), file.number("SELECT count(*) FROM moderators")), (0, 1));
}

#[test]
fn sessions_that_were_open_before_the_upgrade_stay_open() {
    let file = rusqlite::Connection::open_in_memory().unwrap();
    file.execute_batch(include_str!("../../migrations/sqlite/0001_init.sql")).unwrap();
    file.execute_batch(
        "INSERT INTO moderators VALUES ('ada', 'admin', NULL, NULL, 'hash', 5);
         INSERT INTO sessions VALUES (x'00', 'ada', 7, 9)",
    )
    .unwrap();
    file.execute_batch(include_str!("../../migrations/sqlite/0009_accounts.sql")).unwrap();
    let kept: (i64, i64, Option<String>, Option<i64>) = file
        .query_row(
            "SELECT s.expires_at, s.seen_at, s.device, m.seen_at FROM sessions s JOIN moderators m USING (username)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert_eq!(kept, (9, 7, None, None));
}

#[tokio::test]
async fn what_nobody_waits_for_is_in_the_record_before_what_is_done_later() {
    let file = with_ada().await;
    let own = opening("first hash", None);
    let session = own.session.clone();
    file.store.open_session(own).await.unwrap();
    for n in 0..20 {
        let reason = format!("number {n}");
        file.store.note_failure("ada", "203.0.113.0/24", &reason, NOW);
        let later = NOW.plus(Duration::from_secs(60 + n));
        file.store.saw(&session, later);
        assert!(!file.store.revoke_token("none".into(), "operator".into(), NOW).await.unwrap());
        let rows = file.store.audit(AuditQuery::all(AuditFrom::Newest(None), 1)).await.unwrap().rows;
        let last = rows.first().unwrap();
        assert!(last.action == "session.fail" && last.detail.contains(&reason), "{last:?}");
        let ada = file.store.moderator("ada".into()).await.unwrap().unwrap();
        assert_eq!(ada.seen_at, Some(later));
    }
}

#[tokio::test]
async fn a_name_that_no_text_can_hold_is_nobodys() {
    let file = with_ada().await;
    for name in ["\0", "ada\0"] {
        assert!(file.store.moderator(name.into()).await.unwrap().is_none());
        assert!(!file.store.revoke_token(name.into(), "operator".into(), NOW).await.unwrap());
        assert_eq!(file.store.end_sessions(name.into(), Which::All, "operator".into(), NOW).await.unwrap(), 0);
        let gone = file.store.remove_moderator(name.into(), LastAdmin::Stays, "operator".into(), NOW).await.unwrap();
        assert!(matches!(gone, Changed::Unknown));
    }
    assert!(file.store.moderator("ada".into()).await.unwrap().is_some());
}
