-- Who looks at a comment at the moment: advice to the others, no lock.
CREATE TABLE claims (
  comment uuid PRIMARY KEY,
  actor   text COLLATE "C" NOT NULL,
  until   bigint NOT NULL
);
CREATE INDEX claims_until ON claims (until);

-- What the newsroom made of a comment's words, all three together where `desk_at` is set. The author's own stay in
-- name, url and body: they are what was judged, what is learned from, and what signals point into.
ALTER TABLE comments ADD COLUMN desk_name text COLLATE "C";
ALTER TABLE comments ADD COLUMN desk_url  text COLLATE "C";
ALTER TABLE comments ADD COLUMN desk_body text COLLATE "C";
ALTER TABLE comments ADD COLUMN desk_by   text COLLATE "C";
ALTER TABLE comments ADD COLUMN desk_at   bigint;

-- An event says by itself where it happened and what became of it, so that nobody has to look it up.
ALTER TABLE outbox ADD COLUMN site   text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN detail text COLLATE "C" NOT NULL DEFAULT '{}';

-- Words that go take the newsroom's version along.
CREATE FUNCTION desk_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.desk_name := NULL;
  NEW.desk_url := NULL;
  NEW.desk_body := NULL;
  NEW.desk_by := NULL;
  NEW.desk_at := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER desk_erase BEFORE UPDATE OF body ON comments FOR EACH ROW
  WHEN (NEW.body = '' AND NEW.desk_at IS NOT NULL) EXECUTE FUNCTION desk_erased();
