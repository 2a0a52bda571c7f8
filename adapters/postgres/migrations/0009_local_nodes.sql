-- Up Migration

CREATE TABLE pam.local_nodes (
  category text NOT NULL,
  id text NOT NULL,
  created_at timestamptz NOT NULL,
  node_order jsonb NOT NULL,
  machine text NOT NULL,
  state_dir text NOT NULL,
  host text NOT NULL,
  port integer NOT NULL,
  log text NOT NULL,
  pid integer,
  start_ticks double precision,
  drain_until timestamptz,
  asked boolean NOT NULL DEFAULT false,
  ended boolean NOT NULL DEFAULT false,
  PRIMARY KEY (category, id)
);
COMMENT ON TABLE pam.local_nodes IS 'Nodes of the provider "local": processes of the machine that made them.';
COMMENT ON COLUMN pam.local_nodes.node_order IS 'What it was ordered as: fixed for its life.';
COMMENT ON COLUMN pam.local_nodes.machine IS 'Identity of the machine, its boot included.';
COMMENT ON COLUMN pam.local_nodes.state_dir IS 'State folder of the worker that started it; in the environment of its process.';
COMMENT ON COLUMN pam.local_nodes.pid IS 'null = ordered, its process is being started.';
COMMENT ON COLUMN pam.local_nodes.start_ticks IS 'When the process started, so that a later one with its pid is told apart.';
COMMENT ON COLUMN pam.local_nodes.drain_until IS 'It takes no new requests and is killed at this time; null = it serves.';
COMMENT ON COLUMN pam.local_nodes.asked IS 'Its machine has sent it SIGTERM.';
COMMENT ON COLUMN pam.local_nodes.ended IS 'Its machine has seen that the process is gone.';

CREATE TABLE pam.local_machines (
  machine text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
COMMENT ON TABLE pam.local_machines IS 'When a worker of each machine was last there: nodes of a machine without one can not be looked at.';

-- Down Migration

DROP TABLE pam.local_machines, pam.local_nodes;
