//! The table of providers: where each differs from the others in what it is sent and what it answers.
//!
//! Another provider is another row. How a row's parts are put into bytes and read from them is
//! `question`'s and `reply`'s business.

use crate::config::{Captcha, Provider, Style};

/// Where one provider differs from the others.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in logs and claims.
    pub provider: Provider,
    /// Which of the ways that `captcha.style` names; [`Style::Form`] where the provider has one way.
    pub style: Style,
    /// Where it is asked, where `captcha.verify_url` is empty; empty where nobody can know. `{project}`
    /// stands for `captcha.project`.
    pub url: &'static str,
    /// How the question is put.
    pub put: Put,
    /// How the answer is built.
    pub shape: Shape,
    /// Most bytes of a token: the documented maximum, or more than any that was seen.
    pub max_token: usize,
    /// Whether an answer without a score is one.
    pub score: Demand,
    /// Whether an answer without an action is one.
    pub action: Demand,
    /// What the name of a signal starts with that repeats one of its reasons.
    pub reason: &'static str,
}

/// How a question is put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// A form with `secret` and `response`.
    Form,
    /// The same with `sitekey`, which tells tokens of other keys apart.
    FormWithKey,
    /// The same with `idempotency_key`, under which it may be put again.
    FormAgain,
    /// `{secret, response}`
    Json,
    /// The token as the body, the secret as `X-API-Key`.
    Raw,
    /// `{token, key, secret}`
    Mcaptcha,
    /// `{response, sitekey}`, the secret as `X-API-Key`.
    Friendly,
    /// `{event: {token, siteKey, expectedAction}}`, the secret as `X-Goog-Api-Key`.
    Assessment,
}

/// How an answer is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// `success`, `error-codes`, `hostname`, `action`, `challenge_ts`.
    Classic(Scale),
    /// `success` with numbered codes, `origin`, `timestamp`.
    Private,
    /// `{valid}`
    Mcaptcha,
    /// `success` with `data` or `error`.
    Friendly,
    /// `tokenProperties` and `riskAnalysis`, or an RPC error.
    Assessment,
}

/// Which end of a classic answer's `score` is the human.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// 1 is a human.
    Human,
    /// 1 is a threat.
    Threat,
    /// It gives none; a `score` is passed over.
    None,
}

/// How a field of an answer is treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    /// It must be there.
    Always,
    /// It is checked where it is.
    WhenGiven,
}

/// What most have in common.
const CLASSIC: Dialect = Dialect {
    provider: Provider::Siteverify,
    style: Style::Form,
    url: "",
    put: Put::Form,
    shape: Shape::Classic(Scale::Human),
    max_token: 8192,
    score: Demand::WhenGiven,
    action: Demand::WhenGiven,
    reason: "provider_reason_",
};

/// The table.
static DIALECTS: [Dialect; 9] = [
    Dialect {
        provider: Provider::RecaptchaV3,
        url: "https://www.google.com/recaptcha/api/siteverify",
        score: Demand::Always,
        action: Demand::Always,
        ..CLASSIC
    },
    Dialect {
        provider: Provider::RecaptchaEnterprise,
        url: "https://recaptchaenterprise.googleapis.com/v1/projects/{project}/assessments",
        put: Put::Assessment,
        shape: Shape::Assessment,
        score: Demand::Always,
        action: Demand::Always,
        reason: "rc_reason_",
        ..CLASSIC
    },
    Dialect {
        provider: Provider::Hcaptcha,
        url: "https://api.hcaptcha.com/siteverify",
        put: Put::FormWithKey,
        shape: Shape::Classic(Scale::Threat),
        ..CLASSIC
    },
    Dialect {
        provider: Provider::Turnstile,
        url: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        put: Put::FormAgain,
        shape: Shape::Classic(Scale::None),
        max_token: 2048,
        ..CLASSIC
    },
    Dialect {
        provider: Provider::Friendly,
        url: "https://global.frcapi.com/api/v2/captcha/siteverify",
        put: Put::Friendly,
        shape: Shape::Friendly,
        max_token: 16_384,
        ..CLASSIC
    },
    CLASSIC,
    Dialect { style: Style::Json, put: Put::Json, ..CLASSIC },
    Dialect { style: Style::Header, put: Put::Raw, shape: Shape::Private, ..CLASSIC },
    Dialect { style: Style::Mcaptcha, put: Put::Mcaptcha, shape: Shape::Mcaptcha, ..CLASSIC },
];

impl Dialect {
    /// The row of the configured provider; none where no one outside is asked.
    #[must_use]
    pub fn of(settings: &Captcha) -> Option<&'static Self> {
        let generic = settings.provider == Provider::Siteverify;
        DIALECTS.iter().find(|row| row.provider == settings.provider && (!generic || row.style == settings.style))
    }

    /// Where it is asked; empty where the settings do not say.
    pub(super) fn endpoint(&self, settings: &Captcha) -> String {
        if settings.verify_url.is_empty() {
            self.url.replace("{project}", &settings.project)
        } else {
            settings.verify_url.clone()
        }
    }

    /// Whether the same question may be put twice without the first one spending the token.
    pub(super) fn may_ask_again(&self) -> bool {
        self.put == Put::FormAgain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outside_provider_has_one_row_and_only_the_generic_one_has_several() {
        for provider in [
            Provider::RecaptchaV3,
            Provider::RecaptchaEnterprise,
            Provider::Hcaptcha,
            Provider::Turnstile,
            Provider::Friendly,
        ] {
            let rows: Vec<_> = DIALECTS.iter().filter(|row| row.provider == provider).collect();
            assert!(rows.len() == 1 && rows[0].url.starts_with("https://"), "{rows:?}");
        }
        for style in [Style::Form, Style::Json, Style::Header, Style::Mcaptcha] {
            let rows = DIALECTS.iter().filter(|row| row.provider == Provider::Siteverify && row.style == style);
            assert!(
                rows.clone().count() == 1 && rows.clone().all(|row| row.url.is_empty()),
                "nobody is asked by chance"
            );
        }
    }
}
