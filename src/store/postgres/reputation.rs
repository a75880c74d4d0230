//! What moderators' decisions say of networks: kept as decaying sums, so that no submission counts rows.
//!
//! It moves with the decision, in its transaction, and back when the decision is undone.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use super::{
    db::Db,
    rows::{get, time},
};
use crate::{
    domain::{Decision, Timestamp},
    store::{
        NetworkRecord, StoreError,
        reputation::{Before, Change, faded},
    },
};

/// Takes back what the last decisions on as many comments said of their networks, and keeps what these say, in this order.
pub(super) async fn count_all(
    db: &Db,
    decisions: &[(i64, &Before, Decision)],
    now: Timestamp,
) -> Result<(), StoreError> {
    const KEEP: &str = "INSERT INTO network_reputation (network_key, good, bad, at)
         SELECT key, good, bad, $4 FROM unnest($1::text[], $2::double precision[], $3::double precision[]) AS n (key, good, bad)
         ON CONFLICT (network_key) DO UPDATE SET good = excluded.good, bad = excluded.bad, at = excluded.at";
    const MARK: &str = "UPDATE comments c SET counted = m.counted
         FROM unnest($1::bigint[], $2::text[]) AS m (seq, counted) WHERE c.seq = m.seq";
    let changes = decisions.iter().filter_map(|(comment, before, decision)| {
        Change::of(before, *decision).map(|change| (*comment, before.network_key.as_str(), change))
    });
    let changes: Vec<_> = changes.collect();
    if changes.is_empty() {
        return Ok(());
    }
    let mut records: BTreeMap<&str, NetworkRecord> = BTreeMap::new();
    let keys: BTreeSet<&str> = changes.iter().map(|(_, key, _)| *key).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let known = db.rows(OF, &[&keys]).await?;
    for row in &known {
        records.insert(get(row, "network_key")?, record(row, now)?);
    }
    for (_, key, change) in &changes {
        let record = records.entry(key).or_default();
        *record = change.applied(*record, now);
    }
    let (keys, sums): (Vec<&str>, Vec<(f64, f64)>) =
        records.into_iter().map(|(key, record)| (key, (record.good, record.bad))).unzip();
    let (good, bad): (Vec<f64>, Vec<f64>) = sums.into_iter().unzip();
    db.execute(KEEP, &[&keys, &good, &bad, &now.0]).await?;
    let (comments, counted): (Vec<i64>, Vec<_>) =
        changes.iter().map(|(comment, _, change)| (*comment, change.counted())).unzip();
    db.execute(MARK, &[&comments, &counted]).await.map(|_rows| ())
}

/// In the order of the keys, so that a sum is the same whichever store it comes from.
const OF: &str = "SELECT r.network_key, r.good, r.bad, r.at FROM unnest($1::text[]) WITH ORDINALITY AS k (key, nth)
     JOIN network_reputation r ON r.network_key = k.key ORDER BY k.nth";

/// The network's record under all of its keys, as of now.
pub(super) async fn of(db: &Db, keys: &[String], now: Timestamp) -> Result<NetworkRecord, StoreError> {
    let rows = db.rows(OF, &[&keys]).await?;
    rows.iter().try_fold(NetworkRecord::default(), |sum, row| {
        let record = record(row, now)?;
        Ok(NetworkRecord { good: sum.good + record.good, bad: sum.bad + record.bad })
    })
}

fn record(row: &Row, now: Timestamp) -> Result<NetworkRecord, StoreError> {
    Ok(faded(NetworkRecord { good: get(row, "good")?, bad: get(row, "bad")? }, time(row, "at")?, now))
}
