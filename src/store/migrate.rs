//! Numbered migrations: what the schema of a file is brought to, and what is refused.
//!
//! Each step runs in its own transaction together with the row that says it ran, so that a migration
//! killed midway resumes where it stood. A step once shipped never changes: its SHA-256 is kept. What SQL alone
//! cannot do follows the steps in stretches of its own, and is resumed likewise.

mod chaining;
#[cfg(feature = "postgres")]
pub(super) mod postgres;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::StoreError;
use crate::keys;

/// One step: its number, name and text.
struct Step {
    number: u32,
    name: &'static str,
    sql: &'static str,
}

impl Step {
    fn changed(&self) -> StoreError {
        StoreError::Path(format!(
            "migration {} ({}) ran with another text than this program has: the program and the database do not belong together",
            self.number, self.name
        ))
    }
}

const SQLITE: &[Step] = &[
    Step { number: 1, name: "init", sql: include_str!("../../migrations/sqlite/0001_init.sql") },
    Step {
        number: 2,
        name: "network_reputation",
        sql: include_str!("../../migrations/sqlite/0002_network_reputation.sql"),
    },
    Step { number: 3, name: "unverified", sql: include_str!("../../migrations/sqlite/0003_unverified.sql") },
    Step { number: 4, name: "sampled", sql: include_str!("../../migrations/sqlite/0004_sampled.sql") },
    Step { number: 5, name: "clusters", sql: include_str!("../../migrations/sqlite/0005_clusters.sql") },
    Step { number: 6, name: "lately", sql: include_str!("../../migrations/sqlite/0006_lately.sql") },
    Step { number: 7, name: "lessons", sql: include_str!("../../migrations/sqlite/0007_lessons.sql") },
    Step { number: 8, name: "desk", sql: include_str!("../../migrations/sqlite/0008_desk.sql") },
    Step { number: 9, name: "accounts", sql: include_str!("../../migrations/sqlite/0009_accounts.sql") },
    Step { number: 10, name: "audit_chain", sql: include_str!("../../migrations/sqlite/0010_audit_chain.sql") },
    Step { number: 11, name: "bans_pages", sql: include_str!("../../migrations/sqlite/0011_bans_pages.sql") },
    Step { number: 12, name: "page_queue", sql: include_str!("../../migrations/sqlite/0012_page_queue.sql") },
    Step { number: 13, name: "approved", sql: include_str!("../../migrations/sqlite/0013_approved.sql") },
    Step { number: 14, name: "attack", sql: include_str!("../../migrations/sqlite/0014_attack.sql") },
    Step { number: 15, name: "instances", sql: include_str!("../../migrations/sqlite/0015_instances.sql") },
    Step { number: 16, name: "retention", sql: include_str!("../../migrations/sqlite/0016_retention.sql") },
];

/// Brings a SQLite file up to date; returns how many steps ran.
///
/// # Errors
/// [`StoreError::Newer`] for a file of a newer program, [`StoreError::Path`] where a step that ran
/// was another text, [`StoreError::Database`] otherwise.
pub(in crate::store) fn sqlite(connection: &mut Connection) -> Result<usize, StoreError> {
    let ran = run(connection, SQLITE)?;
    chaining::finish(connection)?;
    Ok(ran)
}

/// Whether a SQLite file may be read as it is: of this very schema.
///
/// # Errors
/// [`StoreError::Newer`] for a file of a newer program, [`StoreError::Path`] for one that has yet to be brought
/// up to date, [`StoreError::Database`] otherwise.
pub(in crate::store) fn look(connection: &Connection) -> Result<(), StoreError> {
    compare(found(connection)?, known())?;
    if chaining::is_unfinished(connection)? {
        return Err(behind("the database is still being brought up to date"));
    }
    Ok(())
}

/// The schema that this program brings a SQLite file to.
pub(in crate::store) fn known() -> u32 {
    SQLITE.last().map_or(0, |step| step.number)
}

/// The schema that a SQLite file has; 0 where it is none of ours.
///
/// # Errors
/// What SQLite says.
pub(in crate::store) fn found(connection: &Connection) -> rusqlite::Result<u32> {
    if !connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'")?.exists([])? {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(number), 0) FROM schema_migrations", [], |row| row.get(0))
}

/// Whether a schema found is the one this program needs.
fn compare(found: u32, known: u32) -> Result<(), StoreError> {
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::Newer { found, known }),
        std::cmp::Ordering::Less => {
            Err(behind(&format!("the database has schema {found}, this program needs {known}")))
        }
    }
}

fn behind(what: &str) -> StoreError {
    StoreError::Path(format!("{what}: run `replydesk migrate`, or start the server once"))
}

fn run(connection: &mut Connection, steps: &[Step]) -> Result<usize, StoreError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT",
    )?;
    let known = steps.last().map_or(0, |step| step.number);
    let found: u32 =
        connection.query_row("SELECT coalesce(max(number), 0) FROM schema_migrations", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let mut ran = 0;
    for step in steps {
        let digest = keys::encode(&keys::digest(step.sql.as_bytes()));
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before: Option<String> = transaction
            .query_row("SELECT sha256 FROM schema_migrations WHERE number = ?", [step.number], |row| row.get(0))
            .optional()?;
        match before {
            Some(same) if same == digest => {}
            Some(_) => return Err(step.changed()),
            None => {
                transaction.execute_batch(step.sql)?;
                transaction.execute(
                    "INSERT INTO schema_migrations VALUES (?, ?, ?)",
                    params![step.number, step.name, digest],
                )?;
                ran += 1;
            }
        }
        transaction.commit()?;
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Step] = &[
        Step { number: 1, name: "one", sql: "CREATE TABLE a (x)" },
        Step { number: 2, name: "two", sql: "CREATE TABLE b (x)" },
    ];

    #[test]
    fn steps_run_once_and_a_newer_file_is_refused() {
        let mut file = Connection::open_in_memory().unwrap();
        assert_eq!(run(&mut file, &TWO[..1]).unwrap(), 1);
        assert_eq!(run(&mut file, TWO).unwrap(), 1);
        assert_eq!(run(&mut file, TWO).unwrap(), 0);
        assert!(matches!(run(&mut file, &TWO[..1]), Err(StoreError::Newer { found: 2, known: 1 })));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind_and_can_be_resumed() {
        let broken = &[Step { number: 1, name: "one", sql: "CREATE TABLE a (x); CREATE TABLE a (x)" }];
        let mut file = Connection::open_in_memory().unwrap();
        assert!(run(&mut file, broken).is_err());
        assert_eq!(run(&mut file, TWO).unwrap(), 2);
    }

    #[test]
    fn a_step_whose_text_changed_is_refused() {
        let other = &[Step { number: 1, name: "one", sql: "CREATE TABLE c (x)" }];
        let mut file = Connection::open_in_memory().unwrap();
        run(&mut file, other).unwrap();
        assert!(matches!(run(&mut file, TWO), Err(StoreError::Path(_))));
    }
}
