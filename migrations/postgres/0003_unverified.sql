-- Captcha tokens that nobody could verify, of comments that wait, kept to ask the provider once more. A row
-- goes when its token was checked or is too old, and when the comment is decided or taken back.
CREATE TABLE unverified (
  comment  uuid PRIMARY KEY,
  site     text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  action   text COLLATE "C" NOT NULL,
  token    text COLLATE "C" NOT NULL,
  until    bigint NOT NULL,               -- from then on the token is too old
  due      bigint NOT NULL,               -- not asked about before
  asking   bigint NOT NULL DEFAULT 0      -- until then an instance is asking
);
CREATE INDEX unverified_due ON unverified (site, due);
CREATE INDEX unverified_until ON unverified (until);
