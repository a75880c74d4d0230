//! What people do with their own account: another password, a second factor.
//!
//! Each step that matters asks for the password again, within the limit of failed sign-ins: a session left
//! open on a desk is not enough to keep its owner out.

use std::time::Duration;

use super::{Auth, AuthError, Identity, password::acceptable, recovery, totp};
use crate::{
    keys::{self, Purpose},
    store::{Changed, ModeratorChange, NewPassword},
};

/// How long a secret that was told waits to be confirmed.
const TO_CONFIRM: Duration = Duration::from_secs(15 * 60);

/// A secret that was just made; told this once.
pub struct FreshSecret {
    /// In base32, to type.
    pub secret: String,
    /// The same as an `otpauth://` URI, for a QR code.
    pub uri: String,
}

impl Auth {
    /// Gives somebody another password, who knows the one they have. Their other sessions end.
    ///
    /// # Errors
    /// [`AuthError`], [`AuthError::Wrong`] where `current` is not theirs.
    pub async fn change_password(
        &self,
        who: &Identity,
        current: String,
        password: String,
        network: &str,
    ) -> Result<(), AuthError> {
        acceptable(&password, &who.name).map_err(AuthError::Weak)?;
        self.is_theirs(who, current, network).await?;
        let hash = self.passwords.hash(password).await?;
        let keeps = who.session.as_ref().map(|session| session.key);
        let password = Some(NewPassword { hash, keeps });
        self.change_own(who, ModeratorChange { password, ..ModeratorChange::default() }).await
    }

    /// Makes a secret for somebody's app. What is in force stays so until the new one is confirmed.
    ///
    /// # Errors
    /// [`AuthError`], [`AuthError::Wrong`] where the password is not theirs.
    pub async fn begin_second_factor(
        &self,
        who: &Identity,
        password: String,
        issuer: &str,
        network: &str,
    ) -> Result<FreshSecret, AuthError> {
        self.is_theirs(who, password, network).await?;
        let secret = keys::random::<{ totp::SECRET }>().map_err(AuthError::Random)?;
        let sealed = self.keys.seal(Purpose::SecondFactor, &who.name, &secret).ok_or(AuthError::Unsealed)?;
        let until = self.clock.now().plus(TO_CONFIRM);
        self.store.begin_second_factor(who.name.clone(), sealed, until).await?;
        Ok(FreshSecret { secret: totp::base32(&secret), uri: totp::uri(&secret, issuer, &who.name) })
    }

    /// Puts the secret that waits into force, by a code that the app made of it; the recovery codes are told
    /// this once.
    ///
    /// # Errors
    /// [`AuthError`], [`AuthError::WrongCode`] for a wrong code.
    pub async fn confirm_second_factor(
        &self,
        who: &Identity,
        code: &str,
        network: &str,
    ) -> Result<Vec<String>, AuthError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.counted(self.tried(&who.name, network), async {
            let now = self.clock.now();
            let kept = self.store.second_factor(who.name.clone(), now).await?;
            let pending = kept.and_then(|row| row.pending).ok_or(AuthError::NothingToConfirm)?;
            let secret = self.unsealed(&who.name, &pending).ok_or(AuthError::NothingToConfirm)?;
            let Some(step) = totp::step_of(&secret, &code, now) else {
                return Err(self.wrong_code(&who.name, &who.actor));
            };
            let codes = recovery::fresh().map_err(AuthError::Random)?;
            let digests = codes.iter().map(|code| recovery::digest(code)).collect();
            let confirmed = self.store.confirm_second_factor(who.name.clone(), pending, step, digests, now).await?;
            if confirmed { Ok(codes) } else { Err(AuthError::NothingToConfirm) }
        })
        .await
    }

    /// Takes somebody's second factor away, in force or only begun.
    ///
    /// # Errors
    /// [`AuthError`], [`AuthError::Wrong`] where the password is not theirs.
    pub async fn end_second_factor(&self, who: &Identity, password: String, network: &str) -> Result<(), AuthError> {
        self.is_theirs(who, password, network).await?;
        self.change_own(who, ModeratorChange { ends_second_factor: true, ..ModeratorChange::default() }).await
    }

    async fn is_theirs(&self, who: &Identity, password: String, network: &str) -> Result<(), AuthError> {
        let tried = self.tried(&who.name, network);
        self.counted(tried, async { self.check(&who.name, password, &who.actor).await.map(|_theirs| ()) }).await
    }

    async fn change_own(&self, who: &Identity, change: ModeratorChange) -> Result<(), AuthError> {
        let change = ModeratorChange { username: who.name.clone(), ..change };
        match self.store.change_moderator(change, who.actor.clone(), self.clock.now()).await? {
            Changed::Done(_) => Ok(()),
            // Neither role nor row is asked to change, so whoever is refused has been removed or signed out.
            Changed::Unknown | Changed::LastAdmin | Changed::Ended => Err(AuthError::Ended),
        }
    }
}
