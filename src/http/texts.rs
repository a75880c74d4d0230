//! The catalogue: what a person reads, by code. English.

pub(super) mod statement;

/// A comment that waits.
pub(super) const PENDING: &str = "Thank you. Your comment is awaiting moderation.";
/// A comment that was published at once.
pub(super) const PUBLISHED: &str = "Thank you. Your comment has been published.";

/// The sentence for a field's fault.
#[must_use]
pub(super) fn field(field: &str, code: &str, bound: Option<usize>) -> String {
    match (field, code) {
        ("body", "required") => "Please enter your comment!".into(),
        ("name", "required") => "Please enter your name here".into(),
        ("email", "required") => "Please enter your email address here".into(),
        ("email", "invalid") => "You have entered an incorrect email address!".into(),
        ("name", "invalid") => {
            "Please enter a name with at least one letter or number and no hidden characters.".into()
        }
        ("url", "invalid") => {
            "Please enter a web address that starts with http:// or https://, or leave it empty.".into()
        }
        ("body", "invalid") => "Your comment holds characters that cannot be stored. Please remove them.".into(),
        ("page", "required") => "Say which page the comment is for.".into(),
        ("page", "invalid") => {
            "Give the page as an absolute http(s) address of this site, or as a path that starts with /.".into()
        }
        ("parent", "invalid") => {
            "This comment cannot be replied to. Send yours without it, or reply to another.".into()
        }
        ("reason", "required") => "Please say what is wrong with this comment.".into(),
        ("idempotency_key", _) => "Send 1 to 128 visible ASCII characters.".into(),
        (_, "required") => "Please fill in this field.".into(),
        (_, "too_short") => format!("Please write at least {} characters.", bound.unwrap_or(1)),
        (_, "too_long") => format!("Please shorten this to at most {} characters.", bound.unwrap_or(0)),
        _ => "This is not in the form asked for.".into(),
    }
}
