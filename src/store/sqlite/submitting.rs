//! The way in: what is known around a draft, and the one transaction that stores it.

use rusqlite::{Connection, OptionalExtension as _, named_params, params};

use super::{
    Done, Sqlite,
    authors::{lately, record},
    events,
    keeping::append,
    reputation,
    rows::{id, named, page, time, to_json},
};
use crate::{
    domain::{AuthorId, CommentId, Status, Timestamp},
    store::{
        Accepted, IDEMPOTENCY_KEPT, Key, NewComment, Receipt, RefusalRow, Replay, StoreError, Surroundings,
        SurroundingsQuery, accepting, fragments::PAGE,
    },
};

impl Sqlite {
    pub(in crate::store) async fn replay(&self, key: Key, now: Timestamp) -> Result<Option<Replay>, StoreError> {
        self.readers.read(move |connection| find_replay(connection, &key, now)).await
    }

    pub(in crate::store) async fn surroundings(&self, query: SurroundingsQuery) -> Result<Surroundings, StoreError> {
        self.readers.read(move |connection| look_around(connection, &query)).await
    }

    pub(in crate::store) async fn page_of_post(
        &self,
        site: String,
        post_id: String,
    ) -> Result<Option<String>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT url FROM pages WHERE site = ? AND post_id = ? ORDER BY id LIMIT 1")?
                    .query_row([site, post_id], |row| row.get(0))
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn accept(&self, comment: NewComment) -> Result<Accepted, StoreError> {
        self.writer.write(move |connection| accept(connection, &comment)).await
    }

    pub(in crate::store) async fn claim(&self, key: Key, until: Timestamp) -> Result<bool, StoreError> {
        self.writer.write(move |connection| claim(connection, &key, until).map(Done::Keep)).await
    }

    pub(in crate::store) async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection.prepare_cached("INSERT INTO refusals VALUES (?,?,?,?,?,?,?,?,?,?)")?.execute(params![
                    row.id.bytes(),
                    row.reference,
                    row.site,
                    row.page,
                    row.reason,
                    row.provider,
                    row.score,
                    row.raw_score,
                    to_json(&row.signals),
                    row.at.0,
                ])?;
                Ok(Done::Keep(()))
            })
            .await
    }
}

fn find_replay(connection: &Connection, key: &Key, now: Timestamp) -> rusqlite::Result<Option<Replay>> {
    connection
        .prepare_cached(
            "SELECT i.content, i.status, c.id, c.edit_until, c.author, c.email_key, p.url
             FROM idempotency i JOIN comments c ON c.id = i.comment JOIN pages p ON p.id = c.page
             WHERE i.key = ? AND i.at > ?",
        )?
        .query_row(params![key, now.minus(IDEMPOTENCY_KEPT).0], |row| {
            Ok(Replay {
                content: row.get("content")?,
                receipt: Receipt {
                    id: id(row, "id")?,
                    published: named::<Status>(row, "status")? == Status::Approved,
                    edit_until: time(row, "edit_until")?,
                    author: AuthorId::from_bytes(row.get("author")?),
                    email_key: row.get("email_key")?,
                    page_url: row.get("url")?,
                },
            })
        })
        .optional()
}

fn look_around(connection: &Connection, query: &SurroundingsQuery) -> rusqlite::Result<Surroundings> {
    // One view of the store, and its locks taken once for all statements.
    let _snapshot = connection.unchecked_transaction()?;
    let mut found = Surroundings {
        page: connection
            .prepare_cached(&format!("SELECT {PAGE} FROM pages p WHERE p.site = ? AND p.key = ?"))?
            .query_row([query.page.site.as_str(), &query.page.key], page)
            .optional()?,
        ..Surroundings::default()
    };
    if let (Some(parent), Some(page)) = (query.parent, &found.page) {
        found.parent = connection
            .prepare_cached("SELECT depth FROM comments WHERE id = ? AND page = ? AND status = 'approved'")?
            .query_row(params![parent.bytes(), page.id], |row| row.get(0))
            .optional()?
            .map(|depth| (parent, depth));
    }
    found.duplicate = connection
        .prepare_cached("SELECT 1 FROM recent_bodies WHERE key = ? AND at > ?")?
        .exists(params![query.duplicate, query.duplicate_since.0])?;
    if let Some(author) = query.author {
        found.author = record(connection, "author", author.bytes())?;
        found.lately = lately(connection, "author", author.bytes(), query.lately_since)?;
        found.author.proven = true;
    }
    if let Some(email) = query.email_key {
        found.email = record(connection, "email_key", email)?;
        found.lately = found.lately.max(lately(connection, "email_key", email, query.lately_since)?);
    }
    found.network = reputation::of(connection, &query.networks, query.now)?;
    Ok(found)
}

fn accept(connection: &Connection, comment: &NewComment) -> rusqlite::Result<Done<Accepted>> {
    if let Some((key, _)) = &comment.idempotency
        && let Some(replay) = find_replay(connection, key, comment.created_at)?
    {
        return Ok(Done::Undo(Accepted::Replayed(replay)));
    }
    let (key, since) = &comment.duplicate;
    let fresh = connection
        .prepare_cached(
            "INSERT INTO recent_bodies VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET at = ?2 WHERE at <= ?3",
        )?
        .execute(params![key, comment.created_at.0, since.0])?;
    if fresh == 0 {
        return Ok(Done::Undo(Accepted::Duplicate));
    }
    if let Some((key, until)) = &comment.claim
        && !claim(connection, key, *until)?
    {
        return Ok(Done::Undo(Accepted::TokenUsed));
    }
    let (page, url) = page_row(connection, comment)?;
    let Some((depth, root, path)) = place(connection, comment, page)? else {
        return Ok(Done::Undo(Accepted::ParentGone));
    };
    insert(connection, comment, page, depth, &root, &path)?;
    super::unverified::keep(connection, comment)?;
    if let (Some(founder), Some(cluster)) = (comment.founder, comment.cluster) {
        super::clusters::found(connection, founder, cluster)?;
    }
    if let Some((key, content)) = &comment.idempotency {
        connection.prepare_cached("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)")?.execute(params![
            key,
            content,
            comment.id.bytes(),
            comment.status.as_str(),
            comment.created_at.0
        ])?;
    }
    if comment.status == Status::Approved {
        super::deciding::touch_page(connection, page, 1)?;
    }
    tell(connection, comment)?;
    Ok(Done::Keep(Accepted::Stored(accepting::receipt(comment, url))))
}

/// The event, and of a reply by the newsroom the audit row.
fn tell(connection: &Connection, comment: &NewComment) -> rusqlite::Result<()> {
    if let Some(by) = &comment.staff {
        let (id, detail) = (comment.id.to_string(), accepting::reply(comment));
        append(connection, comment.created_at, by, "comment.reply", &id, &detail)?;
    }
    events::append(connection, &accepting::event(comment))
}

/// Whether this was the first to claim the token.
pub(super) fn claim(connection: &Connection, key: &Key, until: Timestamp) -> rusqlite::Result<bool> {
    let claimed = connection
        .prepare_cached("INSERT INTO claimed_tokens VALUES (?, ?) ON CONFLICT (key) DO NOTHING")?
        .execute(params![key, until.0])?;
    Ok(claimed > 0)
}

/// The page's row and its address, made when it is first commented. One that a moderator made before learns now what the form knows.
fn page_row(connection: &Connection, comment: &NewComment) -> rusqlite::Result<(i64, String)> {
    let page = &comment.page;
    let found: Option<(i64, i64, String)> = connection
        .prepare_cached("SELECT id, first_at, url FROM pages WHERE site = ? AND key = ?")?
        .query_row([page.site.as_str(), &page.key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        Some((row, 0, _)) => {
            connection
                .prepare_cached("UPDATE pages SET first_at = ?, url = ?, title = coalesce(title, ?) WHERE id = ?")?
                .execute(params![comment.created_at.0, page.url, comment.title, row])?;
            Ok((row, page.url.clone()))
        }
        Some((row, _, url)) => Ok((row, url)),
        None => {
            connection
                .prepare_cached("INSERT INTO pages (site, key, url, title, first_at) VALUES (?, ?, ?, ?, ?)")?
                .execute(params![page.site.as_str(), page.key, page.url, comment.title, comment.created_at.0])?;
            Ok((connection.last_insert_rowid(), page.url.clone()))
        }
    }
}

type Place = (u32, Vec<u8>, Vec<u8>);

/// Depth, root and path; none when the parent is not approved on this page any more.
fn place(connection: &Connection, comment: &NewComment, page: i64) -> rusqlite::Result<Option<Place>> {
    let own = comment.id.bytes().to_vec();
    let Some(parent) = comment.parent else {
        return Ok(Some((0, own.clone(), own)));
    };
    connection
        .prepare_cached("SELECT depth, root, path FROM comments WHERE id = ? AND page = ? AND status = 'approved'")?
        .query_row(params![parent.bytes(), page], |row| {
            let depth: u32 = row.get(0)?;
            let mut path: Vec<u8> = row.get(2)?;
            path.extend_from_slice(&own);
            Ok((depth + 1, row.get(1)?, path))
        })
        .optional()
}

fn insert(
    connection: &Connection,
    comment: &NewComment,
    page: i64,
    depth: u32,
    root: &[u8],
    path: &[u8],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO comments (id, page, parent, depth, root, path, status, shown, version, name, email, url, body,
               post_id, created_at, edit_until, author, proven, email_key, sketch, cluster, address, network_key,
               captcha_provider, captcha_outcome, captcha_score, captcha_raw, risk, verdict, signals, sampled,
               by_staff, decided_by, decided_at)
             VALUES (:id, :page, :parent, :depth, :root, :path, :status, :shown, 1, :name, :email, :url, :body,
               :post_id, :created_at, :edit_until, :author, :proven, :email_key, :sketch, :cluster, :address, :network_key,
               :provider, :outcome, :score, :raw, :risk, :verdict, :signals, :sampled, :by_staff, :decided_by, :decided_at)",
        )?
        .execute(named_params! {
            ":id": comment.id.bytes(), ":page": page, ":parent": comment.parent.map(|parent| parent.bytes()),
            ":depth": depth, ":root": root, ":path": path, ":status": comment.status.as_str(),
            ":shown": comment.status == Status::Approved, ":name": comment.name, ":email": comment.email,
            ":url": comment.url, ":body": comment.body, ":post_id": comment.post_id,
            ":created_at": comment.created_at.0, ":edit_until": comment.edit_until.0,
            ":author": comment.author.bytes(), ":proven": comment.proven, ":email_key": comment.email_key,
            ":sketch": comment.sketch, ":cluster": comment.cluster.map(CommentId::bytes),
            ":address": comment.address, ":network_key": comment.network_key,
            ":provider": comment.captcha.provider, ":outcome": comment.captcha.outcome.as_str(),
            ":score": comment.captcha.score, ":raw": comment.captcha.raw_score, ":risk": comment.risk,
            ":verdict": comment.verdict.as_str(), ":signals": to_json(&comment.signals), ":sampled": comment.sampled,
            ":by_staff": comment.staff.is_some(), ":decided_by": comment.staff,
            ":decided_at": comment.staff.as_ref().map(|_by| comment.created_at.0),
        })
        .map(|_one| ())
}
