//! What it does not do, and what it says then.

use rusqlite::Connection;

use crate::{Place, assert_same, complaint, dump, text};

#[tokio::test]
async fn a_target_that_holds_a_store_is_left_alone() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    let other = place.filled("other.db", 0).await;
    let before = dump(&place.file("other.db"));
    let said = place.refused(&from, &other);
    assert!(said.contains("--to") && said.contains("there is a store already"), "{said}");
    assert_eq!(dump(&place.file("other.db")), before);
    // A copy that is complete is one, too.
    place.migrated(&from, &place.sqlite("to.db"));
    assert!(place.refused(&from, &place.sqlite("to.db")).contains("a copy that was completed"));
}

#[tokio::test]
async fn a_target_with_a_schema_and_nothing_else_is_taken() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    for to in [place.sqlite("to.db"), place.home.url()] {
        place.on(&to, &["migrate"]);
        place.migrated(&from, &to);
    }
    assert_same(&place.file("from.db"), &place.file("to.db"));
}

#[tokio::test]
async fn a_store_is_not_copied_to_itself() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    let said = place.refused(&from, &format!("sqlite://{}", place.file("./from.db").display()));
    assert!(said.contains("the same store"), "{said}");
    let Some(place) = Place::with_postgres() else { return };
    place.on(&place.home.url(), &["migrate"]);
    let twin = place.home.url().replace("postgres://", "postgresql://");
    assert!(place.refused(&place.home.url(), &twin).contains("the same store"));
}

#[tokio::test]
async fn a_source_of_another_schema_is_refused_with_what_to_do() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    let file = Connection::open(place.file("from.db")).unwrap();
    file.execute_batch("INSERT INTO schema_migrations VALUES (999, 'of_tomorrow', 'x')").unwrap();
    let said = place.refused(&from, &place.sqlite("to.db"));
    assert!(said.contains("999") && said.contains("newer program"), "{said}");
    file.execute_batch(
        "DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations WHERE number < 999);
         DELETE FROM schema_migrations WHERE number = 999",
    )
    .unwrap();
    let said = place.refused(&from, &place.sqlite("to.db"));
    assert!(said.contains("--from") && said.contains("replydesk migrate"), "{said}");
    assert!(!place.file("to.db").exists());
}

#[tokio::test]
async fn what_is_not_there_or_no_address_is_said() {
    let place = Place::new();
    let said = place.refused(&place.sqlite("nothing.db"), &place.sqlite("to.db"));
    assert!(said.contains("--from: there is no ") && said.contains("nothing.db"), "{said}");
    let from = place.filled("from.db", 0).await;
    let said = place.refused(&from, "mysql://ada:s3cret@db.example/news");
    assert!(said.contains("--to must start with") && !said.contains("s3cret"), "{said}");
    let said = place.refused(&from, "postgres://ada:s3cret@127.0.0.1:1/news");
    assert!(!said.contains("s3cret"), "{said}");
    let alone = place.command(&["migrate", "--from", &from]).output().unwrap();
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("--to"), "{}", text(&alone.stderr));
}

#[tokio::test]
async fn an_unfinished_copy_is_no_store_to_anybody() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    let to = place.sqlite("to.db");
    place.migrated(&from, &to);
    let file = Connection::open(place.file("to.db")).unwrap();
    file.execute_batch("INSERT INTO meta VALUES ('transfer', '{}')").unwrap();
    for words in [&["serve"][..], &["migrate"], &["moderator", "list"], &["audit", "verify"]] {
        let said = complaint(&place.on(&to, words));
        assert!(said.contains("unfinished copy") && said.contains("replydesk migrate --from"), "{words:?}: {said}");
    }
    assert!(place.refused(&to, &place.sqlite("on.db")).contains("--from: the store is the unfinished copy"));
    assert!(place.refused(&from, &to).contains("make the target anew"));
}

#[tokio::test]
async fn text_that_postgresql_cannot_keep_is_named() {
    let Some(place) = Place::with_postgres() else { return };
    let from = place.filled("from.db", 0).await;
    let file = Connection::open(place.file("from.db")).unwrap();
    let odd = "UPDATE comments SET name = 'a' || char(0) || 'b' WHERE seq = 7";
    file.execute_batch(odd).unwrap();
    let said = place.refused(&from, &place.home.url());
    assert!(said.contains("the column name of the row 7 in the table comments") && said.contains("U+0000"), "{said}");
    // Corrected, it is another store: half of the copy is of the old one.
    file.execute_batch("UPDATE comments SET name = 'ab', version = version + 1 WHERE seq = 7").unwrap();
    let said = place.refused(&from, &place.home.url());
    assert!(said.contains("written to since") && said.contains("make the target anew"), "{said}");
}

#[tokio::test]
async fn a_source_that_is_served_is_refused_until_its_server_has_ended() {
    let place = Place::new();
    let from = place.filled("from.db", 0).await;
    let store = replydesk::store::Store::open(&from).await.unwrap();
    let now = replydesk::domain::Clock::system().now();
    let id = uuid::Uuid::now_v7();
    let row = replydesk::store::InstanceRow { id, settings: "x".into(), program: "x".into(), seen_at: now };
    store.meet(row, now).await.unwrap();
    let said = place.refused(&from, &place.sqlite("to.db"));
    assert!(said.contains("a server uses the store at --from"), "{said}");
    store.part(id).await.unwrap();
    store.close();
    place.migrated(&from, &place.sqlite("to.db"));
}
