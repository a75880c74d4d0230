-- Each audit row bears a hash over its own fields and the hash of the row before (src/store/chain.rs).
ALTER TABLE audit ADD COLUMN hash BLOB;
CREATE INDEX audit_at ON audit (at);

-- ID:HASH:ROWS of the last row, so that rows that go missing at the end are missed.
INSERT INTO meta VALUES ('audit_head', '0:' || printf('%064d', 0) || ':0');
-- Rows from before this step, up to this id, have yet to be chained; the program takes the mark away when they are.
INSERT INTO meta SELECT 'audit_unchained', CAST(max(id) AS TEXT) FROM audit HAVING count(*) > 0;
