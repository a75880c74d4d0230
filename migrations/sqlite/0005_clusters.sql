-- Near-copies: what a text is like, and which of them are one. The key of exactly the same text goes.
DROP INDEX comments_body;
ALTER TABLE comments DROP COLUMN body_key;
ALTER TABLE comments ADD COLUMN sketch INTEGER;         -- 64 bits that near-copies nearly share; none of a text too short, or older than this
ALTER TABLE comments ADD COLUMN cluster BLOB;           -- id of the near-copy that was known first; none where there is no other
CREATE INDEX comments_cluster ON comments (cluster, status, seq) WHERE cluster IS NOT NULL;
