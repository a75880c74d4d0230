//! Signing in: a password, a code where a second factor is in force, and the session that they open.
//!
//! Whether a code is asked for is told only after the right password. What failed for a name that exists is
//! noted in the audit by the way, so that the answer takes as long as for one that does not.

use super::{Auth, AuthError, Identity, OpenSession, SESSION_FOR, attempts::Tried, of_person, recovery, session, totp};
use crate::{
    keys::Purpose,
    store::{Entry, Key, ModeratorRow, Opened, Opening, Proof, SessionRow, Which},
};

/// Who fails to sign in is nobody known.
pub(super) const NOBODY: &str = "system";

/// What somebody types to sign in.
pub struct Credentials {
    /// The name.
    pub username: String,
    /// In the clear, for a moment.
    pub password: String,
    /// An app's six digits or a recovery code.
    pub code: Option<String>,
}

/// Where a request for a session came from.
#[derive(Clone)]
pub struct Caller {
    /// The network, in any stable spelling.
    pub network: String,
    /// The device, coarse, as people are shown it.
    pub device: Option<String>,
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

impl Auth {
    /// Checks a name, a password and a code, and opens a session.
    ///
    /// # Errors
    /// [`AuthError`]; an unknown name and a wrong password are alike, in like time.
    pub async fn sign_in(&self, given: Credentials, caller: &Caller) -> Result<SignedIn, AuthError> {
        let Credentials { username, password, code } = given;
        self.counted(self.tried(&username, &caller.network), async {
            let (person, hash) = self.check(&username, password, NOBODY).await?;
            let proof = self.prove(&person, code).await?;
            self.open(person, Entry::Password(hash), proof, caller).await
        })
        .await
    }

    /// Ends the session that a person signs out of.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self, key: Key, actor: &str) -> Result<(), AuthError> {
        let username = actor.strip_prefix("moderator:").unwrap_or(actor);
        let waited = self.waiting.end(username, Which::One(key));
        match self.store.close_session(key, actor.to_owned(), self.clock.now()).await {
            // It was never in the store, which cannot be written to.
            Err(_) if waited => Ok(()),
            done => Ok(done?),
        }
    }

    /// Runs what may turn out to be a wrong guess, within the limit of failures.
    pub(super) async fn counted<T>(
        &self,
        tried: Tried,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        self.attempts.begin(&tried, self.clock.now()).map_err(AuthError::Limited)?;
        let done = work.await;
        match &done {
            Ok(_) => self.attempts.succeeded(&tried),
            Err(fault) if fault.is_a_guess() => {}
            // Not `succeeded`: who knows the password alone must not wipe out the wrong codes before.
            Err(_) => self.attempts.forgive(&tried),
        }
        done
    }

    /// The person of this name and the kept hash, if this is their password.
    pub(super) async fn check(
        &self,
        username: &str,
        password: String,
        by: &str,
    ) -> Result<(ModeratorRow, String), AuthError> {
        let person = self.store.moderator(username.to_owned()).await?;
        let kept = person.as_ref().and_then(|person| person.password.clone());
        let opens = self.passwords.verify(password, kept.clone()).await?;
        match (person, kept) {
            (Some(person), Some(hash)) if opens => Ok((person, hash)),
            (known, _) => {
                if let Some(person) = known {
                    self.store.note_failure(&person.username, by, "password", self.clock.now());
                }
                Err(AuthError::Wrong)
            }
        }
    }

    /// What proves the second factor; none where none is in force. A recovery code is looked for when it is
    /// spent.
    pub(super) async fn prove(&self, person: &ModeratorRow, code: Option<String>) -> Result<Option<Proof>, AuthError> {
        if !person.second_factor {
            return Ok(None);
        }
        let code: String = code.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        if code.is_empty() {
            return Err(AuthError::NeedsCode);
        }
        if !totp::is_code(&code) {
            return Ok(Some(Proof::Recovery(recovery::digest(&code))));
        }
        let now = self.clock.now();
        let sealed = self.store.second_factor(person.username.clone(), now).await?.and_then(|row| row.secret);
        let secret = sealed.and_then(|sealed| self.unsealed(&person.username, &sealed));
        match secret.and_then(|secret| totp::step_of(&secret, &code, now)) {
            Some(step) => Ok(Some(Proof::Step(step))),
            None => Err(self.wrong_code(&person.username, NOBODY)),
        }
    }

    /// A wrong code, noted.
    pub(super) fn wrong_code(&self, username: &str, by: &str) -> AuthError {
        self.store.note_failure(username, by, "code", self.clock.now());
        AuthError::WrongCode
    }

    /// A second factor's secret in the clear.
    pub(super) fn unsealed(&self, username: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let secret = self.keys.open(Purpose::SecondFactor, username, sealed);
        if secret.is_none() {
            tracing::error!("a second factor cannot be read: it was made under another server.secret");
        }
        secret
    }

    pub(super) async fn open(
        &self,
        person: ModeratorRow,
        by: Entry,
        proof: Option<Proof>,
        caller: &Caller,
    ) -> Result<SignedIn, AuthError> {
        let (cookie, key) = session::fresh().map_err(AuthError::Random)?;
        let (username, now) = (person.username.clone(), self.clock.now());
        let (expires_at, device) = (now.plus(SESSION_FOR), caller.device.clone());
        let stale = match by {
            Entry::Password(_) => AuthError::Wrong,
            Entry::Invitation { .. } => AuthError::Invitation,
        };
        let session = SessionRow { token: key, username, created_at: now, expires_at, seen_at: now, device };
        let opening = Opening { session, by, proof };
        let expires_at = match self.store.open_session(opening.clone()).await {
            Ok(Opened::Yes) => expires_at,
            Ok(Opened::Stale) => return Err(stale),
            Ok(Opened::Unproven) if proof.is_some() => return Err(self.wrong_code(&person.username, NOBODY)),
            Ok(Opened::Unproven) => return Err(AuthError::NeedsCode),
            Err(fault) => self.hold(opening, fault).await?,
        };
        let session = OpenSession::new(key, expires_at, &self.keys);
        let identity = of_person(person, session.clone()).ok_or(AuthError::Wrong)?;
        Ok(SignedIn { cookie, identity, session })
    }

    /// An account as seen from a network.
    pub(super) fn tried(&self, username: &str, network: &str) -> Tried {
        self.tried_at(b"sign-in", username.as_bytes(), network)
    }

    /// Whatever is guessed at, as seen from a network; the network counts over all of it.
    pub(super) fn tried_at(&self, kind: &[u8], what: &[u8], network: &str) -> Tried {
        let network = network.as_bytes();
        Tried {
            account: self.keys.tag(Purpose::Address, &[kind, network, what]),
            network: self.keys.tag(Purpose::Address, &[b"sign-in", network]),
        }
    }
}
