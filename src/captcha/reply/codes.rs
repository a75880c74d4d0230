//! The providers' error codes, in one table: no code means two things.
//!
//! The set is open. A code that is not here is the provider's trouble and not the visitor's; so is
//! one by which the provider says that it did not understand us.

use crate::captcha::{FailKind, Standing, Why};

/// What one code means; none for a code that nobody here knows.
pub(super) fn meaning(code: &str) -> Option<Standing> {
    Some(match code {
        // Secret, site key or account are wrong, or of a test.
        "missing-input-secret"
        | "invalid-input-secret"
        | "invalid-keys"
        | "invalid-parsed-secret"
        | "invalid-widget-id"
        | "invalid-sitekey"
        | "sitekey-secret-mismatch"
        | "not-using-dummy-passcode"
        | "not-using-dummy-secret"
        | "missing-remoteip"
        | "invalid-remoteip"
        | "auth_required"
        | "auth_invalid"
        | "sitekey_invalid"
        | "property-invalid"
        | "property-owner-mismatch"
        | "property-test"
        | "invalid-site-key"
        | "invalid-site-key-or-secret"
        | "unauthenticated"
        | "permission_denied"
        | "not_found" => Standing::Unverified(Why::OperatorConfig),
        "timeout-or-duplicate" | "invalid-or-already-seen-response" | "token-not-found" => {
            Standing::Fail(FailKind::ExpiredOrDuplicate)
        }
        "already-seen-response" | "response_duplicate" | "solution-verified-before" | "already_redeemed" | "dupe" => {
            Standing::Fail(FailKind::Duplicate)
        }
        "expired-input-response" | "response_timeout" | "puzzle-expired" | "token-expired" | "expired" => {
            Standing::Fail(FailKind::Expired)
        }
        "unexpected_action" => Standing::Fail(FailKind::ActionMismatch),
        "malformed" => Standing::Fail(FailKind::Malformed),
        "scope_mismatch" | "site_mismatch" => Standing::Fail(FailKind::KeyMismatch),
        "invalid-input-response"
        | "browser-error"
        | "response_invalid"
        | "solution-duplicates"
        | "solution-invalid"
        | "solution-bad-format"
        | "integrity-error"
        | "invalid_token"
        | "invalid_solution"
        | "missing"
        | "browser_error"
        | "unknown_invalid_reason"
        | "invalid_reason_unspecified"
        // Of Cap: the token has not the three parts of one.
        | "missing-required-parameters" => Standing::Fail(FailKind::Refused),
        // A blank token is never sent, so that "missing" is not the visitor's either.
        "missing-input-response" | "response_missing" | "bad-request" | "bad_request" | "internal-error"
        | "error-other" | "maintenance-mode" | "invalid_argument" | "resource_exhausted" | "unavailable" | "internal"
        | "deadline_exceeded" | "unknown" => Standing::Unverified(Why::ProviderInternal),
        // Cap's checks of the browser, an open family.
        code if code.starts_with("instr_") => Standing::Fail(FailKind::Refused),
        _ => return None,
    })
}

/// What codes come to together: the operator's trouble first, then what is known of the token, then the
/// provider's trouble. A plain "no" without any code is a "no".
pub(super) fn gravest(codes: &[String]) -> Standing {
    let internal = Standing::Unverified(Why::ProviderInternal);
    let meanings = codes.iter().map(|code| meaning(code).unwrap_or(internal));
    meanings.min_by_key(|standing| rank(*standing)).unwrap_or(Standing::Fail(FailKind::Refused))
}

fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Unverified(Why::OperatorConfig) => 0,
        Standing::Fail(FailKind::Refused) => 2,
        Standing::Fail(_) => 1,
        _ => 3,
    }
}
