//! Who may sign in: adding, inviting, changing, removing, listing.
//!
//! The same for the command line and for an administrator's request, so that a rule holds on both. An email
//! address is kept to reach people by; nothing is sent from here.

use super::{
    Right,
    invitation::{self, Invitation},
    password::{PasswordError, PasswordFault, Passwords, acceptable},
};
use crate::{
    domain::{Clock, EmailAddress},
    store::{Changed, LastAdmin, ModeratorChange, ModeratorRow, NewPassword, Store, StoreError},
};

/// Most characters of a person's or token's name.
const NAME_MOST: usize = 64;

/// Why somebody or something was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Empty, too long, or with characters that a name has no use for.
    #[error(
        "A name has 1 to {NAME_MOST} letters, digits, dots, dashes, underscores or @, and at least one letter or digit."
    )]
    Name,
    /// Neither `moderator` nor `admin`.
    #[error("A role is moderator or admin.")]
    Role,
    /// Sites for an admin.
    #[error("An admin sees all sites; give sites to a moderator only.")]
    Sites,
    /// A list of sites with nothing in it.
    #[error("Name at least one site, or send null for all sites.")]
    NoSites,
    /// Not one address.
    #[error("This is not one email address.")]
    Email,
    /// A rule about passwords.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// A password and an invitation to choose one.
    #[error("Give either a password or an invitation to choose one.")]
    Both,
    /// Without them nobody could manage people.
    #[error("This is the last admin. Make somebody else an admin first.")]
    LastAdmin,
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
    /// In the clear, for a moment; without one they are invited to choose it.
    pub password: Option<String>,
}

/// What is to be another about somebody; what is not named stays.
#[derive(Default)]
pub struct PersonChange {
    /// `moderator` or `admin`.
    pub role: Option<String>,
    /// Another address, or none any more.
    pub email: Option<Option<String>>,
    /// Other sites; none inside is all.
    pub sites: Option<Option<Vec<String>>>,
    /// In the clear, for a moment.
    pub password: Option<String>,
    /// Makes a link to choose another password; the one they have holds no longer.
    pub invite: bool,
    /// Takes their second factor away.
    pub ends_second_factor: bool,
}

/// Somebody, with the link that was made for them, if one was.
pub struct PersonAndLink {
    /// Who.
    pub person: ModeratorRow,
    /// Told this once.
    pub invitation: Option<Invitation>,
}

/// The people and tokens of one store.
#[derive(Clone)]
pub struct People {
    pub(super) store: Store,
    pub(super) clock: Clock,
    passwords: Passwords,
}

impl People {
    /// Over a store that may have a server beside.
    #[must_use]
    pub fn new(store: Store, clock: Clock, passwords: Passwords) -> Self {
        Self { store, clock, passwords }
    }

    /// Adds somebody who may sign in, at once or after they have chosen a password.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn add(&self, new: NewPerson, by: &str) -> Result<PersonAndLink, PeopleError> {
        let username = name(&new.username)?;
        let right = Right::of_role(&new.role).ok_or(PeopleError::Role)?;
        let sites = new.sites;
        if sites.as_ref().is_some_and(Vec::is_empty) {
            return Err(PeopleError::NoSites);
        }
        if right == Right::Admin && sites.is_some() {
            // Who can make people and tokens for all sites is not limited to some.
            return Err(PeopleError::Sites);
        }
        let email = address(new.email)?;
        if let Some(password) = &new.password {
            acceptable(password, &username)?;
        }
        if self.store.moderator(username.clone()).await?.is_some() {
            return Err(PeopleError::Taken);
        }
        let created_at = self.clock.now();
        let (password, link) = match new.password {
            Some(password) => (Some(self.hash(password).await?), None),
            None => (None, Some(invitation::fresh(created_at).map_err(PeopleError::Random)?)),
        };
        let (second_factor, seen_at, role) = (false, None, new.role);
        let person = ModeratorRow { username, role, email, sites, password, created_at, second_factor, seen_at };
        let (invitation, row) = link.unzip();
        let added = self.store.add_moderator(person.clone(), row, by.to_owned()).await?;
        if added { Ok(PersonAndLink { person, invitation }) } else { Err(PeopleError::Taken) }
    }

    /// Changes what is named, all of it or nothing.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn change(&self, username: &str, change: PersonChange, by: &str) -> Result<PersonAndLink, PeopleError> {
        let right = change.role.as_deref().map(|role| Right::of_role(role).ok_or(PeopleError::Role)).transpose()?;
        if change.invite && change.password.is_some() {
            return Err(PeopleError::Both);
        }
        let person = self.store.moderator(username.to_owned()).await?.ok_or(PeopleError::Unknown)?;
        let sites = sites_of(right, &person, change.sites)?;
        let email = change.email.map(address).transpose()?;
        let password = match change.password {
            Some(password) => {
                acceptable(&password, &person.username)?;
                Some(NewPassword { hash: self.hash(password).await?, keeps: None })
            }
            None => None,
        };
        let now = self.clock.now();
        let link = change.invite.then(|| invitation::fresh(now)).transpose().map_err(PeopleError::Random)?;
        let (invitation, row) = link.unzip();
        let change = ModeratorChange {
            username: person.username,
            role: change.role,
            email,
            sites,
            password,
            invitation: row,
            ends_second_factor: change.ends_second_factor,
        };
        let person = settled(self.store.change_moderator(change, by.to_owned(), now).await?)?;
        Ok(PersonAndLink { person, invitation })
    }

    /// Gives somebody another password and ends their sessions.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn set_password(&self, username: &str, password: String, by: &str) -> Result<(), PeopleError> {
        let change = PersonChange { password: Some(password), ..PersonChange::default() };
        self.change(username, change, by).await.map(|_changed| ())
    }

    /// Makes a link with which somebody chooses another password; the one they have, an earlier link and their
    /// sessions hold no longer.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn invite(&self, username: &str, by: &str) -> Result<Invitation, PeopleError> {
        let change = PersonChange { invite: true, ..PersonChange::default() };
        self.change(username, change, by).await?.invitation.ok_or(PeopleError::Unknown)
    }

    /// Takes somebody's second factor away.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn end_second_factor(&self, username: &str, by: &str) -> Result<(), PeopleError> {
        let change = PersonChange { ends_second_factor: true, ..PersonChange::default() };
        self.change(username, change, by).await.map(|_changed| ())
    }

    /// Removes somebody together with their sessions.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], [`PeopleError::LastAdmin`], or the store's.
    pub async fn remove(&self, username: &str, last: LastAdmin, by: &str) -> Result<(), PeopleError> {
        let gone = self.store.remove_moderator(username.to_owned(), last, by.to_owned(), self.clock.now()).await?;
        settled(gone).map(|_removed| ())
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self) -> Result<Vec<ModeratorRow>, PeopleError> {
        Ok(self.store.moderators().await?)
    }

    async fn hash(&self, password: String) -> Result<String, PeopleError> {
        self.passwords.hash(password).await.map_err(PeopleError::Hash)
    }
}

/// The sites to set, if any: who becomes an admin sees all of them from then on.
fn sites_of(
    right: Option<Right>,
    person: &ModeratorRow,
    asked: Option<Option<Vec<String>>>,
) -> Result<Option<Option<Vec<String>>>, PeopleError> {
    let is_admin = right.or_else(|| Right::of_role(&person.role)) == Some(Right::Admin);
    match asked {
        Some(Some(sites)) if sites.is_empty() => Err(PeopleError::NoSites),
        Some(Some(_)) if is_admin => Err(PeopleError::Sites),
        None if is_admin && person.sites.is_some() => Ok(Some(None)),
        asked => Ok(asked),
    }
}

fn settled(changed: Changed) -> Result<ModeratorRow, PeopleError> {
    match changed {
        Changed::Done(person) => Ok(person),
        Changed::LastAdmin => Err(PeopleError::LastAdmin),
        Changed::Unknown | Changed::Ended => Err(PeopleError::Unknown),
    }
}

fn address(raw: Option<String>) -> Result<Option<String>, PeopleError> {
    let Some(raw) = raw else { return Ok(None) };
    let address = EmailAddress::parse(&raw).map_err(|_fault| PeopleError::Email)?;
    Ok(address.map(|address| address.as_str().to_owned()))
}

pub(super) fn name(raw: &str) -> Result<String, PeopleError> {
    let name = raw.trim();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let long = name.chars().count();
    // It is shown beside replies, where a name has at least one letter or number.
    let shows = name.chars().any(char::is_alphanumeric);
    if (1..=NAME_MOST).contains(&long) && shows && name.chars().all(good) {
        Ok(name.to_owned())
    } else {
        Err(PeopleError::Name)
    }
}
