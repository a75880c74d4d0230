//! Who may sign in and which tokens there are: adding, removing, listing.
//!
//! The same for the command line and for an administrator's request, so that a rule holds on both.

use std::time::Duration;

use super::{
    Right,
    password::{PasswordError, PasswordFault, Passwords, acceptable},
    token,
};
use crate::{
    domain::{Clock, EmailAddress},
    store::{ModeratorRow, Store, StoreError, TokenRow},
};

/// Most characters of a person's or token's name.
const NAME_MOST: usize = 64;

/// Why somebody or something was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Empty, too long, or with characters that a name has no use for.
    #[error("A name has 1 to {NAME_MOST} letters, digits, dots, dashes, underscores or @.")]
    Name,
    /// Neither `moderator` nor `admin`.
    #[error("A role is moderator or admin.")]
    Role,
    /// Sites for an admin.
    #[error("An admin sees all sites; give sites to a moderator only.")]
    Sites,
    /// Not one address.
    #[error("This is not one email address.")]
    Email,
    /// A rule about passwords.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Somebody or some token has this name.
    #[error("This name is taken.")]
    Taken,
    /// Nobody or no token has this name.
    #[error("Nothing has this name.")]
    Unknown,
    /// The password could not be hashed now.
    #[error("The password could not be hashed now; try again.")]
    Hash(#[source] PasswordError),
    /// The system has no randomness.
    #[error("The system gave no random bytes.")]
    Random(#[source] getrandom::Error),
    /// The store gave no answer.
    #[error("The store gave no answer.")]
    Store(#[from] StoreError),
}

/// Somebody to add.
pub struct NewPerson {
    /// Under which name they sign in.
    pub username: String,
    /// `moderator` or `admin`.
    pub role: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// In the clear, for a moment.
    pub password: String,
}

/// The people and tokens of one store.
#[derive(Clone)]
pub struct People {
    store: Store,
    clock: Clock,
    passwords: Passwords,
}

impl People {
    /// Over a store that may have a server beside.
    #[must_use]
    pub fn new(store: Store, clock: Clock, passwords: Passwords) -> Self {
        Self { store, clock, passwords }
    }

    /// Adds somebody who may sign in.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn add(&self, new: NewPerson, by: &str) -> Result<ModeratorRow, PeopleError> {
        let username = name(&new.username)?;
        let right = Right::of_role(&new.role).ok_or(PeopleError::Role)?;
        let sites = new.sites.filter(|sites| !sites.is_empty());
        if right == Right::Admin && sites.is_some() {
            // Who can make people and tokens for all sites is not limited to some.
            return Err(PeopleError::Sites);
        }
        let email = match &new.email {
            Some(raw) => EmailAddress::parse(raw).map_err(|_fault| PeopleError::Email)?,
            None => None,
        };
        acceptable(&new.password, &username)?;
        if self.store.moderator(username.clone()).await?.is_some() {
            return Err(PeopleError::Taken);
        }
        let row = ModeratorRow {
            username,
            role: new.role,
            email: email.map(|address| address.as_str().to_owned()),
            sites,
            password: self.passwords.hash(new.password).await.map_err(PeopleError::Hash)?,
            created_at: self.clock.now(),
        };
        let added = self.store.add_moderator(row.clone(), by.to_owned()).await?;
        if added { Ok(row) } else { Err(PeopleError::Taken) }
    }

    /// Gives somebody another password and ends their sessions.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn set_password(&self, username: &str, password: String, by: &str) -> Result<(), PeopleError> {
        if self.store.moderator(username.to_owned()).await?.is_none() {
            return Err(PeopleError::Unknown);
        }
        acceptable(&password, username)?;
        let hash = self.passwords.hash(password).await.map_err(PeopleError::Hash)?;
        let set = self.store.set_password(username.to_owned(), hash, by.to_owned(), self.clock.now()).await?;
        if set { Ok(()) } else { Err(PeopleError::Unknown) }
    }

    /// Removes somebody together with their sessions.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn remove(&self, username: &str, by: &str) -> Result<(), PeopleError> {
        let gone = self.store.remove_moderator(username.to_owned(), by.to_owned(), self.clock.now()).await?;
        if gone { Ok(()) } else { Err(PeopleError::Unknown) }
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self) -> Result<Vec<ModeratorRow>, PeopleError> {
        Ok(self.store.moderators().await?)
    }

    /// Makes a token; the text is told this once.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn add_token(
        &self,
        called: &str,
        scope: Right,
        holds_for: Option<Duration>,
        by: &str,
    ) -> Result<(String, TokenRow), PeopleError> {
        let now = self.clock.now();
        let (text, digest) = token::fresh().map_err(PeopleError::Random)?;
        let row = TokenRow {
            name: name(called)?,
            token: digest,
            scope: scope.scope().to_owned(),
            created_at: now,
            expires_at: holds_for.map(|span| now.plus(span)),
        };
        let added = self.store.add_token(row.clone(), by.to_owned()).await?;
        if added { Ok((text, row)) } else { Err(PeopleError::Taken) }
    }

    /// All tokens, by name; expired ones too, until they are revoked.
    ///
    /// # Errors
    /// The store's.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, PeopleError> {
        Ok(self.store.tokens().await?)
    }

    /// Ends a token.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn revoke(&self, called: &str, by: &str) -> Result<(), PeopleError> {
        let gone = self.store.revoke_token(called.to_owned(), by.to_owned(), self.clock.now()).await?;
        if gone { Ok(()) } else { Err(PeopleError::Unknown) }
    }
}

fn name(raw: &str) -> Result<String, PeopleError> {
    let name = raw.trim();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let long = name.chars().count();
    if (1..=NAME_MOST).contains(&long) && name.chars().all(good) { Ok(name.to_owned()) } else { Err(PeopleError::Name) }
}
