//! Second factors and recovery codes: what counts once is spent by the very statement that finds it unspent.

use super::{Postgres, db::Db, keeping::append, rows::get};
use crate::{
    domain::Timestamp,
    store::{Key, Proof, SecondFactorRow, StoreError},
};

impl Postgres {
    pub(in crate::store) async fn second_factor(
        &self,
        username: String,
        now: Timestamp,
    ) -> Result<Option<SecondFactorRow>, StoreError> {
        let db = self.reading().await?;
        let sql = "SELECT secret, CASE WHEN pending_until > $2 THEN pending END AS pending, last_step
             FROM second_factors WHERE username = $1";
        let found = db.row(sql, &[&username, &now.0]).await?;
        found
            .map(|row| {
                let (secret, pending, last_step) =
                    (get(&row, "secret")?, get(&row, "pending")?, get(&row, "last_step")?);
                Ok(SecondFactorRow { secret, pending, last_step })
            })
            .transpose()
    }

    pub(in crate::store) async fn begin_second_factor(
        &self,
        username: String,
        pending: Vec<u8>,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let db = self.writing().await?;
        // Who was removed meanwhile gets no row: the key to the people would be broken.
        db.execute(
            "INSERT INTO second_factors (username, pending, pending_until)
             SELECT username, $2, $3 FROM moderators WHERE username = $1
             ON CONFLICT (username) DO UPDATE SET pending = excluded.pending, pending_until = excluded.pending_until",
            &[&username, &pending, &until.0],
        )
        .await?;
        db.keep(()).await
    }

    pub(in crate::store) async fn confirm_second_factor(
        &self,
        username: String,
        pending: Vec<u8>,
        step: i64,
        recovery: Vec<Key>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let confirmed = db
            .execute(
                "UPDATE second_factors SET secret = pending, pending = NULL, pending_until = NULL,
                   last_step = greatest(last_step, $3)
                 WHERE username = $1 AND pending = $2 AND pending_until > $4",
                &[&username, &pending, &step, &now.0],
            )
            .await?;
        if confirmed == 0 {
            return db.undo(false).await;
        }
        db.execute("DELETE FROM recovery_codes WHERE username = $1", &[&username]).await?;
        let digests: Vec<&[u8]> = recovery.iter().map(Key::as_slice).collect();
        let sql = "INSERT INTO recovery_codes (username, digest) SELECT $1, unnest($2::bytea[])";
        db.execute(sql, &[&username, &digests]).await?;
        let actor = format!("moderator:{username}");
        append(&db, now, &actor, "moderator.second_factor_on", &username, "{}").await?;
        db.keep(true).await
    }
}

/// Uses up what proved the second factor; false where it was used before, or none is in force.
pub(super) async fn spend(db: &Db, username: &str, proof: Proof) -> Result<bool, StoreError> {
    let spent = match proof {
        Proof::Step(step) => {
            let sql = "UPDATE second_factors SET last_step = $2
                 WHERE username = $1 AND secret IS NOT NULL AND last_step < $2";
            db.execute(sql, &[&username, &step]).await?
        }
        Proof::Recovery(digest) => {
            let sql = "DELETE FROM recovery_codes WHERE username = $1 AND digest = $2";
            db.execute(sql, &[&username, &digest.as_slice()]).await?
        }
    };
    Ok(spent > 0)
}

/// How many recovery codes a person has left.
pub(super) async fn recovery_left(db: &Db, username: &str) -> Result<i64, StoreError> {
    get(&db.one("SELECT count(*) AS n FROM recovery_codes WHERE username = $1", &[&username]).await?, "n")
}

/// Takes a person's second factor away, also one that was only begun; whether one was in force.
pub(super) async fn end(db: &Db, username: &str) -> Result<bool, StoreError> {
    let was_in_force =
        db.finds("SELECT 1 FROM second_factors WHERE username = $1 AND secret IS NOT NULL", &[&username]).await?;
    db.execute("DELETE FROM second_factors WHERE username = $1", &[&username]).await?;
    Ok(was_in_force)
}
