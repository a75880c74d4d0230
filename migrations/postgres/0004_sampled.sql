-- The share of its like with which a sample reached the queue that a threshold would have kept from it; NULL
-- for all others. Whoever judges thresholds by decisions counts a sample as 1/sampled comments.
ALTER TABLE comments ADD COLUMN sampled double precision;
