-- Up Migration

CREATE TABLE pam.categories (
  name text PRIMARY KEY,
  settings jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'stopped')),
  learned_requests_per_node_second double precision CHECK (learned_requests_per_node_second > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pam.categories IS 'Classes of requests with a pool of nodes of their own.';
COMMENT ON COLUMN pam.categories.settings IS 'Settings with every default filled in; durations in ms.';
COMMENT ON COLUMN pam.categories.learned_requests_per_node_second IS 'Requests per bin that one node has shown to serve; null before anything was learned.';

CREATE TABLE pam.bins (
  category text NOT NULL,
  source text NOT NULL,
  start_at timestamptz NOT NULL,
  width_ms integer CHECK (width_ms > 0),
  requests double precision NOT NULL CHECK (requests >= 0 AND requests < 'Infinity'),
  busy_seconds double precision CHECK (busy_seconds >= 0),
  capacity_seconds double precision CHECK (capacity_seconds >= 0),
  latency_mean_ms double precision CHECK (latency_mean_ms >= 0),
  latency_p99_ms double precision CHECK (latency_p99_ms >= 0),
  late double precision CHECK (late >= 0),
  errors double precision CHECK (errors >= 0),
  PRIMARY KEY (category, start_at, source)
);
COMMENT ON TABLE pam.bins IS 'Measured demand: one row per category, source and bin. An absent row is missing, never zero.';
COMMENT ON COLUMN pam.bins.source IS 'Who sent the requests (tenant, region, client), "envoy" for live monitoring, "import" for files without a source.';
COMMENT ON COLUMN pam.bins.start_at IS 'Start of the bin.';
COMMENT ON COLUMN pam.bins.width_ms IS 'Width of the bin, ms; null = the bin of the category at that time.';
COMMENT ON COLUMN pam.bins.requests IS 'Requests in the bin; fractional where a source reports rates.';
COMMENT ON COLUMN pam.bins.busy_seconds IS 'Resource consumption: node-seconds that these requests kept busy; null = not measured.';
COMMENT ON COLUMN pam.bins.capacity_seconds IS 'Node-seconds that were there to be used (nodes x concurrency x bin); utilization = busy_seconds / capacity_seconds.';
COMMENT ON COLUMN pam.bins.latency_mean_ms IS 'Mean latency, ms.';
COMMENT ON COLUMN pam.bins.latency_p99_ms IS '99th percentile of the latency, ms.';
COMMENT ON COLUMN pam.bins.late IS 'Requests slower than the objective of the category.';
COMMENT ON COLUMN pam.bins.errors IS 'Requests that failed.';

CREATE TABLE pam.events (
  category text NOT NULL,
  source text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  expected_uplift double precision CHECK (expected_uplift > 0),
  withdrawn_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (category, source, id),
  CHECK (end_at > start_at)
);
CREATE INDEX events_by_start ON pam.events (category, start_at);
COMMENT ON TABLE pam.events IS 'Known occasions that change demand, past and coming.';
COMMENT ON COLUMN pam.events.expected_uplift IS 'Stated demand during the event / demand without it; null = learn it.';
COMMENT ON COLUMN pam.events.withdrawn_at IS 'When it was called off; null = it stands.';

CREATE TABLE pam.models (
  id text PRIMARY KEY,
  category text NOT NULL,
  family text NOT NULL,
  parameters jsonb NOT NULL,
  trained_from timestamptz NOT NULL,
  trained_to timestamptz NOT NULL,
  figures jsonb NOT NULL,
  state bytea NOT NULL,
  status text NOT NULL CHECK (status IN ('candidate', 'incumbent', 'retired', 'rejected')),
  created_at timestamptz NOT NULL DEFAULT now(),
  status_at timestamptz NOT NULL DEFAULT now()
);
-- The state is compressed already.
ALTER TABLE pam.models ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX models_one_incumbent ON pam.models (category) WHERE status = 'incumbent';
CREATE INDEX models_by_category ON pam.models (category, created_at);
COMMENT ON TABLE pam.models IS 'Fitted models with where they came from; at most one incumbent a category.';
COMMENT ON COLUMN pam.models.figures IS 'Backtest figures of this model and its rivals, and why it was chosen.';
COMMENT ON COLUMN pam.models.state IS 'The fitted model: gzip of its JSON.';
COMMENT ON COLUMN pam.models.status_at IS 'When it got its status.';

CREATE TABLE pam.forecasts (
  id text PRIMARY KEY,
  category text NOT NULL,
  made_at timestamptz NOT NULL,
  origin_at timestamptz NOT NULL,
  model_id text,
  family text NOT NULL,
  horizon_bins integer[] NOT NULL,
  lead_bins integer NOT NULL,
  probabilities double precision[] NOT NULL,
  horizons jsonb NOT NULL,
  peak double precision[] NOT NULL
);
CREATE INDEX forecasts_by_time ON pam.forecasts (category, made_at);
COMMENT ON TABLE pam.forecasts IS 'What was predicted, kept for scoring and explanation.';
COMMENT ON COLUMN pam.forecasts.origin_at IS 'Start of the first bin that was not known yet.';
COMMENT ON COLUMN pam.forecasts.horizons IS 'Requests per bin: one array a horizon (order of horizon_bins), one number a probability.';
COMMENT ON COLUMN pam.forecasts.peak IS 'Requests per bin: quantiles of the highest count in the lead window.';

CREATE TABLE pam.decisions (
  id text PRIMARY KEY,
  category text NOT NULL,
  made_at timestamptz NOT NULL,
  forecast_id text,
  triggered_by text NOT NULL,
  demand double precision,
  peak_demand double precision,
  requests_per_node_bin double precision NOT NULL,
  required integer NOT NULL,
  planned integer NOT NULL,
  rule text NOT NULL,
  reason text NOT NULL,
  provisioned integer NOT NULL,
  routable integer NOT NULL,
  settled_at timestamptz
);
CREATE INDEX decisions_by_time ON pam.decisions (category, made_at);
COMMENT ON TABLE pam.decisions IS 'How many nodes were decided, why, and what was there afterwards.';
COMMENT ON COLUMN pam.decisions.demand IS 'Requests in the last measured bin; null = missing.';
COMMENT ON COLUMN pam.decisions.peak_demand IS 'Upper quantile of the peak over the lead window, requests per bin; null without a forecast.';
COMMENT ON COLUMN pam.decisions.requests_per_node_bin IS 'Requests per bin that one node serves.';
COMMENT ON COLUMN pam.decisions.required IS 'Nodes that the arithmetic asks for.';
COMMENT ON COLUMN pam.decisions.planned IS 'Nodes decided, after bounds, hold and override.';
COMMENT ON COLUMN pam.decisions.provisioned IS 'Nodes that existed: when decided, after acting once settled_at is set.';
COMMENT ON COLUMN pam.decisions.routable IS 'Nodes that took traffic: when decided, after acting once settled_at is set.';

CREATE TABLE pam.nodes (
  category text NOT NULL,
  id text NOT NULL,
  created_at timestamptz NOT NULL,
  routable_at timestamptz,
  removed_at timestamptz,
  seen_at timestamptz NOT NULL,
  tags jsonb NOT NULL,
  PRIMARY KEY (category, id)
);
CREATE INDEX nodes_by_routable ON pam.nodes (category, routable_at);
COMMENT ON TABLE pam.nodes IS 'The life of every node.';
COMMENT ON COLUMN pam.nodes.routable_at IS 'First seen taking traffic; null = not yet or never.';
COMMENT ON COLUMN pam.nodes.removed_at IS 'First seen gone; null = it exists.';
COMMENT ON COLUMN pam.nodes.seen_at IS 'Last observation that this row rests on.';

CREATE TABLE pam.counter_samples (
  category text PRIMARY KEY,
  at timestamptz NOT NULL,
  incarnation text NOT NULL,
  requests double precision NOT NULL,
  late double precision NOT NULL,
  errors double precision NOT NULL,
  latency_buckets jsonb
);
COMMENT ON TABLE pam.counter_samples IS 'The newest cumulative counters of the proxy, one row a category.';
COMMENT ON COLUMN pam.counter_samples.incarnation IS 'Changes when the proxy restarts and counts from zero again.';
COMMENT ON COLUMN pam.counter_samples.latency_buckets IS 'Cumulative histogram: [{"upToMs": ms or null for infinity, "count": requests}].';

CREATE TABLE pam.imports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  imported_at timestamptz NOT NULL DEFAULT now(),
  file text NOT NULL,
  shape text NOT NULL,
  rows bigint NOT NULL,
  bad_rows bigint NOT NULL,
  from_at timestamptz,
  to_at timestamptz
);
COMMENT ON TABLE pam.imports IS 'Which files were imported when, one row a file and import.';
COMMENT ON COLUMN pam.imports.rows IS 'Good rows.';
COMMENT ON COLUMN pam.imports.to_at IS 'Time of the last row.';

-- Down Migration

DROP TABLE pam.imports, pam.counter_samples, pam.nodes, pam.decisions, pam.forecasts, pam.models, pam.events,
  pam.bins, pam.categories;
