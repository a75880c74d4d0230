//! People who may sign in, and their invitations. Only hashes of secrets are kept.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{optional_time, time, to_json},
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
pub(super) fn person(row: &Row<'_>) -> rusqlite::Result<ModeratorRow> {
    let sites: Option<String> = row.get("m_sites")?;
    let password: String = row.get("m_password")?;
    Ok(ModeratorRow {
        username: row.get("m_username")?,
        role: row.get("m_role")?,
        email: row.get("m_email")?,
        sites: sites.and_then(|list| serde_json::from_str(&list).ok()),
        password: Some(password).filter(|hash| !hash.is_empty()),
        created_at: time(row, "m_created")?,
        second_factor: row.get("m_second")?,
        seen_at: optional_time(row, "m_seen")?,
    })
}

pub(super) fn find(connection: &Connection, username: &str) -> rusqlite::Result<Option<ModeratorRow>> {
    connection
        .prepare_cached(&format!("SELECT {PERSON} FROM moderators m WHERE m.username = ?"))?
        .query_row([username], person)
        .optional()
}

impl Sqlite {
    pub(in crate::store) async fn add_moderator(
        &self,
        new: ModeratorRow,
        invitation: Option<InvitationRow>,
        by: String,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let added = connection
                    .prepare_cached(
                        "INSERT INTO moderators (username, role, email, sites, password, created_at)
                         VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![
                        new.username,
                        new.role,
                        new.email,
                        new.sites.as_ref().map(to_json),
                        new.password.unwrap_or_default(),
                        new.created_at.0
                    ])?;
                if added == 0 {
                    return Ok(Done::Undo(false));
                }
                let detail = json!({ "role": new.role, "sites": new.sites });
                append(connection, new.created_at, &by, "moderator.add", &new.username, &detail.to_string())?;
                if let Some(invitation) = invitation {
                    invite(connection, &new.username, invitation, &by, new.created_at)?;
                }
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn moderator(&self, username: String) -> Result<Option<ModeratorRow>, StoreError> {
        self.readers.read(move |connection| find(connection, &username)).await
    }

    pub(in crate::store) async fn moderators(&self) -> Result<Vec<ModeratorRow>, StoreError> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached(&format!("SELECT {PERSON} FROM moderators m ORDER BY m.username"))?
                    .query_map([], person)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn change_moderator(
        &self,
        change: ModeratorChange,
        by: String,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.writer
            .write(move |connection| match alter(connection, change, &by, now)? {
                done @ Changed::Done(_) => Ok(Done::Keep(done)),
                refused => Ok(Done::Undo(refused)),
            })
            .await
    }

    pub(in crate::store) async fn remove_moderator(
        &self,
        username: String,
        last: LastAdmin,
        by: String,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.writer
            .write(move |connection| {
                let Some(person) = find(connection, &username)? else { return Ok(Done::Undo(Changed::Unknown)) };
                if last == LastAdmin::Stays && is_last_admin(connection, &person)? {
                    return Ok(Done::Undo(Changed::LastAdmin));
                }
                connection.prepare_cached("DELETE FROM moderators WHERE username = ?")?.execute([&username])?;
                append(connection, now, &by, "moderator.remove", &username, "{}")?;
                Ok(Done::Keep(Changed::Done(person)))
            })
            .await
    }

    pub(in crate::store) async fn invited(
        &self,
        token: Key,
        now: Timestamp,
    ) -> Result<Option<ModeratorRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {PERSON} FROM invitations i JOIN moderators m ON m.username = i.username
                         WHERE i.token = ? AND i.expires_at > ?"
                    ))?
                    .query_row(params![token, now.0], person)
                    .optional()
            })
            .await
    }
}

fn alter(connection: &Connection, change: ModeratorChange, by: &str, now: Timestamp) -> rusqlite::Result<Changed> {
    let Some(before) = find(connection, &change.username)? else { return Ok(Changed::Unknown) };
    let after = told::changed(&before, &change);
    // An invitation takes the password away. The operator at the shell has another way in.
    let goes = after.role != before.role || (change.invitation.is_some() && by != "operator");
    if goes && is_last_admin(connection, &before)? {
        return Ok(Changed::LastAdmin);
    }
    if let Some(told) = told::of_person(&before, &after) {
        connection
            .prepare_cached("UPDATE moderators SET role = ?, email = ?, sites = ? WHERE username = ?")?
            .execute(params![after.role, after.email, after.sites.as_ref().map(to_json), after.username])?;
        append(connection, now, by, "moderator.change", &after.username, &told)?;
    }
    if change.ends_second_factor && second_factors::end(connection, &after.username)? {
        append(connection, now, by, "moderator.second_factor_off", &after.username, "{}")?;
    }
    if let Some(password) = change.password
        && !set_password(connection, &after.username, &password, by, now)?
    {
        return Ok(Changed::Ended);
    }
    if let Some(invitation) = change.invitation {
        invite(connection, &after.username, invitation, by, now)?;
    }
    Ok(find(connection, &after.username)?.map_or(Changed::Unknown, Changed::Done))
}

/// Whether no admin would be left without them. One who was only invited does not stand in for one who can
/// sign in.
fn is_last_admin(connection: &Connection, person: &ModeratorRow) -> rusqlite::Result<bool> {
    if person.role != "admin" {
        return Ok(false);
    }
    let another = connection
        .prepare_cached(
            "SELECT 1 FROM moderators WHERE role = 'admin' AND username <> ?1 AND (password <> '' OR NOT ?2)",
        )?
        .exists(params![person.username, person.password.is_some()])?;
    Ok(!another)
}

/// False where the session that asks for it does not stand any more.
fn set_password(
    connection: &Connection,
    username: &str,
    password: &NewPassword,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let others = match password.keeps {
        Some(key) if !sessions::stands(connection, username, key, now)? => return Ok(false),
        Some(key) => Which::AllBut(key),
        None => Which::All,
    };
    store_password(connection, username, &password.hash)?;
    let ended = sessions::end(connection, username, others, now)?;
    let detail = json!({ "sessions_ended": ended });
    append(connection, now, by, "moderator.password", username, &detail.to_string())?;
    Ok(true)
}

/// Sets the hash; with a password there is nothing left to be invited to.
pub(super) fn store_password(connection: &Connection, username: &str, hash: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE moderators SET password = ? WHERE username = ?")?.execute([hash, username])?;
    connection.prepare_cached("DELETE FROM invitations WHERE username = ?")?.execute([username])?;
    Ok(())
}

fn invite(
    connection: &Connection,
    username: &str,
    invitation: InvitationRow,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    store_password(connection, username, "")?;
    let ended = sessions::end(connection, username, Which::All, now)?;
    connection
        .prepare_cached("INSERT INTO invitations (username, token, expires_at) VALUES (?, ?, ?)")?
        .execute(params![username, invitation.token, invitation.expires_at.0])?;
    let detail = json!({ "expires_at": invitation.expires_at, "sessions_ended": ended });
    append(connection, now, by, "moderator.invite", username, &detail.to_string())
}
