-- Up Migration

CREATE TABLE pam.workers (
  identity text PRIMARY KEY,
  kind text NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  task_queue text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
COMMENT ON TABLE pam.workers IS 'Worker processes: each says every few seconds that its work goes on. A row goes when its worker ends in order, or a day after it was last seen.';
COMMENT ON COLUMN pam.workers.identity IS 'Of the process, as in pam.leases.holder.';
COMMENT ON COLUMN pam.workers.kind IS 'What it serves: "allocation", "training".';
COMMENT ON COLUMN pam.workers.seen_at IS 'Its last word, on the clock of the database.';

-- Down Migration

DROP TABLE pam.workers;
