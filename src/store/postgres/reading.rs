//! The way out: pages, counts, single comments, and an author's own.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    deciding::{Standing, audit, move_to},
    rows::{
        captcha, count, get, id, named, optional_id, optional_time, page, shown, signals, small, time, to_json, uid,
    },
};
use crate::{
    domain::{AuthorId, CommentId, Status, Timestamp},
    store::{
        Edit, Edited, OwnComment, PageRow, ShownComment, StoreError,
        fragments::{PAGE, SHOWN},
    },
};

impl Postgres {
    pub(in crate::store) async fn page(&self, site: String, key: String) -> Result<Option<PageRow>, StoreError> {
        let sql = format!("SELECT {PAGE} FROM pages p WHERE p.site = $1 AND p.key = $2");
        let row = self.reading().await?.row(&sql, &[&site, &key]).await?;
        row.as_ref().map(page).transpose()
    }

    pub(in crate::store) async fn counts(&self, pages: Vec<(String, String)>) -> Result<Vec<u64>, StoreError> {
        const COUNT: &str = "SELECT coalesce(p.approved, 0) AS approved
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (site, key, nth)
             LEFT JOIN pages p ON p.site = asked.site AND p.key = asked.key ORDER BY asked.nth";
        let (sites, keys): (Vec<String>, Vec<String>) = pages.into_iter().unzip();
        let rows = self.reading().await?.rows(COUNT, &[&sites, &keys]).await?;
        rows.iter().map(|row| count(row, "approved")).collect()
    }

    pub(in crate::store) async fn shown(&self, id: CommentId) -> Result<Option<(PageRow, ShownComment)>, StoreError> {
        let sql = format!(
            "SELECT {PAGE}, {SHOWN} FROM comments c JOIN pages p ON p.id = c.page
             JOIN comments r ON r.id = c.root WHERE c.id = $1 AND c.status = 'approved'"
        );
        let row = self.reading().await?.row(&sql, &[&uid(id)]).await?;
        row.map(|row| Ok((page(&row)?, shown(&row)?))).transpose()
    }

    pub(in crate::store) async fn around(&self, id: CommentId, limit: usize) -> Result<Vec<ShownComment>, StoreError> {
        // Paths of one thread start with its root's id, and no id starts with 0xff.
        let sql = format!(
            "SELECT {SHOWN} FROM comments a JOIN comments r ON r.id = a.root
             JOIN comments c ON c.page = a.page AND c.shown > 0 AND c.path >= uuid_send(a.root)
               AND c.path < uuid_send(a.root) || '\\xff'::bytea
             WHERE a.id = $1 ORDER BY c.path LIMIT $2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.reading().await?.rows(&sql, &[&uid(id), &limit]).await?.iter().map(shown).collect()
    }

    pub(in crate::store) async fn own(&self, id: CommentId) -> Result<Option<OwnComment>, StoreError> {
        let sql = format!(
            "SELECT {PAGE}, c.id, c.parent, c.depth, c.status, c.version, c.name, c.email, c.email_key, c.url, c.body,
               c.by_staff, c.likes, c.created_at, c.edited_at, c.edit_until, c.author, c.proven, c.captcha_provider,
               c.captcha_outcome, c.captcha_score, c.captcha_raw, c.risk, c.signals, c.verdict
             FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = $1"
        );
        self.reading().await?.row(&sql, &[&uid(id)]).await?.as_ref().map(own).transpose()
    }

    pub(in crate::store) async fn edit(&self, edit: Edit) -> Result<Edited, StoreError> {
        const SET: &str =
            "UPDATE comments SET body = $1, sketch = $2, cluster = $3, edited_at = $4, risk = $5, verdict = $6,
               signals = $7, desk_name = NULL, desk_url = NULL, desk_body = NULL, desk_by = NULL, desk_at = NULL
             WHERE seq = $8";
        let db = self.writing().await?;
        let standing = Standing::found(&db, edit.id).await?.filter(|standing| standing.status != Status::Deleted);
        let Some(standing) = standing else { return db.undo(Edited::Gone).await };
        if standing.version != edit.seen_version {
            return db.undo(Edited::Conflict).await;
        }
        let Edit { body, sketch, risk, now, .. } = &edit;
        let (cluster, verdict, signals) = (edit.cluster.map(uid), edit.verdict.as_str(), to_json(&edit.signals));
        db.execute(SET, &[body, sketch, &cluster, &now.0, risk, &verdict, &signals, &standing.seq]).await?;
        let version = move_to(&db, &standing, edit.status, *now, None).await?;
        audit(&db, *now, "author", "comment.edit", &standing, edit.status, None, version).await?;
        db.keep(Edited::Stored(version)).await
    }

    pub(in crate::store) async fn withdraw(&self, id: CommentId, now: Timestamp) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let Some(standing) = Standing::found(&db, id).await? else { return db.undo(false).await };
        if standing.status == Status::Deleted {
            return db.undo(true).await;
        }
        let version = move_to(&db, &standing, Status::Deleted, now, None).await?;
        audit(&db, now, "author", "comment.delete", &standing, Status::Deleted, None, version).await?;
        db.keep(true).await
    }
}

fn own(row: &Row) -> Result<OwnComment, StoreError> {
    Ok(OwnComment {
        id: id(row, "id")?,
        page: page(row)?,
        parent: optional_id(row, "parent")?,
        depth: small(row, "depth")?,
        status: named(row, "status")?,
        version: get(row, "version")?,
        name: get(row, "name")?,
        email: get(row, "email")?,
        email_key: get(row, "email_key")?,
        url: get(row, "url")?,
        body: get(row, "body")?,
        by_staff: get(row, "by_staff")?,
        likes: count(row, "likes")?,
        created_at: time(row, "created_at")?,
        edited_at: optional_time(row, "edited_at")?,
        edit_until: time(row, "edit_until")?,
        author: AuthorId::from_bytes(get::<Uuid>(row, "author")?.into_bytes()),
        proven: get(row, "proven")?,
        captcha: captcha(row)?,
        risk: get(row, "risk")?,
        signals: signals(row)?,
        verdict: named(row, "verdict")?,
    })
}
