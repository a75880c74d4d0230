-- An author's and an email's comments by time: how many came lately, and a record of the newest.
CREATE INDEX comments_author ON comments (author, created_at, status);
CREATE INDEX comments_email  ON comments (email_key, created_at, status) WHERE email_key IS NOT NULL;
