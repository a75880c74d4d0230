//! The one table of error codes.

use super::texts;
use crate::domain::Tongue;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:literal;)*) => {
        /// Every code an answer can bear. Its title and its sentence are in the catalogues.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "the table is the documentation")]
        pub enum Code { $($name),* }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable machine name.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $code),* } }
            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status),* } }
        }
    };
}

codes! {
    Malformed = "malformed", 400;
    Unauthenticated = "unauthenticated", 401;
    Forbidden = "forbidden", 403;
    CsrfFailed = "csrf_failed", 403;
    EditTokenInvalid = "edit_token_invalid", 403;
    EditWindowClosed = "edit_window_closed", 403;
    CaptchaFailed = "captcha_failed", 403;
    CaptchaScoreLow = "captcha_score_low", 403;
    OriginNotAllowed = "origin_not_allowed", 403;
    Banned = "banned", 403;
    CommentsClosed = "comments_closed", 403;
    NotFound = "not_found", 404;
    ParentNotFound = "parent_not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    Timeout = "timeout", 408;
    Duplicate = "duplicate", 409;
    Claimed = "claimed", 409;
    VersionConflict = "version_conflict", 409;
    TooLarge = "too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    ValidationFailed = "validation_failed", 422;
    InvalidCursor = "invalid_cursor", 422;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    RateLimited = "rate_limited", 429;
    Internal = "internal", 500;
    Unavailable = "unavailable", 503;
}

impl Code {
    /// A few words that name the kind.
    #[must_use]
    pub fn title(self, tongue: Tongue) -> String {
        texts::say(tongue, &format!("code.{}.title", self.as_str()), &[])
    }
    /// The sentence for the person, where nothing more precise is known.
    #[must_use]
    pub fn detail(self, tongue: Tongue) -> String {
        texts::say(tongue, &format!("code.{}.detail", self.as_str()), &[])
    }
}
