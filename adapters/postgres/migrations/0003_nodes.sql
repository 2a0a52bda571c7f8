-- Up Migration

ALTER TABLE pam.pools
  ADD COLUMN has_stack boolean NOT NULL DEFAULT true,
  ADD COLUMN wanted integer CHECK (wanted >= 0);
COMMENT ON COLUMN pam.pools.has_stack IS 'false = nothing was provisioned yet, so Pulumi has no stack of it.';
COMMENT ON COLUMN pam.pools.wanted IS 'Nodes that were asked for when this was written, which may be more than there are; null = not known.';

ALTER TABLE pam.local_nodes
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN exit_code integer,
  ADD COLUMN exit_signal text,
  ADD COLUMN said text;
COMMENT ON COLUMN pam.local_nodes.ended_at IS 'When its end was noticed; null = it runs, or that is not known.';
COMMENT ON COLUMN pam.local_nodes.exit_code IS 'null = it runs, a signal ended it, or no worker saw how it ended.';
COMMENT ON COLUMN pam.local_nodes.exit_signal IS 'Signal that ended it.';
COMMENT ON COLUMN pam.local_nodes.said IS 'Last lines of its log when it ended.';

CREATE TABLE pam.node_ends (
  category text NOT NULL,
  id text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  made_as text NOT NULL,
  exit_code integer,
  exit_signal text,
  said text NOT NULL,
  PRIMARY KEY (category, id)
);
CREATE INDEX node_ends_by_time ON pam.node_ends (category, ended_at);
COMMENT ON TABLE pam.node_ends IS 'Nodes that ended without having been given up.';
COMMENT ON COLUMN pam.node_ends.ended_at IS 'When its end was noticed.';
COMMENT ON COLUMN pam.node_ends.made_as IS 'Digest of the template and settings that it was made from: after a change nodes are tried at once.';
COMMENT ON COLUMN pam.node_ends.exit_code IS 'null = a signal ended it, or nobody saw how it ended.';
COMMENT ON COLUMN pam.node_ends.said IS 'Last lines of its log, cleaned; empty = none.';

CREATE TABLE pam.pool_repairs (
  category text NOT NULL,
  at timestamptz NOT NULL,
  what text NOT NULL,
  PRIMARY KEY (category, at, what)
);
COMMENT ON TABLE pam.pool_repairs IS 'What a recovery has mended of a pool, in words.';

-- Down Migration

DROP TABLE pam.pool_repairs, pam.node_ends;
ALTER TABLE pam.local_nodes DROP COLUMN said, DROP COLUMN exit_signal, DROP COLUMN exit_code, DROP COLUMN ended_at;
ALTER TABLE pam.pools DROP COLUMN wanted, DROP COLUMN has_stack;
