//! Taking new settings into force while the server runs: judged, logged, and kept in the audit.

use std::{collections::BTreeMap, time::Duration};

use actix_web::web::Data;
use serde_json::json;

use crate::{
    config::{Config, live::Reload},
    http::Services,
    lab,
    store::{AuditRow, Store},
    telemetry::chain,
};

/// How long a file that changed is left alone before it is read.
const SETTLING: Duration = Duration::from_millis(200);
/// How far back a change of thresholds is judged.
const PAST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Reads the settings if a file of theirs is another than it was.
pub(super) async fn if_changed(services: &Data<Services>, store: &Store) {
    let live = services.clone();
    // Every file is read for it, and lists can be long.
    if tokio::task::spawn_blocking(move || live.live.changed_on_disk()).await.unwrap_or(false) {
        // An editor that writes in place leaves the file empty for a moment, and an empty file is a valid one.
        tokio::time::sleep(SETTLING).await;
        take(services, store, When::Changed).await;
    }
}

/// Reads the settings.
pub(super) async fn now(services: &Data<Services>, store: &Store) {
    take(services, store, When::Told).await;
}

/// What made somebody look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Changed,
    Told,
}

/// Reads and judges the settings, compiles what they need, and then puts both in force: no request waits for
/// a long list.
fn renew(services: &Services, past: &[lab::Row], when: When) -> Reload {
    let (intake, before) = (&services.intake, services.live.get());
    let mut compiled = None;
    let guard = |candidate: &Config| {
        lab::check_hold_share(&before, candidate, past)?;
        compiled = Some(intake.compile(candidate));
        Ok(())
    };
    let reload = match when {
        When::Changed => services.live.looked_with(guard),
        When::Told => services.live.reload_with(guard),
    };
    if let Some(compiled) = compiled {
        intake.install(compiled);
    }
    reload
}

async fn take(services: &Data<Services>, store: &Store, when: When) {
    let at = services.clock.now();
    // Without the past nothing speaks against the new settings.
    let wanted = lab::Wanted { sites: None, since: at.minus(PAST), programs: true, records: true };
    let past = lab::read(store, &wanted).await.map(|past| past.rows).unwrap_or_default();
    let rooms = services.clone();
    let reload = match tokio::task::spawn_blocking(move || renew(&rooms, &past, when)).await {
        Ok(reload) => reload,
        Err(fault) => {
            tracing::error!(error = chain(&fault), "the settings could not be read");
            return;
        }
    };
    match reload {
        Reload::Unchanged => {}
        Reload::Refused(faults) => {
            tracing::error!("the settings have faults, the old ones stay in force:\n{faults}");
        }
        Reload::Changed { changes, needs_restart } => {
            let limiter = services.intake.limiter();
            limiter.forget();
            limiter.set_on_outage(services.live.get().redis.on_outage);
            for key in &needs_restart {
                tracing::warn!(key = %key, "this setting takes effect at the next start");
            }
            let keys: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
            tracing::info!(version = services.live.version(), changed = ?keys, "new settings are in force");
            let told: Vec<_> = changes
                .iter()
                .map(|change| json!({ "key": change.key, "before": change.before, "after": change.after }))
                .collect();
            let detail = BTreeMap::from([
                ("changes".to_owned(), json!(told)),
                ("needs_restart".to_owned(), json!(needs_restart)),
            ]);
            let (actor, action, subject) = ("operator".to_owned(), "settings.reload".to_owned(), "settings".to_owned());
            let row = AuditRow { id: 0, at, actor, action, subject, detail };
            if let Err(fault) = store.record(row).await {
                tracing::error!(error = chain(&fault), "the change of settings could not be kept in the audit");
            }
        }
    }
}
