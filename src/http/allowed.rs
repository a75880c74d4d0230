//! The guard in a handler's signature: `Allowed<Decide>` is somebody who proved who they are and may
//! decide.
//!
//! A bearer token comes first, else the session cookie. A browser sends the cookie by itself, so an
//! unsafe method with it must also show the CSRF token, and an `Origin` that is our own.

use std::{marker::PhantomData, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE},
    web::Data,
};
use futures_util::future::LocalBoxFuture;

use super::{
    Services,
    body::fault,
    error::{Code, Problem},
    extract::origin,
};
use crate::{
    auth::{AuthError, Identity, Right},
    moderation::Viewer,
};

/// A right as a type.
pub(super) trait Needs: 'static {
    /// The least right that passes.
    const RIGHT: Right;
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;
        impl Needs for $name {
            const RIGHT: Right = Right::$name;
        }
    )*};
}
rights! {
    /// May look.
    Read;
    /// May decide and ban.
    Decide;
    /// May do everything.
    Admin;
}

/// Somebody with at least this right.
pub(super) struct Allowed<R> {
    /// Who it is.
    pub(super) identity: Identity,
    right: PhantomData<R>,
}

impl<R> Allowed<R> {
    /// The same, as the moderators' room sees it.
    pub(super) fn viewer(&self) -> Viewer {
        Viewer::from(&self.identity)
    }
}

impl<R: Needs> FromRequest for Allowed<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = request
                .app_data::<Data<Services>>()
                .ok_or_else(|| Problem::new(Code::Internal).because(anyhow::anyhow!("no services")))?;
            let identity = identify(&request, services).await?;
            if identity.right < R::RIGHT {
                return Err(Problem::new(Code::Forbidden));
            }
            Ok(Self { identity, right: PhantomData })
        })
    }
}

impl From<&Identity> for Viewer {
    fn from(identity: &Identity) -> Self {
        let (actor, sites) = (identity.actor.clone(), identity.sites.clone());
        Self { actor, sites, admin: identity.right >= Right::Admin }
    }
}

/// What a request brings to prove who sent it.
pub(super) enum Proof {
    Token(String),
    Cookie(String),
}

impl Proof {
    /// The token where one was sent, else the session's cookie.
    pub(super) fn of(request: &HttpRequest, services: &Services) -> Result<Self, Problem> {
        if let Some(value) = request.headers().get(AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer).ok_or_else(unauthenticated)?;
            return Ok(Self::Token(token.to_owned()));
        }
        let name = cookie_name(&services.live.get().server.public_url);
        let cookie = request.cookie(name).ok_or_else(unauthenticated)?;
        Ok(Self::Cookie(cookie.value().to_owned()))
    }

    /// Whom it proves at this moment.
    pub(super) async fn identity(&self, services: &Services) -> Result<Option<Identity>, AuthError> {
        match self {
            Self::Token(token) => services.auth.by_token(token).await,
            Self::Cookie(cookie) => services.auth.by_cookie(cookie).await,
        }
    }
}

/// Who sent this, after the checks that their way of proving it asks for.
async fn identify(request: &HttpRequest, services: &Services) -> Result<Identity, Problem> {
    let proof = Proof::of(request, services)?;
    let identity = proof.identity(services).await?.ok_or_else(unauthenticated)?;
    if matches!(proof, Proof::Cookie(_)) && !request.method().is_safe() {
        let csrf = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let proven = identity.session.as_ref().is_some_and(|session| session.proves(csrf));
        if !proven || !is_own_origin(request, services) {
            return Err(Problem::new(Code::CsrfFailed));
        }
    }
    Ok(identity)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Nobody is signed in.
pub(super) fn unauthenticated() -> Problem {
    Problem::new(Code::Unauthenticated).header(WWW_AUTHENTICATE, "Bearer".to_owned())
}

/// Whether no page of another origin sent this: `Origin` is absent, the public one, or names the
/// host that the request went to.
pub(super) fn is_own_origin(request: &HttpRequest, services: &Services) -> bool {
    let Some(origin) = origin(request) else { return true };
    if origin == services.live.get().server.public_url.trim_end_matches('/') {
        return true;
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

/// Under which name the session travels; the prefix binds it to this host, which browsers hold only
/// over TLS.
pub(super) fn cookie_name(public_url: &str) -> &'static str {
    if is_tls(public_url) { "__Host-replydesk" } else { "replydesk_session" }
}

/// Whether readers reach us over TLS.
pub(super) fn is_tls(public_url: &str) -> bool {
    public_url.starts_with("https:")
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        const SHORTLY: Duration = Duration::from_secs(2);
        let invalid = |field: &str, said: &str| fault(field, "invalid", said);
        match error {
            AuthError::Wrong => unauthenticated().saying("This name and password do not belong together."),
            AuthError::NeedsCode => unauthenticated()
                .saying("Give the code of your authenticator app, or one of your recovery codes.")
                .with("second_factor", "required"),
            AuthError::WrongCode => unauthenticated()
                .saying(
                    "This code is wrong, or was used before. Wait for the next one, and look at the device's clock.",
                )
                .with("second_factor", "wrong"),
            AuthError::Ended => unauthenticated(),
            AuthError::Invitation => {
                invalid("token", "This invitation was used, is over, or never was. Ask an admin for a new one.")
            }
            AuthError::NothingToConfirm => invalid("code", "There is no second factor to confirm. Begin it once more."),
            AuthError::Weak(weak) => weak.into(),
            AuthError::Limited(wait) => Self::new(Code::RateLimited)
                .saying("Too many sign-ins failed from here. Please wait before you try again.")
                .after(wait),
            AuthError::Busy => Self::new(Code::Unavailable)
                .saying("Too many sign in at this moment. Please try again shortly.")
                .after(SHORTLY),
            AuthError::Store(fault) => fault.into(),
            ours @ (AuthError::Hash(_) | AuthError::Random(_) | AuthError::Unsealed) => {
                Self::new(Code::Internal).because(ours)
            }
        }
    }
}
