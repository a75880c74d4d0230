//! Whether a captcha provider has all that it needs to be asked, and none of the keys that are for testing.
//!
//! It looks at the settings alone: whether the provider knows the keys is `replydesk captcha check`'s to say.

use secrecy::ExposeSecret;

use super::{Court, Scope};
use crate::config::{Captcha, Provider, Style};

/// Keys that providers publish for testing: they let everything pass, or nothing.
const TEST_KEYS: [&str; 16] = [
    "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
    "10000000-ffff-ffff-ffff-000000000001",
    "20000000-ffff-ffff-ffff-000000000002",
    "30000000-ffff-ffff-ffff-000000000003",
    "0x0000000000000000000000000000000000000000",
    "1x00000000000000000000AA",
    "2x00000000000000000000AB",
    "1x00000000000000000000BB",
    "2x00000000000000000000BB",
    "3x00000000000000000000FF",
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
    "XXXX.DUMMY.TOKEN.XXXX",
    "10000000-aaaa-bbbb-cccc-000000000001",
];

impl Court<'_> {
    /// Told at the provider: it is what makes the other keys necessary.
    pub(super) fn provider(&mut self, scope: Scope, captcha: &Captcha) {
        let provider = captcha.provider;
        if matches!(provider, Provider::Builtin | Provider::None) {
            return;
        }
        let own_way = provider != Provider::Siteverify;
        let mut missing = Vec::new();
        if captcha.secret.expose_secret().is_empty() {
            let what = if provider == Provider::RecaptchaEnterprise { "API key" } else { "secret" };
            let right = "set captcha.secret or captcha.secret_file, or use provider = \"builtin\"";
            missing.push(("captcha.secret", what, right));
        }
        if captcha.site_key.is_empty() && (own_way || captcha.style == Style::Mcaptcha) {
            missing.push((
                "captcha.site_key",
                "site key",
                "set captcha.site_key to the provider's public key for your site",
            ));
        }
        if captcha.verify_url.is_empty() && !own_way {
            let right = "set captcha.verify_url to the service's siteverify address";
            missing.push(("captcha.verify_url", "address to ask", right));
        }
        if provider == Provider::RecaptchaEnterprise && captcha.project.is_empty() && captcha.verify_url.is_empty() {
            missing.push(("captcha.project", "project", "set captcha.project to the Google Cloud project's id"));
        }
        for (key, what, right) in missing {
            if self.sound(scope, &["captcha.provider", key]) {
                self.tell(scope, "captcha.provider", format!("{:?} has no {what}", provider.as_str()), right);
            }
        }
    }

    pub(super) fn test_keys(&mut self, scope: Scope, captcha: &Captcha) {
        if matches!(captcha.provider, Provider::Builtin | Provider::None) {
            return;
        }
        let keys =
            [("captcha.site_key", captcha.site_key.as_str()), ("captcha.secret", captcha.secret.expose_secret())];
        for (key, value) in keys {
            if TEST_KEYS.contains(&value) && self.sound(scope, &[key]) {
                let wrong = "it is the provider's public test key, and server.public_url is public";
                self.tell(
                    scope,
                    key,
                    wrong,
                    "use a key of your own: a test key serves only where public_url is a loopback address",
                );
            }
        }
    }
}
