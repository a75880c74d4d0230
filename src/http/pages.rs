//! Every page a person sees, from plain values to finished HTML.
//!
//! Templates are compiled once; every value is escaped as it is written, and an address reaches an
//! `href` only through the `href` filter. Nothing here knows the store, the request or the clock:
//! handlers fill in the values below and send what comes out. All of it works without JavaScript,
//! and nothing needs an inline script or style.

mod demo;
mod docs;
mod failed;
mod form;
mod plain;
mod thread;
mod words;

use std::collections::BTreeMap;

use minijinja::{
    Environment, UndefinedBehavior, context,
    value::{Serde, Value},
};
use serde::Serialize;

use super::assets;
use crate::domain::Tongue;

pub use demo::DemoPage;
pub use docs::DocsPage;
pub use failed::{FormFailedPage, Refusal};
pub use form::{FieldFault, FormState, FormValues, ReplyingTo};
pub use plain::{LandingPage, ProblemPage, ReceiptPage};
pub use thread::{Notice, Order, PageComment, ThreadView};

/// A template that does not compile or values that do not fit it: a fault of the program.
#[derive(Debug, thiserror::Error)]
#[error("a page cannot be rendered")]
pub struct PagesError(#[from] minijinja::Error);

/// The templates, ready to fill.
#[derive(Debug)]
pub struct Pages(Environment<'static>);

const TEMPLATES: [(&str, &str); 12] = [
    ("layout.html", include_str!("../../web/pages/layout.html")),
    ("form.html", include_str!("../../web/pages/form.html")),
    ("article.html", include_str!("../../web/pages/article.html")),
    ("comments.html", include_str!("../../web/pages/comments.html")),
    ("thread.html", include_str!("../../web/pages/thread.html")),
    ("demo.html", include_str!("../../web/pages/demo.html")),
    ("form_failed.html", include_str!("../../web/pages/form_failed.html")),
    ("receipt.html", include_str!("../../web/pages/receipt.html")),
    ("landing.html", include_str!("../../web/pages/landing.html")),
    ("problem.html", include_str!("../../web/pages/problem.html")),
    ("docs.html", include_str!("../../web/pages/docs.html")),
    ("desk.html", include_str!("../../web/pages/desk.html")),
];

impl Pages {
    /// Compiles the templates.
    ///
    /// # Errors
    /// Where one of them does not compile.
    pub fn new() -> Result<Self, PagesError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // An error quotes the values around it, and those are people's words: keep them out of logs.
        environment.set_debug(false);
        environment.add_filter("href", |address: String| href(&address).to_owned());
        environment.add_function("asset", |name: String| assets::address(&name));
        environment.add_function("asset_folder", |name: String| assets::folder_address(&name));
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(Self(environment))
    }

    /// The news page to try the comments on.
    ///
    /// # Errors
    /// Where the values do not fit the template; so do the others below.
    pub fn demo(&self, page: &DemoPage) -> Result<String, PagesError> {
        self.render("demo.html", Tongue::English, &page.view())
    }

    /// A page's comments and the form as a page of their own.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn thread(&self, tongue: Tongue, page: &ThreadView) -> Result<String, PagesError> {
        self.render("thread.html", tongue, &page.view())
    }

    /// What answers a form that could not be taken: the reasons, and the form ready to send again.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn form_failed(&self, tongue: Tongue, page: &FormFailedPage) -> Result<String, PagesError> {
        self.render("form_failed.html", tongue, &page.view(tongue))
    }

    /// What happens next, after a form was taken.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn receipt(&self, tongue: Tongue, page: &ReceiptPage) -> Result<String, PagesError> {
        self.render("receipt.html", tongue, page)
    }

    /// The server's front door.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn landing(&self, page: &LandingPage) -> Result<String, PagesError> {
        self.render("landing.html", Tongue::English, page)
    }

    /// An error, for somebody who came with a browser.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn problem(&self, tongue: Tongue, page: &ProblemPage) -> Result<String, PagesError> {
        self.render("problem.html", tongue, page)
    }

    /// The API's reference.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn docs(&self, page: &DocsPage) -> Result<String, PagesError> {
        self.render("docs.html", Tongue::English, page)
    }

    /// The moderators' desk: a frame that its scripts fill, the same for everybody.
    #[expect(clippy::missing_errors_doc, reason = "said at `demo`")]
    pub fn desk(&self) -> Result<String, PagesError> {
        self.render("desk.html", Tongue::English, &BTreeMap::<&str, &str>::new())
    }

    fn render(&self, template: &str, tongue: Tongue, values: &impl Serialize) -> Result<String, PagesError> {
        let values = context! { ..words::of(tongue), ..Value::from(Serde(values)) };
        Ok(self.0.get_template(template)?.render(values)?)
    }
}

/// The address where it may be followed (`http`, `https`, `mailto`, a path or a query or fragment
/// of this page), `#` where it may not.
fn href(address: &str) -> &str {
    let lower = address.trim_start().to_ascii_lowercase();
    let is_path = matches!(address.as_bytes(), [b'/'] | [b'?' | b'#', ..])
        || matches!(address.as_bytes(), [b'/', next, ..] if !matches!(next, b'/' | b'\\'));
    let has_scheme = ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    if is_path || has_scheme { address } else { "#" }
}

#[cfg(test)]
mod tests;
