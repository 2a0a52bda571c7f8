/** The SQL over `pam.bins`: what is stored, what counts, what is read. */
import { toInstant, toMs } from '../../connection/instants';

const columns = `category, source, start_at, width_ms, requests, busy_seconds, capacity_seconds, latency_mean_ms,
  latency_p99_ms, late, errors`;

const given = `
  SELECT category, source, ${toInstant('start_ms')} AS start_at, width_ms, requests, busy_seconds, capacity_seconds,
    latency_mean_ms, latency_p99_ms, late, errors
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::int[], $5::float8[], $6::float8[], $7::float8[],
      $8::float8[], $9::float8[], $10::float8[], $11::float8[])
    AS row(category, source, start_ms, width_ms, requests, busy_seconds, capacity_seconds, latency_mean_ms,
      latency_p99_ms, late, errors)`;

const asGiven = `
  width_ms = excluded.width_ms, requests = excluded.requests, busy_seconds = excluded.busy_seconds,
  capacity_seconds = excluded.capacity_seconds, latency_mean_ms = excluded.latency_mean_ms,
  latency_p99_ms = excluded.latency_p99_ms, late = excluded.late, errors = excluded.errors`;

export const appendStatement = `
  INSERT INTO pam.bins (${columns}) ${given}
  ON CONFLICT (category, start_at, live, sender) DO UPDATE SET ${asGiven}`;

/** End of a row's time; a row without a width ends as soon as it begins. */
const endOf = (row: string): string =>
  `${row}.start_at + coalesce(${row}.width_ms, 0) * interval '1 millisecond'`;

/**
 * `condition` on `measured`, the live row that has the latest part of the row's time; not true where there is none. Live
 * rows do not overlap, so if any has a part of it, the last one that begins before its end does.
 */
const ofMeasured = (row: string, condition: string): string => `(
  SELECT ${endOf('measured')} > ${row}.start_at AND ${condition}
  FROM pam.bins AS measured
  WHERE measured.live AND measured.category = ${row}.category
    AND measured.start_at < greatest(${endOf(row)}, ${row}.start_at + interval '1 millisecond')
  ORDER BY measured.start_at DESC LIMIT 1) IS TRUE`;

/** True of a row whose time was measured live, in bins of at most `widthMs`. */
export const isMeasuredLive = (row: string, widthMs: string): string =>
  ofMeasured(row, `measured.width_ms <= ${widthMs}`);

/** What is stored of a bin stays when a decision has rested on it; another live row for a part of its time is refused. */
export const appendLiveStatement = `
  INSERT INTO pam.bins AS stored (${columns}, live)
  SELECT ${columns}, true FROM (${given}) AS given
  WHERE NOT (${ofMeasured('given', '(measured.start_at <> given.start_at OR measured.width_ms <> given.width_ms)')})
  ORDER BY category, start_at
  ON CONFLICT (category, start_at, live, sender) DO UPDATE SET source = excluded.source, ${asGiven}
  WHERE NOT EXISTS (
    SELECT FROM pam.decisions
    WHERE decisions.category = stored.category AND decisions.made_at >= ${endOf('stored')})`;

const firstLive =
  "coalesce((SELECT min(start_at) FROM pam.bins AS live WHERE live.live AND live.category = $1), 'infinity')";

/**
 * True of live rows, and of history where nothing was measured live in bins of at most `widthMs`. History before the first
 * live row needs no look.
 */
const counts = (widthMs: string): string => `(bins.live
  OR (${endOf('bins')} <= ${firstLive} AND bins.start_at < ${firstLive})
  OR NOT (${isMeasuredLive('bins', widthMs)}))`;

/** One row with all of it: a row a bin costs three times as much to send and read. */
export const seriesStatement = `
  SELECT string_agg(bin || ':' || requests, ',') AS bins FROM (
    SELECT floor((${toMs('start_at')} - $2::float8) / $4::float8)::int AS bin, sum(requests) AS requests
    FROM pam.bins
    WHERE category = $1 AND start_at >= ${toInstant('$2')} AND start_at < ${toInstant('$3')}
      AND (width_ms IS NULL OR width_ms <= $4::float8) AND ${counts('$4::float8')}
    GROUP BY 1) AS summed`;

/** From `fromMs`, a parameter of the statement, to $3. */
export const totalsStatement = (fromMs: '$2' | '$5') => `
  SELECT ${toMs('start_at')} AS "startMs", sum(requests) AS requests, sum(busy_seconds) AS "busySeconds",
    sum(capacity_seconds) AS "capacitySeconds", sum(late) AS late, sum(errors) AS errors
  FROM pam.bins
  WHERE category = $1 AND start_at >= ${toInstant(fromMs)} AND start_at < ${toInstant('$3')}
    AND ${counts("'infinity'::float8")}
  GROUP BY start_at ORDER BY start_at`;

/** A series and totals at once: what counts in each is said above only. */
export const recentStatement = `
  SELECT series.bins, (SELECT json_agg(totals) FROM (${totalsStatement('$5')}) AS totals) AS totals
  FROM (${seriesStatement}) AS series`;

export const liveEndsStatement = `
  SELECT name AS category, ${toMs(endOf('newest'))} AS "endMs"
  FROM unnest($1::text[]) AS name CROSS JOIN LATERAL (
    SELECT start_at, width_ms FROM pam.bins WHERE live AND category = name ORDER BY start_at DESC LIMIT 1) AS newest`;

/** From one name to the next along the primary key: DISTINCT would read every bin. */
export const categoriesStatement = `
  WITH RECURSIVE named AS (
    SELECT min(category) AS category FROM pam.bins
    UNION ALL
    SELECT (SELECT min(category) FROM pam.bins WHERE bins.category > named.category)
    FROM named WHERE named.category IS NOT NULL)
  SELECT category FROM named WHERE category IS NOT NULL`;
