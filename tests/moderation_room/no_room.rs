//! A store that can be read and not written to, as with a full disk: who signs in gets in, and stays in afterwards.

use std::time::Duration;

use replydesk::auth::Right;
use serde_json::json;

use crate::support::{Desk, PASSWORD, nobody, signed_in_by};

/// From now on no session can be stored.
fn no_room(desk: &Desk) {
    desk.tamper(match desk.is_postgres() {
        true => {
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
             CREATE TRIGGER no_room BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION no_room()"
        }
        false => {
            "CREATE TRIGGER no_room BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        }
    });
}

fn room_again(desk: &Desk) {
    desk.tamper(if desk.is_postgres() { "DROP TRIGGER no_room ON sessions" } else { "DROP TRIGGER no_room" });
}

#[tokio::test]
async fn who_signs_in_while_nothing_can_be_stored_gets_in_and_stays_in() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    no_room(&desk);
    desk.sign_in(&nobody(), "ada", "wrong horse battery").await.refused(401, "unauthenticated");
    let ada = desk.back("ada").await;
    assert_eq!(desk.get(&ada, "/api/session").await.ok(200)["username"], "ada");
    desk.get(&ada, "/api/moderation/comments").await.ok(200);
    desk.get(&ada, "/api/moderation/moderators").await.refused(403, "forbidden");
    desk.delete(&ada.clone().without("x-csrf-token"), "/api/session").await.refused(403, "csrf_failed");
    assert_eq!(desk.number("SELECT count(*) FROM sessions"), 0);

    room_again(&desk);
    desk.clock.advance(Duration::from_secs(1));
    desk.get(&ada, "/api/session").await.ok(200);
    assert_eq!(desk.number("SELECT count(*) FROM sessions"), 1, "the store keeps it as soon as it can");
    let opened = desk.audit().await.into_iter().filter(|(_, action, ..)| action == "session.open").count();
    assert_eq!(opened, 1, "and the record tells of it");
    desk.delete(&ada, "/api/session").await.ok(204);
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn a_session_that_is_not_stored_ends_as_any_other() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    let admin = desk.token(Right::Admin).await;
    no_room(&desk);
    let [out, ended, changed, old] =
        [desk.back("ada").await, desk.back("ada").await, desk.back("ada").await, desk.back("ada").await];
    desk.delete(&out, "/api/session").await.ok(204);
    desk.get(&out, "/api/session").await.refused(401, "unauthenticated");
    desk.get(&ended, "/api/session").await.ok(200);
    desk.delete(&admin, "/api/moderation/moderators/ada/sessions").await.ok(204);
    for who in [&ended, &changed, &old] {
        desk.get(who, "/api/session").await.refused(401, "unauthenticated");
    }

    // Another password ends what the one before opened, and nothing of it is stored afterwards.
    let before = desk.back("ada").await;
    desk.tamper("UPDATE moderators SET password = ''");
    desk.get(&before, "/api/session").await.refused(401, "unauthenticated");
    room_again(&desk);
    desk.clock.advance(Duration::from_secs(1));
    desk.get(&before, "/api/session").await.refused(401, "unauthenticated");
    assert_eq!(desk.number("SELECT count(*) FROM sessions"), 0);
    desk.stop().await;
}

#[tokio::test]
async fn one_that_nobody_could_store_for_an_hour_is_over() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    no_room(&desk);
    let ada = desk.back("ada").await;
    desk.clock.advance(Duration::from_secs(3599));
    desk.get(&ada, "/api/session").await.ok(200);
    desk.clock.advance(Duration::from_secs(1));
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    signed_in_by(desk.post(&nobody(), "/api/session", json!({ "username": "ada", "password": PASSWORD })).await);
    desk.stop().await;
}
