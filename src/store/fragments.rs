//! SQL that both back ends say to the letter alike.

use crate::domain::BanKind;

/// A person's columns, from a table or alias `m`.
pub(in crate::store) const PERSON: &str = "m.username AS m_username, m.role AS m_role, m.email AS m_email, m.sites AS m_sites, \
     m.password AS m_password, m.created_at AS m_created, m.seen_at AS m_seen, \
     EXISTS (SELECT 1 FROM second_factors f WHERE f.username = m.username AND f.secret IS NOT NULL) AS m_second";

/// A session's columns, from a table or alias `s`.
pub(in crate::store) const SESSION: &str = "s.token, s.username, s.created_at, s.expires_at, s.seen_at, s.device";

/// What a kind of ban goes by, of a comment `c`; the rest is not read.
pub(in crate::store) fn written_columns(kind: BanKind) -> &'static str {
    match kind {
        BanKind::Ip | BanKind::Network => "NULL AS name, NULL AS email, NULL AS url, NULL AS body, c.address",
        BanKind::Email | BanKind::EmailDomain => "NULL AS name, c.email, NULL AS url, NULL AS body, NULL AS address",
        BanKind::LinkDomain => "NULL AS name, NULL AS email, c.url, c.body, NULL AS address",
        BanKind::Name => "c.name, NULL AS email, NULL AS url, NULL AS body, NULL AS address",
    }
}
