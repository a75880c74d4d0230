//! What the store is asked of people, their sessions and second factors, and API tokens.

use super::{
    Changed, InvitationRow, Key, LastAdmin, ModeratorChange, ModeratorRow, Opened, Opening, SecondFactorRow,
    SessionRow, Store, StoreError, TokenRow, Which,
};
use crate::domain::Timestamp;

operations! {
    // People
    /// Adds a person, with an invitation where they have no password; false where the name is taken.
    fn add_moderator(&self, person: ModeratorRow, invitation: Option<InvitationRow>, by: String) -> bool;
    /// One person by name.
    fn moderator(&self, username: String) -> Option<ModeratorRow>;
    /// Everybody.
    fn moderators(&self) -> Vec<ModeratorRow>;
    /// Changes a person, with an audit row for each kind of change.
    fn change_moderator(&self, change: ModeratorChange, by: String, now: Timestamp) -> Changed;
    /// Removes a person and all that hangs on them.
    fn remove_moderator(&self, username: String, last: LastAdmin, by: String, now: Timestamp) -> Changed;
    /// Whom an invitation that still holds is for.
    fn invited(&self, token: Key, now: Timestamp) -> Option<ModeratorRow>;

    // Sessions
    /// Opens a session if what it rests on still holds, and uses that up which holds once.
    fn open_session(&self, opening: Opening) -> Opened;
    /// The person behind a session that has not expired.
    fn session(&self, token: Key, now: Timestamp) -> Option<(SessionRow, ModeratorRow)>;
    /// A person's sessions that have not expired, the newest first.
    fn sessions_of(&self, username: String, now: Timestamp) -> Vec<SessionRow>;
    /// Ends a session as its owner signs out.
    fn close_session(&self, token: Key, by: String, now: Timestamp) -> ();
    /// Ends some of a person's sessions; how many there were.
    fn end_sessions(&self, username: String, which: Which, by: String, now: Timestamp) -> usize;

    // Second factors
    /// What is kept of a person's second factor at this moment; none where they never began one.
    fn second_factor(&self, username: String, now: Timestamp) -> Option<SecondFactorRow>;
    /// Keeps a secret that was told and is to be confirmed until then, in place of an earlier one.
    fn begin_second_factor(&self, username: String, pending: Vec<u8>, until: Timestamp) -> ();
    /// Puts this very secret into force, with the step of the code that confirmed it and fresh recovery codes; false where it
    /// no longer waits.
    fn confirm_second_factor(&self, username: String, pending: Vec<u8>, step: i64, recovery: Vec<Key>, now: Timestamp) -> bool;

    // API tokens
    /// Adds an API token; false where the name is taken.
    fn add_token(&self, token: TokenRow, by: String) -> bool;
    /// The API token with this digest, if it has not expired.
    fn token(&self, digest: Key, now: Timestamp) -> Option<TokenRow>;
    /// All API tokens.
    fn tokens(&self) -> Vec<TokenRow>;
    /// Revokes an API token; false where there is none.
    fn revoke_token(&self, name: String, by: String, now: Timestamp) -> bool;
}

impl Store {
    /// Notes that a session was used. Nobody waits for it.
    pub fn saw(&self, session: &SessionRow, now: Timestamp) {
        match self {
            Self::Sqlite(store) => store.saw(session, now),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.saw(session, now),
        }
    }

    /// Appends a `session.fail` to the audit: `detail` says of what. Nobody waits for it, so that an answer takes as long
    /// whether there is something to record or not.
    pub fn note_failure(&self, username: &str, by: &str, reason: &str, now: Timestamp) {
        match self {
            Self::Sqlite(store) => store.note_failure(username, by, reason, now),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.note_failure(username, by, reason, now),
        }
    }
}
