//! Who publishes without a moderator.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who publishes without a moderator, of those whom nothing speaks against.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// All comments wait.
    Pre,
    /// Authors with a proven good record publish.
    Trusted,
    /// Everything under `hold_at` publishes.
    Post,
}

impl Mode {
    /// The name in settings, on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Trusted => "trusted",
            Self::Post => "post",
        }
    }
}

impl FromStr for Mode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Pre, Self::Trusted, Self::Post].into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}
