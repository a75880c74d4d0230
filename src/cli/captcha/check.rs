//! `replydesk captcha check`: a made-up token is put to the provider, and what it answers is said in words.
//!
//! A provider that knows our keys refuses the token; whoever takes it checks nothing. No secret is
//! printed, and nothing of an answer but its codes.

use std::{io::Write, time::Duration};

use anyhow::Context as _;

use crate::{
    app,
    captcha::{Captcha, Probe, Standing, Why, challenge, pressure::Difficulty},
    config::{Config, Provider, Site},
    domain::{Clock, Timestamp},
    keys::Keyring,
};

/// As far as clocks may be apart: providers' tokens live minutes.
const APART: Duration = Duration::from_secs(60);

/// One thing that was looked at.
enum Finding {
    Right(String),
    Wrong(String),
    Unknown(String),
}

use Finding::{Right, Unknown, Wrong};

/// Checks the captcha of one site or of all; whether everything is right.
///
/// # Errors
/// There is no such site, the store cannot be opened, or nothing can be written to `out`.
pub(super) async fn check(
    config: &Config,
    site: Option<&str>,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let sites = match site {
        Some(id) => vec![super::named(config, id)?],
        None => config.sites.iter().collect(),
    };
    let mut right = true;
    for site in sites {
        right &= check_site(config, site, clock, out).await?;
    }
    Ok(right)
}

async fn check_site(config: &Config, site: &Site, clock: &Clock, out: &mut dyn Write) -> anyhow::Result<bool> {
    let provider = site.captcha.provider;
    let (id, name) = (site.id.as_str(), provider.as_str());
    let findings = match provider {
        Provider::None => {
            writeln!(out, "Site {id}: no captcha is configured, so nobody is checked.")?;
            return Ok(true);
        }
        Provider::Builtin => {
            writeln!(out, "Site {id}: the built-in proof of work")?;
            let (_store, keys) = app::open_store(config).await?;
            vec![("challenge", builtin(site, keys, clock))]
        }
        _ => {
            // The keys here only tell tokens apart within one process; the provider never sees them.
            let captcha = Captcha::new(Keyring::new(b"captcha check"), clock.clone());
            let probe = captcha.probe(site, clock.now()).await.context("the provider cannot be asked")?;
            writeln!(out, "Site {id}: {name} at {}", probe.asked)?;
            let now = clock.now();
            vec![("network", network(&probe, site)), ("keys", keys(&probe, site)), ("clock", apart(probe.date, now))]
        }
    };
    for (what, finding) in &findings {
        let (word, text) = match finding {
            Right(text) => ("right", text),
            Wrong(text) => ("WRONG", text),
            Unknown(text) => ("unknown", text),
        };
        writeln!(out, "  {what:<9} {word:<8} {text}")?;
    }
    Ok(!findings.iter().any(|(_, finding)| matches!(finding, Wrong(_))))
}

/// The whole way of a reader's browser, which takes seconds.
fn builtin(site: &Site, keys: Keyring, clock: &Clock) -> Finding {
    let captcha = Captcha::new(keys, clock.clone());
    let minted = captcha.challenge(site, "/", &site.captcha.action, "00000000", Difficulty::CALM, clock.now());
    let challenge = match minted {
        Ok(challenge) => challenge,
        Err(fault) => return Wrong(format!("none could be minted: {fault}")),
    };
    let Some(token) = challenge::solve(&challenge) else {
        return Wrong("one was minted that has no solution".to_owned());
    };
    match captcha.vouch(site, &token, clock.now()) {
        Ok(_) => Right("one was minted, solved and verified".to_owned()),
        Err(kind) => Wrong(format!("one was minted and solved, and then refused ({kind:?})")),
    }
}

fn network(probe: &Probe, site: &Site) -> Finding {
    let Some(status) = probe.status else {
        return Wrong(match probe.standing {
            Standing::Unverified(Why::Timeout) => {
                format!("no answer within {:?}: is outgoing traffic blocked? (captcha.timeout)", site.captcha.timeout)
            }
            Standing::Unverified(Why::Connect) => {
                "no connection: is the name right, is outgoing traffic blocked, are there certificates?".to_owned()
            }
            Standing::Unverified(Why::BadBody) => {
                "it redirects, breaks off or says too much: is captcha.verify_url right?".to_owned()
            }
            _ => "it cannot be asked: is captcha.verify_url an address, is captcha.secret without line breaks?"
                .to_owned(),
        });
    };
    Right(format!("it answers, HTTP {status}, in {} ms", probe.took.as_millis()))
}

fn keys(probe: &Probe, site: &Site) -> Finding {
    let codes = if probe.codes.is_empty() { "no code".to_owned() } else { probe.codes.join(", ") };
    let Some(status) = probe.status else { return Unknown("nobody answered".to_owned()) };
    match probe.standing {
        Standing::Fail(_) => Right(format!("it knows them, and refused a made-up token ({codes})")),
        Standing::Unverified(Why::OperatorConfig) => Wrong(format!(
            "it refuses them (HTTP {status}, {codes}): check {}, and that they belong together",
            named_keys(site)
        )),
        Standing::Unverified(Why::ProviderInternal) => {
            Wrong(format!("it gives no verdict (HTTP {status}, {codes}): try again, or check captcha.verify_url"))
        }
        Standing::Unverified(_) => {
            Wrong(format!("HTTP {status} without an answer of this provider: check captcha.verify_url"))
        }
        Standing::Pass | Standing::Missing | Standing::Off => {
            Wrong("it takes a made-up token: these are test keys, or it is no captcha provider".to_owned())
        }
    }
}

fn named_keys(site: &Site) -> &'static str {
    match site.captcha.provider {
        Provider::RecaptchaEnterprise => "captcha.secret (the API key), captcha.project and captcha.site_key",
        Provider::Siteverify => "captcha.secret, captcha.verify_url and captcha.style",
        _ => "captcha.secret and captcha.site_key",
    }
}

/// `Date` counts whole seconds.
fn apart(theirs: Option<Timestamp>, ours: Timestamp) -> Finding {
    let Some(theirs) = theirs else { return Unknown("the provider did not say its time".to_owned()) };
    let (apart, where_to) =
        if ours >= theirs { (ours.since(theirs), "ahead of") } else { (theirs.since(ours), "behind") };
    if apart <= APART {
        return Right(format!("{} s from the provider's", apart.as_secs()));
    }
    Wrong(format!(
        "ours is {} s {where_to} the provider's: tokens are taken for too old or not yet issued; set this machine's clock",
        apart.as_secs()
    ))
}
