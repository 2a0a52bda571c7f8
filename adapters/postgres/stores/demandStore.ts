/** Demand in `pam.bins`: rows in, series and totals on request out. */
import { binStart } from '../../../core/demand/clock';
import type { BinRow, BinTotals, DemandStore } from '../../../ports/stores/demandStore';
import type { Connection } from '../connection/connection';
import { toInstant, toMs } from '../connection/instants';
import {
  appendLiveStatement,
  appendStatement,
  categoriesStatement,
  liveEndsStatement,
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
      const startMs = binStart(clock, fromMs);
      const length = Math.max(0, Math.ceil((toMs - startMs) / clock.binMs));
      const counts = new Float64Array(length).fill(Number.NaN);
      const endMs = startMs + length * clock.binMs;
      const [row] = await connection.run<{ bins: string | null }>('read the demand series', seriesStatement, [
        category,
        startMs,
        endMs,
        clock.binMs,
      ]);
      for (const pair of row?.bins?.split(',') ?? []) {
        const colon = pair.indexOf(':');
        counts[Number(pair.slice(0, colon))] = Number(pair.slice(colon + 1));
      }
      return { clock, startMs, counts };
    },

    async totals(category, fromMs, toMs_) {
      return connection.run<BinTotals & Record<string, unknown>>('read demand', totalsStatement, [
        category,
        fromMs,
        toMs_,
      ]);
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
