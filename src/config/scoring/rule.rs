//! The closed set of the content score's rules: what an operator may name under `[scoring.weights]`.
//!
//! What each weighs by itself, and in which group, is the `scoring` room's table to say.

use serde::{Deserialize, Serialize};

/// One enum, its list and its names, written once.
macro_rules! rules {
    ($($rule:ident = $name:literal,)*) => {
        /// A rule of the content score; the signals it leaves bear its name.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Deserialize, Serialize)]
        #[expect(missing_docs, reason = "docs/moderation.md says what each looks for, scoring/rules.rs what it weighs")]
        pub enum Rule {
            $(#[serde(rename = $name)] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of their groups.
            pub const ALL: [Self; [$($name,)*].len()] = [$(Self::$rule,)*];

            /// The name in the configuration, the store and the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$rule => $name,)*
                }
            }

            /// The rule of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$rule),)*
                    _ => None,
                }
            }
        }
    };
}

rules! {
    LinkForeign = "link_foreign",
    LinkMany = "link_many",
    LinkHosts = "link_hosts",
    LinkOwn = "link_own",
    LinkShortener = "link_shortener",
    LinkBare = "link_bare",
    LinkMostly = "link_mostly",
    AuthorLink = "author_link",
    AuthorLinkRepeated = "author_link_repeated",
    Markup = "markup",
    RepeatedCharacters = "repeated_characters",
    RepeatedWords = "repeated_words",
    Capitals = "capitals",
    Length = "length",
    Punctuation = "punctuation",
    Emoji = "emoji",
    Language = "language",
    MixedScript = "mixed_script",
    HiddenCharacters = "hidden_characters",
    BidiControl = "bidi_control",
    CombiningMarks = "combining_marks",
    StyledLetters = "styled_letters",
    SpacedLetters = "spaced_letters",
    WordDisguised = "word_disguised",
    SpamPhrase = "spam_phrase",
    WordHold = "word_hold",
    WordReject = "word_reject",
    LinkListed = "link_listed",
    MailDisposable = "mail_disposable",
    StaffLookalike = "staff_lookalike",
    StaffTitle = "staff_title",
    EmailUnproven = "email_unproven",
    NearCopy = "near_copy",
    Flood = "flood",
    Honeypot = "honeypot",
    NoOrigin = "no_origin",
    CaptchaMissing = "captcha_missing",
    CaptchaLow = "captcha_low",
    CaptchaUnverified = "captcha_unverified",
    CaptchaFailed = "captcha_failed",
    BanHold = "ban_hold",
    OverEmailLimit = "over_email_limit",
    AttackMode = "attack_mode",
    SentFast = "sent_fast",
    AuthorBurst = "author_burst",
    NetworkBurst = "network_burst",
    AuthorApproved = "author_approved",
    AuthorRejected = "author_rejected",
    AuthorSpam = "author_spam",
    NetworkSpam = "network_spam",
    Learned = "learned",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_and_found_by_the_name_that_its_signals_bear() {
        for rule in Rule::ALL {
            let read: Rule = toml::Value::from(rule.name()).try_into().unwrap();
            assert_eq!((read, Rule::named(rule.name())), (rule, Some(rule)));
        }
        assert_eq!(Rule::named("captcha.honeypot"), None);
    }
}
