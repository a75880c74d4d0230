//! Comments whose time is over: which they are, and what of them goes.

use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::{
    Done, Sqlite, lessons,
    rows::{id, signals, to_json},
};
use crate::store::{Left, Over, OverQuery, StoreError, Whose};

impl Sqlite {
    pub(in crate::store) async fn over(&self, query: OverQuery) -> Result<Vec<Over>, StoreError> {
        self.readers.read(move |connection| over(connection, &query)).await
    }

    pub(in crate::store) async fn let_go(&self, left: Vec<Left>) -> Result<u64, StoreError> {
        self.writer
            .write(move |connection| {
                let mut gone = 0;
                for one in &left {
                    gone += u64::from(let_go(connection, one)?);
                }
                Ok(Done::Keep(gone))
            })
            .await
    }
}

fn over(connection: &Connection, query: &OverQuery) -> rusqlite::Result<Vec<Over>> {
    // The index's own condition, to the letter: the planner takes nothing else for it.
    const DUE: &str = "SELECT c.seq, c.id, c.version, c.signals, p.site
         FROM comments c INDEXED BY comments_over CROSS JOIN pages p ON p.id = c.page
         WHERE c.status IN ('spam', 'rejected', 'deleted') AND c.was IS NULL AND c.status = ?1
           AND max(coalesce(c.decided_at, c.created_at), coalesce(c.edited_at, 0), coalesce(c.desk_at, 0)) <= ?2";
    const NEXT: &str =
        "ORDER BY max(coalesce(c.decided_at, c.created_at), coalesce(c.edited_at, 0), coalesce(c.desk_at, 0)) LIMIT ?3";
    let (within, of) = match &query.whose {
        Whose::Everybodys => ("", None),
        Whose::OfSite(site) => ("AND p.site = ?4", Some(site.clone())),
        Whose::OfOthers(sites) => ("AND p.site NOT IN (SELECT value FROM json_each(?4))", Some(to_json(sites))),
    };
    let mut statement = connection.prepare_cached(&format!("{DUE} {within} {NEXT}"))?;
    let status = query.status.as_str();
    let mut values: Vec<&dyn ToSql> = vec![&status, &query.until.0, &query.limit];
    values.extend(of.as_ref().map(|of| of as &dyn ToSql));
    let mut rows = statement.query(values.as_slice())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = id(row, "id")?;
        found.push(Over {
            seq: row.get("seq")?,
            id,
            version: row.get("version")?,
            signals: signals(row)?,
            site: row.get("site")?,
            lessons: lessons::of_comment(connection, id)?,
        });
    }
    Ok(found)
}

/// Takes the words from one comment, if it is as it was seen; whether it was.
fn let_go(connection: &Connection, left: &Left) -> rusqlite::Result<bool> {
    let as_seen = connection
        .prepare_cached("SELECT 1 FROM comments WHERE seq = ? AND version = ? AND was IS NULL")?
        .query_row([left.seq, left.version], |_row| Ok(()))
        .optional()?;
    if as_seen.is_none() {
        return Ok(false);
    }
    let id = left.id.bytes();
    // First the lessons: what follows must find nothing to keep with them.
    connection
        .prepare_cached("UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]' WHERE comment = ?")?
        .execute([id])?;
    for (seq, digest) in &left.lessons {
        connection
            .prepare_cached("UPDATE lessons SET digest = ? WHERE seq = ? AND comment = ?")?
            .execute(params![digest, seq, id])?;
    }
    connection
        .prepare_cached(
            "UPDATE comments SET was = status, status = 'deleted', name = '', email = NULL, url = NULL, body = '',
               post_id = NULL, address = NULL, network_key = '', sketch = NULL, cluster = NULL, signals = ?,
               desk_name = NULL, desk_url = NULL, desk_body = NULL, desk_by = NULL, desk_at = NULL WHERE seq = ?",
        )?
        .execute(params![to_json(&left.signals), left.seq])?;
    for sql in [
        "DELETE FROM reactions WHERE comment = ?",
        "DELETE FROM unverified WHERE comment = ?",
        "DELETE FROM claims WHERE comment = ?",
    ] {
        connection.prepare_cached(sql)?.execute([id])?;
    }
    Ok(true)
}
