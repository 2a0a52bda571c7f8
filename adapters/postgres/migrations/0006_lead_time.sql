-- Up Migration

ALTER TABLE pam.nodes
  ADD COLUMN ordered_at timestamptz,
  ADD COLUMN waiting_at timestamptz;
CREATE INDEX nodes_by_order ON pam.nodes (category, ordered_at) WHERE ordered_at IS NOT NULL;
COMMENT ON COLUMN pam.nodes.ordered_at IS 'When the decision was made that asked for it, the first one where several asked in vain; null = not known.';
COMMENT ON COLUMN pam.nodes.waiting_at IS 'Last seen not routable before it was; null = it never was seen so.';

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
COMMENT ON TABLE pam.lead_times IS 'Leads that were measured: one row whenever the one that is planned with changed, some a month.';
COMMENT ON COLUMN pam.lead_times.bins IS 'What is planned with from then on, in bins of bin_ms.';
COMMENT ON COLUMN pam.lead_times.configured_ms IS 'The configured lead it was measured under; with another one it is void.';
COMMENT ON COLUMN pam.lead_times.orders IS 'Orders that it rests on.';
COMMENT ON COLUMN pam.lead_times.p95_ms IS 'Quantile of the time from order to routable, ms; null = so many never were.';

-- Down Migration

DROP TABLE pam.lead_times;
DROP INDEX pam.nodes_by_order;
ALTER TABLE pam.nodes DROP COLUMN ordered_at, DROP COLUMN waiting_at;
