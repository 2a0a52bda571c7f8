-- Up Migration

CREATE TABLE pam.feeds (
  name text PRIMARY KEY,
  definition jsonb NOT NULL,
  content text,
  etag text,
  last_modified text,
  last_ok timestamptz,
  last_change timestamptz,
  last_error text,
  last_error_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pam.feeds IS 'Calendars, campaign schedules and news feeds, with what is known of their last look.';
COMMENT ON COLUMN pam.feeds.content IS 'The last content: read again when the feed says that nothing changed, since time goes on.';
COMMENT ON COLUMN pam.feeds.etag IS 'Of that content; sent as If-None-Match.';
COMMENT ON COLUMN pam.feeds.last_modified IS 'Of that content; sent as If-Modified-Since.';
COMMENT ON COLUMN pam.feeds.last_ok IS 'Last look that reached the feed, changed or not.';
COMMENT ON COLUMN pam.feeds.last_error IS 'Why the last look failed; null when it did not.';

ALTER TABLE pam.events
  ADD COLUMN half_life_ms double precision CHECK (half_life_ms > 0),
  ADD COLUMN withdrawn_by text CHECK (withdrawn_by IN ('feed', 'hand'));
COMMENT ON COLUMN pam.events.half_life_ms IS 'The stated uplift halves, in logs, every so long; null = it stays.';
COMMENT ON COLUMN pam.events.withdrawn_by IS 'Who called it off: a person''s word outlives the next look at the feed.';
CREATE INDEX events_by_source ON pam.events (source, end_at);

-- Down Migration

DROP INDEX pam.events_by_source;
ALTER TABLE pam.events DROP COLUMN half_life_ms, DROP COLUMN withdrawn_by;
DROP TABLE pam.feeds;
