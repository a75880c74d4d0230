//! A stretch of a list that is short enough to be read whole, such as people, tokens and sessions.

use actix_web::HttpRequest;

use super::{
    Services,
    error::{Code, Problem},
    query::Query,
};
use crate::moderation::cursor;

/// The part of a list that was asked for by `limit` and `cursor`, and where the next starts. `place` says
/// where an entry stands: the list is in its order, and no two entries share one.
///
/// # Errors
/// `validation_failed` or `invalid_cursor`.
pub(super) fn stretch<T>(
    request: &HttpRequest,
    services: &Services,
    question: &str,
    mut all: Vec<T>,
    place: impl Fn(&T) -> Vec<u8>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let query = Query::of(request, &["limit", "cursor"])?;
    let limit = query.limit()?;
    if let Some(text) = query.text("cursor") {
        let last = cursor::open(&services.keys, question, text).ok_or_else(|| Problem::new(Code::InvalidCursor))?;
        all.retain(|entry| place(entry) > last);
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|last| cursor::seal(&services.keys, question, &place(last)));
    Ok((all, next))
}
