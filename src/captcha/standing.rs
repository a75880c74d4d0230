//! The words for what a check can come to, and what of it a visitor is told.

/// What the check came to, before any threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// No captcha is configured.
    Off,
    /// No token came.
    Missing,
    /// The token is genuine, fresh and meant for this site and action.
    Pass,
    /// The token is not; the visitor's fault or an attacker's.
    Fail(FailKind),
    /// Nobody can say: the provider is out or the operator's settings are wrong.
    Unverified(Why),
}

/// Why a token fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailKind {
    /// Not in the shape of a token, or too long.
    Malformed,
    /// The signature is not ours.
    Forged,
    /// The provider does not know it.
    Refused,
    /// Too old.
    Expired,
    /// Used before.
    Duplicate,
    /// The provider does not tell the two apart.
    ExpiredOrDuplicate,
    /// It has been accepted before.
    Replayed,
    /// A proof of work in place of the provider's token, while the provider is well.
    OutOfTurn,
    /// Issued in the future.
    FromFuture,
    /// Minted on a host that is not the site's.
    HostMismatch,
    /// Minted for another site key.
    KeyMismatch,
    /// Minted for another action.
    ActionMismatch,
    /// Minted for another page or site.
    PageMismatch,
    /// The work was not done.
    WrongSolution,
}

/// Why a token could be neither passed nor failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The provider took longer than `captcha.timeout`.
    Timeout,
    /// No connection to it.
    Connect,
    /// It answered with something else than the contract says.
    BadBody,
    /// It answered with a fault of its own or a code that nobody here knows.
    ProviderInternal,
    /// It was not asked, because it lately failed too often.
    Resting,
    /// The secret, the key's kind or the URL is wrong: the operator has to act.
    OperatorConfig,
}

/// The `reason` that a `captcha_failed` answer carries, so that a page can solve again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// No token came and one is demanded.
    Missing,
    /// It was good once: too old or already used.
    Expired,
    /// It never was good here.
    Invalid,
}

impl FailKind {
    /// What the visitor is told.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Expired | Self::Duplicate | Self::ExpiredOrDuplicate | Self::Replayed | Self::OutOfTurn => {
                Reason::Expired
            }
            Self::Malformed
            | Self::Forged
            | Self::Refused
            | Self::FromFuture
            | Self::HostMismatch
            | Self::KeyMismatch
            | Self::ActionMismatch
            | Self::PageMismatch
            | Self::WrongSolution => Reason::Invalid,
        }
    }
}

impl Why {
    /// What a moderator is told.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Timeout => "it did not answer in time",
            Self::Connect => "it could not be reached",
            Self::BadBody => "its answer could not be read",
            Self::ProviderInternal => "it had a fault of its own",
            Self::Resting => "it had failed too often and was not asked",
            Self::OperatorConfig => "it refuses our settings",
        }
    }

    /// The name in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::BadBody => "bad_body",
            Self::ProviderInternal => "provider_internal",
            Self::Resting => "resting",
            Self::OperatorConfig => "operator_config",
        }
    }
}

impl Reason {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
        }
    }
}
