//! People, sessions, API tokens, and the record of what was done.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{domain::Timestamp, store::Key};

/// A person who moderates.
#[derive(Clone, Debug)]
pub struct ModeratorRow {
    /// Unique name.
    pub username: String,
    /// `moderator` or `admin`.
    pub role: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// Argon2id hash in PHC form; none while they are invited and have yet to choose a password.
    pub password: Option<String>,
    /// When they were added.
    pub created_at: Timestamp,
    /// Whether a second factor is in force.
    pub second_factor: bool,
    /// When they last asked for something, to the minute.
    pub seen_at: Option<Timestamp>,
}

/// An invitation by the digest of its token.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct InvitationRow {
    pub token: Key,
    pub expires_at: Timestamp,
}

/// What is to be another in a person's row; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct ModeratorChange {
    /// Whose.
    pub username: String,
    /// `moderator` or `admin`.
    pub role: Option<String>,
    /// Another address, or none any more.
    pub email: Option<Option<String>>,
    /// Other sites; none inside is all.
    pub sites: Option<Option<Vec<String>>>,
    /// Another password.
    pub password: Option<NewPassword>,
    /// A link to choose a password with; the one they have and their sessions go.
    pub invitation: Option<InvitationRow>,
    /// Takes the second factor away, with its recovery codes.
    pub ends_second_factor: bool,
}

/// Another password, which ends sessions and an invitation.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// Argon2id hash in PHC form.
    pub hash: String,
    /// The session of the person who asks for it themselves: it stays, and has to stand still.
    pub keeps: Option<Key>,
}

/// What became of a change to somebody's row.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It was made; the row as it is now, or was when it was removed.
    Done(ModeratorRow),
    /// Nobody has this name.
    Unknown,
    /// Without them there would be no admin.
    LastAdmin,
    /// The session that asked for it has ended.
    Ended,
}

/// Whether the last admin may be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each says itself")]
pub enum LastAdmin {
    Stays,
    MayGo,
}

/// A session by the digest of its cookie.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct SessionRow {
    pub token: Key,
    pub username: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub seen_at: Timestamp,
    pub device: Option<String>,
}

/// What proved the second factor and is spent with the session it opens.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// The time step of an app's code.
    Step(i64),
    /// The digest of a recovery code.
    Recovery(Key),
}

/// A session to open, and what it rests on.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The session.
    pub session: SessionRow,
    /// By what its owner proved the first factor.
    pub by: Entry,
    /// By what they proved the second; none where none is in force.
    pub proof: Option<Proof>,
}

/// The first factor behind a session.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The password of this kept hash.
    Password(String),
    /// An invitation, which is used up.
    Invitation {
        /// Its digest.
        token: Key,
        /// The hash of the password that was chosen.
        password: String,
    },
}

/// What became of a session that was to be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// It is open.
    Yes,
    /// The password or invitation that it rests on is another by now.
    Stale,
    /// A second factor is in force and the proof is missing, or spent.
    Unproven,
}

/// Which of a person's sessions.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each says itself")]
pub enum Which {
    All,
    AllBut(Key),
    One(Key),
}

/// Somebody's second factor, encrypted as it is kept.
#[derive(Clone, Debug)]
pub struct SecondFactorRow {
    /// In force.
    pub secret: Option<Vec<u8>>,
    /// Told and not yet confirmed.
    pub pending: Option<Vec<u8>>,
    /// Of the newest code that was accepted; it and those before it are spent.
    pub last_step: i64,
}

/// An API token by its digest.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct TokenRow {
    pub name: String,
    pub token: Key,
    pub scope: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// One line of the audit.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Row number; 0 before it is stored.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `moderator:NAME`, `token:NAME`, `author`, `system`, `operator`.
    pub actor: String,
    /// What, e.g. `comment.approve`.
    pub action: String,
    /// To what: a comment's id, a ban's id, a name.
    pub subject: String,
    /// The rest.
    pub detail: BTreeMap<String, Value>,
}
