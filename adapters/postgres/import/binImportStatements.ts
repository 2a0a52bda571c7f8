/** The SQL of an import, in the order it runs: parts → merged bins → `pam.bins`. */
import { toInstant, toMs } from '../connection/instants';
import { isMeasuredLive } from '../stores/demand/demandStatements';

export const createParts = `
  CREATE TEMPORARY TABLE parts (
    part_group integer NOT NULL,
    category text NOT NULL,
    source text NOT NULL,
    start_ms double precision NOT NULL,
    requests double precision NOT NULL,
    busy_seconds double precision,
    latency_sum_ms double precision NOT NULL,
    latency_requests double precision NOT NULL,
    errors double precision
  ) ON COMMIT DROP`;

export const copyParts = 'COPY pg_temp.parts FROM STDIN';

/** $1 groups, $2 width of each one's bins, ms. Within a group parts are summed; of two groups the higher one counts. */
export const mergeParts = `
  CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
  SELECT DISTINCT ON (category, start_ms, source) category, source, ${toInstant('start_ms')} AS start_at, width_ms,
    requests, busy_seconds, latency_mean_ms, errors, false AS quiet
  FROM (
    SELECT part_group, category, source, start_ms, sum(requests) AS requests, sum(busy_seconds) AS busy_seconds,
      sum(latency_sum_ms) / nullif(sum(latency_requests), 0) AS latency_mean_ms, sum(errors) AS errors
    FROM pg_temp.parts GROUP BY part_group, category, source, start_ms
  ) AS summed
  JOIN unnest($1::int[], $2::int[]) AS width(part_group, width_ms) USING (part_group)
  ORDER BY category, start_ms, source, part_group DESC`;

/**
 * Bins in which a log that was being written has no request of a category: zero, not missing. $1 source of these rows,
 * $2 width of a bin, ms, $3 silence of the whole log beyond which it counts as not written, ms.
 */
export const addQuietBins = `
  INSERT INTO pg_temp.merged (category, source, start_at, width_ms, requests, quiet)
  WITH busy AS (SELECT DISTINCT start_ms FROM pg_temp.parts),
  stretches AS (
    SELECT start_ms, sum(gap::int) OVER (ORDER BY start_ms) AS stretch FROM (
      SELECT start_ms, coalesce(start_ms - lag(start_ms) OVER (ORDER BY start_ms) - $2::float8 > $3::float8, false) AS gap
      FROM busy) AS gaps),
  written AS (
    SELECT generate_series(min(start_ms)::bigint, max(start_ms)::bigint, $2::bigint) AS start_ms
    FROM stretches GROUP BY stretch)
  SELECT category, $1, ${toInstant('start_ms')}, $2::int, 0, true
  FROM (SELECT DISTINCT category FROM pg_temp.parts) AS named CROSS JOIN written
  WHERE NOT EXISTS (
    SELECT FROM pg_temp.parts AS part
    WHERE part.category = named.category AND part.start_ms = written.start_ms)`;

export const indexMerged = 'CREATE INDEX ON pg_temp.merged (category, source, start_at)';

/** Stored bins of another width that overlap the new ones: the same requests would count twice. */
export const removeOverlapped = `
  DELETE FROM pam.bins AS old
  USING (
    SELECT category, source, min(start_at) AS from_at, max(start_at) AS to_at, max(width_ms) AS widest_ms
    FROM pg_temp.merged GROUP BY category, source) AS span
  WHERE old.category = span.category AND old.source = span.source AND NOT old.live
    AND old.start_at > span.from_at - interval '1 day'
    AND old.start_at < span.to_at + span.widest_ms * interval '1 millisecond'
    AND EXISTS (
      SELECT FROM pg_temp.merged AS new
      WHERE new.category = old.category AND new.source = old.source AND new.width_ms <> old.width_ms
        AND new.start_at < old.start_at + old.width_ms * interval '1 millisecond'
        AND new.start_at > old.start_at - span.widest_ms * interval '1 millisecond'
        AND new.start_at + new.width_ms * interval '1 millisecond' > old.start_at)`;

export const upsertMerged = `
  INSERT INTO pam.bins (category, source, start_at, width_ms, requests, busy_seconds, latency_mean_ms, errors,
    imported_at)
  SELECT category, source, start_at, width_ms, requests, busy_seconds, latency_mean_ms, errors, now() FROM pg_temp.merged
  ORDER BY category, start_at, source
  ON CONFLICT (category, start_at, live, sender) DO UPDATE SET
    width_ms = excluded.width_ms, requests = excluded.requests, busy_seconds = excluded.busy_seconds,
    capacity_seconds = NULL, latency_mean_ms = excluded.latency_mean_ms, latency_p99_ms = NULL, late = NULL,
    errors = excluded.errors, imported_at = excluded.imported_at`;

export const recordFiles = `
  INSERT INTO pam.imports (file, shape, rows, bad_rows, from_at, to_at)
  SELECT file, shape, rows, bad_rows, ${toInstant('from_ms')}, ${toInstant('to_ms')}
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[])
    AS imported(file, shape, rows, bad_rows, from_ms, to_ms)`;

export const summarize = `
  SELECT category, count(*)::int AS rows, sum(requests) AS requests, ${toMs('min(start_at)')} AS "firstMs",
    ${toMs('max(start_at)')} AS "lastMs", count(*) FILTER (WHERE quiet)::int AS quiet,
    count(*) FILTER (WHERE ${isMeasuredLive('merged', "'infinity'::float8")})::int AS measured
  FROM pg_temp.merged GROUP BY category ORDER BY category`;
