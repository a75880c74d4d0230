-- Since when readers see a comment that stands: since its approval, or since it came where nobody had to decide. Feeds follow
-- this order, of a page and of all.
CREATE INDEX comments_page_approved ON comments (page, coalesce(decided_at, created_at), seq) WHERE status = 'approved';
CREATE INDEX comments_approved ON comments (coalesce(decided_at, created_at), seq) WHERE status = 'approved';
