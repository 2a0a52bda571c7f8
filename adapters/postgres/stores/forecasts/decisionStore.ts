/** What was forecast (`pam.forecasts`) and decided (`pam.decisions`), with the counts after acting. */
import type { PlanRule } from '../../../../core/capacity/plan';
import { PamError } from '../../../../core/errors';
import {
  type DecisionRecord,
  type DecisionStore,
  type ForecastRecord,
  notUsed,
  type PeakRecord,
} from '../../../../ports/stores/forecasts/decisionStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

interface ForecastRow extends Omit<ForecastRecord, 'forecast'> {
  [column: string]: unknown;
  originMs: number;
  horizons: number[][];
  peak: number[];
}

interface DecisionRow extends Omit<DecisionRecord, 'plan'> {
  [column: string]: unknown;
  required: number;
  planned: number;
  rule: PlanRule;
  reason: string;
}

const forecastColumns = `id, category, ${toMs('made_at')} AS "madeMs", ${toMs('origin_at')} AS "originMs",
  model_id AS "modelId", family, horizon_bins AS "horizonBins", lead_bins AS "leadBins", probabilities, horizons, peak`;

const decisionColumns = `id, category, ${toMs('made_at')} AS "madeMs", forecast_id AS "forecastId",
  triggered_by AS trigger, demand, peak_demand AS "peakDemand", requests_per_node_bin AS "requestsPerNodeBin",
  required, planned, rule, reason, provisioned, routable`;

export function createDecisionStore(connection: Connection): DecisionStore {
  return {
    async putForecast({ forecast, ...record }) {
      await connection.run(
        'store a forecast',
        `INSERT INTO pam.forecasts (id, category, made_at, origin_at, model_id, family, horizon_bins, lead_bins,
           probabilities, horizons, peak)
         VALUES ($1, $2, ${toInstant('$3')}, ${toInstant('$4')}, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET
           category = excluded.category, made_at = excluded.made_at, origin_at = excluded.origin_at,
           model_id = excluded.model_id, family = excluded.family, horizon_bins = excluded.horizon_bins,
           lead_bins = excluded.lead_bins, probabilities = excluded.probabilities, horizons = excluded.horizons,
           peak = excluded.peak`,
        [
          record.id,
          record.category,
          record.madeMs,
          forecast.originMs,
          record.modelId,
          record.family,
          record.horizonBins,
          record.leadBins,
          record.probabilities,
          JSON.stringify(forecast.horizons),
          forecast.peak,
        ],
      );
    },

    async putDecision({ plan, ...record }) {
      await connection.run(
        'store a decision',
        // A late retry must not undo the counts that `settle` has recorded.
        `INSERT INTO pam.decisions AS decision (id, category, made_at, forecast_id, triggered_by, demand, peak_demand,
           requests_per_node_bin, required, planned, rule, reason, provisioned, routable)
         VALUES ($1, $2, ${toInstant('$3')}, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (id) DO UPDATE SET
           category = excluded.category, made_at = excluded.made_at, forecast_id = excluded.forecast_id,
           triggered_by = excluded.triggered_by, demand = excluded.demand, peak_demand = excluded.peak_demand,
           requests_per_node_bin = excluded.requests_per_node_bin, required = excluded.required,
           planned = excluded.planned, rule = excluded.rule, reason = excluded.reason,
           provisioned = CASE WHEN decision.settled_at IS NULL THEN excluded.provisioned ELSE decision.provisioned END,
           routable = CASE WHEN decision.settled_at IS NULL THEN excluded.routable ELSE decision.routable END`,
        [
          record.id,
          record.category,
          record.madeMs,
          record.forecastId,
          record.trigger,
          record.demand,
          record.peakDemand,
          record.requestsPerNodeBin,
          plan.required,
          plan.planned,
          plan.rule,
          plan.reason,
          record.provisioned,
          record.routable,
        ],
      );
    },

    async settle(decisionId, { provisioned, routable }) {
      const settled = await connection.run(
        'record the outcome of a decision',
        `UPDATE pam.decisions SET provisioned = $2, routable = $3, settled_at = now() WHERE id = $1 RETURNING id`,
        [decisionId, provisioned, routable],
      );
      if (settled.length === 0)
        throw new PamError('NOT_FOUND', `there is no decision "${decisionId}" to record the outcome of`);
    },

    async decisions(category, fromMs, toMs_) {
      const rows = await connection.run<DecisionRow>(
        'read decisions',
        `SELECT ${decisionColumns} FROM pam.decisions
         WHERE category = $1 AND made_at >= ${toInstant('$2')} AND made_at < ${toInstant('$3')}
         ORDER BY made_at, id`,
        [category, fromMs, toMs_],
      );
      return rows.map(
        ({ required, planned, rule, reason, ...row }): DecisionRecord => ({
          ...row,
          plan: { required, planned, rule, reason },
        }),
      );
    },

    async forecast(id) {
      const [row] = await connection.run<ForecastRow>(
        'read a forecast',
        `SELECT ${forecastColumns} FROM pam.forecasts WHERE id = $1`,
        [id],
      );
      return row === undefined ? null : forecastOf(row);
    },

    async forecastsBetween(category, fromMs, toMs_) {
      const rows = await connection.run<ForecastRow>(
        'read forecasts',
        `SELECT ${forecastColumns} FROM pam.forecasts
         WHERE category = $1 AND made_at >= ${toInstant('$2')} AND made_at < ${toInstant('$3')}
         ORDER BY made_at, id`,
        [category, fromMs, toMs_],
      );
      return rows.map(forecastOf);
    },

    async peaksBetween(category, fromMs, toMs_) {
      return connection.run<PeakRecord & Record<string, unknown>>(
        'read forecast peaks',
        // A forecast is made after the start of its first bin, so the index by time finds them.
        `SELECT DISTINCT ON (origin_at) ${toMs('origin_at')} AS "originMs", lead_bins AS "leadBins", probabilities, peak
         FROM pam.forecasts
         WHERE category = $1 AND made_at >= ${toInstant('$2')}
           AND origin_at >= ${toInstant('$2')} AND origin_at < ${toInstant('$3')} AND right(id, $4) <> $5
         ORDER BY origin_at, made_at`,
        [category, fromMs, toMs_, notUsed.length, notUsed],
      );
    },
  };
}

function forecastOf({ originMs, horizons, peak, ...row }: ForecastRow): ForecastRecord {
  return { ...row, forecast: { originMs, horizons, peak } };
}
