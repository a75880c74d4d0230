//! People who may sign in, and their invitations. Only hashes of secrets are kept.

use serde_json::json;
use tokio_postgres::Row;

use super::{
    Postgres,
    db::Db,
    keeping::append,
    rows::{get, optional_time, time, to_json},
    second_factors, sessions,
};
use crate::{
    domain::Timestamp,
    store::{
        Changed, InvitationRow, Key, LastAdmin, ModeratorChange, ModeratorRow, NewPassword, StoreError, Which,
        fragments::PERSON, told,
    },
};

/// Reads [`PERSON`].
pub(super) fn person(row: &Row) -> Result<ModeratorRow, StoreError> {
    let sites: Option<&str> = get(row, "m_sites")?;
    let password: String = get(row, "m_password")?;
    Ok(ModeratorRow {
        username: get(row, "m_username")?,
        role: get(row, "m_role")?,
        email: get(row, "m_email")?,
        sites: sites.and_then(|list| serde_json::from_str(list).ok()),
        password: Some(password).filter(|hash| !hash.is_empty()),
        created_at: time(row, "m_created")?,
        second_factor: get(row, "m_second")?,
        seen_at: optional_time(row, "m_seen")?,
    })
}

pub(super) async fn find(db: &Db, username: &str) -> Result<Option<ModeratorRow>, StoreError> {
    let sql = format!("SELECT {PERSON} FROM moderators m WHERE m.username = $1");
    db.row(&sql, &[&username]).await?.as_ref().map(person).transpose()
}

impl Postgres {
    pub(in crate::store) async fn add_moderator(
        &self,
        new: ModeratorRow,
        invitation: Option<InvitationRow>,
        by: String,
    ) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let added = db
            .execute(
                "INSERT INTO moderators (username, role, email, sites, password, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                &[
                    &new.username,
                    &new.role,
                    &new.email,
                    &new.sites.as_ref().map(to_json),
                    &new.password.unwrap_or_default(),
                    &new.created_at.0,
                ],
            )
            .await?;
        if added == 0 {
            return db.undo(false).await;
        }
        let detail = json!({ "role": new.role, "sites": new.sites });
        append(&db, new.created_at, &by, "moderator.add", &new.username, &detail.to_string()).await?;
        if let Some(invitation) = invitation {
            invite(&db, &new.username, invitation, &by, new.created_at).await?;
        }
        db.keep(true).await
    }

    pub(in crate::store) async fn moderator(&self, username: String) -> Result<Option<ModeratorRow>, StoreError> {
        find(&self.reading().await?, &username).await
    }

    pub(in crate::store) async fn moderators(&self) -> Result<Vec<ModeratorRow>, StoreError> {
        let db = self.reading().await?;
        let sql = format!("SELECT {PERSON} FROM moderators m ORDER BY m.username");
        db.rows(&sql, &[]).await?.iter().map(person).collect()
    }

    pub(in crate::store) async fn change_moderator(
        &self,
        change: ModeratorChange,
        by: String,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let db = self.writing().await?;
        match alter(&db, change, &by, now).await? {
            done @ Changed::Done(_) => db.keep(done).await,
            refused => db.undo(refused).await,
        }
    }

    pub(in crate::store) async fn remove_moderator(
        &self,
        username: String,
        last: LastAdmin,
        by: String,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let db = self.writing().await?;
        let Some(person) = find(&db, &username).await? else { return db.undo(Changed::Unknown).await };
        if last == LastAdmin::Stays && is_last_admin(&db, &person).await? {
            return db.undo(Changed::LastAdmin).await;
        }
        db.execute("DELETE FROM moderators WHERE username = $1", &[&username]).await?;
        append(&db, now, &by, "moderator.remove", &username, "{}").await?;
        db.keep(Changed::Done(person)).await
    }

    pub(in crate::store) async fn invited(
        &self,
        token: Key,
        now: Timestamp,
    ) -> Result<Option<ModeratorRow>, StoreError> {
        let db = self.reading().await?;
        let sql = format!(
            "SELECT {PERSON} FROM invitations i JOIN moderators m ON m.username = i.username
             WHERE i.token = $1 AND i.expires_at > $2"
        );
        db.row(&sql, &[&token.as_slice(), &now.0]).await?.as_ref().map(person).transpose()
    }
}

async fn alter(db: &Db, change: ModeratorChange, by: &str, now: Timestamp) -> Result<Changed, StoreError> {
    let Some(before) = find(db, &change.username).await? else { return Ok(Changed::Unknown) };
    let after = told::changed(&before, &change);
    // An invitation takes the password away. The operator at the shell has another way in.
    let goes = after.role != before.role || (change.invitation.is_some() && by != "operator");
    if goes && is_last_admin(db, &before).await? {
        return Ok(Changed::LastAdmin);
    }
    if let Some(told) = told::of_person(&before, &after) {
        let sites = after.sites.as_ref().map(to_json);
        let sql = "UPDATE moderators SET role = $1, email = $2, sites = $3 WHERE username = $4";
        db.execute(sql, &[&after.role, &after.email, &sites, &after.username]).await?;
        append(db, now, by, "moderator.change", &after.username, &told).await?;
    }
    if change.ends_second_factor && second_factors::end(db, &after.username).await? {
        append(db, now, by, "moderator.second_factor_off", &after.username, "{}").await?;
    }
    if let Some(password) = change.password
        && !set_password(db, &after.username, &password, by, now).await?
    {
        return Ok(Changed::Ended);
    }
    if let Some(invitation) = change.invitation {
        invite(db, &after.username, invitation, by, now).await?;
    }
    Ok(find(db, &after.username).await?.map_or(Changed::Unknown, Changed::Done))
}

/// Whether no admin would be left without them. One who was only invited does not stand in for one who can
/// sign in.
async fn is_last_admin(db: &Db, person: &ModeratorRow) -> Result<bool, StoreError> {
    if person.role != "admin" {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM moderators
         WHERE role = 'admin' AND username <> $1 AND (password <> '' OR NOT $2::boolean) LIMIT 1";
    Ok(!db.finds(sql, &[&person.username, &person.password.is_some()]).await?)
}

/// False where the session that asks for it does not stand any more.
async fn set_password(
    db: &Db,
    username: &str,
    password: &NewPassword,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let others = match password.keeps {
        Some(key) if !sessions::stands(db, username, key, now).await? => return Ok(false),
        Some(key) => Which::AllBut(key),
        None => Which::All,
    };
    store_password(db, username, &password.hash).await?;
    let ended = sessions::end(db, username, others, now).await?;
    let detail = json!({ "sessions_ended": ended });
    append(db, now, by, "moderator.password", username, &detail.to_string()).await?;
    Ok(true)
}

/// Sets the hash; with a password there is nothing left to be invited to.
pub(super) async fn store_password(db: &Db, username: &str, hash: &str) -> Result<(), StoreError> {
    db.execute("UPDATE moderators SET password = $1 WHERE username = $2", &[&hash, &username]).await?;
    db.execute("DELETE FROM invitations WHERE username = $1", &[&username]).await?;
    Ok(())
}

async fn invite(
    db: &Db,
    username: &str,
    invitation: InvitationRow,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    store_password(db, username, "").await?;
    let ended = sessions::end(db, username, Which::All, now).await?;
    let sql = "INSERT INTO invitations (username, token, expires_at) VALUES ($1, $2, $3)";
    db.execute(sql, &[&username, &invitation.token.as_slice(), &invitation.expires_at.0]).await?;
    let detail = json!({ "expires_at": invitation.expires_at, "sessions_ended": ended });
    append(db, now, by, "moderator.invite", username, &detail.to_string()).await
}
