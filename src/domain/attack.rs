//! Why a page or site is under attack.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What brought attack mode on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttackCause {
    /// More comments than a page's or the site's ceiling.
    Ceiling,
    /// Far more refusals than are usual on the site.
    Refusals,
    /// Somebody set it.
    Hand,
}

impl AttackCause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ceiling, Self::Refusals, Self::Hand];

    /// The name on the wire, in metrics and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ceiling => "ceiling",
            Self::Refusals => "refusals",
            Self::Hand => "hand",
        }
    }
}

impl FromStr for AttackCause {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or(())
    }
}
