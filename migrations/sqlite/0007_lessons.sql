-- What moderators' decisions teach the score, a site's log in the order of commit: whoever reads it from the
-- start comes to the same model. A row is never changed but to keep the words it was decided on.
CREATE TABLE lessons (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of commit
  site    TEXT    NOT NULL,
  kind    TEXT    NOT NULL,                   -- ham, spam; void, rollback
  comment BLOB,                               -- none of a rollback
  since   INTEGER,                            -- void: takes back what its comment taught from here on; rollback: what anything taught
  name    TEXT,                               -- what was decided on, once the comment says something else
  url     TEXT,
  body    TEXT,
  signals TEXT,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX lessons_site    ON lessons (site, seq);
CREATE INDEX lessons_comment ON lessons (comment, seq) WHERE comment IS NOT NULL;
CREATE INDEX lessons_undone  ON lessons (site, seq) WHERE since IS NOT NULL;

-- Models as they were after a lesson; one that holds a lesson taken back later is dropped with it.
CREATE TABLE models (
  site    TEXT    NOT NULL,
  seq     INTEGER NOT NULL,                   -- of the last row of the log that it knows
  version TEXT    NOT NULL,
  labels  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  bytes   BLOB    NOT NULL,
  PRIMARY KEY (site, seq)
) STRICT;

-- A comment that changes leaves what was decided on with its lessons.
CREATE TRIGGER lessons_keep_text BEFORE UPDATE OF name, url, body ON comments WHEN new.body <> ''
BEGIN
  UPDATE lessons SET name = old.name, url = old.url, body = old.body
    WHERE comment = old.id AND kind IN ('ham', 'spam') AND body IS NULL;
END;
CREATE TRIGGER lessons_keep_signals BEFORE UPDATE OF signals ON comments
BEGIN
  UPDATE lessons SET signals = old.signals WHERE comment = old.id AND kind IN ('ham', 'spam') AND signals IS NULL;
END;

-- A comment that is erased takes its lessons along: their words go, and what they taught is taken back.
CREATE TRIGGER lessons_erase BEFORE UPDATE OF body ON comments WHEN new.body = ''
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = old.id AND kind IN ('ham', 'spam') GROUP BY site;
  DELETE FROM models WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = old.id AND l.site = models.site AND l.seq <= models.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]' WHERE comment = old.id;
END;
CREATE TRIGGER lessons_delete BEFORE DELETE ON comments
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = old.id AND kind IN ('ham', 'spam') GROUP BY site;
  DELETE FROM models WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = old.id AND l.site = models.site AND l.seq <= models.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]' WHERE comment = old.id;
END;

-- What was decided before lessons were kept teaches too, in the order of the decisions.
INSERT INTO lessons (site, kind, comment, at)
  SELECT p.site, CASE c.status WHEN 'spam' THEN 'spam' ELSE 'ham' END, c.id, c.decided_at
  FROM comments c JOIN pages p ON p.id = c.page
  WHERE c.status IN ('approved', 'spam') AND c.by_staff = 0
    AND (c.decided_by LIKE 'moderator:%' OR c.decided_by LIKE 'token:%')
    AND (c.edited_at IS NULL OR c.edited_at <= c.decided_at)
  ORDER BY c.decided_at, c.seq;
