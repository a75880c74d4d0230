//! What arrives is what was there.

use crate::{Place, assert_same, dump, fill, text};
use replydesk::{domain::Timestamp, store::Store};
use rusqlite::Connection;

#[tokio::test]
async fn a_store_comes_back_from_postgresql_as_it_went() {
    let Some(place) = Place::with_postgres() else { return };
    let from = place.filled("from.db", 700).await;
    let empty: Vec<String> = dump(&place.file("from.db"))
        .into_iter()
        .filter_map(|(name, rows)| rows.is_empty().then_some(name))
        // Who serves a store is that store's own.
        .filter(|name| name != "instances")
        .collect();
    assert!(empty.is_empty(), "nothing is tried of {empty:?}");
    let there = place.migrated(&from, &place.home.url());
    assert!(there.contains("\ncomments: 728 rows, equal on both sides\n"), "{there}");
    assert!(there.ends_with("Set store.url to it and start the server.\n"), "{there}");
    assert_eq!(there.lines().count(), 25);
    let back = place.migrated(&place.home.url(), &place.sqlite("back.db"));
    assert_eq!(there, back);
    assert_same(&place.file("from.db"), &place.file("back.db"));
    let whole = place.on(&from, &["audit", "verify"]);
    assert!(whole.status.success());
    for url in [place.home.url(), place.sqlite("back.db")] {
        let said = place.on(&url, &["audit", "verify"]);
        assert_eq!(text(&said.stdout), text(&whole.stdout), "{}", text(&said.stderr));
    }
}

#[tokio::test]
async fn a_file_comes_to_another_file_as_it_is() {
    let place = Place::new();
    let from = place.filled("from.db", 300).await;
    place.migrated(&from, &place.sqlite("folder/that/is/not/there/to.db"));
    assert_same(&place.file("from.db"), &place.file("folder/that/is/not/there/to.db"));
}

#[tokio::test]
async fn a_database_comes_to_another_database_as_it_is() {
    let (Some(place), Some(other)) = (Place::with_postgres(), Place::with_postgres()) else { return };
    let from = place.filled("from.db", 10).await;
    place.migrated(&from, &place.home.url());
    place.migrated(&place.home.url(), &other.home.url());
    place.migrated(&other.home.url(), &place.sqlite("back.db"));
    assert_same(&place.file("from.db"), &place.file("back.db"));
}

#[tokio::test]
async fn what_is_written_afterwards_goes_on_where_the_numbers_stood() {
    let Some(place) = Place::with_postgres() else { return };
    let from = place.filled("from.db", 20).await;
    place.migrated(&from, &place.home.url());
    // The newest event is gone; its number is not given again.
    place.home.run("DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)");
    place.migrated(&place.home.url(), &place.sqlite("back.db"));
    for url in [place.home.url(), place.sqlite("back.db")] {
        let store = Store::open(&url).await.unwrap();
        let id = fill::stored(&store, fill::comment(9_999, "Afterwards.")).await;
        assert!(store.withdraw(id, Timestamp(fill::NOW.0 + 1)).await.unwrap());
        store.close();
    }
    let back = Connection::open(place.file("back.db")).unwrap();
    let there = |sql: &str| back.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let pending = "SELECT sum(pending) - (SELECT count(*) FROM comments WHERE status = 'pending') FROM pages";
    for sql in ["SELECT max(id) FROM outbox", "SELECT max(seq) FROM comments", "SELECT max(id) FROM audit", pending] {
        assert_eq!(there(sql), place.home.number(sql), "{sql}");
    }
    assert_eq!(there(pending), 0, "triggers are in force again");
}

#[tokio::test]
async fn both_kinds_keep_the_same_in_the_same_tables() {
    let Some(place) = Place::with_postgres() else { return };
    place.on(&place.home.url(), &["migrate"]);
    place.filled("from.db", 0).await;
    let columns = "SELECT string_agg(table_name || '.' || column_name, ' ' ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\")
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'numbers'";
    let file = Connection::open(place.file("from.db")).unwrap();
    let sql = "SELECT group_concat(name, ' ') FROM (SELECT t.name || '.' || c.name AS name
           FROM sqlite_schema t, pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.name)";
    let ours: String = file.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(ours, place.home.text(columns));
}
