//! What the built-in score may look at: what a client showed, and what is known around it.
//!
//! Facts alone; what they weigh is `builtin`'s to say, and who found them out is not known here.

use std::net::IpAddr;

use crate::domain::AuthorRecord;

/// What a client showed beside the token. There is no `Debug`: it says who somebody is.
#[derive(Clone, Copy)]
pub struct ClientFacts<'a> {
    /// Eight hex digits of a keyed hash of the client's /24 or /48.
    pub network_mark: &'a str,
    /// The client's address. A provider is told it only under `captcha.send_address`.
    pub address: IpAddr,
    /// `User-Agent`
    pub user_agent: Option<&'a str>,
    /// `Accept-Language` came.
    pub has_accept_language: bool,
    /// Any `Sec-Fetch-*` came.
    pub has_sec_fetch: bool,
    /// `Sec-CH-UA` came.
    pub has_client_hints: bool,
    /// Where the form was sent from.
    pub origin: OriginSeen,
    /// The field that a human leaves empty was not.
    pub honeypot_filled: bool,
    /// The widget's `t_first`, `t_total`, `keys`, `key_jitter_bucket`, `moves_bucket`, `pastes`.
    pub interaction: Option<[u32; 6]>,
    /// What is known beside the request.
    pub around: Around,
}

/// What is known beside the request: of its network, its text and its author. The default knows nothing.
#[derive(Clone, Copy, Default)]
pub struct Around {
    /// How moderators decided on the network's comments.
    pub reputation: Reputation,
    /// Challenges and submissions of the network, a decaying count by [`super::pressure::HALF_LIFE`].
    pub network_rate: f64,
    /// Comments with the same text lately.
    pub copies: u32,
    /// Characters of the text.
    pub length: usize,
    /// Links in the text and the author's website.
    pub links: usize,
    /// The author's record; its good part needs proof.
    pub author: AuthorRecord,
    /// The record under the email, which anybody can type.
    pub email: AuthorRecord,
}

/// Moderators' decisions on a network's comments, each at less the older it is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Reputation {
    /// Approved.
    pub good: f64,
    /// Marked as spam.
    pub bad: f64,
}

/// What `Origin`, or else `Referer`, said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OriginSeen {
    /// One of the site's.
    Own,
    /// Another.
    Foreign,
    /// Nothing, or `null`.
    Absent,
}
