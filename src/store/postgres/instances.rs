//! Which instances serve this database.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    rows::{get, time},
};
use crate::{
    domain::Timestamp,
    store::{InstanceRow, StoreError},
};

impl Postgres {
    pub(in crate::store) async fn meet(
        &self,
        instance: InstanceRow,
        since: Timestamp,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let db = self.writing().await?;
        db.execute("DELETE FROM instances WHERE seen_at < $1", &[&since.0]).await?;
        db.execute(
            "INSERT INTO instances (id, settings, program, seen_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, program = excluded.program, seen_at = excluded.seen_at",
            &[&instance.id, &instance.settings, &instance.program, &instance.seen_at.0],
        )
        .await?;
        let all = db.rows("SELECT id, settings, program, seen_at FROM instances ORDER BY id", &[]).await?;
        let all = all.iter().map(row).collect::<Result<_, _>>()?;
        db.keep(all).await
    }

    pub(in crate::store) async fn part(&self, instance: Uuid) -> Result<(), StoreError> {
        let db = self.writing().await?;
        db.execute("DELETE FROM instances WHERE id = $1", &[&instance]).await?;
        db.keep(()).await
    }
}

fn row(row: &Row) -> Result<InstanceRow, StoreError> {
    Ok(InstanceRow {
        id: get(row, "id")?,
        settings: get(row, "settings")?,
        program: get(row, "program")?,
        seen_at: time(row, "seen_at")?,
    })
}
