-- What a comment was (spam, rejected, or deleted by its author) whose words, names, addresses and keys of a network went
-- because their time was over. Its status is deleted, so that nobody is shown it or decides on it; its row stays as a place
-- in its thread and for the figures. NULL for all others.
ALTER TABLE comments ADD COLUMN was TEXT;
CREATE INDEX comments_over
  ON comments (status, max(coalesce(decided_at, created_at), coalesce(edited_at, 0), coalesce(desk_at, 0)))
  WHERE status IN ('spam', 'rejected', 'deleted') AND was IS NULL;

-- What is left of a lesson whose text's time was over: the numbers that the model makes of it, so that it can be learned again.
ALTER TABLE lessons ADD COLUMN digest BLOB;

-- Words that go because their time is over take nothing back that they taught; those that are erased do.
DROP TRIGGER lessons_erase;
CREATE TRIGGER lessons_erase BEFORE UPDATE OF body ON comments WHEN new.body = '' AND new.was IS NULL
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = old.id AND kind IN ('ham', 'spam') GROUP BY site;
  DELETE FROM models WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = old.id AND l.site = models.site AND l.seq <= models.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]', digest = NULL WHERE comment = old.id;
END;
DROP TRIGGER lessons_delete;
CREATE TRIGGER lessons_delete BEFORE DELETE ON comments
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = old.id AND kind IN ('ham', 'spam') GROUP BY site;
  DELETE FROM models WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = old.id AND l.site = models.site AND l.seq <= models.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]', digest = NULL WHERE comment = old.id;
END;
