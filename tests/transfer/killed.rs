//! A copy that is killed, wherever it was, goes on and ends as one that was not.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::{Place, assert_same, complaint, text};

/// Tables at whose beginning, midst or end it is killed, one after the other.
const POINTS: [&str; 5] = ["pages", "comments", "comments", "recent_bodies", "outbox"];

/// Their order, as far as it matters.
const TABLES: [&str; 4] = ["pages", "comments", "recent_bodies", "outbox"];

/// The last of these tables that a copy came to.
fn reached(mark: &str) -> Option<usize> {
    let order = ["meta", "pages", "comments", "recent_bodies"];
    let table = serde_json::from_str::<serde_json::Value>(mark).unwrap()["table"].as_str()?.to_owned();
    match order.iter().position(|name| *name == table) {
        Some(at) => at.checked_sub(1),
        None if [
            "outbox",
            "network_reputation",
            "unverified",
            "lessons",
            "models",
            "claims",
            "kept_answers",
            "attacks",
        ]
        .contains(&table.as_str()) =>
        {
            Some(3)
        }
        None => Some(2),
    }
}

/// How far a copy in a file got.
fn mark_in(file: &Path) -> Option<String> {
    let file = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    file.query_row("SELECT value FROM meta WHERE key = 'transfer'", [], |row| row.get(0)).optional().ok()?
}

/// Rows behind the last of these tables that keep a copy in stretches of three busy,
const FEW_AT_A_TIME: u32 = 9_000;
/// and one in stretches of its own length.
#[cfg(feature = "postgres")]
pub(crate) const MANY_AT_A_TIME: u32 = 60_000;

/// A file to be copied with so many rows behind the last of these tables that a copy is not at its end before a watcher
/// who was kept waiting looks again.
pub(crate) async fn long(place: &Place, many: u32, behind: u32) -> String {
    let from = place.filled("from.db", many).await;
    let file = Connection::open(place.file("from.db")).unwrap();
    let rows = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO kept_answers (key, content, subject, at) SELECT randomblob(32), randomblob(32), 'a ban', n FROM n";
    file.execute(rows, [behind]).unwrap();
    from
}

/// Starts the copy, kills it as soon as the table is reached, and says how far it was.
fn killed_at(place: &Place, (from, to): (&str, &str), table: &str, mark: &dyn Fn() -> Option<String>) -> String {
    killed_in(place, &["migrate", "--from", from, "--to", to, "--batch", "3"], table, mark)
}

/// The same with any command that copies.
pub(crate) fn killed_in(place: &Place, words: &[&str], table: &str, mark: &dyn Fn() -> Option<String>) -> String {
    let mut running = place.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (before, begun) = (mark(), Instant::now());
    loop {
        let now = mark();
        if now != before && now.is_some_and(|now| reached(&now) >= TABLES.iter().position(|name| *name == table)) {
            break;
        }
        assert!(running.try_wait().unwrap().is_none(), "it ended before it came to {table}");
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to {table}");
        std::thread::park_timeout(Duration::from_millis(1));
    }
    running.kill().unwrap();
    assert!(!running.wait().unwrap().success());
    mark().unwrap()
}

#[tokio::test]
async fn a_copy_to_a_file_that_is_killed_goes_on_where_it_stood() {
    let place = Place::new();
    let from = long(&place, 600, FEW_AT_A_TIME).await;
    let to = place.sqlite("to.db");
    let mut marks = Vec::new();
    for table in POINTS {
        marks.push(killed_at(&place, (&from, &to), table, &|| mark_in(&place.file("to.db"))));
        assert!(complaint(&place.on(&to, &["serve"])).contains("unfinished copy"));
    }
    marks.dedup();
    assert_eq!(marks.len(), POINTS.len(), "it began from the first again");
    assert!(place.migrated(&from, &to).starts_with("It goes on where it was broken off.\n"));
    assert_same(&place.file("from.db"), &place.file("to.db"));
}

/// Looks into a database time and again by one connection.
#[cfg(feature = "postgres")]
pub(crate) struct Watch {
    pub(crate) runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

#[cfg(feature = "postgres")]
impl Watch {
    pub(crate) fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls)).unwrap();
        let _driven = runtime.spawn(connection);
        Self { runtime, client }
    }

    pub(crate) fn mark(&self) -> Option<String> {
        let found = self.client.query_opt("SELECT value FROM meta WHERE key = 'transfer'", &[]);
        self.runtime.block_on(found).ok().flatten().map(|row| row.get(0))
    }
}

#[cfg(feature = "postgres")]
#[test]
fn a_copy_to_postgresql_and_back_that_is_killed_goes_on_where_it_stood() {
    let Some(place) = Place::with_postgres() else { return };
    let watch = Watch::new(&place.home.url());
    let from = watch.runtime.block_on(long(&place, 600, FEW_AT_A_TIME));
    let (there, back) = (place.home.url(), place.sqlite("back.db"));
    for table in POINTS {
        killed_at(&place, (&from, &there), table, &|| watch.mark());
        assert!(complaint(&place.on(&there, &["serve"])).contains("unfinished copy"));
    }
    assert!(place.migrated(&from, &there).starts_with("It goes on"));
    for table in POINTS {
        killed_at(&place, (&there, &back), table, &|| mark_in(&place.file("back.db")));
    }
    place.migrated(&there, &back);
    assert_same(&place.file("from.db"), &place.file("back.db"));
}

#[tokio::test]
async fn a_source_that_was_written_to_meanwhile_is_not_mixed() {
    let place = Place::new();
    let from = long(&place, 200, FEW_AT_A_TIME).await;
    let to = place.sqlite("to.db");
    killed_at(&place, (&from, &to), "comments", &|| mark_in(&place.file("to.db")));
    let source = Connection::open(place.file("from.db")).unwrap();
    source.execute_batch("UPDATE comments SET likes = likes + 1 WHERE seq = 1").unwrap();
    let said = place.refused(&from, &to);
    assert!(said.contains("was written to since") && said.contains("stop every server"), "{said}");
    // As it was, it goes on.
    source.execute_batch("UPDATE comments SET likes = likes - 1 WHERE seq = 1").unwrap();
    place.migrated(&from, &to);
    assert_same(&place.file("from.db"), &place.file("to.db"));
}

#[tokio::test]
async fn a_difference_that_only_the_comparison_finds_is_found() {
    let place = Place::new();
    let from = long(&place, 200, FEW_AT_A_TIME).await;
    let to = place.sqlite("to.db");
    killed_at(&place, (&from, &to), "outbox", &|| mark_in(&place.file("to.db")));
    let target = Connection::open(place.file("to.db")).unwrap();
    target.execute_batch("UPDATE comments SET risk = risk + 1e-12 WHERE seq = 9").unwrap();
    let done = place.migrate(&from, &to);
    assert!(complaint(&done).contains("the table comments is not the same on both sides"));
    assert!(text(&done.stdout).contains("pages: "), "what was equal was said");
    assert!(complaint(&place.on(&to, &["serve"])).contains("unfinished copy"));
}
