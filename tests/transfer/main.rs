//! `replydesk migrate --from --to`, as an operator types it: a store comes to the other side and back with every row as
//! it was, also when it is killed midway, and nothing is overwritten. With `TEST_DATABASE_URL` the other side is a real
//! PostgreSQL database; without it, what needs one is skipped.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "this is a test"
)]

mod backups;
#[expect(dead_code, reason = "these tests need some of it")]
#[path = "../support/database.rs"]
mod database;
mod fill;
mod killed;
mod refused;
mod there_and_back;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use database::Home;
use replydesk::store::Store;
use rusqlite::{Connection, types::Value};

/// Folders of its own, and a PostgreSQL database where there is a server.
struct Place {
    home: Home,
}

impl Place {
    fn new() -> Self {
        Self { home: Home::new() }
    }

    /// One with a PostgreSQL database; none without a server.
    fn with_postgres() -> Option<Self> {
        let place = Self::new();
        if place.home.is_postgres() {
            return Some(place);
        }
        eprintln!("skipped: TEST_DATABASE_URL names no PostgreSQL server");
        None
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Address of a SQLite file.
    fn sqlite(&self, name: &str) -> String {
        format!("sqlite:{}", self.file(name).display())
    }

    async fn filled(&self, name: &str, many: u32) -> String {
        let url = self.sqlite(name);
        let store = Store::open(&url).await.unwrap();
        fill::fill(&store, many).await;
        store.close();
        url
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_replydesk"));
        command.env_clear().current_dir(self.home.path()).args(words);
        command
    }

    fn migrate(&self, from: &str, to: &str) -> Output {
        self.command(&["migrate", "--from", from, "--to", to]).output().unwrap()
    }

    /// What it says when all is well.
    #[track_caller]
    fn migrated(&self, from: &str, to: &str) -> String {
        let done = self.migrate(from, to);
        assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
        text(&done.stdout)
    }

    /// The one line that says what is wrong.
    #[track_caller]
    fn refused(&self, from: &str, to: &str) -> String {
        complaint(&self.migrate(from, to))
    }

    /// A command on the store at an address.
    fn on(&self, url: &str, words: &[&str]) -> Output {
        let mut command = self.command(words);
        command.env("REPLYDESK__STORE__URL", format!("\"{url}\""));
        command.env("REPLYDESK__SERVER__LISTEN", "127.0.0.1:0").stdin(Stdio::null()).output().unwrap()
    }
}

#[track_caller]
fn complaint(failed: &Output) -> String {
    let said = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{}{said}", text(&failed.stdout));
    assert_eq!(said.lines().filter(|line| line.starts_with("replydesk: ")).count(), 1, "{said}");
    said
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every row of every table, numbers to the last bit, and the schema to the letter.
fn dump(file: &Path) -> Vec<(String, Vec<String>)> {
    let file = Connection::open(file).unwrap();
    let mut names = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut tables: Vec<(String, Vec<String>)> =
        names.iter().map(|name| (name.clone(), rows(&file, &format!("SELECT * FROM \"{name}\"")))).collect();
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema";
    tables.push(("the schema".to_owned(), rows(&file, schema)));
    tables
}

fn rows(file: &Connection, sql: &str) -> Vec<String> {
    let mut select = file.prepare(sql).unwrap();
    let columns = select.column_count();
    let shown = |value: Value| match value {
        Value::Real(number) => format!("real {:016x}", number.to_bits()),
        other => format!("{other:?}"),
    };
    let row = |row: &rusqlite::Row<'_>| {
        let values: Vec<String> = (0..columns).map(|at| shown(row.get(at).unwrap())).collect();
        Ok(values.join(" | "))
    };
    let mut rows: Vec<String> = select.query_map([], row).unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

/// The two files hold the same.
#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    for ((name, ours), (_, theirs)) in dump(one).into_iter().zip(dump(other)) {
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(dump(one).len(), dump(other).len());
}
