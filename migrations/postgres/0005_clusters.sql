-- Near-copies: what a text is like, and which of them are one.
ALTER TABLE comments ADD COLUMN sketch bigint;          -- 64 bits that near-copies nearly share; none of a text too short
ALTER TABLE comments ADD COLUMN cluster uuid;           -- id of the near-copy that was known first; none where there is no other
CREATE INDEX comments_cluster ON comments (cluster, status, seq) WHERE cluster IS NOT NULL;
