-- What a comment was (spam, rejected, or deleted by its author) whose words, names, addresses and keys of a network went
-- because their time was over. Its status is deleted, so that nobody is shown it or decides on it; its row stays as a place
-- in its thread and for the figures. NULL for all others.
ALTER TABLE comments ADD COLUMN was text COLLATE "C";
CREATE INDEX comments_over
  ON comments (status, greatest(coalesce(decided_at, created_at), coalesce(edited_at, 0), coalesce(desk_at, 0)))
  WHERE status IN ('spam', 'rejected', 'deleted') AND was IS NULL;

-- What is left of a lesson whose text's time was over: the numbers that the model makes of it, so that it can be learned again.
ALTER TABLE lessons ADD COLUMN digest bytea;

-- Words that go because their time is over take nothing back that they taught; those that are erased do.
CREATE OR REPLACE FUNCTION lessons_void(erased uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = erased AND kind IN ('ham', 'spam')
    GROUP BY site, comment ORDER BY site;
  DELETE FROM models m WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = erased AND l.site = m.site AND l.seq <= m.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]', digest = NULL WHERE comment = erased;
END $$;
CREATE OR REPLACE FUNCTION lessons_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM lessons_void(OLD.id);
    RETURN OLD;
  END IF;
  IF NEW.body = '' THEN
    IF NEW.was IS NULL THEN
      PERFORM lessons_void(OLD.id);
    END IF;
  ELSE
    UPDATE lessons SET name = OLD.name, url = OLD.url, body = OLD.body
      WHERE comment = OLD.id AND kind IN ('ham', 'spam') AND body IS NULL;
  END IF;
  RETURN NEW;
END $$;
