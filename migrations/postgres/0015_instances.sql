-- Instances that serve this store now, so that one with other settings than the rest is noticed.
CREATE TABLE instances (
  id       uuid PRIMARY KEY,
  settings text COLLATE "C" NOT NULL,     -- a keyed hash of what is in force there
  program  text COLLATE "C" NOT NULL,
  seen_at  bigint NOT NULL
);
