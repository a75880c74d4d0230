//! The way out: stretches of a page's comments, from its top, from behind a place, or around one comment.

use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter, types::Value};

use super::{Sqlite, rows::shown};
use crate::{
    domain::CommentId,
    store::{ShownComment, StoreError, ThreadOrder, ThreadQuery, fragments::SHOWN},
};

impl Sqlite {
    pub(in crate::store) async fn thread(&self, query: ThreadQuery) -> Result<Vec<ShownComment>, StoreError> {
        self.readers.read(move |connection| thread(connection, &query)).await
    }

    pub(in crate::store) async fn thread_at(
        &self,
        at: CommentId,
        query: ThreadQuery,
    ) -> Result<Option<Vec<ShownComment>>, StoreError> {
        self.readers
            .read(move |connection| {
                // All of it as of one moment.
                let transaction = connection.unchecked_transaction()?;
                let found = transaction
                    .prepare_cached(&format!(
                        "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root
                         WHERE c.id = ? AND c.page = ? AND c.status = 'approved'"
                    ))?
                    .query_row(params![at.bytes(), query.page], shown)
                    .optional()?;
                let Some(found) = found else { return Ok(None) };
                let mut rows = above(&transaction, &found)?;
                let place = found.place.clone();
                rows.push(found);
                // Where there is no room for all of the way down, its end is what was asked for.
                rows.drain(..rows.len().saturating_sub(query.limit.saturating_sub(1)));
                let left = query.limit - rows.len().min(query.limit);
                rows.extend(thread(&transaction, &ThreadQuery { after: Some(place), limit: left, ..query })?);
                Ok(Some(rows))
            })
            .await
    }
}

/// The comments that a comment answers, the thread's first one first: their ids are its path.
fn above(connection: &Connection, comment: &ShownComment) -> rusqlite::Result<Vec<ShownComment>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root WHERE c.id = ? AND c.shown > 0"
    ))?;
    let (ids, _whole) = comment.place.path.as_chunks::<16>();
    let above = ids.split_last().map_or(&[][..], |(_own, above)| above);
    above.iter().filter_map(|id| statement.query_row([id], shown).optional().transpose()).collect()
}

/// A stretch of a page, in an order that new comments do not disturb: every row has its own fixed place.
fn thread(connection: &Connection, query: &ThreadQuery) -> rusqlite::Result<Vec<ShownComment>> {
    let (behind, order) = match query.order {
        ThreadOrder::Oldest => ("c.path > ?", "c.path"),
        ThreadOrder::Newest => ("c.root <= ? AND (c.root < ? OR c.path > ?)", "c.root DESC, c.path"),
        ThreadOrder::Best => ("(r.likes < ? OR (r.likes = ? AND c.path > ?))", "r.likes DESC, c.path"),
    };
    let mut values = vec![Value::Integer(query.page)];
    if let Some(place) = &query.after {
        let root = || Value::Blob(place.root.bytes().to_vec());
        let likes = || Value::Integer(i64::try_from(place.likes).unwrap_or(i64::MAX));
        match query.order {
            ThreadOrder::Oldest => {}
            ThreadOrder::Newest => values.extend([root(), root()]),
            ThreadOrder::Best => values.extend([likes(), likes()]),
        }
        values.push(Value::Blob(place.path.clone()));
    }
    let behind = if query.after.is_some() { format!("AND {behind}") } else { String::new() };
    values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    connection
        .prepare_cached(&format!(
            "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root
             WHERE c.page = ? AND c.shown > 0 {behind} ORDER BY {order} LIMIT ?"
        ))?
        .query_map(params_from_iter(values), shown)?
        .collect()
}
