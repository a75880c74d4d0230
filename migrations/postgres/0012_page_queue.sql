-- One page's queue, and counts a status of the pages of some sites, without a look at each comment.
CREATE INDEX comments_page ON comments (page, status, seq);
