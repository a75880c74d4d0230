//! Whether new settings would flood the queue, judged by the last week's submissions.

use super::{Fate, Judge, Row};
use crate::config::{Config, Mode, Site};

/// Fewer submissions than these say nothing about a share.
const ENOUGH: usize = 50;

/// Speaks against settings that would hold more of the past than `moderation.max_hold_share` allows, and more
/// than those in force. Where all comments wait anyway (mode `pre`) there is nothing to flood.
///
/// # Errors
/// The sentence for the operator.
pub fn check(before: &Config, candidate: &Config, past: &[Row]) -> Result<(), String> {
    for site in &candidate.sites {
        let rows: Vec<&Row> = past.iter().filter(|row| row.site == site.id.as_str()).collect();
        let old = before.sites.iter().find(|old| old.id == site.id);
        if rows.len() < ENOUGH || site.moderation.mode == Mode::Pre {
            continue;
        }
        let most = site.moderation.max_hold_share;
        let share = held(&rows, site);
        if share > most && old.is_none_or(|old| old.moderation.mode != Mode::Pre && share > held(&rows, old)) {
            return Err(format!(
                "these settings would hold {:.0} % of site {}'s last week, over moderation.max_hold_share ({:.0} %); \
                 lower captcha.hold_below, raise scoring.hold_at or weigh less, or raise max_hold_share in the same file",
                share * 100.0,
                site.id,
                most * 100.0
            ));
        }
    }
    Ok(())
}

/// The share that a site's settings hold of what they would not refuse.
fn held(rows: &[&Row], site: &Site) -> f64 {
    let judge = Judge::of(site);
    let fates = rows.iter().map(|row| judge.fate(row)).filter(|fate| *fate != Fate::Refused);
    let (held, all) = fates.fold((0_u32, 0_u32), |(held, all), fate| {
        (held + u32::from(matches!(fate, Fate::Held | Fate::Unseen)), all + 1)
    });
    f64::from(held) / f64::from(all.max(1))
}
