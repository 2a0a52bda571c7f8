-- Up Migration

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
COMMENT ON COLUMN pam.fleet_claims.reason IS 'Why less was granted than wished; null = it was not less.';

-- Down Migration

DROP TABLE pam.fleet_claims, pam.fleet_budget;
