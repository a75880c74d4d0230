//! SQL that both back ends say to the letter alike.

use crate::domain::BanKind;

/// A person's columns, from a table or alias `m`.
pub(in crate::store) const PERSON: &str = "m.username AS m_username, m.role AS m_role, m.email AS m_email, m.sites AS m_sites, \
     m.password AS m_password, m.created_at AS m_created, m.seen_at AS m_seen, \
     EXISTS (SELECT 1 FROM second_factors f WHERE f.username = m.username AND f.secret IS NOT NULL) AS m_second";

/// A session's columns, from a table or alias `s`.
pub(in crate::store) const SESSION: &str = "s.token, s.username, s.created_at, s.expires_at, s.seen_at, s.device";

/// What a back end's `rows::page` reads, from a table or alias `p`.
pub(in crate::store) const PAGE: &str = "p.id AS page_id, p.site AS page_site, p.key AS page_key, p.url AS page_url, \
     p.title AS page_title, p.closed AS page_closed, p.mode AS page_mode, nullif(p.first_at, 0) AS page_first, \
     p.revision AS page_revision, p.approved AS page_approved";

/// What a back end's `rows::shown` reads, from a table or alias `c` with its thread's first comment as `r`.
pub(in crate::store) const SHOWN: &str = "c.id, c.parent, c.depth, c.shown, coalesce(c.desk_name, c.name) AS name, \
     CASE WHEN c.desk_at IS NULL THEN c.url ELSE c.desk_url END AS url, coalesce(c.desk_body, c.body) AS body, \
     c.created_at, coalesce(c.decided_at, c.created_at) AS approved_at, coalesce(c.desk_at, c.edited_at) AS edited_at, \
     c.likes, c.by_staff, c.root, c.path, r.likes AS root_likes";

/// An item of the queue, from a table or alias `c`; what else belongs to it is read beside it.
pub(in crate::store) const ITEM: &str = "c.seq, c.id, c.version, c.status, c.parent, c.name, c.email, c.url, c.body, c.by_staff, \
     c.created_at, c.edited_at, c.captcha_provider, c.captcha_outcome, c.captcha_score, c.captcha_raw, c.risk, \
     c.verdict, c.signals, c.author, c.proven, c.decided_by, c.decided_at, c.cluster, c.desk_name, c.desk_url, \
     c.desk_body, c.desk_by, c.desk_at";

/// What near-copies are found by, from tables or aliases `c` and `p`.
pub(in crate::store) const SKETCHED: &str = "c.seq, c.id, p.site, c.status, c.decided_by IS NOT NULL AND c.ban IS NULL AS decided, \
     c.created_at, c.sketch, c.cluster, c.email_key, c.network_key";

/// A row of the audit.
pub(in crate::store) const ENTRY: &str = "id, at, actor, action, subject, detail, hash";

/// What a kind of ban goes by, of a comment `c`; the rest is not read.
pub(in crate::store) fn written_columns(kind: BanKind) -> &'static str {
    match kind {
        BanKind::Ip | BanKind::Network => "NULL AS name, NULL AS email, NULL AS url, NULL AS body, c.address",
        BanKind::Email | BanKind::EmailDomain => "NULL AS name, c.email, NULL AS url, NULL AS body, NULL AS address",
        BanKind::LinkDomain => "NULL AS name, NULL AS email, c.url, c.body, NULL AS address",
        BanKind::Name => "c.name, NULL AS email, NULL AS url, NULL AS body, NULL AS address",
    }
}
