-- Up Migration

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
  rival_loss double precision,
  rival_upper_loss double precision,
  PRIMARY KEY (category, forecast_id, horizon_bins)
);
CREATE INDEX forecast_scores_by_time ON pam.forecast_scores (category, origin_at);
CREATE INDEX forecast_scores_by_model ON pam.forecast_scores (category, model_id, origin_at);
COMMENT ON TABLE pam.forecast_scores IS 'What forecasts turned out to be: one row a forecast and horizon. Counts and losses in requests per bin.';
COMMENT ON COLUMN pam.forecast_scores.horizon_bins IS 'Bins ahead; 0 = the peak over the lead window.';
COMMENT ON COLUMN pam.forecast_scores.last IS 'Count of the bin before the decision; null = missing.';
COMMENT ON COLUMN pam.forecast_scores.upper IS 'The forecast''s quantile at 1 - risk.';
COMMENT ON COLUMN pam.forecast_scores.loss IS 'Mean pinball loss over the forecast''s probabilities.';
COMMENT ON COLUMN pam.forecast_scores.upper_loss IS 'Pinball loss of upper at 1 - risk.';
COMMENT ON COLUMN pam.forecast_scores.rival_loss IS 'The same loss of the last value with its recent errors; null = too few bins before.';

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
COMMENT ON COLUMN pam.drifts.since IS 'When the change is thought to have begun.';

-- Down Migration

DROP TABLE pam.drifts, pam.drift_tests, pam.forecast_scores;
