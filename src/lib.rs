//! Replydesk: the backend behind the comment form of a news page.
pub mod domain;
pub mod keys;
