//! `replydesk captcha …`: what an operator asks of the captcha without a server running.

mod check;

use std::{io::Write, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Subcommand;

use super::calibrate::{self, Calibrate};
use crate::{
    app,
    captcha::challenge::{Binding, mint_solved},
    config::{Config, Site},
    domain::{Clock, PageAddress},
};

/// `replydesk captcha …`
#[derive(Subcommand)]
pub(super) enum CaptchaCommand {
    /// Say how well the built-in score tells spam from what moderators approved, and propose weights; changes nothing
    Calibrate(Calibrate),
    /// Ask the configured provider whether keys, clock and network are right; exit 0 or 1
    Check {
        /// The site whose provider is asked; all sites where absent
        #[arg(long, value_name = "ID")]
        site: Option<String>,
    },
    /// Print solved single-use payloads, one a line: whoever holds the server's secret need not search
    Mint {
        /// The page they are for, as a path or URL
        #[arg(long)]
        page: String,
        /// How many
        #[arg(long, default_value_t = 1)]
        count: u32,
        /// The site they are for; the first where absent
        #[arg(long)]
        site: Option<String>,
    },
}

pub(super) async fn run(command: CaptchaCommand, config: &Config, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match command {
        CaptchaCommand::Calibrate(asked) => {
            calibrate::run(asked, config, &Clock::system(), out).await?;
            Ok(ExitCode::SUCCESS)
        }
        CaptchaCommand::Check { site } => {
            let right = check::check(config, site.as_deref(), &Clock::system(), out).await?;
            Ok(ExitCode::from(u8::from(!right)))
        }
        CaptchaCommand::Mint { page, count, site } => {
            mint(config, &page, count, site.as_deref(), out).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The site of that id.
fn named<'c>(config: &'c Config, id: &str) -> anyhow::Result<&'c Site> {
    config.sites.iter().find(|known| known.id.as_str() == id).with_context(|| format!("there is no site {id:?}"))
}

/// Payloads are dated a minute back, as a form that was open for a while has them.
async fn mint(config: &Config, page: &str, count: u32, site: Option<&str>, out: &mut dyn Write) -> anyhow::Result<()> {
    let site = match site {
        Some(id) => named(config, id)?,
        None => config.sites.first().context("there is no site")?,
    };
    let address = PageAddress::parse(page).map_err(|fault| anyhow::anyhow!("--page is no page: {fault:?}"))?;
    let page = address.identity(&site.id, &site.keep_query);
    let (_store, keys) = app::open_store(config).await?;
    let earlier = Clock::system().now().minus(Duration::from_secs(60));
    let binding =
        Binding { site: &site.id, page_key: &page.key, action: &site.captcha.action, network_mark: "00000000" };
    for _ in 0..count {
        writeln!(out, "{}", mint_solved(&keys, binding, earlier)?)?;
    }
    Ok(())
}
