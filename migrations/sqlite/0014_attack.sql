-- Pages and sites under attack, one row each. `place` is the page's key in small letters, so that spelling makes no second
-- one; blank is the whole site. `rests_until` is set once somebody ended it by hand: until then it does not begin by itself.
CREATE TABLE attacks (
  site        TEXT    NOT NULL,
  place       TEXT    NOT NULL,
  page        TEXT,
  cause       TEXT    NOT NULL,
  set_by      TEXT,
  since       INTEGER NOT NULL,
  until       INTEGER NOT NULL,
  rests_until INTEGER,
  PRIMARY KEY (site, place)
) STRICT, WITHOUT ROWID;
