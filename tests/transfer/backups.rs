//! `replydesk backup` and `replydesk restore`: the same comes back, nothing is written over, and what is no backup is
//! told in a sentence.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Output};

use rusqlite::Connection;

#[cfg(feature = "postgres")]
use crate::killed::{MANY_AT_A_TIME, Watch, killed_in, long};
use crate::{Place, assert_same, complaint, dump, text};

impl Place {
    fn backup(&self, url: &str, to: &Path) -> Output {
        self.on(url, &["backup", to.to_str().unwrap()])
    }

    #[track_caller]
    fn backed_up(&self, url: &str, name: &str) -> String {
        let done = self.backup(url, &self.file(name));
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    }

    fn restore(&self, name: &str, to: &str) -> Output {
        self.command(&["restore", name, "--to", to]).output().unwrap()
    }

    #[track_caller]
    fn restored(&self, name: &str, to: &str) -> String {
        let done = self.restore(name, to);
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    }

    /// The names in its folder, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.home.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn a_file_comes_back_as_it_was() {
    let place = Place::new();
    let from = place.filled("from.db", 300).await;
    let said = place.backed_up(&from, "backup.db");
    assert!(said.contains("328 comments, ") && said.contains(" rows of the audit, "), "{said}");
    let mode = fs::metadata(place.file("backup.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let said = place.restored("backup.db", &place.sqlite("a/new/folder/to.db"));
    assert!(said.starts_with("The restore is complete: 328 comments"), "{said}");
    let to = place.file("a/new/folder/to.db");
    assert_same(&place.file("from.db"), &to);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(place.names().iter().all(|name| !name.contains("partial")), "{:?}", place.names());
    assert!(place.on(&place.sqlite("a/new/folder/to.db"), &["audit", "verify"]).status.success());
}

#[tokio::test]
async fn a_database_comes_back_as_it_was_into_either_kind() {
    let (Some(place), Some(other)) = (Place::with_postgres(), Place::with_postgres()) else { return };
    let from = place.filled("from.db", 300).await;
    place.migrated(&from, &place.home.url());
    place.backed_up(&place.home.url(), "backup.db");
    place.restored("backup.db", &place.sqlite("to.db"));
    assert_same(&place.file("from.db"), &place.file("to.db"));
    place.restored("backup.db", &other.home.url());
    let said = complaint(&place.restore("backup.db", &other.home.url()));
    assert!(said.contains("there is a store already") && !said.contains("--"), "{said}");
    place.migrated(&other.home.url(), &place.sqlite("back.db"));
    assert_same(&place.file("from.db"), &place.file("back.db"));
    assert!(place.on(&other.home.url(), &["audit", "verify"]).status.success());
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    let place = Place::new();
    let from = place.filled("from.db", 5).await;
    place.backed_up(&from, "backup.db");
    let before = dump(&place.file("backup.db"));
    let said = complaint(&place.backup(&from, &place.file("backup.db")));
    assert!(said.contains("not written over") && said.contains("backup.db"), "{said}");
    let said = complaint(&place.restore("backup.db", &from));
    assert!(said.contains("not written over") && said.contains("move it away"), "{said}");
    fs::write(place.file("to.db-wal"), "of another store").unwrap();
    let said = complaint(&place.restore("backup.db", &place.sqlite("to.db")));
    assert!(said.contains("the rest of another store") && said.contains("to.db-wal"), "{said}");
    assert_eq!(dump(&place.file("backup.db")), before);
    assert!(!place.file("to.db").exists());
}

#[tokio::test]
async fn backups_in_a_folder_are_named_by_their_moment_and_the_older_ones_go_where_that_is_asked_for() {
    let place = Place::new();
    let from = place.filled("from.db", 5).await;
    let folder = place.file("backups");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("replydesk.db"), "not one of these").unwrap();
    for _ in 0..3 {
        let done = place.on(&from, &["backup", folder.to_str().unwrap(), "--keep", "2"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(folder.join("replydesk.db").exists());
    let said = complaint(&place.on(&from, &["backup", place.file("x.db").to_str().unwrap(), "--keep", "2"]));
    assert!(said.contains("--keep goes with a folder"), "{said}");
}

#[tokio::test]
async fn what_is_no_backup_is_told_in_a_sentence_and_leaves_nothing() {
    let place = Place::new();
    let from = place.filled("from.db", 300).await;
    place.backed_up(&from, "good.db");
    let good = fs::read(place.file("good.db")).unwrap();
    fs::write(place.file("cut.db"), &good[..good.len() / 2]).unwrap();
    fs::write(place.file("short.db"), &good[..10]).unwrap();
    fs::write(place.file("empty.db"), "").unwrap();
    fs::write(place.file("text.db"), "Dear diary, this is no database at all.").unwrap();
    let mut spoilt = good.clone();
    for page in (4_096..spoilt.len()).step_by(4_096) {
        spoilt[page..page + 200].fill(0x5a);
    }
    fs::write(place.file("spoilt.db"), spoilt).unwrap();
    Connection::open(place.file("other.db")).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    fs::copy(place.file("good.db"), place.file("newer.db")).unwrap();
    let newer = Connection::open(place.file("newer.db")).unwrap();
    newer.execute_batch("INSERT INTO schema_migrations VALUES (999, 'of_tomorrow', 'x')").unwrap();
    drop(newer);
    let before = place.names();
    let kinds = [place.sqlite("to.db"), place.home.url()];
    for (name, wanted) in [
        ("cut.db", "is damaged, or was cut off"),
        ("spoilt.db", "is damaged, or was cut off"),
        ("short.db", "is no store of Replydesk"),
        ("empty.db", "is no store of Replydesk"),
        ("text.db", "is no store of Replydesk"),
        ("other.db", "is no store of Replydesk"),
        ("newer.db", "has schema 999"),
        ("absent.db", "cannot be read"),
    ] {
        for to in &kinds {
            let said = complaint(&place.restore(name, to));
            assert!(said.contains(wanted), "{name}: {said}");
        }
    }
    assert_eq!(place.names(), before, "nothing is left behind");
    // The addresses are still free.
    place.restored("good.db", &kinds[0]);
}

#[tokio::test]
async fn one_of_an_older_program_is_taken_and_brought_up_to_date() {
    let place = Place::new();
    let from = place.filled("from.db", 20).await;
    place.backed_up(&from, "older.db");
    // As it was before comments had their time.
    let triggers = "SELECT group_concat(sql, '; ') FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'lessons%'";
    let file = Connection::open(place.file("older.db")).unwrap();
    let _kept: String = file.query_row(triggers, [], |row| row.get(0)).unwrap();
    file.execute_batch(
        "DROP TRIGGER lessons_erase; DROP TRIGGER lessons_delete; DROP INDEX comments_over; ALTER TABLE comments DROP COLUMN was;
         ALTER TABLE lessons DROP COLUMN digest; DELETE FROM schema_migrations WHERE number >= 16;
         CREATE TRIGGER lessons_erase BEFORE DELETE ON comments BEGIN SELECT 1; END;
         CREATE TRIGGER lessons_delete BEFORE DELETE ON comments BEGIN SELECT 1; END;",
    )
    .unwrap();
    drop(file);
    for to in [place.sqlite("to.db"), place.home.url()] {
        place.restored("older.db", &to);
        let said = place.on(&to, &["migrate"]);
        assert!(said.status.success(), "{}", text(&said.stderr));
    }
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_no_half_store() {
    let place = Place::new();
    let from = place.filled("from.db", 2_000).await;
    place.backed_up(&from, "backup.db");
    let whole = fs::metadata(place.file("backup.db")).unwrap().len();
    let mut midway = 0;
    for grown_to in [0, 1, whole / 2, whole / 10 * 9] {
        let to = place.sqlite("to.db");
        let mut running = place.command(&["restore", "backup.db", "--to", &to]).spawn().unwrap();
        let draft = place.file(&format!("to.db.partial-{}", running.id()));
        let is_there = || fs::metadata(&draft).is_ok_and(|draft| draft.len() >= grown_to);
        while !is_there() && running.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        running.kill().unwrap();
        running.wait().unwrap();
        if place.file("to.db").exists() {
            assert_same(&place.file("from.db"), &place.file("to.db"));
            fs::remove_file(place.file("to.db")).unwrap();
        } else {
            midway += 1;
        }
    }
    assert!(midway > 0, "each restore ended before it was killed");
    place.restored("backup.db", &place.sqlite("to.db"));
    assert_same(&place.file("from.db"), &place.file("to.db"));
}

#[cfg(feature = "postgres")]
#[test]
fn a_restore_into_postgresql_that_is_killed_goes_on() {
    let Some(place) = Place::with_postgres() else { return };
    let (to, watch) = (place.home.url(), Watch::new(&place.home.url()));
    let from = watch.runtime.block_on(long(&place, 600, MANY_AT_A_TIME));
    place.backed_up(&from, "backup.db");
    for table in ["pages", "comments"] {
        killed_in(&place, &["restore", "backup.db", "--to", &to], table, &|| watch.mark());
        assert!(complaint(&place.on(&to, &["serve"])).contains("unfinished copy"));
    }
    place.restored("backup.db", &to);
    place.migrated(&to, &place.sqlite("back.db"));
    assert_same(&place.file("from.db"), &place.file("back.db"));
}
