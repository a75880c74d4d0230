-- Instances that serve this store now, so that one with other settings than the rest is noticed.
CREATE TABLE instances (
  id       BLOB PRIMARY KEY,
  settings TEXT    NOT NULL,              -- a keyed hash of what is in force there
  program  TEXT    NOT NULL,
  seen_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
