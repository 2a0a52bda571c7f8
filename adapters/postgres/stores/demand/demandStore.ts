/** Measured demand in `pam.bins`: rows in, series and totals on request out. */
import { type BinClock, binStart } from '../../../../core/demand/clock';
import type { DemandSeries } from '../../../../core/demand/series';
import type { BinRow, BinTotals, DemandStore } from '../../../../ports/stores/demand/demandStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';
import {
  appendLiveStatement,
  appendStatement,
  categoriesStatement,
  liveEndsStatement,
  recentStatement,
  seriesStatement,
  totalsStatement,
} from './demandStatements';

/** Rows a statement: large enough to be quick, small enough for the statement timeout. */
const rowsAtOnce = 5_000;

export function createDemandStore(connection: Connection): DemandStore {
  return {
    async append(rows) {
      const latest = withoutRepetition(rows);
      for (let from = 0; from < latest.length; from += rowsAtOnce) {
        const part = latest.slice(from, from + rowsAtOnce);
        await connection.run('store bins', appendStatement, columnsOf(part));
      }
    },

    async appendLive(rows) {
      const latest = withoutRepetition(rows);
      for (let from = 0; from < latest.length; from += rowsAtOnce) {
        const part = latest.slice(from, from + rowsAtOnce);
        await connection.run('store measured bins', appendLiveStatement, columnsOf(part));
      }
    },

    async liveEnds(categories) {
      const rows = await connection.run<{ category: string; endMs: number }>(
        'find the end of what was measured',
        liveEndsStatement,
        [categories],
      );
      return new Map(rows.map(({ category, endMs }) => [category, endMs]));
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
