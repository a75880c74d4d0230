//! The table of the content score: what each rule weighs by itself, in which group, and a group's cap.
//!
//! Log-odds, a reasoned start and not fitted to any site. What a rule looks at is its own business, how
//! findings become a risk is `weighing`'s.

use crate::config::Rule;

/// Rules whose weights are capped together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// Where the comment leads.
    Links,
    /// How it is written.
    Shape,
    /// Characters that pass for others.
    Disguise,
    /// The shipped list of what advertising says.
    Phrases,
    /// The operator's own lists.
    Lists,
    /// How it came, and from whom.
    Sender,
    /// What moderators decided before.
    Record,
    /// What their decisions teach of the text.
    Learned,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 8] = [
        Self::Links,
        Self::Shape,
        Self::Disguise,
        Self::Phrases,
        Self::Lists,
        Self::Sender,
        Self::Record,
        Self::Learned,
    ];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Shape => "shape",
            Self::Disguise => "disguise",
            Self::Phrases => "phrases",
            Self::Lists => "lists",
            Self::Sender => "sender",
            Self::Record => "record",
            Self::Learned => "learned",
        }
    }

    /// The most that the group's signals add, in log-odds.
    #[must_use]
    pub const fn cap(self) -> f64 {
        match self {
            Self::Links | Self::Lists => 4.0,
            Self::Shape => 1.5,
            Self::Disguise => 3.5,
            Self::Phrases => 2.8,
            Self::Record => 2.5,
            Self::Sender => 5.0,
            // Never met: the model bounds itself, and scores cut to one height could not be told apart.
            Self::Learned => 40.0,
        }
    }
}

impl Rule {
    /// The table: log-odds and group.
    const fn row(self) -> (f64, Group) {
        match self {
            Self::LinkForeign => (1.2, Group::Links),
            Self::LinkMany => (0.9, Group::Links),
            Self::LinkHosts => (0.5, Group::Links),
            Self::LinkOwn => (-0.2, Group::Links),
            Self::LinkShortener => (1.5, Group::Links),
            Self::LinkBare => (0.3, Group::Links),
            Self::LinkMostly => (1.0, Group::Links),
            Self::AuthorLink => (0.3, Group::Links),
            Self::AuthorLinkRepeated => (0.6, Group::Links),
            Self::Markup => (1.6, Group::Links),
            Self::RepeatedCharacters => (0.4, Group::Shape),
            Self::RepeatedWords => (0.9, Group::Shape),
            Self::Capitals => (0.6, Group::Shape),
            Self::Length => (0.2, Group::Shape),
            Self::Punctuation => (0.3, Group::Shape),
            Self::Emoji => (0.3, Group::Shape),
            Self::Language => (0.5, Group::Shape),
            Self::MixedScript => (1.4, Group::Disguise),
            Self::HiddenCharacters => (1.4, Group::Disguise),
            Self::BidiControl => (1.0, Group::Disguise),
            Self::CombiningMarks => (1.0, Group::Disguise),
            Self::StyledLetters => (2.2, Group::Disguise),
            Self::SpacedLetters => (1.3, Group::Disguise),
            Self::WordDisguised => (1.2, Group::Disguise),
            Self::SpamPhrase => (1.5, Group::Phrases),
            Self::WordHold => (1.5, Group::Lists),
            Self::WordReject => (3.0, Group::Lists),
            Self::LinkListed => (2.5, Group::Lists),
            Self::MailDisposable => (0.8, Group::Lists),
            Self::StaffLookalike => (2.0, Group::Sender),
            Self::StaffTitle => (0.5, Group::Sender),
            Self::EmailUnproven => (0.5, Group::Sender),
            Self::NearCopy => (1.0, Group::Sender),
            Self::Flood => (0.0, Group::Sender),
            Self::Honeypot => (3.5, Group::Sender),
            Self::NoOrigin => (0.4, Group::Sender),
            Self::CaptchaMissing => (0.4, Group::Sender),
            Self::CaptchaLow => (1.0, Group::Sender),
            Self::CaptchaUnverified => (0.2, Group::Sender),
            Self::CaptchaFailed => (2.0, Group::Sender),
            Self::BanHold => (1.0, Group::Sender),
            Self::OverEmailLimit => (0.6, Group::Sender),
            Self::AttackMode => (0.3, Group::Sender),
            Self::SentFast => (0.5, Group::Sender),
            Self::AuthorBurst => (0.4, Group::Sender),
            Self::NetworkBurst => (0.3, Group::Sender),
            Self::AuthorApproved => (-0.8, Group::Record),
            Self::AuthorRejected => (0.5, Group::Record),
            Self::AuthorSpam => (1.2, Group::Record),
            Self::NetworkSpam => (0.8, Group::Record),
            // Found as strongly as the model's own log-odds.
            Self::Learned => (1.0, Group::Learned),
        }
    }

    /// The shipped log-odds: what it adds where it is found at strength 1 and the operator names no other.
    #[must_use]
    pub const fn weight(self) -> f64 {
        self.row().0
    }

    /// The rules that it is capped with.
    #[must_use]
    pub const fn group(self) -> Group {
        self.row().1
    }

    /// Whether the signal tells a moderator why a comment waits, and so shows even at weight 0.
    pub(super) const fn is_reason(self) -> bool {
        matches!(
            self,
            Self::WordHold
                | Self::Flood
                | Self::WordReject
                | Self::StaffLookalike
                | Self::CaptchaMissing
                | Self::CaptchaLow
                | Self::CaptchaUnverified
                | Self::CaptchaFailed
                | Self::BanHold
                | Self::OverEmailLimit
                | Self::AttackMode
        )
    }
}
