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

-- A comment on its way in, as the program hands it over.
CREATE TYPE submission AS (
  id uuid, site text, page_key text, page_url text, title text, parent uuid, status text, name text, email text, url text,
  body text, post_id text, created_at bigint, edit_until bigint, author uuid, proven boolean, email_key bigint,
  sketch bigint, cluster uuid, founder uuid, address text, network_key text,
  captcha_provider text, captcha_outcome text, captcha_score double precision, captcha_raw double precision,
  sampled double precision, risk double precision, verdict text, signals text, staff text,
  duplicate bytea, duplicate_since bigint,  -- the key that a repetition repeats, and since when it is one
  token bytea, token_until bigint,          -- the captcha token that it spends
  held_provider text, held_action text, held_token text, held_until bigint, held_due bigint,
  idempotency bytea, content bytea, answered_since bigint,
  event text, told text                     -- the kind of its event, and what that tells
);
-- What became of it: stored, duplicate, token_used, parent_gone; or replayed, with what was answered before.
CREATE TYPE submitted AS (
  nth bigint, outcome text, page_url text,
  content bytea, comment uuid, status text, edit_until bigint, author uuid, email_key bigint
);

-- Stores submissions in their order, each as if it came alone: one that loses leaves nothing behind. All is looked at
-- before anything is written, which is safe behind the writers' lock, between submissions of one call as well.
CREATE FUNCTION accept_submissions(batch jsonb, writers bigint, events_kept bigint) RETURNS SETOF submitted
LANGUAGE plpgsql SET lock_timeout = '1500ms' AS $$
DECLARE
  s        submission;
  answer   submitted;
  n        bigint := 0;
  at_page  bigint;
  first    bigint;
  at_depth bigint;
  at_root  uuid;
  at_path  bytea;
  told_as  bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(writers);
  FOR s IN SELECT * FROM jsonb_populate_recordset(NULL::submission, batch) LOOP
    n := n + 1;
    answer := NULL;
    IF s.idempotency IS NOT NULL THEN
      SELECT n, 'replayed', p.url, i.content, c.id, i.status, c.edit_until, c.author, c.email_key INTO answer
        FROM idempotency i JOIN comments c ON c.id = i.comment JOIN pages p ON p.id = c.page
        WHERE i.key = s.idempotency AND i.at > s.answered_since;
      IF FOUND THEN
        RETURN NEXT answer;
        CONTINUE;
      END IF;
    END IF;
    answer.nth := n;
    IF EXISTS (SELECT FROM recent_bodies r WHERE r.key = s.duplicate AND r.at > s.duplicate_since) THEN
      answer.outcome := 'duplicate';
      RETURN NEXT answer;
      CONTINUE;
    END IF;
    IF s.token IS NOT NULL AND EXISTS (SELECT FROM claimed_tokens t WHERE t.key = s.token) THEN
      answer.outcome := 'token_used';
      RETURN NEXT answer;
      CONTINUE;
    END IF;
    SELECT p.id, p.first_at, p.url INTO at_page, first, answer.page_url FROM pages p
      WHERE p.site = s.site AND p.key = s.page_key;
    IF s.parent IS NULL THEN
      at_depth := 0;
      at_root := s.id;
      at_path := uuid_send(s.id);
    ELSE
      SELECT c.depth + 1, c.root, c.path || uuid_send(s.id) INTO at_depth, at_root, at_path FROM comments c
        WHERE c.id = s.parent AND c.page = at_page AND c.status = 'approved';
      IF NOT FOUND THEN
        answer.outcome := 'parent_gone';
        RETURN NEXT answer;
        CONTINUE;
      END IF;
    END IF;

    INSERT INTO recent_bodies (key, at) VALUES (s.duplicate, s.created_at)
      ON CONFLICT (key) DO UPDATE SET at = excluded.at;
    IF s.token IS NOT NULL THEN
      INSERT INTO claimed_tokens (key, until) VALUES (s.token, s.token_until);
    END IF;
    IF at_page IS NULL THEN
      INSERT INTO pages (site, key, url, title, first_at) VALUES (s.site, s.page_key, s.page_url, s.title, s.created_at)
        RETURNING id, url INTO at_page, answer.page_url;
    ELSIF first = 0 THEN
      UPDATE pages SET first_at = s.created_at, url = s.page_url, title = coalesce(title, s.title) WHERE id = at_page
        RETURNING url INTO answer.page_url;
    END IF;
    INSERT INTO comments (id, page, parent, depth, root, path, status, shown, version, name, email, url, body,
        post_id, created_at, edit_until, author, proven, email_key, sketch, cluster, address, network_key,
        captcha_provider, captcha_outcome, captcha_score, captcha_raw, risk, verdict, signals, sampled,
        by_staff, decided_by, decided_at)
      VALUES (s.id, at_page, s.parent, at_depth, at_root, at_path, s.status, (s.status = 'approved')::int, 1, s.name,
        s.email, s.url, s.body, s.post_id, s.created_at, s.edit_until, s.author, s.proven, s.email_key, s.sketch,
        s.cluster, s.address, s.network_key, s.captcha_provider, s.captcha_outcome, s.captcha_score, s.captcha_raw,
        s.risk, s.verdict, s.signals, s.sampled, s.staff IS NOT NULL, s.staff,
        CASE WHEN s.staff IS NOT NULL THEN s.created_at END);
    IF s.held_token IS NOT NULL THEN
      INSERT INTO unverified (comment, site, provider, action, token, until, due)
        VALUES (s.id, s.site, s.held_provider, s.held_action, s.held_token, s.held_until, s.held_due);
    END IF;
    IF s.founder IS NOT NULL AND s.cluster IS NOT NULL THEN
      UPDATE comments SET cluster = s.cluster WHERE id = s.founder AND cluster IS NULL;
    END IF;
    IF s.idempotency IS NOT NULL THEN
      INSERT INTO idempotency (key, content, comment, status, at)
        VALUES (s.idempotency, s.content, s.id, s.status, s.created_at)
        ON CONFLICT (key) DO UPDATE SET content = excluded.content, comment = excluded.comment,
          status = excluded.status, at = excluded.at;
    END IF;
    IF s.status = 'approved' THEN
      UPDATE pages SET revision = revision + 1, approved = approved + 1 WHERE id = at_page;
    END IF;
    INSERT INTO outbox (at, kind, subject, site, detail) VALUES (s.created_at, s.event, s.id::text, s.site, s.told)
      RETURNING id INTO told_as;
    DELETE FROM outbox WHERE id = told_as - events_kept;
    answer.outcome := 'stored';
    RETURN NEXT answer;
  END LOOP;
END $$;
