//! Why a sign-in or a check gave nobody, and which of these count as a guess.

use std::time::Duration;

use super::password::{PasswordError, PasswordFault};
use crate::store::StoreError;

/// Why a sign-in or a check gave nobody.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown name or wrong password; nobody is told which.
    #[error("unknown name or wrong password")]
    Wrong,
    /// The password is right, and a code of the second factor is asked for.
    #[error("a second factor is asked for")]
    NeedsCode,
    /// The code is wrong, or was used before.
    #[error("a wrong code")]
    WrongCode,
    /// The invitation is unknown, used or over.
    #[error("an invitation that does not hold")]
    Invitation,
    /// The new password breaks a rule.
    #[error(transparent)]
    Weak(PasswordFault),
    /// There is no second factor that waits to be confirmed.
    #[error("no second factor waits to be confirmed")]
    NothingToConfirm,
    /// The session that asked has ended meanwhile.
    #[error("the session has ended")]
    Ended,
    /// Too many failures; when to try again.
    #[error("too many failed sign-ins")]
    Limited(Duration),
    /// Too many sign in at this moment.
    #[error("too many sign in at once")]
    Busy,
    /// A password could not be hashed, or the kept hash not be read.
    #[error("a password could not be checked")]
    Hash(#[source] PasswordError),
    /// A second factor's secret could not be encrypted.
    #[error("a secret could not be encrypted")]
    Unsealed,
    /// The system has no randomness.
    #[error("no random bytes for a secret")]
    Random(#[source] getrandom::Error),
    /// The store gave no answer.
    #[error("the store gave no answer")]
    Store(#[from] StoreError),
}

impl AuthError {
    /// Whether it was a wrong guess, which counts towards the limit of failures.
    pub(super) fn is_a_guess(&self) -> bool {
        match self {
            Self::Wrong | Self::WrongCode | Self::Invitation => true,
            // Who knows the password and has yet to send a code guessed nothing; nor did who was turned away.
            Self::NeedsCode
            | Self::Weak(_)
            | Self::NothingToConfirm
            | Self::Ended
            | Self::Limited(_)
            | Self::Busy
            | Self::Hash(_)
            | Self::Unsealed
            | Self::Random(_)
            | Self::Store(_) => false,
        }
    }
}

impl From<PasswordError> for AuthError {
    fn from(fault: PasswordError) -> Self {
        match fault {
            PasswordError::Busy => Self::Busy,
            failed @ PasswordError::Failed => Self::Hash(failed),
        }
    }
}
