//! How a refusal of the pipeline is told on the wire.

use std::time::Duration;

use actix_web::http::header::HeaderName;

use super::{
    error::{Code, Problem},
    strict::JsonFault,
};
use crate::{
    domain::{Fault, FaultCode},
    intake::{ChangeRefused, Refusal},
};

/// When to come back after the store or the limiter gave no answer.
const SHORTLY: Duration = Duration::from_secs(2);

/// The problem document of a refusal.
pub(super) fn problem(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::Invalid(faults) => invalid(faults),
        Refusal::TooDeep => invalid(&[Fault::new("parent", FaultCode::Invalid)]),
        Refusal::IdempotencyReused => Problem::new(Code::IdempotencyKeyReused),
        Refusal::Origin => Problem::new(Code::OriginNotAllowed),
        Refusal::Banned => Problem::new(Code::Banned),
        Refusal::Closed => Problem::new(Code::CommentsClosed),
        Refusal::ParentNotFound => Problem::new(Code::ParentNotFound),
        Refusal::Duplicate => Problem::new(Code::Duplicate),
        Refusal::Limited { wait, standing } => {
            let mut problem = Problem::new(Code::RateLimited).after(*wait);
            let headers = [("ratelimit-policy", standing.policy()), ("ratelimit", standing.limit())];
            for (name, value) in headers {
                problem = match value {
                    Some(value) => problem.header(HeaderName::from_static(name), value),
                    None => problem,
                };
            }
            problem
        }
        Refusal::Waiting(wait) => Problem::new(Code::RateLimited).after(*wait),
        Refusal::Captcha(refused) => {
            let code = if refused.by_score { Code::CaptchaScoreLow } else { Code::CaptchaFailed };
            let problem = Problem::new(code)
                .with("reference", refused.reference.clone())
                .with("contact", Some(refused.contact.clone()).filter(|contact| !contact.is_empty()));
            if refused.by_score {
                problem.with("review", refused.review)
            } else {
                problem.with("reason", refused.reason)
            }
        }
        Refusal::Busy => Problem::new(Code::Unavailable).after(SHORTLY),
        Refusal::Store(fault) => fault.clone().into(),
    }
}

/// All faults of a form.
pub(super) fn invalid(faults: &[Fault]) -> Problem {
    faults.iter().fold(Problem::new(Code::ValidationFailed), Problem::fault)
}

/// The problem document of a refused change.
pub(super) fn change(refused: &ChangeRefused) -> Problem {
    match refused {
        ChangeRefused::NotFound => Problem::new(Code::NotFound),
        ChangeRefused::WrongToken => Problem::new(Code::EditTokenInvalid),
        ChangeRefused::TooLate => Problem::new(Code::EditWindowClosed),
        ChangeRefused::Conflict => Problem::new(Code::VersionConflict),
        ChangeRefused::Gate(refusal) => problem(refusal),
    }
}

impl From<JsonFault> for Problem {
    fn from(fault: JsonFault) -> Self {
        // serde_json quotes what it met, which may be what somebody typed: only the place is told.
        let (JsonFault::Malformed(at) | JsonFault::Shape(at)) = &fault;
        let place = format!("line {}, column {}", at.line(), at.column());
        Self::new(Code::Malformed).saying(match fault {
            JsonFault::Malformed(_) => {
                format!("The body is no JSON that is taken here (no key twice, no deeper than 16): see {place}.")
            }
            JsonFault::Shape(_) => format!("Send one JSON object with the documented fields: see {place}."),
        })
    }
}
