//! The small pages: the front door, the receipt, an error.

use serde::Serialize;

/// The front door's values.
#[derive(Clone, Debug, Serialize)]
pub struct LandingPage {
    /// The address readers use, without a slash at the end.
    pub public_url: String,
    /// The version that runs.
    pub version: String,
}

/// What the sender of a form reads where the site says `after_form = "receipt"`.
#[derive(Clone, Debug, Serialize)]
pub struct ReceiptPage {
    /// Shown already, or waiting for a moderator.
    pub published: bool,
    /// Back to the article, with the comment's fragment where it is shown.
    pub back_url: String,
    /// It leads to the comments as a page of their own.
    pub to_thread: bool,
}

/// An error's values; the detail is the catalogue's and holds nothing internal.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemPage {
    /// The HTTP status.
    pub status: u16,
    /// E.g. `Not found`.
    pub title: String,
    /// One sentence; may be empty.
    pub detail: String,
    /// What is wrong with what was asked for, a sentence each; may be empty.
    pub faults: Vec<String>,
    /// What the log calls the request.
    pub request_id: Option<String>,
}
