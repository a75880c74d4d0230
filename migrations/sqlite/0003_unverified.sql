-- Captcha tokens that nobody could verify, of comments that wait, kept to ask the provider once more. A row
-- goes when its token was checked or is too old, and when the comment is decided or taken back.
CREATE TABLE unverified (
  comment  BLOB PRIMARY KEY,
  site     TEXT    NOT NULL,
  provider TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  token    TEXT    NOT NULL,
  until    INTEGER NOT NULL,              -- from then on the token is too old
  due      INTEGER NOT NULL,              -- not asked about before
  asking   INTEGER NOT NULL DEFAULT 0     -- until then an instance is asking
) STRICT, WITHOUT ROWID;
CREATE INDEX unverified_due ON unverified (site, due);
CREATE INDEX unverified_until ON unverified (until);
