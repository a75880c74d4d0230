-- What a ban did to the comments that waited when it was set.
ALTER TABLE bans ADD COLUMN applied INTEGER NOT NULL DEFAULT 0;
-- The ban by which the decision that stands was taken, in the name of whoever set it. Nobody judged the text by it, so it
-- is in no record and no figure that decisions count in; NULL for all others.
ALTER TABLE comments ADD COLUMN ban BLOB;

-- What a creating request of the moderators was answered, under its idempotency key. NULL while it is not done.
CREATE TABLE kept_answers (
  key     BLOB PRIMARY KEY,
  content BLOB    NOT NULL,
  subject TEXT    NOT NULL,               -- what it created
  answer  TEXT,                           -- JSON, as it was first given
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_answers_at ON kept_answers (at);

-- How many comments of a page wait, kept in step by whatever moves one. A page that a moderator knows before anybody
-- commented there has the `first_at` 0 until somebody does.
ALTER TABLE pages ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;
UPDATE pages SET pending = counted.n
  FROM (SELECT page, count(*) AS n FROM comments WHERE status = 'pending' GROUP BY page) AS counted
  WHERE counted.page = pages.id;
CREATE INDEX pages_waiting ON pages (pending, id);
CREATE TRIGGER pages_one_more AFTER INSERT ON comments WHEN new.status = 'pending'
BEGIN
  UPDATE pages SET pending = pending + 1 WHERE id = new.page;
END;
CREATE TRIGGER pages_moved AFTER UPDATE OF status ON comments WHEN (new.status = 'pending') <> (old.status = 'pending')
BEGIN
  UPDATE pages SET pending = pending + (new.status = 'pending') - (old.status = 'pending') WHERE id = new.page;
END;
CREATE TRIGGER pages_one_less AFTER DELETE ON comments WHEN old.status = 'pending'
BEGIN
  UPDATE pages SET pending = pending - 1 WHERE id = old.page;
END;
