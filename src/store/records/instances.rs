//! Instances that serve a store at the same time.

use uuid::Uuid;

use crate::domain::Timestamp;

/// One instance, as it last said of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InstanceRow {
    /// Drawn at its start.
    pub id: Uuid,
    /// What its settings come to; the same text for the same settings.
    pub settings: String,
    /// The program's version.
    pub program: String,
    /// When it last said so.
    pub seen_at: Timestamp,
}
