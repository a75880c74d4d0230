//! Who is asking: a session's cookie or an API token becomes an [`Identity`], or nobody.
//!
//! What somebody may do with which comment is settled where it is done; how the secret travelled
//! (cookie, header) is the rim's business.

mod attempts;
mod common;
mod password;
mod people;
mod session;
mod token;

use std::{sync::Arc, time::Duration};

pub use password::{PasswordFault, Passwords};
pub use people::{NewPerson, People, PeopleError};
pub use session::{OpenSession, SESSION_FOR};

// The rim tells these, and never touches the store.
pub use crate::store::{ModeratorRow as Person, TokenRow as Token};

use self::{
    attempts::{Attempts, Tried},
    password::PasswordError,
};
use crate::{
    domain::Clock,
    keys::{Keyring, Purpose},
    store::{Key, ModeratorRow, SessionRow, Store, StoreError},
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
}

impl Identity {
    /// The role's name on the wire.
    #[must_use]
    pub fn role(&self) -> &'static str {
        if self.right == Right::Admin { "admin" } else { "moderator" }
    }
}

/// Why a sign-in or a check gave nobody.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown name or wrong password; nobody is told which.
    #[error("unknown name or wrong password")]
    Wrong,
    /// Too many failures; when to try again.
    #[error("too many failed sign-ins")]
    Limited(Duration),
    /// Too many sign in at this moment.
    #[error("too many sign in at once")]
    Busy,
    /// The kept hash could not be read or computed.
    #[error("a password could not be checked")]
    Hash(#[source] PasswordError),
    /// The system has no randomness.
    #[error("no random bytes for a session")]
    Random(#[source] getrandom::Error),
    /// The store gave no answer.
    #[error("the store gave no answer")]
    Store(#[from] StoreError),
}

/// A sign-in that succeeded.
pub struct SignedIn {
    /// What the cookie holds, told this once.
    pub cookie: String,
    /// Who it is.
    pub identity: Identity,
    /// The session behind the cookie.
    pub session: OpenSession,
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
}

impl Auth {
    /// Over the people and sessions of a store.
    #[must_use]
    pub fn new(store: Store, keys: Keyring, clock: Clock) -> Self {
        let passwords = Passwords::default();
        let people = People::new(store.clone(), clock.clone(), passwords.clone());
        Self { people, store, keys, clock, passwords, attempts: Arc::default() }
    }

    /// Checks a name and password and opens a session. `network` is where it came from, in any
    /// stable spelling.
    ///
    /// # Errors
    /// [`AuthError`]; an unknown name and a wrong password are alike, in like time.
    pub async fn sign_in(&self, username: &str, password: String, network: &str) -> Result<SignedIn, AuthError> {
        let tried = self.tried(username, network);
        self.attempts.begin(&tried, self.clock.now()).map_err(AuthError::Limited)?;
        match self.check(username, password).await {
            Ok(Some(person)) => {
                self.attempts.succeeded(&tried);
                self.open(person).await
            }
            Ok(None) => Err(AuthError::Wrong),
            Err(fault) => {
                self.attempts.forgive(&tried);
                Err(fault)
            }
        }
    }

    async fn check(&self, username: &str, password: String) -> Result<Option<ModeratorRow>, AuthError> {
        let person = self.store.moderator(username.to_owned()).await?;
        let kept = person.as_ref().map(|person| person.password.clone());
        match self.passwords.verify(password, kept).await {
            Ok(opens) => Ok(person.filter(|_known| opens)),
            Err(PasswordError::Busy) => Err(AuthError::Busy),
            Err(fault) => Err(AuthError::Hash(fault)),
        }
    }

    async fn open(&self, person: ModeratorRow) -> Result<SignedIn, AuthError> {
        let (cookie, key) = session::fresh().map_err(AuthError::Random)?;
        let now = self.clock.now();
        let expires_at = now.plus(SESSION_FOR);
        let row = SessionRow { token: key, username: person.username.clone(), created_at: now, expires_at };
        self.store.open_session(row).await?;
        let session = OpenSession::new(key, expires_at, &self.keys);
        let identity = of_person(person, session.clone()).ok_or(AuthError::Wrong)?;
        Ok(SignedIn { cookie, identity, session })
    }

    /// Who holds this session cookie; none when nobody does any more.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_cookie(&self, cookie: &str) -> Result<Option<Identity>, AuthError> {
        let Some(key) = session::key_of(cookie) else { return Ok(None) };
        let found = self.store.session(key, self.clock.now()).await?;
        Ok(found.and_then(|(row, person)| of_person(person, OpenSession::new(row.token, row.expires_at, &self.keys))))
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
            Some(Identity { actor, name: row.name, right, sites: None, session: None })
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self, key: Key, actor: &str) -> Result<(), AuthError> {
        Ok(self.store.close_session(key, actor.to_owned(), self.clock.now()).await?)
    }

    fn tried(&self, username: &str, network: &str) -> Tried {
        let (username, network) = (username.as_bytes(), network.as_bytes());
        Tried {
            account: self.keys.tag(Purpose::Address, &[b"sign-in", network, username]),
            network: self.keys.tag(Purpose::Address, &[b"sign-in", network]),
        }
    }
}

fn of_person(person: ModeratorRow, session: OpenSession) -> Option<Identity> {
    let right = Right::of_role(&person.role)?;
    let actor = format!("moderator:{}", person.username);
    Some(Identity { actor, name: person.username, right, sites: person.sites, session: Some(session) })
}
