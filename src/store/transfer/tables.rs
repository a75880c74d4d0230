//! Which tables there are to copy, in an order in which no row comes before one that it names, and which of them number
//! their rows. Tests hold the list against both schemas.

/// Every table with its key, but those that are each store's own: how its schema was made (`schema_migrations`), who
/// serves it (`instances`), and which numbers were given (`numbers`), which are carried by [`NUMBERS`].
pub(super) const TABLES: &[(&str, &[&str])] = &[
    ("meta", &["key"]),
    ("pages", &["id"]),
    ("comments", &["seq"]),
    ("recent_bodies", &["key"]),
    ("claimed_tokens", &["key"]),
    ("idempotency", &["key"]),
    ("reactions", &["comment", "kind", "reader"]),
    ("refusals", &["id"]),
    ("bans", &["id"]),
    ("moderators", &["username"]),
    ("sessions", &["token"]),
    ("invitations", &["username"]),
    ("second_factors", &["username"]),
    ("recovery_codes", &["username", "digest"]),
    ("tokens", &["name"]),
    ("audit", &["id"]),
    ("outbox", &["id"]),
    ("network_reputation", &["network_key"]),
    ("unverified", &["comment"]),
    ("lessons", &["seq"]),
    ("models", &["site", "seq"]),
    ("claims", &["comment"]),
    ("kept_answers", &["key"]),
    ("attacks", &["site", "place"]),
];

/// A table whose rows are numbered as they come.
pub(super) struct Number {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// Also in SQLite the last number given outlives its row.
    pub(super) is_kept: bool,
}

/// The numbered tables.
pub(super) const NUMBERS: &[Number] = &[
    Number { table: "pages", column: "id", is_kept: false },
    Number { table: "comments", column: "seq", is_kept: false },
    Number { table: "audit", column: "id", is_kept: true },
    Number { table: "outbox", column: "id", is_kept: true },
    Number { table: "lessons", column: "seq", is_kept: true },
];

/// This table and those that follow it; all, where none was begun.
pub(super) fn behind(begun: Option<&str>) -> &'static [(&'static str, &'static [&'static str])] {
    let at = begun.and_then(|begun| TABLES.iter().position(|(name, _)| *name == begun));
    TABLES.get(at.unwrap_or(0)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::migrate;

    const OWN: [&str; 2] = ["instances", "schema_migrations"];

    #[test]
    fn every_table_of_the_schema_is_copied_by_its_key_or_said_to_be_the_stores_own() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate::sqlite(&mut file).unwrap();
        let list = |sql: &str| -> Vec<String> {
            let mut select = file.prepare(sql).unwrap();
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let there =
            list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name");
        let mut known: Vec<&str> = TABLES.iter().map(|(name, _)| *name).chain(OWN).collect();
        known.sort_unstable();
        assert_eq!(there, known, "a table that is not listed would not be copied by replydesk migrate --from --to");
        for (table, key) in TABLES {
            let columns = list(&format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"));
            assert_eq!(columns, *key, "{table}");
        }
        let counted = list("SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name");
        let mut kept: Vec<&str> = NUMBERS.iter().filter(|kept| kept.is_kept).map(|kept| kept.table).collect();
        kept.sort_unstable();
        assert_eq!(counted, kept);
    }

    #[test]
    fn no_row_comes_before_one_that_it_names() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate::sqlite(&mut file).unwrap();
        let place = |name: &str| TABLES.iter().position(|(table, _)| *table == name).unwrap();
        for (table, _) in TABLES {
            let mut named = file.prepare(&format!("SELECT \"table\" FROM pragma_foreign_key_list('{table}')")).unwrap();
            for name in named.query_map([], |row| row.get::<_, String>(0)).unwrap() {
                assert!(place(&name.unwrap()) < place(table), "{table}");
            }
        }
    }
}
