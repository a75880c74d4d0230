-- Times are milliseconds since 1970 UTC, ids are UUIDv7, text sorts by its bytes, JSON is kept as the text it was.

CREATE TABLE meta (
  key   text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);

-- The last number given to a row of each numbered table. Numbers have no gaps and are in the order of commit: whoever
-- takes one keeps this row until then.
CREATE TABLE numbers (
  name text COLLATE "C" PRIMARY KEY,
  last bigint NOT NULL
);
CREATE FUNCTION give_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  given bigint;
BEGIN
  UPDATE numbers SET last = last + 1 WHERE name = TG_TABLE_NAME RETURNING last INTO STRICT given;
  IF TG_TABLE_NAME = 'comments' OR TG_TABLE_NAME = 'lessons' THEN
    NEW.seq := given;
  ELSE
    NEW.id := given;
  END IF;
  RETURN NEW;
END $$;

CREATE TABLE pages (
  id       bigint PRIMARY KEY,
  site     text COLLATE "C" NOT NULL,
  key      text COLLATE "C" NOT NULL,
  url      text COLLATE "C" NOT NULL,
  title    text COLLATE "C",
  post_id  text COLLATE "C",              -- a WordPress form's comment_post_ID, once an approval vouched for it
  closed   boolean NOT NULL DEFAULT false,
  mode     text COLLATE "C",
  first_at bigint NOT NULL,
  revision bigint NOT NULL DEFAULT 0,     -- moves whenever what readers see of the page changes
  approved bigint NOT NULL DEFAULT 0,
  UNIQUE (site, key)
) WITH (fillfactor = 70);
CREATE INDEX pages_post ON pages (site, post_id) WHERE post_id IS NOT NULL;
INSERT INTO numbers VALUES ('pages', 0);
CREATE TRIGGER pages_number BEFORE INSERT ON pages FOR EACH ROW WHEN (NEW.id IS NULL) EXECUTE FUNCTION give_number();

CREATE TABLE comments (
  seq              bigint PRIMARY KEY,
  id               uuid    NOT NULL UNIQUE,
  page             bigint  NOT NULL REFERENCES pages (id),
  parent           uuid,
  depth            bigint  NOT NULL,
  root             uuid    NOT NULL,      -- the thread's first comment
  path             bytea   NOT NULL,      -- ids from the root down to this one: its order is reading order
  status           text COLLATE "C" NOT NULL,
  shown            bigint  NOT NULL,      -- 0 no, 1 as itself, 2 as a removed one that has replies
  version          bigint  NOT NULL,
  name             text COLLATE "C" NOT NULL,
  email            text COLLATE "C",
  url              text COLLATE "C",
  body             text COLLATE "C" NOT NULL,
  post_id          text COLLATE "C",
  by_staff         boolean NOT NULL DEFAULT false,
  likes            bigint  NOT NULL DEFAULT 0,
  created_at       bigint  NOT NULL,
  edited_at        bigint,
  edit_until       bigint  NOT NULL,
  author           uuid    NOT NULL,
  proven           boolean NOT NULL,
  email_key        bigint,                -- keyed hashes, never the thing itself
  address          text COLLATE "C",      -- raw, for moderation.retain_ip at most
  network_key      text COLLATE "C" NOT NULL,
  captcha_provider text COLLATE "C" NOT NULL,
  captcha_outcome  text COLLATE "C" NOT NULL,
  captcha_score    double precision,
  captcha_raw      double precision,
  risk             double precision NOT NULL,
  verdict          text COLLATE "C" NOT NULL,
  signals          text COLLATE "C" NOT NULL,
  decided_by       text COLLATE "C",
  decided_at       bigint
);
CREATE INDEX comments_thread ON comments (page, path) WHERE shown > 0;
CREATE INDEX comments_newest ON comments (page, root DESC, path) WHERE shown > 0;
CREATE INDEX comments_parent ON comments (parent) WHERE parent IS NOT NULL;
CREATE INDEX comments_queue  ON comments (status, seq);
CREATE INDEX comments_risk   ON comments (risk, seq) WHERE status = 'pending';
CREATE INDEX comments_raw    ON comments (created_at) WHERE address IS NOT NULL;
INSERT INTO numbers VALUES ('comments', 0);
CREATE TRIGGER comments_number BEFORE INSERT ON comments FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION give_number();

-- What was sent lately, whatever became of it: the unique key that decides about duplicates.
CREATE TABLE recent_bodies (
  key bytea PRIMARY KEY,
  at  bigint NOT NULL
);
CREATE INDEX recent_bodies_at ON recent_bodies (at);

-- Captcha tokens that a comment has spent.
CREATE TABLE claimed_tokens (
  key   bytea PRIMARY KEY,
  until bigint NOT NULL
);
CREATE INDEX claimed_tokens_until ON claimed_tokens (until);

CREATE TABLE idempotency (
  key     bytea PRIMARY KEY,
  content bytea  NOT NULL,
  comment uuid   NOT NULL,
  status  text COLLATE "C" NOT NULL,      -- as it was first answered
  at      bigint NOT NULL
);
CREATE INDEX idempotency_at ON idempotency (at);

-- Likes and reports, one of each a reader (a keyed hash) and comment.
CREATE TABLE reactions (
  comment uuid   NOT NULL,
  kind    text COLLATE "C" NOT NULL,      -- like, report
  reader  bytea  NOT NULL,
  reason  text COLLATE "C",
  at      bigint NOT NULL,
  PRIMARY KEY (comment, kind, reader)
);
CREATE INDEX reactions_reports ON reactions (comment) WHERE kind = 'report';

-- Captcha refusals: no name, email, body or address.
CREATE TABLE refusals (
  id        uuid PRIMARY KEY,
  reference text COLLATE "C" NOT NULL,
  site      text COLLATE "C" NOT NULL,
  page      text COLLATE "C" NOT NULL,
  reason    text COLLATE "C" NOT NULL,
  provider  text COLLATE "C" NOT NULL,
  score     double precision,
  raw_score double precision,
  signals   text COLLATE "C" NOT NULL,
  at        bigint NOT NULL
);
CREATE INDEX refusals_reference ON refusals (reference);
CREATE INDEX refusals_at ON refusals (at);

CREATE TABLE bans (
  id           uuid PRIMARY KEY,
  kind         text COLLATE "C" NOT NULL,
  value        text COLLATE "C" NOT NULL,
  mode         text COLLATE "C" NOT NULL,
  site         text COLLATE "C",
  reason       text COLLATE "C",
  created_by   text COLLATE "C" NOT NULL,
  created_at   bigint NOT NULL,
  expires_at   bigint,
  from_comment uuid                       -- whose author it was drawn from: what a moderator sees in place of an address
);

CREATE TABLE moderators (
  username   text COLLATE "C" PRIMARY KEY,
  role       text COLLATE "C" NOT NULL,
  email      text COLLATE "C",
  sites      text COLLATE "C",            -- JSON list; NULL is all sites
  password   text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE sessions (
  token      bytea PRIMARY KEY,           -- SHA-256 of what the cookie holds
  username   text COLLATE "C" NOT NULL REFERENCES moderators (username) ON DELETE CASCADE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX sessions_person ON sessions (username);

CREATE TABLE tokens (
  name       text COLLATE "C" PRIMARY KEY,
  token      bytea  NOT NULL UNIQUE,
  scope      text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint
);

-- Append only; a comment's history is its rows here.
CREATE TABLE audit (
  id      bigint PRIMARY KEY,
  at      bigint NOT NULL,
  actor   text COLLATE "C" NOT NULL,
  action  text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  detail  text COLLATE "C" NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);
-- Its rows bring their number along, which their hash covers; the last one given is kept here all the same.
INSERT INTO numbers VALUES ('audit', 0);
CREATE FUNCTION audit_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE numbers SET last = greatest(last, NEW.id) WHERE name = 'audit';
  RETURN NULL;
END $$;
CREATE TRIGGER audit_number AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_numbered();

-- What happened and who has yet to be told; a ring of the last 10,000 until something delivers.
CREATE TABLE outbox (
  id      bigint PRIMARY KEY,
  at      bigint NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL
);
INSERT INTO numbers VALUES ('outbox', 0);
CREATE TRIGGER outbox_number BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.id IS NULL) EXECUTE FUNCTION give_number();

-- Whoever listens on the channel "replydesk" hears of a commit that left an event, and looks for itself.
CREATE FUNCTION tell_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('replydesk', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_told AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION tell_instances();
