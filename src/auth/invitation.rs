//! Invitations: a link with which somebody chooses their first password, or another, once within three days.

use std::time::Duration;

use super::{Auth, AuthError, Caller, SignedIn, password::acceptable};
use crate::{
    domain::Timestamp,
    keys,
    store::{Entry, InvitationRow, Key},
};

/// How long a link holds.
const HOLDS: Duration = Duration::from_secs(72 * 3600);

/// A link that was just made; told this once.
pub struct Invitation {
    /// 256 random bits.
    pub token: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

impl Invitation {
    /// Where to open it. The token stands behind the `#`, which browsers send to no server and no log holds.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{}/desk#invitation={}", public_url.trim_end_matches('/'), self.token)
    }
}

/// What somebody who was invited sends.
pub struct Acceptance {
    /// Of the link.
    pub token: String,
    /// The password they choose, in the clear, for a moment.
    pub password: String,
    /// Where they have a second factor: an app's six digits or a recovery code.
    pub code: Option<String>,
}

/// A fresh link from now on, and the row to store.
pub(super) fn fresh(now: Timestamp) -> Result<(Invitation, InvitationRow), getrandom::Error> {
    let secret = keys::random::<32>()?;
    let expires_at = now.plus(HOLDS);
    let row = InvitationRow { token: keys::digest(&secret), expires_at };
    Ok((Invitation { token: keys::encode(&secret), expires_at }, row))
}

/// The digest of a link's token; none for what nobody ever made.
fn key_of(token: &str) -> Option<Key> {
    keys::decode(token.trim()).filter(|secret| secret.len() == 32).map(|secret| keys::digest(&secret))
}

impl Auth {
    /// Sets the password of somebody who was invited and opens a session, and the link is used up. It stays
    /// good where the password breaks a rule or a code is asked for.
    ///
    /// # Errors
    /// [`AuthError`]; a link that is unknown, used or over is [`AuthError::Invitation`].
    pub async fn accept_invitation(&self, given: Acceptance, caller: &Caller) -> Result<SignedIn, AuthError> {
        let Acceptance { token, password, code } = given;
        let tried = self.tried_at(b"invitation", &keys::digest(token.trim().as_bytes()), &caller.network);
        self.counted(tried, async {
            let token = key_of(&token).ok_or(AuthError::Invitation)?;
            let person = self.store.invited(token, self.clock.now()).await?.ok_or(AuthError::Invitation)?;
            acceptable(&password, &person.username).map_err(AuthError::Weak)?;
            let proof = self.prove(&person, code).await?;
            let password = self.passwords.hash(password).await?;
            self.open(person, Entry::Invitation { token, password }, proof, caller).await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_digest_that_is_kept() {
        let (invitation, row) = fresh(Timestamp(0)).unwrap();
        assert_eq!(key_of(&invitation.token), Some(row.token));
        assert_eq!(key_of(&format!(" {}\n", invitation.token)), Some(row.token));
        assert_eq!(row.expires_at, Timestamp(72 * 3600 * 1000));
        for bad in ["", "x", &invitation.token.repeat(2), "é"] {
            assert_eq!(key_of(bad), None, "{bad}");
        }
        let url = format!("https://desk.example/desk#invitation={}", invitation.token);
        assert_eq!(invitation.url("https://desk.example"), url);
        assert_eq!(invitation.url("https://desk.example/"), url);
    }
}
