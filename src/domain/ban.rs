//! What a ban goes by and what it does.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a ban goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanKind {
    /// One client address.
    Ip,
    /// A range of client addresses.
    Network,
    /// One email address, whatever the case.
    Email,
    /// Everything behind the `@`.
    EmailDomain,
    /// A domain that the text or the author's site links to.
    LinkDomain,
    /// A name, and what looks like it.
    Name,
}

impl BanKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Ip, Self::Network, Self::Email, Self::EmailDomain, Self::LinkDomain, Self::Name];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Network => "network",
            Self::Email => "email",
            Self::EmailDomain => "email_domain",
            Self::LinkDomain => "link_domain",
            Self::Name => "name",
        }
    }

    /// Whether its value tells where somebody connects from.
    #[must_use]
    pub fn is_address(self) -> bool {
        matches!(self, Self::Ip | Self::Network)
    }
}

impl FromStr for BanKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// What becomes of a submission that a ban meets, the mildest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanMode {
    /// It waits for a moderator.
    Hold,
    /// It is stored as spam, and the sender is told what everybody is told.
    Shadow,
    /// It is refused, and the sender is told.
    Refuse,
}

impl BanMode {
    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Hold => "hold",
            Self::Shadow => "shadow",
        }
    }
}

impl FromStr for BanMode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Refuse, Self::Hold, Self::Shadow].into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}
