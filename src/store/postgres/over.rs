//! Comments whose time is over: which they are, and what of them goes.

use std::collections::HashMap;

use tokio_postgres::types::Type;

use super::{
    Postgres, lessons,
    rows::{get, id, signals, to_json, uids},
};
use crate::{
    domain::CommentId,
    store::{Left, Lesson, Over, OverQuery, StoreError, Whose},
};

impl Postgres {
    pub(in crate::store) async fn over(&self, query: OverQuery) -> Result<Vec<Over>, StoreError> {
        let (within, sites) = match &query.whose {
            Whose::Everybodys => ("$4::text[] IS NULL", None),
            Whose::OfSite(site) => ("p.site = ANY($4)", Some(vec![site.clone()])),
            Whose::OfOthers(sites) => ("p.site <> ALL($4)", Some(sites.clone())),
        };
        let sql = format!(
            "SELECT c.seq, c.id, c.version, c.signals, p.site FROM comments c JOIN pages p ON p.id = c.page
             WHERE c.status IN ('spam', 'rejected', 'deleted') AND c.was IS NULL AND c.status = $1
               AND greatest(coalesce(c.decided_at, c.created_at), coalesce(c.edited_at, 0), coalesce(c.desk_at, 0)) <= $2
               AND {within}
             ORDER BY greatest(coalesce(c.decided_at, c.created_at), coalesce(c.edited_at, 0), coalesce(c.desk_at, 0))
             LIMIT $3"
        );
        let db = self.reading_patiently().await?;
        let (status, most) = (query.status.as_str(), i64::from(query.limit));
        let rows = db
            .planned(
                &sql,
                &[(&status, Type::TEXT), (&query.until.0, Type::INT8), (&most, Type::INT8), (&sites, Type::TEXT_ARRAY)],
            )
            .await?;
        let ids: Vec<CommentId> = rows.iter().map(|row| id(row, "id")).collect::<Result<_, _>>()?;
        let mut taught: HashMap<CommentId, Vec<Lesson>> = HashMap::new();
        for lesson in lessons::of_comments(&db, &ids).await? {
            if let Some(comment) = lesson.row.comment {
                taught.entry(comment).or_default().push(lesson);
            }
        }
        let one = |(row, id): (&_, &CommentId)| {
            Ok(Over {
                seq: get(row, "seq")?,
                id: *id,
                version: get(row, "version")?,
                signals: signals(row)?,
                site: get(row, "site")?,
                lessons: taught.remove(id).unwrap_or_default(),
            })
        };
        rows.iter().zip(&ids).map(one).collect()
    }

    pub(in crate::store) async fn let_go(&self, left: Vec<Left>) -> Result<u64, StoreError> {
        const AS_SEEN: &str = "SELECT c.id FROM unnest($1::bigint[], $2::bigint[]) AS g (seq, version)
             JOIN comments c ON c.seq = g.seq AND c.version = g.version AND c.was IS NULL";
        const WORDS: &str =
            "UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]' WHERE comment = ANY($1)";
        const NUMBERS: &str =
            "UPDATE lessons l SET digest = g.digest FROM unnest($1::bigint[], $2::bytea[]) AS g (seq, digest)
             WHERE l.seq = g.seq";
        const LEFT: &str =
            "UPDATE comments c SET was = status, status = 'deleted', name = '', email = NULL, url = NULL, body = '',
               post_id = NULL, address = NULL, network_key = '', sketch = NULL, cluster = NULL, signals = g.signals,
               desk_name = NULL, desk_url = NULL, desk_body = NULL, desk_by = NULL, desk_at = NULL
             FROM unnest($1::bigint[], $2::text[]) AS g (seq, signals) WHERE c.seq = g.seq";
        let db = self.writing_patiently().await?;
        let seen = |left: &[Left]| -> (Vec<i64>, Vec<i64>) { left.iter().map(|one| (one.seq, one.version)).unzip() };
        let (seqs, versions) = seen(&left);
        let rows = db.rows(AS_SEEN, &[&seqs, &versions]).await?;
        let ids: Vec<CommentId> = rows.iter().map(|row| id(row, "id")).collect::<Result<_, _>>()?;
        let left: Vec<Left> = left.into_iter().filter(|one| ids.contains(&one.id)).collect();
        if left.is_empty() {
            return db.undo(0).await;
        }
        let (seqs, _) = seen(&left);
        let bare: Vec<String> = left.iter().map(|one| to_json(&one.signals)).collect();
        let (taught, digests): (Vec<i64>, Vec<&[u8]>) =
            left.iter().flat_map(|one| &one.lessons).map(|(seq, digest)| (*seq, digest.as_slice())).unzip();
        let ids = uids(&ids);
        // First the lessons: what follows must find nothing to keep with them.
        db.execute(WORDS, &[&ids]).await?;
        db.execute(NUMBERS, &[&taught, &digests]).await?;
        let gone = db.execute(LEFT, &[&seqs, &bare]).await?;
        for sql in [
            "DELETE FROM reactions WHERE comment = ANY($1)",
            "DELETE FROM unverified WHERE comment = ANY($1)",
            "DELETE FROM claims WHERE comment = ANY($1)",
        ] {
            db.execute(sql, &[&ids]).await?;
        }
        db.keep(gone).await
    }
}
