//! The news page to try the comments on: an article of our own, and what a publisher would put under it.

use serde::Serialize;

/// The article's title.
const TITLE: &str = "Mill Lane footbridge reopens after two winters";

/// The news page's values.
#[derive(Clone)]
pub struct DemoPage {
    /// The page as the element and the form name it.
    pub page: String,
    /// Where its comments stand as a page of their own.
    pub thread_url: String,
    /// Where its newest comments are as a feed.
    pub feed_url: String,
    /// The site asks for an email address.
    pub email_required: bool,
    /// A comment was just sent and waits.
    pub waits: bool,
}

impl DemoPage {
    pub(super) fn view(&self) -> DemoView<'_> {
        let Self { page, thread_url, feed_url, email_required, waits } = self;
        DemoView { title: TITLE, page, thread_url, feed_url, email_required: *email_required, waits: *waits }
    }
}

#[derive(Serialize)]
pub(super) struct DemoView<'a> {
    title: &'static str,
    page: &'a str,
    thread_url: &'a str,
    feed_url: &'a str,
    email_required: bool,
    waits: bool,
}
