//! The way in: what is known around a draft, and what becomes of it.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    batch::accept,
    db::Db,
    keeping::append,
    reputation,
    rows::{author_uid, get, page, small, to_json, uid},
    submission::replay,
};
use crate::{
    domain::{AuthorRecord, Timestamp},
    store::{
        Accepted, IDEMPOTENCY_KEPT, Key, NewComment, RefusalRow, Replay, StoreError, Surroundings, SurroundingsQuery,
        accepting::{self, RECORD_ROWS},
        fragments::PAGE,
    },
};

impl Postgres {
    pub(in crate::store) async fn replay(&self, key: Key, now: Timestamp) -> Result<Option<Replay>, StoreError> {
        const FIND: &str =
            "SELECT i.content, i.status, c.id AS comment, c.edit_until, c.author, c.email_key, p.url AS page_url
             FROM idempotency i JOIN comments c ON c.id = i.comment JOIN pages p ON p.id = c.page
             WHERE i.key = $1 AND i.at > $2";
        let db = self.reading().await?;
        let row = db.row(FIND, &[&key.as_slice(), &now.minus(IDEMPOTENCY_KEPT).0]).await?;
        row.as_ref().map(replay).transpose()
    }

    pub(in crate::store) async fn surroundings(&self, query: SurroundingsQuery) -> Result<Surroundings, StoreError> {
        let db = self.reading().await?;
        let mut found = look_around(&db, &query).await?;
        found.network = reputation::of(&db, &query.networks, query.now).await?;
        Ok(found)
    }

    pub(in crate::store) async fn page_of_post(
        &self,
        site: String,
        post_id: String,
    ) -> Result<Option<String>, StoreError> {
        let db = self.reading().await?;
        let row = db
            .row("SELECT url FROM pages WHERE site = $1 AND post_id = $2 ORDER BY id LIMIT 1", &[&site, &post_id])
            .await?;
        row.map(|row| get(&row, "url")).transpose()
    }

    /// A reader's goes with whatever else waits. One of the newsroom's, which are few, has an audit row too, and goes alone.
    pub(in crate::store) async fn accept(&self, comment: NewComment) -> Result<Accepted, StoreError> {
        let Some(by) = &comment.staff else { return self.submissions.accept(comment).await };
        let db = self.writing().await?;
        let answer = accept(&db, &[&comment]).await?.pop().ok_or(StoreError::BrokeOff)?;
        if !matches!(answer, Accepted::Stored(_)) {
            return db.undo(answer).await;
        }
        let (id, detail) = (comment.id.to_string(), accepting::reply(&comment));
        append(&db, comment.created_at, by, "comment.reply", &id, &detail).await?;
        db.keep(answer).await
    }

    /// The key alone decides, so nobody waits for the writers' lock.
    pub(in crate::store) async fn claim(&self, key: Key, until: Timestamp) -> Result<bool, StoreError> {
        claim(&Db::at_once(&self.pool).await?, &key, until).await
    }

    /// As they may be many, they do not stand in one row.
    pub(in crate::store) async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError> {
        const ADD: &str =
            "INSERT INTO refusals (id, reference, site, page, reason, provider, score, raw_score, signals, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (id, signals) = (Uuid::from_bytes(row.id.bytes()), to_json(&row.signals));
        let RefusalRow { reference, site, page, reason, provider, score, raw_score, at, .. } = &row;
        let db = Db::at_once(&self.pool).await?;
        db.execute(ADD, &[&id, reference, site, page, reason, provider, score, raw_score, &signals, &at.0])
            .await
            .map(|_one| ())
    }
}

/// Whether this was the first to claim the token.
pub(super) async fn claim(db: &Db, key: &Key, until: Timestamp) -> Result<bool, StoreError> {
    let claimed = db
        .execute(
            "INSERT INTO claimed_tokens (key, until) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
            &[&key.as_slice(), &until.0],
        )
        .await?;
    Ok(claimed > 0)
}

/// All but the network's record, in one trip. What the program marked or published by itself is no record, for it would
/// confirm its own guesses; nor is what a ban did.
async fn look_around(db: &Db, query: &SurroundingsQuery) -> Result<Surroundings, StoreError> {
    let sql = format!(
        "SELECT page.*, parent.depth, EXISTS (SELECT FROM recent_bodies WHERE key = $4 AND at > $5) AS duplicate,
           author.approved AS author_approved, author.rejected AS author_rejected, author.spam AS author_spam,
           email.approved AS email_approved, email.rejected AS email_rejected, email.spam AS email_spam,
           greatest((SELECT count(*) FROM (SELECT FROM comments WHERE author = $6 AND created_at > $8 LIMIT 100) AS few),
             (SELECT count(*) FROM (SELECT FROM comments WHERE email_key = $7 AND created_at > $8 LIMIT 100) AS few)) AS lately
         FROM (VALUES (0)) AS always
         LEFT JOIN (SELECT {PAGE} FROM pages p WHERE p.site = $1 AND p.key = $2) AS page ON true
         LEFT JOIN comments parent ON parent.id = $3 AND parent.page = page.page_id AND parent.status = 'approved'
         CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE status = 'approved') AS approved,
             count(*) FILTER (WHERE status = 'rejected') AS rejected, count(*) FILTER (WHERE status = 'spam') AS spam
           FROM (SELECT CASE WHEN decided_by IS NOT NULL AND ban IS NULL THEN coalesce(was, status) END AS status
             FROM comments WHERE author = $6 ORDER BY created_at DESC LIMIT $9) AS newest) AS author
         CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE status = 'approved') AS approved,
             count(*) FILTER (WHERE status = 'rejected') AS rejected, count(*) FILTER (WHERE status = 'spam') AS spam
           FROM (SELECT CASE WHEN decided_by IS NOT NULL AND ban IS NULL THEN coalesce(was, status) END AS status
             FROM comments WHERE email_key = $7 ORDER BY created_at DESC LIMIT $9) AS newest) AS email"
    );
    let (site, key, since) = (query.page.site.as_str(), &query.page.key, query.duplicate_since.0);
    let (parent, author) = (query.parent.map(uid), query.author.map(author_uid));
    let (duplicate, lately) = (query.duplicate.as_slice(), query.lately_since.0);
    let row = db
        .one(&sql, &[&site, key, &parent, &duplicate, &since, &author, &query.email_key, &lately, &RECORD_ROWS])
        .await?;
    let has = |column: &str| get::<Option<i64>>(&row, column).map(|value| value.is_some());
    let mut found = Surroundings {
        page: if has("page_id")? { Some(page(&row)?) } else { None },
        duplicate: get(&row, "duplicate")?,
        lately: small(&row, "lately")?,
        ..Surroundings::default()
    };
    if let (Some(parent), true) = (query.parent, has("depth")?) {
        found.parent = Some((parent, small(&row, "depth")?));
    }
    found.author = record(&row, ["author_approved", "author_rejected", "author_spam"])?;
    found.author.proven = query.author.is_some();
    found.email = record(&row, ["email_approved", "email_rejected", "email_spam"])?;
    Ok(found)
}

fn record(row: &Row, [approved, rejected, spam]: [&'static str; 3]) -> Result<AuthorRecord, StoreError> {
    Ok(AuthorRecord {
        approved: small(row, approved)?,
        rejected: small(row, rejected)?,
        spam: small(row, spam)?,
        ..AuthorRecord::default()
    })
}
