//! The table of the built-in score: what each signal weighs, in which group, and how far a group goes.
//!
//! Log-odds of a machine, a reasoned start and not fitted to traffic; an operator's `[captcha.weights]`
//! stand in their place. The bounds of the groups hold for those too: network facts decide nothing
//! alone, whoever weighed them.

use std::collections::BTreeMap;

use crate::config::CaptchaSignal as Seen;

/// Signals whose weights are bounded together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Group {
    /// The proof of work and its token.
    Pow,
    /// What was done in the form.
    Client,
    /// The request's headers.
    Headers,
    /// The network it came from.
    Net,
    /// The text.
    Content,
    /// The author's record.
    Author,
    /// What another provider said.
    Provider,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 7] =
        [Self::Pow, Self::Client, Self::Headers, Self::Net, Self::Content, Self::Author, Self::Provider];

    /// The name in tables and in the signal that tells of its bound, `bound_NAME`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pow => "pow",
            Self::Client => "client",
            Self::Headers => "headers",
            Self::Net => "net",
            Self::Content => "content",
            Self::Author => "author",
            Self::Provider => "provider",
        }
    }

    /// How far the group's signals may move the sum, least and most; none where they are not bounded.
    #[must_use]
    pub const fn cap(self) -> Option<(f64, f64)> {
        match self {
            Self::Client => Some((-0.8, 4.5)),
            // They never speak for anybody.
            Self::Headers => Some((0.0, 3.0)),
            Self::Net => Some((-0.6, 2.2)),
            Self::Pow | Self::Content | Self::Author | Self::Provider => None,
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weight {
    /// The signal.
    pub signal: Seen,
    /// Its name.
    pub name: &'static str,
    /// Log-odds of a machine. `prefix_reputation` is the most that it weighs against.
    pub weight: f64,
    /// Its group.
    pub group: Group,
    /// What it says to a moderator.
    pub says: &'static str,
}

/// Every signal with its shipped weight.
#[expect(clippy::indexing_slicing, reason = "a constant is worked out when it is compiled: a slip would not build")]
pub const WEIGHTS: [Weight; Seen::ALL.len()] = {
    let mut table = [Weight::of(Seen::PowOk); Seen::ALL.len()];
    let mut row = 0;
    while row < table.len() {
        table[row] = Weight::of(Seen::ALL[row]);
        row += 1;
    }
    table
};

impl Weight {
    /// A signal's row.
    #[must_use]
    pub const fn of(signal: Seen) -> Self {
        let (weight, group, says) = row(signal);
        Self { signal, name: signal.as_str(), weight, group, says }
    }

    /// The weight in force: the operator's, else the shipped one.
    #[must_use]
    pub fn in_force(self, own: &BTreeMap<Seen, f64>) -> f64 {
        own.get(&self.signal).copied().unwrap_or(self.weight)
    }
}

const fn row(signal: Seen) -> (f64, Group, &'static str) {
    match signal {
        Seen::PowOk => (-1.2, Group::Pow, "The browser did its proof of work."),
        Seen::PowMissing => (2.0, Group::Pow, "No proof of work came, as from a browser without JavaScript."),
        Seen::PowExpired => (2.0, Group::Pow, "The proof of work came too late."),
        Seen::PowInvalid => (4.0, Group::Pow, "The proof of work is forged or wrong."),
        Seen::PowTooFast => (0.8, Group::Pow, "The proof of work was done faster than a browser can."),
        Seen::TokenReplayed => (4.0, Group::Pow, "The token was used before."),
        Seen::TokenPageMismatch => (1.5, Group::Pow, "The proof of work was done for another page or form."),
        Seen::TokenNetworkChanged => (0.3, Group::Pow, "The network changed between opening the form and sending it."),
        Seen::Honeypot => (3.0, Group::Client, "A field that people do not see was filled in."),
        Seen::FormTimeShort => (2.0, Group::Client, "Sent within two seconds of opening the form."),
        Seen::FormTimeQuick => (0.6, Group::Client, "Sent within five seconds of opening the form."),
        Seen::FormTimeHuman => (-0.4, Group::Client, "Took as long over the form as people do."),
        Seen::InteractionSeen => (-0.4, Group::Client, "Keys, pointer or touch were used in the form."),
        Seen::InteractionNone => (0.5, Group::Client, "The script ran, but nobody touched the form."),
        Seen::PasteOnly => (0.3, Group::Client, "The text was pasted and no key pressed."),
        Seen::UserAgentTool => (2.5, Group::Headers, "The client says it is a tool, not a browser."),
        Seen::UserAgentEmpty => (1.5, Group::Headers, "The client does not say what it is."),
        Seen::UserAgentDriven => (0.5, Group::Headers, "The browser says that a program drives it."),
        Seen::HeadersInconsistent => {
            (0.8, Group::Headers, "The client says it is a browser, but sends other headers than one.")
        }
        Seen::NoOrigin => (0.5, Group::Headers, "The request does not say which page it came from."),
        Seen::OriginForeign => (2.0, Group::Headers, "The form was sent from another site."),
        Seen::NetTor => (1.0, Group::Net, "It came through the Tor network."),
        Seen::NetHosting => (0.8, Group::Net, "It came from a hosting provider's network, as through a VPN."),
        Seen::PrefixReputation => (1.5, Group::Net, "What moderators lately decided on comments from this network."),
        Seen::PrefixRateHigh => (1.2, Group::Net, "Much comes from this network at the moment."),
        Seen::PrefixRateExtreme => (2.2, Group::Net, "A flood comes from this network at the moment."),
        Seen::BodyDuplicate => (2.5, Group::Content, "The same text was sent before."),
        Seen::LinkBurst => (0.8, Group::Content, "The text is full of links."),
        Seen::AuthorKnownGood => {
            (-1.5, Group::Author, "The author is proven, and moderators approved their comments before.")
        }
        Seen::AuthorKnownBad => (2.0, Group::Author, "Moderators marked most comments under this email as spam."),
        Seen::ProviderPass => (-1.0, Group::Provider, "The captcha provider let it pass and gives no score."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_its_row_and_no_weight_leaves_its_groups_bounds_alone() {
        for (row, signal) in WEIGHTS.iter().zip(Seen::ALL) {
            assert_eq!((row.signal, row.name), (signal, signal.as_str()));
            assert!(row.says.ends_with('.'), "{}", row.name);
            if let Some((least, most)) = row.group.cap() {
                assert!((least..=most).contains(&row.weight), "{}", row.name);
            }
        }
    }

    #[test]
    fn an_operators_weight_stands_in_the_shipped_ones_place() {
        let own = BTreeMap::from([(Seen::NetTor, 0.0)]);
        assert_eq!(Weight::of(Seen::NetTor).in_force(&own), 0.0);
        assert_eq!(Weight::of(Seen::NetHosting).in_force(&own), 0.8);
    }
}
