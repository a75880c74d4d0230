-- Whoever was invited and has yet to choose a password has '' for one, which opens nothing.
ALTER TABLE moderators ADD COLUMN seen_at bigint;

ALTER TABLE sessions ADD COLUMN seen_at bigint NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN device text COLLATE "C";   -- coarse, e.g. "Firefox on Linux"; never the header itself

-- One link a person at most; a new one takes the place of the old.
CREATE TABLE invitations (
  username   text COLLATE "C" PRIMARY KEY REFERENCES moderators (username) ON DELETE CASCADE,
  token      bytea  NOT NULL UNIQUE,           -- SHA-256 of what the link holds
  expires_at bigint NOT NULL
);
CREATE INDEX invitations_expiry ON invitations (expires_at);

CREATE TABLE second_factors (
  username      text COLLATE "C" PRIMARY KEY REFERENCES moderators (username) ON DELETE CASCADE,
  secret        bytea,                         -- in force; encrypted under a key drawn from server.secret
  pending       bytea,                         -- told and not yet confirmed; encrypted alike
  pending_until bigint,
  last_step     bigint NOT NULL DEFAULT 0      -- of the newest code that was accepted; it and those before it are spent
);

-- Those that are left; one that is used is gone.
CREATE TABLE recovery_codes (
  username text COLLATE "C" NOT NULL REFERENCES second_factors (username) ON DELETE CASCADE,
  digest   bytea NOT NULL,                     -- SHA-256
  PRIMARY KEY (username, digest)
);
