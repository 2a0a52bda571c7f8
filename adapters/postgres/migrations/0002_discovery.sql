-- Up Migration

-- What the proxies should route, and what they have taken of it. Every change of a rule or an endpoint, whoever makes it,
-- gives its pool the next version and wakes the discovery processes. The row of `routing_state` is locked until the change is
-- committed, so versions become visible in their order and a reader never misses one below the highest that it has seen.

CREATE TABLE pam.routing_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL,
  epoch uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO pam.routing_state (version) VALUES (0);
COMMENT ON TABLE pam.routing_state IS 'One row: the version of the latest change of a rule or endpoint.';
COMMENT ON COLUMN pam.routing_state.epoch IS 'Identity of this database: versions of another one are not compared with it.';

CREATE TABLE pam.routing_pools (
  pool text PRIMARY KEY,
  version bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX routing_pools_version ON pam.routing_pools (version);
COMMENT ON TABLE pam.routing_pools IS 'A row a pool that ever had a rule or an endpoint, with the version of its latest change.';

CREATE TABLE pam.routing_rules (
  category text PRIMARY KEY,
  match jsonb NOT NULL,
  match_key text NOT NULL,
  CONSTRAINT routing_rules_match UNIQUE (match_key)
);
COMMENT ON TABLE pam.routing_rules IS 'Which requests belong to a category that is routed.';
COMMENT ON COLUMN pam.routing_rules.match_key IS 'Equal for two matches that mean the same requests: of two such categories one would get none.';

CREATE TABLE pam.routing_endpoints (
  pool text NOT NULL,
  id text NOT NULL,
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  health_path text NOT NULL,
  PRIMARY KEY (pool, id)
);
COMMENT ON TABLE pam.routing_endpoints IS 'Nodes that a pool''s requests may go to.';
COMMENT ON COLUMN pam.routing_endpoints.pool IS 'A category, or "shared".';

CREATE TABLE pam.discoveries (
  id text PRIMARY KEY,
  seen_at timestamptz NOT NULL,
  proxies jsonb NOT NULL
);
COMMENT ON TABLE pam.discoveries IS 'Discovery processes and the proxies that are connected to each.';
COMMENT ON COLUMN pam.discoveries.seen_at IS 'Renewed every few seconds; one that is older is gone.';

CREATE TABLE pam.routing_taken (
  discovery text NOT NULL REFERENCES pam.discoveries (id) ON DELETE CASCADE,
  pool text NOT NULL,
  version bigint NOT NULL,
  refused_version bigint,
  refused_reason text,
  PRIMARY KEY (discovery, pool)
);
COMMENT ON TABLE pam.routing_taken IS 'Versions of each pool that all proxies of a discovery process have answered.';
COMMENT ON COLUMN pam.routing_taken.version IS 'Highest version that is in force or was refused.';
COMMENT ON COLUMN pam.routing_taken.refused_reason IS 'Why a proxy refused refused_version; it serves the last version that it accepted.';

CREATE FUNCTION pam.routing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next bigint;
  changed text;
BEGIN
  IF TG_TABLE_NAME = 'routing_rules' THEN
    changed := CASE WHEN TG_OP = 'DELETE' THEN OLD.category ELSE NEW.category END;
  ELSE
    changed := CASE WHEN TG_OP = 'DELETE' THEN OLD.pool ELSE NEW.pool END;
  END IF;
  UPDATE pam.routing_state SET version = version + 1 RETURNING version INTO next;
  INSERT INTO pam.routing_pools AS known (pool, version, changed_at) VALUES (changed, next, clock_timestamp())
    ON CONFLICT (pool) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at;
  PERFORM pg_notify('pam_routing', '');
  RETURN NULL;
END $$;

CREATE TRIGGER routing_rules_changed AFTER INSERT OR DELETE ON pam.routing_rules
  FOR EACH ROW EXECUTE FUNCTION pam.routing_changed();
CREATE TRIGGER routing_rules_updated AFTER UPDATE ON pam.routing_rules
  FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION pam.routing_changed();
CREATE TRIGGER routing_endpoints_changed AFTER INSERT OR DELETE ON pam.routing_endpoints
  FOR EACH ROW EXECUTE FUNCTION pam.routing_changed();
CREATE TRIGGER routing_endpoints_updated AFTER UPDATE ON pam.routing_endpoints
  FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION pam.routing_changed();
