-- Each audit row bears a hash over its own fields and the hash of the row before (src/store/chain.rs).
ALTER TABLE audit ADD COLUMN hash bytea;
CREATE INDEX audit_at ON audit (at);

-- ID:HASH:ROWS of the last row, so that rows that go missing at the end are missed.
INSERT INTO meta VALUES ('audit_head', '0:' || repeat('0', 64) || ':0');
