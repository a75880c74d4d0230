//! Whether new thresholds would flood the queue, judged by the last week's comments.

use crate::{
    config::{Config, Mode, Site},
    store::ScoredRow,
};

/// Fewer comments than these say nothing about a share.
const ENOUGH: usize = 50;

/// Speaks against settings that would hold more of the past than `moderation.max_hold_share` allows, and more
/// than those in force. Where all comments wait anyway (mode `pre`) there is nothing to flood.
///
/// # Errors
/// The sentence for the operator.
pub fn check(before: &Config, candidate: &Config, past: &[ScoredRow]) -> Result<(), String> {
    for site in &candidate.sites {
        let rows: Vec<&ScoredRow> = past.iter().filter(|row| row.site == site.id.as_str()).collect();
        let old = before.sites.iter().find(|old| old.id == site.id);
        if rows.len() < ENOUGH || site.moderation.mode == Mode::Pre {
            continue;
        }
        let most = site.moderation.max_hold_share;
        let share = held(&rows, site);
        if share > most && old.is_none_or(|old| old.moderation.mode != Mode::Pre && share > held(&rows, old)) {
            return Err(format!(
                "these thresholds would hold {:.0} % of site {}'s last week, over moderation.max_hold_share ({:.0} %); \
                 lower captcha.hold_below or raise scoring.hold_at, or raise max_hold_share in the same file",
                share * 100.0,
                site.id,
                most * 100.0
            ));
        }
    }
    Ok(())
}

/// The share that a site's thresholds hold.
fn held(rows: &[&ScoredRow], site: &Site) -> f64 {
    let holds = |row: &&&ScoredRow| {
        let refused = row.outcome != "missing" && row.captcha.is_some_and(|score| score < site.captcha.reject_below);
        let low = row.captcha.is_some_and(|score| score < site.captcha.hold_below);
        let unseen = matches!(row.outcome.as_str(), "missing" | "unverified");
        !refused && row.risk < site.scoring.spam_at && (low || unseen || row.risk >= site.scoring.hold_at)
    };
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(rows.iter().filter(holds).count()) / count(rows.len().max(1))
}
