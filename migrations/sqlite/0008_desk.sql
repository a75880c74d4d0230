-- Who looks at a comment at the moment: advice to the others, no lock.
CREATE TABLE claims (
  comment BLOB PRIMARY KEY,
  actor   TEXT    NOT NULL,
  until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_until ON claims (until);

-- What the newsroom made of a comment's words, all three together where `desk_at` is set. The author's own stay in
-- name, url and body: they are what was judged, what is learned from, and what signals point into.
ALTER TABLE comments ADD COLUMN desk_name TEXT;
ALTER TABLE comments ADD COLUMN desk_url  TEXT;
ALTER TABLE comments ADD COLUMN desk_body TEXT;
ALTER TABLE comments ADD COLUMN desk_by   TEXT;
ALTER TABLE comments ADD COLUMN desk_at   INTEGER;

-- An event says by itself where it happened and what became of it, so that nobody has to look it up.
ALTER TABLE outbox ADD COLUMN site   TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';

-- Words that go take the newsroom's version along.
CREATE TRIGGER desk_erase AFTER UPDATE OF body ON comments WHEN new.body = '' AND new.desk_at IS NOT NULL
BEGIN
  UPDATE comments SET desk_name = NULL, desk_url = NULL, desk_body = NULL, desk_by = NULL, desk_at = NULL WHERE seq = new.seq;
END;
