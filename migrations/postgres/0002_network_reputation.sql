-- What moderators decided on comments of one network (a keyed hash, another one every 30 days): sums in
-- which a decision counts half after 30 days, as of `at`.
CREATE TABLE network_reputation (
  network_key text COLLATE "C" PRIMARY KEY,
  good        double precision NOT NULL,  -- approved
  bad         double precision NOT NULL,  -- marked as spam
  at          bigint NOT NULL
);
CREATE INDEX network_reputation_at ON network_reputation (at);

-- How the standing decision was counted there, as of `decided_at`, so that another one can undo it.
ALTER TABLE comments ADD COLUMN counted text COLLATE "C";  -- good, bad; NULL is not at all
