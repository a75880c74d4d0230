//! `replydesk captcha calibrate`: what the moderators' decisions say of the built-in captcha score, and which
//! weights would fit them better.
//!
//! It reads, beside a server or without one, and prints. Whether anything changes is the operator's to
//! decide: nothing here writes to the store or to the settings.

mod gather;
mod print;
mod propose;
mod report;

use std::{io::Write, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::ExposeSecret as _;

use super::tokens::span;
use crate::{
    config::{self, Config},
    domain::Clock,
    store::Store,
};
use gather::Wanted;
use report::Report;

/// `replydesk captcha calibrate`
#[derive(Args)]
pub(super) struct Calibrate {
    /// The site whose comments count; all without, where all judge by the same settings
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// How far back the comments go, e.g. 30d, 12w
    #[arg(long, value_name = "SPAN", default_value = "90d", value_parser = span)]
    since: Duration,
    /// Count what programs decided by an API token too, as where moderators work in another system
    #[arg(long)]
    tokens: bool,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Reads the decisions and prints what they say.
///
/// # Errors
/// A site that is not there, sites that judge by different settings, a store that cannot be read.
pub(super) async fn run(asked: Calibrate, config: &Config, clock: &Clock, out: &mut dyn Write) -> anyhow::Result<()> {
    let settings = settings(config, asked.site.as_deref())?;
    let store = Store::open_to_read(config.store.url.expose_secret()).await.context("the store cannot be read")?;
    let wanted = Wanted { site: asked.site, since: clock.now().minus(asked.since), tokens: asked.tokens };
    let gathered = gather::gather(&store, &wanted, settings).await?;
    let report = Report::of(&gathered, wanted.site, asked.since, settings);
    if asked.json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        print::print(&report, out)?;
    }
    Ok(())
}

/// What the score is judged by: the site's settings, or those that all sites share.
fn settings<'a>(config: &'a Config, site: Option<&str>) -> anyhow::Result<&'a config::Captcha> {
    if let Some(id) = site {
        let found = config.sites.iter().find(|site| site.id.as_str() == id);
        return found.map(|site| &site.captcha).with_context(|| format!("there is no site {id:?}"));
    }
    let (first, others) = config.sites.split_first().context("there is no site")?;
    let judged_by = |of: &config::Captcha| (of.provider, of.score, of.reject_below, of.hold_below, of.weights.clone());
    if let Some(other) = others.iter().find(|other| judged_by(&other.captcha) != judged_by(&first.captcha)) {
        bail!("the sites {} and {} judge by different captcha settings: name one with --site", first.id, other.id);
    }
    Ok(&first.captcha)
}
