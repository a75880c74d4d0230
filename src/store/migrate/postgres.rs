//! The same steps for PostgreSQL, by the same numbers, each in a transaction behind the writers' lock: instances that
//! start together wait for each other, and one that is killed midway leaves the step to the next.

use deadpool_postgres::Object;

use super::Step;
use crate::{keys, store::StoreError};

/// `Step`s of the files in `migrations/postgres`.
macro_rules! steps {
    ($($number:literal $name:literal $file:literal,)*) => {
        &[$(Step { number: $number, name: $name, sql: include_str!(concat!("../../../migrations/postgres/", $file, ".sql")) },)*]
    };
}

const STEPS: &[Step] = steps! {
    1 "init" "0001_init",
    2 "network_reputation" "0002_network_reputation",
    3 "unverified" "0003_unverified",
    4 "sampled" "0004_sampled",
    5 "clusters" "0005_clusters",
    6 "lately" "0006_lately",
    7 "lessons" "0007_lessons",
    8 "desk" "0008_desk",
    9 "accounts" "0009_accounts",
    10 "audit_chain" "0010_audit_chain",
    11 "bans_pages" "0011_bans_pages",
    12 "page_queue" "0012_page_queue",
    13 "approved" "0013_approved",
    14 "attack" "0014_attack",
    15 "instances" "0015_instances",
    16 "retention" "0016_retention",
};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (number bigint PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL)";
/// The writers' lock, waited for as long as another instance's step may take.
const BEGIN: &str =
    "BEGIN; SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(";

/// Brings a database up to date; returns how many steps ran.
///
/// # Errors
/// As for SQLite.
pub(in crate::store) async fn run(client: &Object) -> Result<usize, StoreError> {
    steps(client, STEPS).await
}

/// Whether a database may be used as it is: of this very schema.
///
/// # Errors
/// As for SQLite.
pub(in crate::store) async fn look(client: &Object) -> Result<(), StoreError> {
    let has_any = client.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await?;
    let found = if has_any.try_get(0)? { newest(client).await? } else { 0 };
    let known = STEPS.last().map_or(0, |step| step.number);
    super::compare(found, known)
}

async fn newest(client: &Object) -> Result<u32, StoreError> {
    let row = client.query_one("SELECT coalesce(max(number), 0) FROM schema_migrations", &[]).await?;
    u32::try_from(row.try_get::<_, i64>(0)?).map_err(|_odd| StoreError::Unreadable("schema_migrations"))
}

async fn steps(client: &Object, steps: &[Step]) -> Result<usize, StoreError> {
    let mut ran = 0;
    let begin = format!("{BEGIN}{})", crate::store::postgres::WRITERS);
    client.batch_execute(&format!("{begin}; {TABLE}; COMMIT")).await?;
    let known = steps.last().map_or(0, |step| step.number);
    let found = newest(client).await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in steps {
        client.batch_execute(&begin).await?;
        match one(client, step).await {
            Ok(fresh) => ran += usize::from(fresh),
            Err(fault) => {
                client.batch_execute("ROLLBACK").await?;
                return Err(fault);
            }
        }
        client.batch_execute("COMMIT").await?;
    }
    Ok(ran)
}

/// Runs a step that has not run yet; whether it had not.
async fn one(client: &Object, step: &Step) -> Result<bool, StoreError> {
    let digest = keys::encode(&keys::digest(step.sql.as_bytes()));
    let number = i64::from(step.number);
    let before = client.query_opt("SELECT sha256 FROM schema_migrations WHERE number = $1", &[&number]).await?;
    if let Some(row) = before {
        let ran: String = row.try_get(0)?;
        return if ran == digest { Ok(false) } else { Err(step.changed()) };
    }
    client.batch_execute(step.sql).await?;
    client.execute("INSERT INTO schema_migrations VALUES ($1, $2, $3)", &[&number, &step.name, &digest]).await?;
    Ok(true)
}
