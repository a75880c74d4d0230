//! Sessions.

use super::Postgres;
use crate::{domain::Timestamp, store::SessionRow};

impl Postgres {
    pub(in crate::store) fn saw(&self, _session: &SessionRow, _now: Timestamp) {}
    pub(in crate::store) fn note_failure(&self, _username: &str, _by: &str, _reason: &str, _now: Timestamp) {}
}
