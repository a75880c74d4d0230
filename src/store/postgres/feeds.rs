//! What is new: the newest comments of a page or a site, and where one comment is.

use tokio_postgres::types::ToSql;

use super::{
    Postgres,
    rows::{get, named, page, shown, uid},
};
use crate::{
    domain::{CommentId, Status},
    store::{
        FeedOf, PageRow, ShownComment, StoreError,
        fragments::{PAGE, SHOWN},
    },
};

/// A page's stand in an index.
const OF_A_PAGE: &str = "SELECT seq FROM comments WHERE page = $1 AND status = 'approved'
     ORDER BY coalesce(decided_at, created_at) DESC, seq DESC LIMIT $2";
/// A site's are found from the newest of all sites on: a busy site has them soon, and a quiet one seldom asks.
const OF_A_SITE: &str = "SELECT n.seq FROM comments n JOIN pages s ON s.id = n.page
     WHERE n.status = 'approved' AND s.site = $1 ORDER BY coalesce(n.decided_at, n.created_at) DESC, n.seq DESC LIMIT $2";

impl Postgres {
    pub(in crate::store) async fn newest(
        &self,
        of: FeedOf,
        limit: usize,
    ) -> Result<Vec<(PageRow, ShownComment)>, StoreError> {
        let (found, of): (&str, &(dyn ToSql + Sync)) = match &of {
            FeedOf::Page(page) => (OF_A_PAGE, page),
            FeedOf::Site(site) => (OF_A_SITE, site),
        };
        let sql = format!(
            "SELECT {PAGE}, {SHOWN} FROM comments c JOIN pages p ON p.id = c.page
             JOIN comments r ON r.id = c.root WHERE c.seq IN ({found}) ORDER BY approved_at DESC, c.seq DESC"
        );
        let db = self.reading().await?;
        let rows = db.rows(&sql, &[of, &i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        rows.iter().map(|row| Ok((page(row)?, shown(row)?))).collect()
    }

    pub(in crate::store) async fn site_revision(&self, site: String) -> Result<Option<i64>, StoreError> {
        let db = self.reading().await?;
        let row = db.one("SELECT sum(revision)::bigint AS revision FROM pages WHERE site = $1", &[&site]).await?;
        get(&row, "revision")
    }

    pub(in crate::store) async fn placed(
        &self,
        id: CommentId,
    ) -> Result<Option<(PageRow, Option<ShownComment>)>, StoreError> {
        let sql = format!(
            "SELECT {PAGE}, {SHOWN}, c.status FROM comments c JOIN pages p ON p.id = c.page
             JOIN comments r ON r.id = c.root WHERE c.id = $1"
        );
        let Some(row) = self.reading().await?.row(&sql, &[&uid(id)]).await? else { return Ok(None) };
        let status: Status = named(&row, "status")?;
        let comment = if status == Status::Approved { Some(shown(&row)?) } else { None };
        Ok(Some((page(&row)?, comment)))
    }
}
