//! The closed set of the built-in score's signals: what an operator may name under `[captcha.weights]`.
//!
//! What each weighs by itself, and in which group, is the `captcha` room's table to say.

use serde::Deserialize;

/// One enum, its list and its names, written once.
macro_rules! signals {
    ($($signal:ident = $name:literal,)*) => {
        /// A signal of the built-in captcha score.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "captcha/builtin/weights.rs says what each means")]
        pub enum CaptchaSignal {
            $($signal,)*
        }

        impl CaptchaSignal {
            /// Every signal, by group.
            pub const ALL: [Self; [$($name,)*].len()] = [$(Self::$signal,)*];

            /// The name in the configuration, and behind `captcha.` beside a comment.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$signal => $name,)*
                }
            }
        }
    };
}

signals! {
    PowOk = "pow_ok",
    PowMissing = "pow_missing",
    PowExpired = "pow_expired",
    PowInvalid = "pow_invalid",
    PowTooFast = "pow_too_fast",
    TokenReplayed = "token_replayed",
    TokenPageMismatch = "token_page_mismatch",
    TokenNetworkChanged = "token_network_changed",
    Honeypot = "honeypot",
    FormTimeShort = "form_time_short",
    FormTimeQuick = "form_time_quick",
    FormTimeHuman = "form_time_human",
    InteractionSeen = "interaction_seen",
    InteractionNone = "interaction_none",
    PasteOnly = "paste_only",
    UserAgentTool = "user_agent_tool",
    UserAgentEmpty = "user_agent_empty",
    UserAgentDriven = "user_agent_driven",
    HeadersInconsistent = "headers_inconsistent",
    NoOrigin = "no_origin",
    OriginForeign = "origin_foreign",
    NetTor = "net_tor",
    NetHosting = "net_hosting",
    PrefixReputation = "prefix_reputation",
    PrefixRateHigh = "prefix_rate_high",
    PrefixRateExtreme = "prefix_rate_extreme",
    BodyDuplicate = "body_duplicate",
    LinkBurst = "link_burst",
    AuthorKnownGood = "author_known_good",
    AuthorKnownBad = "author_known_bad",
    ProviderPass = "provider_pass",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_read_by_the_name_it_is_told_by() {
        for signal in CaptchaSignal::ALL {
            let read: CaptchaSignal = toml::Value::from(signal.as_str()).try_into().unwrap();
            assert_eq!(read, signal);
        }
    }
}
