//! `replydesk audit`, as an operator types it: every way to change the record is found, and nothing else is.

#![expect(clippy::unwrap_used, reason = "clippy knows no helper of an integration test for a test")]

use std::collections::BTreeMap;

use assert_cmd::{Command, assert::Assert, cargo::cargo_bin_cmd};
use replydesk::{
    domain::Timestamp,
    store::{AuditRow, Store},
};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// 2027-01-15T08:00:00Z
const NOW: i64 = 1_800_000_000_000;

struct Shell(TempDir);

impl Shell {
    /// A store whose audit has so many rows, a second apart.
    async fn with_rows(rows: i64) -> Self {
        let shell = Self(tempfile::tempdir().unwrap());
        let store = shell.store().await;
        for n in 1..=rows {
            store.record(deed(n)).await.unwrap();
        }
        store.close();
        shell
    }

    fn url(&self) -> String {
        format!("sqlite:{}/replydesk.db", self.0.path().display())
    }

    async fn store(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// What somebody does who can write the file.
    fn tamper(&self, sql: &str) -> &Self {
        Connection::open(self.0.path().join("replydesk.db")).unwrap().execute_batch(sql).unwrap();
        self
    }

    fn run(&self, line: &str) -> Assert {
        let mut command: Command = cargo_bin_cmd!("replydesk");
        command.env_clear().env("REPLYDESK__STORE__URL", format!("\"{}\"", self.url())).current_dir(self.0.path());
        command.args(line.split_whitespace()).assert()
    }

    /// The one line of an audit that is whole.
    fn whole(&self) -> String {
        let line = stdout(&self.run("audit verify").success());
        assert_eq!(line.lines().count(), 1, "{line}");
        line
    }

    /// The head as it is noted.
    fn head(&self) -> String {
        self.whole().trim_end().rsplit(' ').next().unwrap().to_owned()
    }

    /// The one line that says what is wrong.
    #[track_caller]
    fn broken(&self, line: &str) -> String {
        let failed = self.run(line).code(1);
        assert!(stdout(&failed).is_empty());
        let text = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let told = text.trim_end().strip_prefix("replydesk: the audit is not whole: ");
        assert!(told.is_some(), "{text}");
        told.unwrap().to_owned()
    }
}

fn deed(n: i64) -> AuditRow {
    AuditRow {
        id: 0,
        at: Timestamp(NOW + n * 1000 + 7),
        actor: "moderator:ada".to_owned(),
        action: "comment.approve".to_owned(),
        subject: format!("subject {n}"),
        detail: BTreeMap::from([("n".to_owned(), json!(n)), ("site".to_owned(), json!("nëws \"x\""))]),
    }
}

fn stdout(done: &Assert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

#[tokio::test]
async fn thousands_of_untouched_rows_are_whole_and_so_is_an_empty_audit() {
    let shell = Shell::with_rows(0).await;
    let nothing = "0".repeat(64);
    assert_eq!(shell.whole(), format!("The audit is whole: 0 rows, head 0:{nothing}\n"));
    let early = shell.head();
    // Two of its stretches and a bit, put there together.
    let store = shell.store().await;
    futures_util::future::join_all((1..=12_345).map(async |n| {
        while store.record(deed(n)).await.is_err() {
            tokio::task::yield_now().await;
        }
    }))
    .await;
    store.close();
    assert!(shell.whole().starts_with("The audit is whole: 12345 rows, head 12345:"), "{}", shell.whole());
    for noted in [early, shell.head(), shell.head().to_uppercase()] {
        shell.run(&format!("audit verify --head {noted}")).success();
    }
}

#[tokio::test]
async fn a_row_that_was_altered_in_any_column_is_named() {
    for (column, value) in [
        ("at", "at + 1"),
        ("actor", "'moderator:eve'"),
        ("action", "'comment.reject'"),
        ("subject", "subject || ' '"),
        ("detail", "replace(detail, '\"n\":', '\"n\": ')"),
    ] {
        for row in [1, 3, 5] {
            let shell = Shell::with_rows(5).await;
            shell.tamper(&format!("UPDATE audit SET {column} = {value} WHERE id = {row}"));
            let told = shell.broken("audit verify");
            assert_eq!(told, format!("row {row} was altered: it does not say what was written"), "{column}");
        }
    }
    for row in [1, 3, 5] {
        let shell = Shell::with_rows(5).await;
        shell.tamper(&format!("UPDATE audit SET hash = zeroblob(32) WHERE id = {row}"));
        assert_eq!(
            shell.broken("audit verify"),
            format!("the hash of row {row} was altered: the row says what was written")
        );
        shell.tamper(&format!("UPDATE audit SET hash = NULL WHERE id = {row}"));
        assert!(shell.broken("audit verify").starts_with(&format!("row {row} was inserted")));
    }
    let shell = Shell::with_rows(5).await;
    shell.tamper("UPDATE audit SET id = 70 WHERE id = 5");
    assert_eq!(shell.broken("audit verify"), "row 5 was renumbered: it is row 70 now");
    let shell = Shell::with_rows(5).await;
    shell.tamper("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE id = 2");
    assert!(shell.broken("audit verify").starts_with("row 2 was altered"));
}

#[tokio::test]
async fn a_row_that_was_dropped_is_missed_wherever_it_stood() {
    for (which, told) in [
        ("id = 1", "row 1 is missing: row 2 does not follow row 0"),
        ("id <= 3", "rows 1 to 3 are missing: row 4 does not follow row 0"),
        ("id = 3", "row 3 is missing: row 4 does not follow row 2"),
        ("id IN (3, 4)", "rows 3 to 4 are missing: row 5 does not follow row 2"),
        ("id = 5", "row 5 is missing at the end: the last one that was written is row 5"),
        ("id > 2", "rows 3 to 5 are missing at the end: the last one that was written is row 5"),
        ("1", "rows 1 to 5 are missing at the end: the last one that was written is row 5"),
    ] {
        let shell = Shell::with_rows(5).await;
        assert_eq!(shell.tamper(&format!("DELETE FROM audit WHERE {which}")).broken("audit verify"), told);
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_missed_also_when_the_record_went_on_behind_it() {
    let shell = Shell::with_rows(6).await;
    let head = "UPDATE meta SET value = (SELECT '4:' || lower(hex(hash)) || ':4' FROM audit WHERE id = 4) WHERE key = 'audit_head'";
    shell.tamper(&format!("DELETE FROM audit WHERE id > 4; {head}"));
    let store = shell.store().await;
    store.record(deed(7)).await.unwrap();
    store.close();
    assert_eq!(shell.broken("audit verify"), "rows 5 to 6 are missing: row 7 does not follow row 4");
}

#[tokio::test]
async fn rows_that_change_places_or_come_between_are_named() {
    const SWAP: &str = "UPDATE audit SET id = -1 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = {}; UPDATE audit SET id = {} WHERE id = -1";
    let shell = Shell::with_rows(5).await;
    let told = shell.tamper(&SWAP.replace("{}", "3")).broken("audit verify");
    assert_eq!(told, "rows 2 and 3 were reordered: each stands in the other's place");
    let shell = Shell::with_rows(5).await;
    let told = shell.tamper(&SWAP.replace("{}", "4")).broken("audit verify");
    assert_eq!(told, "row 2 is not the one that was written there: it was altered, or rows were reordered");

    let insert = |id: &str, hash: &str| {
        format!("INSERT INTO audit SELECT {id}, at, actor, action, subject, detail, {hash} FROM audit WHERE id = 2")
    };
    for (id, hash, row) in
        [("NULL", "NULL", 6), ("NULL", "hash", 6), ("0", "hash", 0), ("-7", "NULL", -7), ("900", "zeroblob(3)", 900)]
    {
        let shell = Shell::with_rows(5).await;
        let told = shell.tamper(&insert(id, hash)).broken("audit verify");
        assert_eq!(told, format!("row {row} was inserted: the program did not write it there"), "{id} {hash}");
        // What the program writes afterwards does not make it one of its own.
        let store = shell.store().await;
        store.record(deed(9)).await.unwrap();
        store.close();
        assert_eq!(shell.broken("audit verify"), told);
    }
    // Room is made for it by moving the rest.
    let shell = Shell::with_rows(5).await;
    shell.tamper("UPDATE audit SET id = id + 100 WHERE id > 2; UPDATE audit SET id = id - 99 WHERE id > 100");
    let told = shell.tamper(&insert("3", "hash")).broken("audit verify");
    assert_eq!(told, "row 3 was inserted: the program did not write it there");
}

#[tokio::test]
async fn the_head_that_is_kept_is_missed_too() {
    let shell = Shell::with_rows(3).await;
    let other = "UPDATE meta SET value = '{}' WHERE key = 'audit_head'";
    for spoilt in ["", "3", &format!("3:{}:x", "0".repeat(64))] {
        let told = shell.tamper(&other.replace("{}", spoilt)).broken("audit verify");
        assert_eq!(told, "the head that is kept beside the audit is missing or spoilt");
    }
    // It does not come back by itself.
    let store = shell.store().await;
    store.record(deed(4)).await.unwrap();
    store.close();
    assert!(shell.broken("audit verify").starts_with("row 4 "));
    let shell = Shell::with_rows(3).await;
    let told = shell.tamper(&other.replace("{}", &format!("3:{}:3", "0".repeat(64)))).broken("audit verify");
    assert!(told.starts_with("the head that is kept beside the audit is not that of row 3"), "{told}");
    let shell = Shell::with_rows(3).await;
    shell.tamper("UPDATE meta SET value = replace(value, ':3', ':4') WHERE key = 'audit_head'");
    assert!(shell.broken("audit verify").contains("not that of row 3"));
    shell.tamper("DELETE FROM meta WHERE key = 'audit_head'");
    assert!(shell.broken("audit verify").contains("missing or spoilt"));
}

/// The recipe of the manual, without a line of the program's.
fn hash_of(before: &[u8], fields: [&str; 6]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for field in [before].into_iter().chain(fields.map(str::as_bytes)) {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().to_vec()
}

#[tokio::test]
async fn a_chain_that_was_made_anew_is_found_by_a_head_that_was_noted() {
    let shell = Shell::with_rows(5).await;
    let noted = shell.head();
    let file = Connection::open(shell.0.path().join("replydesk.db")).unwrap();
    // Row 3 says something else, and whoever did it knows the recipe.
    file.execute("UPDATE audit SET actor = 'moderator:eve' WHERE id = 3", []).unwrap();
    let mut before = vec![0; 32];
    for id in 1..=5_i64 {
        let [at, actor, action, subject, detail]: [String; 5] = file
            .query_row(
                "SELECT strftime('%Y-%m-%dT%H:%M:%S', at / 1000, 'unixepoch') || printf('.%03dZ', at % 1000), actor, action, subject, detail FROM audit WHERE id = ?",
                [id],
                |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]),
            )
            .unwrap();
        before = hash_of(&before, [&id.to_string(), &at, &actor, &action, &subject, &detail]);
        file.execute("UPDATE audit SET hash = ? WHERE id = ?", rusqlite::params![before, id]).unwrap();
    }
    let hex: String = before.iter().map(|byte| format!("{byte:02x}")).collect();
    file.execute("UPDATE meta SET value = ? WHERE key = 'audit_head'", [format!("5:{hex}:5")]).unwrap();
    assert!(shell.whole().contains("5 rows"), "a chain alone cannot tell");
    let told = shell.broken(&format!("audit verify --head {noted}"));
    assert_eq!(
        told,
        "row 5 has another hash than the one noted: the audit was written anew, or the note is of another store"
    );

    file.execute("DELETE FROM audit WHERE id = 5", []).unwrap();
    file.execute("UPDATE meta SET value = (SELECT '4:' || lower(hex(hash)) || ':4' FROM audit WHERE id = 4) WHERE key = 'audit_head'", [])
        .unwrap();
    assert_eq!(
        shell.broken("audit verify"),
        "row 5 is missing at the end: the last one that was written is row 5",
        "the number that was given is remembered"
    );
    file.execute("UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'", []).unwrap();
    assert!(shell.whole().contains("4 rows"), "who mends everything is found by a noted head alone");
    let told = shell.broken(&format!("audit verify --head {noted}"));
    assert_eq!(told, "the noted row 5 is missing: the audit ends with row 4");
    for wrong in ["5", "5:00", "x:00", &format!("{noted}0")] {
        shell.run(&format!("audit verify --head {wrong}")).code(2);
    }
}

#[tokio::test]
async fn writers_at_once_keep_one_chain() {
    let shell = Shell::with_rows(0).await;
    let stores = [shell.store().await, shell.store().await, shell.store().await];
    let jobs = (0..600).map(async |n| {
        while stores[n % 3].record(deed(1)).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    let verifying = tokio::task::spawn_blocking({
        let url = shell.url();
        move || {
            // Beside those who write: read only, and never taken for broken.
            for _ in 0..10 {
                let mut command: Command = cargo_bin_cmd!("replydesk");
                command.env_clear().env("REPLYDESK__STORE__URL", format!("\"{url}\""));
                command.args(["audit", "verify"]).assert().success();
            }
        }
    });
    let (_, verified) = tokio::join!(futures_util::future::join_all(jobs), verifying);
    verified.unwrap();
    stores.into_iter().for_each(Store::close);
    assert!(shell.whole().starts_with("The audit is whole: 600 rows, head 600:"));
}

#[tokio::test]
async fn json_lines_can_be_checked_by_the_recipe_alone() {
    let shell = Shell::with_rows(40).await;
    let text = stdout(&shell.run("audit export").success());
    let mut before = vec![0; 32];
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (_, rest) = line.split_once(",\"detail\":").unwrap();
        let (detail, _) = rest.rsplit_once(",\"hash\":").unwrap();
        let told = |name: &str| row[name].as_str().unwrap();
        before = hash_of(
            &before,
            [&row["id"].to_string(), told("at"), told("actor"), told("action"), told("subject"), detail],
        );
        let hex: String = before.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(told("hash"), hex, "{line}");
    }
    assert_eq!(text.lines().count(), 40);
    assert!(text.starts_with("{\"id\":1,\"at\":\"2027-01-15T08:00:01.007Z\",\"actor\":\"moderator:ada\""), "{text}");
}

#[tokio::test]
async fn an_export_holds_the_time_asked_for_in_either_form() {
    let shell = Shell::with_rows(40).await;
    let lines = |more: &str| stdout(&shell.run(&format!("audit export {more}")).success());
    let csv = lines("--format csv --since 2027-01-15T08:00:03Z --until 2027-01-15T08:00:04Z");
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 3, "the second that was named counts to its end: {csv}");
    assert_eq!(rows[0], "id,at,actor,action,subject,detail,hash");
    let detail = "\"{\"\"n\"\":3,\"\"site\"\":\"\"nëws \\\"\"x\\\"\"\"\"}\"";
    assert!(
        rows[1].starts_with(&format!("3,2027-01-15T08:00:03.007Z,moderator:ada,comment.approve,subject 3,{detail},")),
        "{csv}"
    );
    assert_eq!(lines("--since 2027-01-15T08:00:39Z").lines().count(), 2);
    assert_eq!(lines("--until 2027-01-15T08:00:02Z").lines().count(), 2);
    assert_eq!(lines("--since 2028-01-01T00:00:00Z"), "");
    assert_eq!(lines("--format csv --since 2028-01-01T00:00:00Z").lines().count(), 1);
    for wrong in ["--format xml", "--since yesterday", "--until 2027"] {
        shell.run(&format!("audit export {wrong}")).code(2);
    }
}

#[tokio::test]
async fn rows_from_before_the_chain_are_chained_when_the_store_is_brought_up_to_date() {
    let shell = Shell(tempfile::tempdir().unwrap());
    // A file as it was before: the steps up to the one that brought the chain, and rows.
    let steps = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut names: Vec<_> = std::fs::read_dir(&steps).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let chain = names.iter().position(|path| path.to_str().unwrap().contains("audit_chain")).unwrap();
    shell.tamper(
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT",
    );
    for path in &names[..chain] {
        let sql = std::fs::read_to_string(path).unwrap();
        shell.tamper(&sql);
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let (number, name) = stem.split_once('_').unwrap();
        let digest = replydesk::keys::encode(&replydesk::keys::digest(sql.as_bytes()));
        shell.tamper(&format!("INSERT INTO schema_migrations VALUES ({number}, '{name}', '{digest}')"));
    }
    shell.tamper(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
         INSERT INTO audit (at, actor, action, subject, detail) SELECT i, 'moderator:ada', 'comment.spam', 'x' || i, '{\"site\":\"news\"}' FROM n",
    );
    let refused = shell.run("audit verify").code(1);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("replydesk migrate"));
    shell.run("migrate").success();
    assert!(shell.whole().starts_with("The audit is whole: 25000 rows"));
    let store = shell.store().await;
    store.record(deed(1)).await.unwrap();
    store.close();
    assert!(shell.whole().starts_with("The audit is whole: 25001 rows"));
    // One that was broken off between two stretches is refused to readers, and goes on.
    shell.tamper("INSERT INTO meta VALUES ('audit_unchained', '25001')");
    let refused = shell.run("audit verify").code(1);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("still being brought up to date"));
    shell.run("migrate").success();
    assert!(shell.whole().starts_with("The audit is whole: 25001 rows"));
}
