-- Whoever was invited and has yet to choose a password has '' for one, which opens nothing.
ALTER TABLE moderators ADD COLUMN seen_at INTEGER;

ALTER TABLE sessions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN device TEXT;   -- coarse, e.g. "Firefox on Linux"; never the header itself
UPDATE sessions SET seen_at = created_at;

-- One link a person at most; a new one takes the place of the old.
CREATE TABLE invitations (
  username   TEXT PRIMARY KEY REFERENCES moderators (username) ON DELETE CASCADE,
  token      BLOB    NOT NULL UNIQUE,          -- SHA-256 of what the link holds
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitations_expiry ON invitations (expires_at);

CREATE TABLE second_factors (
  username      TEXT PRIMARY KEY REFERENCES moderators (username) ON DELETE CASCADE,
  secret        BLOB,                          -- in force; encrypted under a key drawn from server.secret
  pending       BLOB,                          -- told and not yet confirmed; encrypted alike
  pending_until INTEGER,
  last_step     INTEGER NOT NULL DEFAULT 0     -- of the newest code that was accepted; it and those before it are spent
) STRICT, WITHOUT ROWID;

-- Those that are left; one that is used is gone.
CREATE TABLE recovery_codes (
  username TEXT NOT NULL REFERENCES second_factors (username) ON DELETE CASCADE,
  digest   BLOB NOT NULL,                      -- SHA-256
  PRIMARY KEY (username, digest)
) STRICT, WITHOUT ROWID;
