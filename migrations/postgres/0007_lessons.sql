-- What moderators' decisions teach the score, a site's log in the order of commit: whoever reads it from the
-- start comes to the same model. A row is never changed but to keep the words it was decided on.
CREATE TABLE lessons (
  seq     bigint PRIMARY KEY,                 -- in the order of commit
  site    text COLLATE "C" NOT NULL,
  kind    text COLLATE "C" NOT NULL,          -- ham, spam; void, rollback
  comment uuid,                               -- none of a rollback
  since   bigint,                             -- void: takes back what its comment taught from here on; rollback: what anything taught
  name    text COLLATE "C",                   -- what was decided on, once the comment says something else
  url     text COLLATE "C",
  body    text COLLATE "C",
  signals text COLLATE "C",
  at      bigint NOT NULL
);
CREATE INDEX lessons_site    ON lessons (site, seq);
CREATE INDEX lessons_comment ON lessons (comment, seq) WHERE comment IS NOT NULL;
CREATE INDEX lessons_undone  ON lessons (site, seq) WHERE since IS NOT NULL;
INSERT INTO numbers VALUES ('lessons', 0);
CREATE TRIGGER lessons_number BEFORE INSERT ON lessons FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION give_number();

-- Models as they were after a lesson; one that holds a lesson taken back later is dropped with it.
CREATE TABLE models (
  site    text COLLATE "C" NOT NULL,
  seq     bigint NOT NULL,                    -- of the last row of the log that it knows
  version text COLLATE "C" NOT NULL,
  labels  bigint NOT NULL,
  at      bigint NOT NULL,
  bytes   bytea  NOT NULL,
  PRIMARY KEY (site, seq)
);

-- A comment that changes leaves what was decided on with its lessons; one that is erased takes its lessons along: their
-- words go, and what they taught is taken back.
CREATE FUNCTION lessons_void(erased uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lessons (site, kind, comment, since, at)
    SELECT site, 'void', comment, min(seq), max(at) FROM lessons WHERE comment = erased AND kind IN ('ham', 'spam')
    GROUP BY site, comment ORDER BY site;
  DELETE FROM models m WHERE EXISTS (SELECT 1 FROM lessons l WHERE l.comment = erased AND l.site = m.site AND l.seq <= m.seq);
  UPDATE lessons SET name = NULL, url = NULL, body = NULL, signals = '[]' WHERE comment = erased;
END $$;
CREATE FUNCTION lessons_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM lessons_void(OLD.id);
    RETURN OLD;
  END IF;
  IF NEW.body = '' THEN
    PERFORM lessons_void(OLD.id);
  ELSE
    UPDATE lessons SET name = OLD.name, url = OLD.url, body = OLD.body
      WHERE comment = OLD.id AND kind IN ('ham', 'spam') AND body IS NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION lessons_follow_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lessons SET signals = OLD.signals WHERE comment = OLD.id AND kind IN ('ham', 'spam') AND signals IS NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER lessons_keep_text BEFORE UPDATE OF name, url, body ON comments FOR EACH ROW EXECUTE FUNCTION lessons_follow();
CREATE TRIGGER lessons_keep_signals BEFORE UPDATE OF signals ON comments FOR EACH ROW EXECUTE FUNCTION lessons_follow_signals();
CREATE TRIGGER lessons_delete BEFORE DELETE ON comments FOR EACH ROW EXECUTE FUNCTION lessons_follow();
