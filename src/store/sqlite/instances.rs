//! Which instances serve this file.

use rusqlite::{Row, params};
use uuid::Uuid;

use super::{Done, Sqlite, rows::time};
use crate::{
    domain::Timestamp,
    store::{InstanceRow, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn meet(
        &self,
        instance: InstanceRow,
        since: Timestamp,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        self.writer
            .write(move |connection| {
                connection.prepare_cached("DELETE FROM instances WHERE seen_at < ?")?.execute([since.0])?;
                connection
                    .prepare_cached(
                        "INSERT INTO instances (id, settings, program, seen_at) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (id) DO UPDATE SET settings = ?2, program = ?3, seen_at = ?4",
                    )?
                    .execute(params![
                        instance.id.as_bytes(),
                        instance.settings,
                        instance.program,
                        instance.seen_at.0
                    ])?;
                let all = connection
                    .prepare_cached("SELECT * FROM instances ORDER BY id")?
                    .query_map([], row)?
                    .collect::<rusqlite::Result<_>>()?;
                Ok(Done::Keep(all))
            })
            .await
    }

    pub(in crate::store) async fn part(&self, instance: Uuid) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection.prepare_cached("DELETE FROM instances WHERE id = ?")?.execute([instance.as_bytes()])?;
                Ok(Done::Keep(()))
            })
            .await
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<InstanceRow> {
    Ok(InstanceRow {
        id: row.get("id").map(Uuid::from_bytes)?,
        settings: row.get("settings")?,
        program: row.get("program")?,
        seen_at: time(row, "seen_at")?,
    })
}
