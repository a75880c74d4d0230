-- What a ban did to the comments that waited when it was set.
ALTER TABLE bans ADD COLUMN applied bigint NOT NULL DEFAULT 0;
-- The ban by which the decision that stands was taken, in the name of whoever set it. Nobody judged the text by it, so it
-- is in no record and no figure that decisions count in; NULL for all others.
ALTER TABLE comments ADD COLUMN ban uuid;

-- What a creating request of the moderators was answered, under its idempotency key. NULL while it is not done.
CREATE TABLE kept_answers (
  key     bytea PRIMARY KEY,
  content bytea  NOT NULL,
  subject text COLLATE "C" NOT NULL,      -- what it created
  answer  text COLLATE "C",               -- JSON, as it was first given
  at      bigint NOT NULL
);
CREATE INDEX kept_answers_at ON kept_answers (at);

-- How many comments of a page wait, kept in step by whatever moves one. A page that a moderator knows before anybody
-- commented there has the `first_at` 0 until somebody does.
ALTER TABLE pages ADD COLUMN pending bigint NOT NULL DEFAULT 0;
CREATE INDEX pages_waiting ON pages (pending, id);
CREATE FUNCTION pages_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE pages SET pending = pending + 1 WHERE id = NEW.page;
  ELSIF TG_OP = 'DELETE' THEN
    UPDATE pages SET pending = pending - 1 WHERE id = OLD.page;
  ELSE
    UPDATE pages SET pending = pending + (NEW.status = 'pending')::int - (OLD.status = 'pending')::int WHERE id = NEW.page;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER pages_one_more AFTER INSERT ON comments FOR EACH ROW WHEN (NEW.status = 'pending') EXECUTE FUNCTION pages_moved();
CREATE TRIGGER pages_moved AFTER UPDATE OF status ON comments FOR EACH ROW
  WHEN ((NEW.status = 'pending') <> (OLD.status = 'pending')) EXECUTE FUNCTION pages_moved();
CREATE TRIGGER pages_one_less AFTER DELETE ON comments FOR EACH ROW WHEN (OLD.status = 'pending') EXECUTE FUNCTION pages_moved();
