/** Measured demand in `pam.bins`: rows in, series and totals on request out. */
import { type BinClock, binStart } from '../../../core/demand/clock';
import type { DemandSeries } from '../../../core/demand/series';
import type { BinRow, BinTotals, DemandStore } from '../../../ports/stores/demandStore';
import type { Connection } from '../connection/connection';
import { toInstant, toMs } from '../connection/instants';

/** Rows a statement: large enough to be quick, small enough for the statement timeout. */
const rowsAtOnce = 5_000;

const appendStatement = `
  INSERT INTO pam.bins (category, source, start_at, width_ms, requests, busy_seconds, capacity_seconds,
    latency_mean_ms, latency_p99_ms, late, errors)
  SELECT category, source, ${toInstant('start_ms')}, width_ms, requests, busy_seconds, capacity_seconds,
    latency_mean_ms, latency_p99_ms, late, errors
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::int[], $5::float8[], $6::float8[], $7::float8[],
      $8::float8[], $9::float8[], $10::float8[], $11::float8[])
    AS row(category, source, start_ms, width_ms, requests, busy_seconds, capacity_seconds, latency_mean_ms,
      latency_p99_ms, late, errors)
  ON CONFLICT (category, start_at, source) DO UPDATE SET
    width_ms = excluded.width_ms, requests = excluded.requests, busy_seconds = excluded.busy_seconds,
    capacity_seconds = excluded.capacity_seconds, latency_mean_ms = excluded.latency_mean_ms,
    latency_p99_ms = excluded.latency_p99_ms, late = excluded.late, errors = excluded.errors`;

/** One row with all of it: a row a bin costs three times as much to send and read. */
const seriesStatement = `
  SELECT string_agg(bin || ':' || requests, ',') AS bins FROM (
    SELECT floor((${toMs('start_at')} - $2::float8) / $4::float8)::int AS bin, sum(requests) AS requests
    FROM pam.bins
    WHERE category = $1 AND start_at >= ${toInstant('$2')} AND start_at < ${toInstant('$3')}
      AND (width_ms IS NULL OR width_ms <= $4::float8)
    GROUP BY 1) AS summed`;

/** From `fromMs`, a parameter of the statement, to $3. */
const totalsStatement = (fromMs: '$2' | '$5') => `
  SELECT ${toMs('start_at')} AS "startMs", sum(requests) AS requests, sum(busy_seconds) AS "busySeconds",
    sum(capacity_seconds) AS "capacitySeconds", sum(late) AS late, sum(errors) AS errors
  FROM pam.bins WHERE category = $1 AND start_at >= ${toInstant(fromMs)} AND start_at < ${toInstant('$3')}
  GROUP BY start_at ORDER BY start_at`;

/** Both at once: what counts in a series and in totals is said above only. */
const recentStatement = `
  SELECT series.bins, (SELECT json_agg(totals) FROM (${totalsStatement('$5')}) AS totals) AS totals
  FROM (${seriesStatement}) AS series`;

/** From one name to the next along the primary key: DISTINCT would read every bin. */
const categoriesStatement = `
  WITH RECURSIVE named AS (
    SELECT min(category) AS category FROM pam.bins
    UNION ALL
    SELECT (SELECT min(category) FROM pam.bins WHERE bins.category > named.category)
    FROM named WHERE named.category IS NOT NULL)
  SELECT category FROM named WHERE category IS NOT NULL`;

export function createDemandStore(connection: Connection): DemandStore {
  return {
    async append(rows) {
      const latest = withoutRepetition(rows);
      for (let from = 0; from < latest.length; from += rowsAtOnce) {
        const part = latest.slice(from, from + rowsAtOnce);
        await connection.run('store bins', appendStatement, columnsOf(part));
      }
    },

    async series(category, clock, fromMs, toMs) {
      const grid = gridOf(clock, fromMs, toMs);
      const [row] = await connection.run<SeriesRow>('read the demand series', seriesStatement, [
        category,
        grid.startMs,
        grid.endMs,
        clock.binMs,
      ]);
      return seriesOf(grid, row);
    },

    totals: (category, fromMs, toMs) =>
      connection.run<BinTotals & Record<string, unknown>>('read demand', totalsStatement('$2'), [
        category,
        fromMs,
        toMs,
      ]),

    async recent(category, clock, fromMs, detailFromMs, toMs) {
      const grid = gridOf(clock, fromMs, toMs);
      const [row] = await connection.run<SeriesRow & { totals: BinTotals[] | null }>(
        'read the latest bins',
        recentStatement,
        [category, grid.startMs, grid.endMs, clock.binMs, detailFromMs],
      );
      return { series: seriesOf(grid, row), totals: row?.totals ?? [] };
    },

    async span(category) {
      const [row] = await connection.run<{ firstMs: number | null; lastMs: number | null }>(
        'read the span of demand',
        `SELECT ${toMs('min(start_at)')} AS "firstMs", ${toMs('max(start_at)')} AS "lastMs"
         FROM pam.bins WHERE category = $1`,
        [category],
      );
      if (row === undefined || row.firstMs === null || row.lastMs === null) return null;
      return { firstMs: row.firstMs, lastMs: row.lastMs };
    },

    async lastBefore(category, beforeMs) {
      const [row] = await connection.run<{ lastMs: number | null }>(
        'read the end of older demand',
        `SELECT ${toMs('max(start_at)')} AS "lastMs" FROM pam.bins WHERE category = $1 AND start_at < ${toInstant('$2')}`,
        [category, beforeMs],
      );
      return row?.lastMs ?? null;
    },

    async categories() {
      const rows = await connection.run<{ category: string }>('list stored demand', categoriesStatement, []);
      return rows.map(({ category }) => category);
    },

    async widestBinMs(category) {
      const [row] = await connection.run<{ widest: number | null }>(
        'read the width of bins',
        'SELECT max(width_ms) AS widest FROM pam.bins WHERE category = $1',
        [category],
      );
      return row?.widest ?? null;
    },
  };
}

interface Grid {
  readonly clock: BinClock;
  readonly startMs: number;
  readonly endMs: number;
}

interface SeriesRow {
  [column: string]: unknown;
  readonly bins: string | null;
}

function gridOf(clock: BinClock, fromMs: number, toMs: number): Grid {
  const startMs = binStart(clock, fromMs);
  const length = Math.max(0, Math.ceil((toMs - startMs) / clock.binMs));
  return { clock, startMs, endMs: startMs + length * clock.binMs };
}

function seriesOf({ clock, startMs, endMs }: Grid, row: SeriesRow | undefined): DemandSeries {
  const counts = new Float64Array(Math.round((endMs - startMs) / clock.binMs)).fill(Number.NaN);
  for (const pair of row?.bins?.split(',') ?? []) {
    const colon = pair.indexOf(':');
    counts[Number(pair.slice(0, colon))] = Number(pair.slice(colon + 1));
  }
  return { clock, startMs, counts };
}

/** One statement may touch a row once: of several with the same key the last counts. */
function withoutRepetition(rows: readonly BinRow[]): BinRow[] {
  const byKey = new Map(rows.map((row) => [`${row.category}\n${row.startMs}\n${row.source}`, row]));
  return [...byKey.values()];
}

function columnsOf(rows: readonly BinRow[]): unknown[] {
  return [
    rows.map((row) => row.category),
    rows.map((row) => row.source),
    rows.map((row) => row.startMs),
    rows.map((row) => row.widthMs ?? null),
    rows.map((row) => row.requests),
    rows.map((row) => row.busySeconds),
    rows.map((row) => row.capacitySeconds),
    rows.map((row) => row.latencyMeanMs),
    rows.map((row) => row.latencyP99Ms),
    rows.map((row) => row.late),
    rows.map((row) => row.errors),
  ];
}
