//! What is new: the newest comments of a page or a site, and where one comment is.

use rusqlite::{OptionalExtension as _, params, params_from_iter, types::Value};

use super::{
    Sqlite,
    rows::{named, page, shown},
};
use crate::{
    domain::{CommentId, Status},
    store::{
        FeedOf, PageRow, ShownComment, StoreError,
        fragments::{PAGE, SHOWN},
    },
};

impl Sqlite {
    pub(in crate::store) async fn newest(
        &self,
        of: FeedOf,
        limit: usize,
    ) -> Result<Vec<(PageRow, ShownComment)>, StoreError> {
        // A page's stand in an index. A site's are found from the newest of all sites on: a busy site has them
        // soon, and a quiet one seldom asks.
        let (condition, of) = match of {
            FeedOf::Page(page) => (
                "c.seq IN (SELECT seq FROM comments WHERE page = ? AND status = 'approved'
                           ORDER BY coalesce(decided_at, created_at) DESC, seq DESC LIMIT ?)",
                Value::Integer(page),
            ),
            FeedOf::Site(site) => (
                "c.seq IN (SELECT n.seq FROM comments n CROSS JOIN pages s ON s.id = n.page
                           WHERE n.status = 'approved' AND s.site = ?
                           ORDER BY coalesce(n.decided_at, n.created_at) DESC, n.seq DESC LIMIT ?)",
                Value::Text(site),
            ),
        };
        let values = [of, Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX))];
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {PAGE}, {SHOWN} FROM comments c JOIN pages p ON p.id = c.page
                         JOIN comments r ON r.id = c.root WHERE {condition} ORDER BY approved_at DESC, c.seq DESC"
                    ))?
                    .query_map(params_from_iter(values), |row| Ok((page(row)?, shown(row)?)))?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn site_revision(&self, site: String) -> Result<Option<i64>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT sum(revision) FROM pages WHERE site = ?")?
                    .query_row([site], |row| row.get(0))
            })
            .await
    }

    pub(in crate::store) async fn placed(
        &self,
        id: CommentId,
    ) -> Result<Option<(PageRow, Option<ShownComment>)>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {PAGE}, {SHOWN}, c.status FROM comments c JOIN pages p ON p.id = c.page
                         JOIN comments r ON r.id = c.root WHERE c.id = ?"
                    ))?
                    .query_row(params![id.bytes()], |row| {
                        let status: Status = named(row, "status")?;
                        let comment = if status == Status::Approved { Some(shown(row)?) } else { None };
                        Ok((page(row)?, comment))
                    })
                    .optional()
            })
            .await
    }
}
