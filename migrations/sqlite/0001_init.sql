-- Times are milliseconds since 1970 UTC, ids are UUIDv7 in 16 bytes, booleans are 0 or 1.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pages (
  id       INTEGER PRIMARY KEY,
  site     TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  url      TEXT    NOT NULL,
  title    TEXT,
  post_id  TEXT,                          -- a WordPress form's comment_post_ID, once an approval vouched for it
  closed   INTEGER NOT NULL DEFAULT 0,
  mode     TEXT,
  first_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,    -- moves whenever what readers see of the page changes
  approved INTEGER NOT NULL DEFAULT 0,
  UNIQUE (site, key)
) STRICT;
CREATE INDEX pages_post ON pages (site, post_id) WHERE post_id IS NOT NULL;

CREATE TABLE comments (
  seq              INTEGER PRIMARY KEY,
  id               BLOB    NOT NULL UNIQUE,
  page             INTEGER NOT NULL REFERENCES pages (id),
  parent           BLOB,
  depth            INTEGER NOT NULL,
  root             BLOB    NOT NULL,      -- the thread's first comment
  path             BLOB    NOT NULL,      -- ids from the root down to this one: its order is reading order
  status           TEXT    NOT NULL,
  shown            INTEGER NOT NULL,      -- 0 no, 1 as itself, 2 as a removed one that has replies
  version          INTEGER NOT NULL,
  name             TEXT    NOT NULL,
  email            TEXT,
  url              TEXT,
  body             TEXT    NOT NULL,
  post_id          TEXT,
  by_staff         INTEGER NOT NULL DEFAULT 0,
  likes            INTEGER NOT NULL DEFAULT 0,
  created_at       INTEGER NOT NULL,
  edited_at        INTEGER,
  edit_until       INTEGER NOT NULL,
  author           BLOB    NOT NULL,
  proven           INTEGER NOT NULL,
  email_key        INTEGER,               -- keyed hashes, never the thing itself
  body_key         INTEGER NOT NULL,
  address          TEXT,                  -- raw, for moderation.retain_ip at most
  network_key      TEXT    NOT NULL,
  captcha_provider TEXT    NOT NULL,
  captcha_outcome  TEXT    NOT NULL,
  captcha_score    REAL,
  captcha_raw      REAL,
  risk             REAL    NOT NULL,
  verdict          TEXT    NOT NULL,
  signals          TEXT    NOT NULL,
  decided_by       TEXT,
  decided_at       INTEGER
) STRICT;
CREATE INDEX comments_thread ON comments (page, path) WHERE shown > 0;
CREATE INDEX comments_newest ON comments (page, root DESC, path) WHERE shown > 0;
CREATE INDEX comments_parent ON comments (parent) WHERE parent IS NOT NULL;
CREATE INDEX comments_queue  ON comments (status, seq);
CREATE INDEX comments_risk   ON comments (risk, seq) WHERE status = 'pending';
CREATE INDEX comments_author ON comments (author, status);
CREATE INDEX comments_email  ON comments (email_key, status) WHERE email_key IS NOT NULL;
CREATE INDEX comments_body   ON comments (body_key);
CREATE INDEX comments_raw    ON comments (created_at) WHERE address IS NOT NULL;

-- What was sent lately, whatever became of it: the unique key that decides about duplicates.
CREATE TABLE recent_bodies (
  key BLOB PRIMARY KEY,
  at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recent_bodies_at ON recent_bodies (at);

-- Captcha tokens that a comment has spent.
CREATE TABLE claimed_tokens (
  key   BLOB PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claimed_tokens_until ON claimed_tokens (until);

CREATE TABLE idempotency (
  key     BLOB PRIMARY KEY,
  content BLOB    NOT NULL,
  comment BLOB    NOT NULL,
  status  TEXT    NOT NULL,               -- as it was first answered
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

-- Likes and reports, one of each a reader (a keyed hash) and comment.
CREATE TABLE reactions (
  comment BLOB    NOT NULL,
  kind    TEXT    NOT NULL,               -- like, report
  reader  BLOB    NOT NULL,
  reason  TEXT,
  at      INTEGER NOT NULL,
  PRIMARY KEY (comment, kind, reader)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_reports ON reactions (comment) WHERE kind = 'report';

-- Captcha refusals: no name, email, body or address.
CREATE TABLE refusals (
  id        BLOB PRIMARY KEY,
  reference TEXT    NOT NULL,
  site      TEXT    NOT NULL,
  page      TEXT    NOT NULL,
  reason    TEXT    NOT NULL,
  provider  TEXT    NOT NULL,
  score     REAL,
  raw_score REAL,
  signals   TEXT    NOT NULL,
  at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refusals_reference ON refusals (reference);
CREATE INDEX refusals_at ON refusals (at);

CREATE TABLE bans (
  id         BLOB PRIMARY KEY,
  kind       TEXT    NOT NULL,
  value      TEXT    NOT NULL,
  mode       TEXT    NOT NULL,
  site       TEXT,
  reason     TEXT,
  created_by TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  from_comment BLOB                       -- whose author it was drawn from: what a moderator sees in place of an address
) STRICT, WITHOUT ROWID;

CREATE TABLE moderators (
  username   TEXT PRIMARY KEY,
  role       TEXT    NOT NULL,
  email      TEXT,
  sites      TEXT,                        -- JSON list; NULL is all sites
  password   TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  token      BLOB PRIMARY KEY,            -- SHA-256 of what the cookie holds
  username   TEXT    NOT NULL REFERENCES moderators (username) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (username);

CREATE TABLE tokens (
  name       TEXT PRIMARY KEY,
  token      BLOB    NOT NULL UNIQUE,
  scope      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;

-- Append only; a comment's history is its rows here.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,
  action  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  detail  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject, id);

-- What happened and who has yet to be told; a ring of the last 10,000 until something delivers.
CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  subject TEXT    NOT NULL
) STRICT;
