//! The way out: stretches of a page's comments, from its top, from behind a place, or around one comment.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{
    Postgres,
    db::Db,
    rows::{shown, uid},
};
use crate::{
    domain::CommentId,
    store::{ShownComment, StoreError, ThreadOrder, ThreadQuery, fragments::SHOWN},
};

impl Postgres {
    pub(in crate::store) async fn thread(&self, query: ThreadQuery) -> Result<Vec<ShownComment>, StoreError> {
        thread(&self.reading().await?, &query).await
    }

    pub(in crate::store) async fn thread_at(
        &self,
        at: CommentId,
        query: ThreadQuery,
    ) -> Result<Option<Vec<ShownComment>>, StoreError> {
        let sql = format!(
            "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root
             WHERE c.id = $1 AND c.page = $2 AND c.status = 'approved'"
        );
        let db = Db::of_one_moment(&self.pool).await?;
        let Some(row) = db.row(&sql, &[&uid(at), &query.page]).await? else { return db.keep(None).await };
        let found = shown(&row)?;
        let mut rows = above(&db, &found).await?;
        let place = found.place.clone();
        rows.push(found);
        // Where there is no room for all of the way down, its end is what was asked for.
        rows.drain(..rows.len().saturating_sub(query.limit.saturating_sub(1)));
        let left = query.limit - rows.len().min(query.limit);
        rows.extend(thread(&db, &ThreadQuery { after: Some(place), limit: left, ..query }).await?);
        db.keep(Some(rows)).await
    }
}

/// The comments that a comment answers, the thread's first one first: their ids are its path.
async fn above(db: &Db, comment: &ShownComment) -> Result<Vec<ShownComment>, StoreError> {
    let (ids, _whole) = comment.place.path.as_chunks::<16>();
    let Some((_own, above @ [_, ..])) = ids.split_last() else { return Ok(Vec::new()) };
    let above: Vec<Uuid> = above.iter().map(|id| Uuid::from_bytes(*id)).collect();
    let sql = format!(
        "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root WHERE c.id = ANY($1) AND c.shown > 0
         ORDER BY c.depth"
    );
    db.rows(&sql, &[&above]).await?.iter().map(shown).collect()
}

/// A stretch of a page, in an order that new comments do not disturb: every row has its own fixed place.
async fn thread(db: &Db, query: &ThreadQuery) -> Result<Vec<ShownComment>, StoreError> {
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&query.page, &limit];
    let (root, likes);
    let behind = match (&query.after, query.order) {
        (None, _) => "",
        (Some(place), order) => {
            values.push(&place.path);
            match order {
                ThreadOrder::Oldest => "AND c.path > $3",
                ThreadOrder::Newest => {
                    root = uid(place.root);
                    values.push(&root);
                    "AND c.root <= $4 AND (c.root < $4 OR c.path > $3)"
                }
                ThreadOrder::Best => {
                    likes = i64::try_from(place.likes).unwrap_or(i64::MAX);
                    values.push(&likes);
                    "AND (r.likes < $4 OR (r.likes = $4 AND c.path > $3))"
                }
            }
        }
    };
    let order = match query.order {
        ThreadOrder::Oldest => "c.path",
        ThreadOrder::Newest => "c.root DESC, c.path",
        ThreadOrder::Best => "r.likes DESC, c.path",
    };
    let sql = format!(
        "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root
         WHERE c.page = $1 AND c.shown > 0 {behind} ORDER BY {order} LIMIT $2"
    );
    db.rows(&sql, &values).await?.iter().map(shown).collect()
}
