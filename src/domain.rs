//! What a comment is and what can become of it.
//!
//! Plain values and their legal moves. Nothing here knows of HTTP, SQL, files, clocks or threads;
//! every other room may import this one, and it imports none.

mod attack;
mod author;
mod ban;
mod comment;
mod fault;
mod id;
mod mode;
mod page;
mod signal;
mod time;
mod tongue;
mod verdict;

pub use attack::AttackCause;
pub use author::{AuthorRecord, BodyText, DisplayName, EmailAddress, Website};
pub use ban::{BanKind, BanMode};
pub use comment::{Decision, Draft, Status};
pub use fault::{Fault, FaultCode, Faults};
pub use id::{AuthorId, BanId, CommentId, RefusalId, SiteId, TokenId};
pub use mode::Mode;
pub use page::{PageAddress, PageFault, PageIdentity, page_title};
pub use signal::{PRIOR, Scorecard, Signal, Span, risk_of};
pub use time::{Clock, Timestamp};
pub use tongue::Tongue;
pub use verdict::{CaptchaOutcome, CaptchaRecord, Verdict};
