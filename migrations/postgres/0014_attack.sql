-- Pages and sites under attack, one row each. `place` is the page's key in small letters, so that spelling makes no second
-- one; blank is the whole site. `rests_until` is set once somebody ended it by hand: until then it does not begin by itself.
CREATE TABLE attacks (
  site        text COLLATE "C" NOT NULL,
  place       text COLLATE "C" NOT NULL,
  page        text COLLATE "C",
  cause       text COLLATE "C" NOT NULL,
  set_by      text COLLATE "C",
  since       bigint NOT NULL,
  until       bigint NOT NULL,
  rests_until bigint,
  PRIMARY KEY (site, place)
);
