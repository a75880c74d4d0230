//! Everything a rule may look at, and what is worked out once for all of them.

use std::time::Duration;

use crate::{
    config,
    domain::{AuthorRecord, CaptchaOutcome},
    text::{Reading, links},
};

/// What is known of a submission when its content is scored. It has no `Debug`: most of it is
/// personal.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The name shown beside the comment.
    pub name: &'a str,
    /// The address given, if any.
    pub email: Option<&'a str>,
    /// The author's own site, if given.
    pub url: Option<&'a str>,
    /// The comment as it was typed.
    pub body: &'a str,
    /// What was read in that body, where somebody has read it already.
    pub reading: Option<&'a Reading>,
    /// Hosts of the site's own pages, in lower case, without scheme and port.
    pub own_hosts: &'a [String],
    /// Display and user names of the site's moderators.
    pub staff_names: &'a [String],
    /// The record behind the author token: its good part counts only where it is proven.
    pub author: AuthorRecord,
    /// The record of the email address, which anyone can type: it can only weigh against.
    pub email_record: AuthorRecord,
    /// What moderators lately decided on comments of this network, the older at less.
    pub network: NetworkRecord,
    /// Comments and challenges of this network at the moment, a count that halves every five minutes.
    pub network_rate: f64,
    /// Other comments of this author or under this email in the last ten minutes.
    pub lately: u32,
    /// From the page or its challenge to sending, where the text was not pasted; none where nobody knows.
    pub typed_within: Option<Duration>,
    /// The same or nearly the same text, lately.
    pub copies: Copies,
    /// The comment is a moderator's own, signed in.
    pub by_staff: bool,
    /// The email is a known author's or a moderator's, and nothing proves that it is theirs.
    pub email_unproven: bool,
    /// The field that no human sees was filled in.
    pub honeypot_filled: bool,
    /// The request named no origin.
    pub no_origin: bool,
    /// What the captcha came to; none where it was not asked, as at an edit.
    pub captcha: Option<CaptchaOutcome>,
    /// More comments under this email than the site's limit.
    pub over_email_limit: bool,
    /// The page or the site is in attack mode.
    pub attack: bool,
    /// A ban in mode `hold` applies.
    pub ban_hold: bool,
}

/// Decisions on a network's comments, each at less than one the older it is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct NetworkRecord {
    /// Approved.
    pub approved: f64,
    /// Marked as spam.
    pub spam: f64,
}

/// How often nearly the same text has come lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Copies {
    /// From other senders; [`Copies::MOST`] or so at most.
    pub others: u32,
    /// From this sender, elsewhere.
    pub own: u32,
    /// Those of the very same words.
    pub same: u32,
    /// Those that a moderator marked as spam.
    pub spam: u32,
    /// The text is so short that many write it: only the very same counts.
    pub short: bool,
}

impl Copies {
    /// More are not counted.
    pub const MOST: u32 = 256;
}

/// The facts with what several rules need.
pub(super) struct Seen<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) body: &'a Reading,
    /// The operator's lists of domains.
    pub(super) lists: &'a config::Lists,
}

impl<'a> Seen<'a> {
    /// Whether a host is the site's own, or a neighbour under the same registered domain.
    pub(super) fn is_own(&self, host: &str) -> bool {
        self.facts.own_hosts.iter().any(|own| own == host || links::registrable(own) == links::registrable(host))
    }
}
