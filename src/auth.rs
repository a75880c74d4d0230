//! Who is asking: a session's cookie or an API token becomes an [`Identity`], or nobody.
//!
//! What somebody may do with which comment is settled where it is done; how the secret travelled
//! (cookie, header) is the rim's business.

mod account;
mod attempts;
mod common;
mod error;
mod invitation;
mod password;
mod people;
mod recovery;
mod session;
mod sessions;
mod sign_in;
mod token;
mod tokens;
mod totp;
mod waiting;

use std::sync::Arc;

pub use account::FreshSecret;
pub use error::AuthError;
pub use invitation::{Acceptance, Invitation};
pub use password::{PasswordFault, Passwords};
pub use people::{NewPerson, People, PeopleError, PersonAndLink, PersonChange};
pub use session::{OpenSession, SESSION_FOR, key_of as session_key};
pub use sessions::SessionView;
pub use sign_in::{Caller, Credentials, SignedIn};
pub use token::key_of as token_key;

// The rim tells these, and never touches the store.
pub use crate::store::{LastAdmin, ModeratorRow as Person, TokenRow as Token};

use self::{attempts::Attempts, sessions::Seen, waiting::Waiting};
use crate::{
    domain::Clock,
    keys::Keyring,
    store::{ModeratorRow, Store},
};

/// How much somebody may do; each includes those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// Look.
    Read,
    /// Decide and ban.
    Decide,
    /// Also people, tokens, settings.
    Admin,
}

impl Right {
    /// What a role allows.
    #[must_use]
    pub fn of_role(role: &str) -> Option<Self> {
        match role {
            "moderator" => Some(Self::Decide),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
    /// What a token's scope allows.
    #[must_use]
    pub fn of_scope(scope: &str) -> Option<Self> {
        [Self::Read, Self::Decide, Self::Admin].into_iter().find(|right| right.scope() == scope)
    }
    /// Its name as a token's scope.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decide => "decide",
            Self::Admin => "admin",
        }
    }
}

/// Somebody who proved who they are.
#[derive(Clone)]
pub struct Identity {
    /// `moderator:NAME` or `token:NAME`, as the audit writes it.
    pub actor: String,
    /// The name alone.
    pub name: String,
    /// How much they may do.
    pub right: Right,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// The session that the request came with; none for a token.
    pub session: Option<OpenSession>,
    /// Whether they have a second factor in force.
    pub second_factor: bool,
}

impl Identity {
    /// The role's name on the wire.
    #[must_use]
    pub fn role(&self) -> &'static str {
        if self.right == Right::Admin { "admin" } else { "moderator" }
    }
}

/// Everything that proves somebody.
#[derive(Clone)]
pub struct Auth {
    /// Who there is.
    pub people: People,
    store: Store,
    keys: Keyring,
    clock: Clock,
    passwords: Passwords,
    attempts: Arc<Attempts>,
    seen: Arc<Seen>,
    waiting: Arc<Waiting>,
}

impl Auth {
    /// Over the people and sessions of a store.
    #[must_use]
    pub fn new(store: Store, keys: Keyring, clock: Clock) -> Self {
        let passwords = Passwords::default();
        let people = People::new(store.clone(), clock.clone(), passwords.clone());
        Self {
            people,
            store,
            keys,
            clock,
            passwords,
            attempts: Arc::default(),
            seen: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// Who holds this session cookie; none when nobody does any more.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_cookie(&self, cookie: &str) -> Result<Option<Identity>, AuthError> {
        let Some(key) = session::key_of(cookie) else { return Ok(None) };
        let now = self.clock.now();
        // First, for it is in the store before it waits no longer.
        if let Some(identity) = self.by_waiting(key, now).await? {
            return Ok(Some(identity));
        }
        let Some((row, person)) = self.store.session(key, now).await? else { return Ok(None) };
        if self.seen.is_due(&row, now) {
            self.store.saw(&row, now);
        }
        Ok(of_person(person, OpenSession::new(row.token, row.expires_at, &self.keys)))
    }

    /// Who holds this API token; none when nobody does any more.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_token(&self, text: &str) -> Result<Option<Identity>, AuthError> {
        let Some(key) = token::key_of(text) else { return Ok(None) };
        let found = self.store.token(key, self.clock.now()).await?;
        Ok(found.and_then(|row| {
            let right = Right::of_scope(&row.scope)?;
            let actor = format!("token:{}", row.name);
            Some(Identity { actor, name: row.name, right, sites: None, session: None, second_factor: false })
        }))
    }
}

fn of_person(person: ModeratorRow, session: OpenSession) -> Option<Identity> {
    let right = Right::of_role(&person.role)?;
    let actor = format!("moderator:{}", person.username);
    let ModeratorRow { username, sites, second_factor, .. } = person;
    Some(Identity { actor, name: username, right, sites, session: Some(session), second_factor })
}
