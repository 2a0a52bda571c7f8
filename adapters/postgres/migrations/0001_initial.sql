-- Up Migration

-- Everything that decides or must survive a worker. Instants are timestamptz, durations milliseconds (…_ms), requests
-- counts. Rows of one category begin every key, so that each category is read and pruned by itself.

-- Categories ---------------------------------------------------------------------------------------------------------

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
COMMENT ON COLUMN pam.categories.learned_requests_per_node_second IS 'Requests a second that one node has shown to serve at its accepted utilization; null before anything was learned.';

-- Demand -------------------------------------------------------------------------------------------------------------

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
  imported_at timestamptz,
  live boolean NOT NULL DEFAULT false,
  sender text NOT NULL GENERATED ALWAYS AS (CASE WHEN live THEN '' ELSE source END) STORED,
  PRIMARY KEY (category, start_at, live, sender),
  CHECK (NOT live OR width_ms IS NOT NULL)
);
CREATE INDEX bins_live ON pam.bins (category, start_at) WHERE live;
COMMENT ON TABLE pam.bins IS 'Demand: one row per category, source and bin. An absent row is missing, never zero.';
COMMENT ON COLUMN pam.bins.source IS 'Of a live bin the demand source that measured it; of history who sent the requests (tenant, region, client), "import" for files without a source.';
COMMENT ON COLUMN pam.bins.live IS 'Measured by the category''s demand source: it counts alone. Else history, whose sources add up where nothing was measured live.';
COMMENT ON COLUMN pam.bins.sender IS 'What tells apart rows of one bin: the source of history, nothing of a live bin, since one live source a category measures it. The key says both, for an upsert under load must meet one unique index only.';
COMMENT ON COLUMN pam.bins.start_at IS 'Start of the bin.';
COMMENT ON COLUMN pam.bins.width_ms IS 'Width of the bin, ms; null = the bin of the category at that time.';
COMMENT ON COLUMN pam.bins.requests IS 'Requests in the bin; fractional if a source reports rates.';
COMMENT ON COLUMN pam.bins.busy_seconds IS 'Resource consumption: node-seconds that these requests kept busy; null = not measured.';
COMMENT ON COLUMN pam.bins.capacity_seconds IS 'Node-seconds that were there to be used (nodes x concurrency x bin); utilization = busy_seconds / capacity_seconds.';
COMMENT ON COLUMN pam.bins.latency_mean_ms IS 'Mean latency, ms.';
COMMENT ON COLUMN pam.bins.latency_p99_ms IS '99th percentile of the latency, ms.';
COMMENT ON COLUMN pam.bins.late IS 'Requests slower than the objective of the category.';
COMMENT ON COLUMN pam.bins.errors IS 'Requests that failed.';
COMMENT ON COLUMN pam.bins.imported_at IS 'When it was imported from a file: retention counts from then; null = measured by PAM.';

CREATE TABLE pam.counter_samples (
  category text NOT NULL,
  source text NOT NULL,
  at timestamptz NOT NULL,
  started_at timestamptz,
  requests double precision NOT NULL,
  errors double precision,
  latency_buckets jsonb NOT NULL,
  nodes jsonb NOT NULL,
  PRIMARY KEY (category, source, at)
);
COMMENT ON TABLE pam.counter_samples IS 'Cumulative counters of demand sources over the last bins, which bins are computed from.';
COMMENT ON COLUMN pam.counter_samples.started_at IS 'When the counting began, at zero; null = the source does not tell.';
COMMENT ON COLUMN pam.counter_samples.errors IS 'null = the source does not know.';
COMMENT ON COLUMN pam.counter_samples.nodes IS 'What the nodes said of their load: {id: {"busySlotSeconds", "served", "concurrency"}}.';
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
COMMENT ON TABLE pam.imports IS 'Which files were imported and when, one row a file and import.';
COMMENT ON COLUMN pam.imports.rows IS 'Good rows.';
COMMENT ON COLUMN pam.imports.to_at IS 'Time of the last row.';

-- Events -------------------------------------------------------------------------------------------------------------

CREATE TABLE pam.events (
  category text NOT NULL,
  source text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  expected_uplift double precision CHECK (expected_uplift > 0),
  half_life_ms double precision CHECK (half_life_ms > 0),
  withdrawn_at timestamptz,
  withdrawn_by text CHECK (withdrawn_by IN ('feed', 'hand')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (category, source, id),
  CHECK (end_at > start_at)
);
CREATE INDEX events_by_start ON pam.events (category, start_at);
CREATE INDEX events_by_source ON pam.events (source, end_at);
COMMENT ON TABLE pam.events IS 'Known occasions that change demand, past and coming.';
COMMENT ON COLUMN pam.events.expected_uplift IS 'Stated demand during the event / demand without it; null = learn it.';
COMMENT ON COLUMN pam.events.half_life_ms IS 'Time in which the logarithm of the stated uplift halves; null = it stays.';
COMMENT ON COLUMN pam.events.withdrawn_at IS 'When it was called off; null = it stands.';
COMMENT ON COLUMN pam.events.withdrawn_by IS 'Who called it off. What a person called off stays so, whatever the feed says at its next look.';

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
COMMENT ON COLUMN pam.feeds.content IS 'The last content. It is read again if the feed says that nothing changed, since time goes on.';
COMMENT ON COLUMN pam.feeds.etag IS 'Of that content; sent as If-None-Match.';
COMMENT ON COLUMN pam.feeds.last_modified IS 'Of that content; sent as If-Modified-Since.';
COMMENT ON COLUMN pam.feeds.last_ok IS 'Last look that reached the feed, changed or not.';
COMMENT ON COLUMN pam.feeds.last_error IS 'Why the last look failed; null = it did not fail.';

-- Forecasts and their models -----------------------------------------------------------------------------------------

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
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  status_at timestamptz NOT NULL DEFAULT now()
);
-- The state is compressed already.
ALTER TABLE pam.models ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX models_one_incumbent ON pam.models (category) WHERE status = 'incumbent';
CREATE INDEX models_by_category ON pam.models (category, created_at);
COMMENT ON TABLE pam.models IS 'Fitted models and what they were fitted on; at most one incumbent a category.';
COMMENT ON COLUMN pam.models.figures IS 'Backtest figures of this model and of those it was compared with.';
COMMENT ON COLUMN pam.models.state IS 'The fitted model: gzip of its JSON.';
COMMENT ON COLUMN pam.models.reason IS 'Why it has its status, in words with figures; null before a choice.';
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
COMMENT ON TABLE pam.forecasts IS 'What was predicted, kept to be scored and explained.';
COMMENT ON COLUMN pam.forecasts.origin_at IS 'Start of the first bin that was not known yet.';
COMMENT ON COLUMN pam.forecasts.lead_bins IS 'Lead time that was planned with, bins.';
COMMENT ON COLUMN pam.forecasts.horizons IS 'Requests per bin: one array a horizon (order of horizon_bins), one number a probability.';
COMMENT ON COLUMN pam.forecasts.peak IS 'Requests per bin: quantiles of the highest count in the lead window.';

CREATE TABLE pam.forecast_scores (
  category text NOT NULL,
  forecast_id text NOT NULL,
  horizon_bins integer NOT NULL CHECK (horizon_bins >= 0),
  model_id text,
  family text NOT NULL,
  origin_at timestamptz NOT NULL,
  actual double precision NOT NULL,
  last double precision,
  median double precision NOT NULL,
  upper double precision NOT NULL,
  risk double precision NOT NULL,
  loss double precision NOT NULL,
  upper_loss double precision NOT NULL,
  baseline_loss double precision,
  baseline_upper_loss double precision,
  PRIMARY KEY (category, forecast_id, horizon_bins)
);
CREATE INDEX forecast_scores_by_time ON pam.forecast_scores (category, origin_at);
CREATE INDEX forecast_scores_by_model ON pam.forecast_scores (category, model_id, origin_at);
COMMENT ON TABLE pam.forecast_scores IS 'Forecasts compared with what happened: one row a forecast and horizon. Counts and losses in requests per bin.';
COMMENT ON COLUMN pam.forecast_scores.horizon_bins IS 'Bins ahead; 0 = the peak over the lead window.';
COMMENT ON COLUMN pam.forecast_scores.last IS 'Count of the bin before the decision; null = missing.';
COMMENT ON COLUMN pam.forecast_scores.upper IS 'The forecast''s quantile at 1 - risk.';
COMMENT ON COLUMN pam.forecast_scores.loss IS 'Mean pinball loss over the forecast''s probabilities.';
COMMENT ON COLUMN pam.forecast_scores.upper_loss IS 'Pinball loss of upper at 1 - risk.';
COMMENT ON COLUMN pam.forecast_scores.baseline_loss IS 'The same loss of the last value with its recent errors; null = too few bins before.';

CREATE TABLE pam.drift_tests (
  category text PRIMARY KEY,
  state jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pam.drift_tests IS 'How far the sequential tests for drift are.';

CREATE TABLE pam.drifts (
  category text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('error', 'calibration', 'level')),
  detected_at timestamptz NOT NULL,
  since timestamptz NOT NULL,
  model_id text,
  what text NOT NULL,
  PRIMARY KEY (category, detected_at, kind)
);
COMMENT ON TABLE pam.drifts IS 'Changes that the tests for drift have found.';
COMMENT ON COLUMN pam.drifts.since IS 'Estimated start of the change.';

-- Decisions ----------------------------------------------------------------------------------------------------------

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
COMMENT ON COLUMN pam.decisions.planned IS 'Nodes decided, after bounds, budget, hold and override.';
COMMENT ON COLUMN pam.decisions.provisioned IS 'Nodes that existed: when decided, or after acting if settled_at is set.';
COMMENT ON COLUMN pam.decisions.routable IS 'Nodes that took traffic: when decided, or after acting if settled_at is set.';

CREATE TABLE pam.scale_down_holds (
  category text NOT NULL,
  reviewed_at timestamptz NOT NULL,
  hold_ms double precision NOT NULL CHECK (hold_ms >= 0),
  bin_ms double precision NOT NULL CHECK (bin_ms > 0),
  decisions integer NOT NULL CHECK (decisions > 0),
  reason text NOT NULL,
  PRIMARY KEY (category, reviewed_at)
);
COMMENT ON TABLE pam.scale_down_holds IS 'Scale-down holds that were chosen from a category''s own decisions: one row a review, at most one a day and one a requested training.';
COMMENT ON COLUMN pam.scale_down_holds.hold_ms IS 'In force from the review on, ms; 0: nodes are given up at once.';
COMMENT ON COLUMN pam.scale_down_holds.bin_ms IS 'Width of the bins it was chosen under; void under another width.';
COMMENT ON COLUMN pam.scale_down_holds.decisions IS 'Number of the latest decisions that it rests on.';

CREATE TABLE pam.fleet_budget (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  max_nodes integer CHECK (max_nodes >= 0),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pam.fleet_budget IS 'The most nodes that all categories together may have; at most one row.';
COMMENT ON COLUMN pam.fleet_budget.max_nodes IS 'null = no budget.';

CREATE TABLE pam.fleet_claims (
  category text PRIMARY KEY,
  wish integer NOT NULL CHECK (wish >= 0),
  minimum integer NOT NULL CHECK (minimum >= 0),
  weight double precision NOT NULL CHECK (weight > 0),
  requests_per_node_bin double precision NOT NULL CHECK (requests_per_node_bin > 0),
  demand jsonb NOT NULL,
  granted integer NOT NULL CHECK (granted >= 0),
  reason text,
  claimed_at timestamptz NOT NULL
);
COMMENT ON TABLE pam.fleet_claims IS 'What each category wished for last and what it was granted of the fleet budget.';
COMMENT ON COLUMN pam.fleet_claims.demand IS 'Quantiles of the peak over the lead window: [{"probability", "count"}], requests per bin.';
COMMENT ON COLUMN pam.fleet_claims.reason IS 'Why less was granted than wished; null = the wish was granted.';

-- Pools and their nodes ----------------------------------------------------------------------------------------------

CREATE TABLE pam.leases (
  name text PRIMARY KEY,
  holder text,
  token bigint NOT NULL CHECK (token > 0),
  taken_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE pam.leases IS 'Who may do what only one worker at a time may do. A row stays when its lease is free, so that its token goes on growing.';
COMMENT ON COLUMN pam.leases.name IS 'What is leased: "pool:checkout", "leader:collector".';
COMMENT ON COLUMN pam.leases.holder IS 'Identity of the worker process; null = free.';
COMMENT ON COLUMN pam.leases.token IS 'Grows each time the lease is taken; a write under an older token is refused.';
COMMENT ON COLUMN pam.leases.expires_at IS 'Another may take the lease from then on.';

CREATE TABLE pam.pools (
  category text PRIMARY KEY,
  provider text NOT NULL,
  phase text NOT NULL CHECK (phase IN ('updating', 'applied')),
  nodes text[] NOT NULL,
  rule jsonb,
  since timestamptz NOT NULL
);
COMMENT ON TABLE pam.pools IS 'The pool ledger: what each pool should be and how far the change got. Written only under the lease of the pool.';
COMMENT ON COLUMN pam.pools.category IS 'Name of the category, or of the shared pool.';
COMMENT ON COLUMN pam.pools.provider IS 'Name of the node provider that makes the nodes.';
COMMENT ON COLUMN pam.pools.phase IS '"updating" from before a change until it has succeeded, then "applied".';
COMMENT ON COLUMN pam.pools.nodes IS 'Ids of the nodes that the pool should have.';
COMMENT ON COLUMN pam.pools.rule IS 'Routing rule of the category; null = none.';
COMMENT ON COLUMN pam.pools.since IS 'When it came into this phase.';

CREATE TABLE pam.nodes (
  category text NOT NULL,
  id text NOT NULL,
  ordered_at timestamptz,
  created_at timestamptz NOT NULL,
  waiting_at timestamptz,
  routable_at timestamptz,
  removed_at timestamptz,
  seen_at timestamptz NOT NULL,
  tags jsonb NOT NULL,
  PRIMARY KEY (category, id)
);
CREATE INDEX nodes_by_routable ON pam.nodes (category, routable_at);
CREATE INDEX nodes_by_order ON pam.nodes (category, ordered_at) WHERE ordered_at IS NOT NULL;
COMMENT ON TABLE pam.nodes IS 'The life of every node.';
COMMENT ON COLUMN pam.nodes.ordered_at IS 'When the decision that asked for it was made, the first one if several asked in vain; null = not known.';
COMMENT ON COLUMN pam.nodes.waiting_at IS 'Last seen not routable before it was routable; null = never seen so.';
COMMENT ON COLUMN pam.nodes.routable_at IS 'First seen taking traffic; null = not yet or never.';
COMMENT ON COLUMN pam.nodes.removed_at IS 'First seen gone; null = it exists.';
COMMENT ON COLUMN pam.nodes.seen_at IS 'Last observation that this row rests on.';

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
CREATE INDEX local_nodes_draining ON pam.local_nodes (drain_until) WHERE drain_until IS NOT NULL;
CREATE INDEX local_nodes_by_machine ON pam.local_nodes (machine);
COMMENT ON TABLE pam.local_nodes IS 'Nodes of the provider "local": processes of the machine that made them.';
COMMENT ON COLUMN pam.local_nodes.category IS 'Name of the category, or of the shared pool.';
COMMENT ON COLUMN pam.local_nodes.node_order IS 'What it was ordered as: fixed for its life.';
COMMENT ON COLUMN pam.local_nodes.machine IS 'Identity of the machine, its boot included.';
COMMENT ON COLUMN pam.local_nodes.state_dir IS 'State folder of the worker that started it; in the environment of its process.';
COMMENT ON COLUMN pam.local_nodes.pid IS 'null = ordered, its process is being started.';
COMMENT ON COLUMN pam.local_nodes.start_ticks IS 'When the process started, so that a later process with the same pid is not taken for it.';
COMMENT ON COLUMN pam.local_nodes.drain_until IS 'It takes no new requests and is killed at this time; null = it serves.';
COMMENT ON COLUMN pam.local_nodes.asked IS 'Its machine has sent it SIGTERM.';
COMMENT ON COLUMN pam.local_nodes.ended IS 'Its machine has seen that the process is gone.';

CREATE TABLE pam.local_machines (
  machine text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
COMMENT ON TABLE pam.local_machines IS 'When a worker of each machine was last there: nodes of a machine without one can not be looked at.';

CREATE TABLE pam.lead_times (
  category text NOT NULL,
  since timestamptz NOT NULL,
  bins integer NOT NULL CHECK (bins > 0),
  bin_ms double precision NOT NULL CHECK (bin_ms > 0),
  configured_ms double precision NOT NULL CHECK (configured_ms > 0),
  raised_at timestamptz,
  lowered_at timestamptz,
  orders integer NOT NULL CHECK (orders >= 0),
  p50_ms double precision,
  p95_ms double precision,
  reason text NOT NULL,
  PRIMARY KEY (category, since)
);
COMMENT ON TABLE pam.lead_times IS 'Measured lead times: one row whenever the one that is planned with changed, some a month.';
COMMENT ON COLUMN pam.lead_times.bins IS 'What is planned with from then on, in bins of bin_ms.';
COMMENT ON COLUMN pam.lead_times.configured_ms IS 'The configured lead time it was measured under; void under another one.';
COMMENT ON COLUMN pam.lead_times.orders IS 'Orders that it rests on.';
COMMENT ON COLUMN pam.lead_times.p95_ms IS 'Quantile of the time from order to routable, ms; null = at least that share never became routable.';

-- Down Migration

DROP TABLE pam.lead_times, pam.local_machines, pam.local_nodes, pam.nodes, pam.pools, pam.leases, pam.fleet_claims,
  pam.fleet_budget, pam.scale_down_holds, pam.decisions, pam.drifts, pam.drift_tests, pam.forecast_scores,
  pam.forecasts, pam.models, pam.feeds, pam.events, pam.imports, pam.counter_samples, pam.bins, pam.categories;
