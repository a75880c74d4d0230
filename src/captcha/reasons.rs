//! A provider's reasons as signals: they explain its score to a moderator and weigh nothing of their own.

use crate::domain::Signal;

/// The reason as a signal, named after who says it. What the provider means is said where it is known.
pub(super) fn signal(prefix: &str, reason: &str) -> Signal {
    let text = match reason {
        "automation" => "The captcha provider saw a program at work.".to_owned(),
        "unexpected_environment" => "The captcha provider saw an environment that is not a reader's.".to_owned(),
        "too_much_traffic" => "The captcha provider saw more traffic from there than usual.".to_owned(),
        "unexpected_usage_patterns" => "The captcha provider saw the site used in an unusual way.".to_owned(),
        "low_confidence_score" => "The captcha provider knows too little of this site to score.".to_owned(),
        "known_bot" => "The captcha provider knows the client as a bot.".to_owned(),
        "tor" => "The captcha provider says that the network is Tor.".to_owned(),
        "private_relay" => "The captcha provider says that the network is iCloud Private Relay.".to_owned(),
        "vpn" => "The captcha provider says that the network is likely a VPN.".to_owned(),
        "proxy" => "The captcha provider says that the network is likely a proxy.".to_owned(),
        "network_risk" => "The captcha provider holds the network for risky.".to_owned(),
        "browser_risk" => "The captcha provider holds the browser for risky.".to_owned(),
        other => format!("The captcha provider gives a reason: {}.", other.replace('_', " ")),
    };
    Signal { name: format!("{prefix}{reason}").into(), ..Signal::new("", 0.0, text) }
}
