-- Up Migration

CREATE TABLE pam.scale_down_holds (
  category text NOT NULL,
  reviewed_at timestamptz NOT NULL,
  hold_ms double precision NOT NULL CHECK (hold_ms >= 0),
  bin_ms double precision NOT NULL CHECK (bin_ms > 0),
  decisions integer NOT NULL CHECK (decisions > 0),
  reason text NOT NULL,
  PRIMARY KEY (category, reviewed_at)
);
COMMENT ON TABLE pam.scale_down_holds IS 'Scale-down holds that were chosen from a category''s own decisions: one row a review, one a day at most but for trainings asked for.';
COMMENT ON COLUMN pam.scale_down_holds.hold_ms IS 'In force from the review on, ms; 0: nodes are given up at once.';
COMMENT ON COLUMN pam.scale_down_holds.bin_ms IS 'Under bins of this width; with others it is void.';
COMMENT ON COLUMN pam.scale_down_holds.decisions IS 'How many of the latest decisions it rests on.';

-- Down Migration

DROP TABLE pam.scale_down_holds;
