/** Scores of forecasts (`pam.forecast_scores`), the tests over them (`pam.drift_tests`) and their findings (`pam.drifts`). */
import type { ForecastScore, ForecastTarget } from '../../../../core/evaluation/accuracy/accuracy';
import type { Json } from '../../../../core/forecasting/model';
import type {
  AccuracyStore,
  DriftRecord,
  ModelScoreSums,
} from '../../../../ports/stores/forecasts/accuracyStore';
import type { Connection, RunStatement } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

type Row<T> = T & { [column: string]: unknown };

/** Targets scored in one go after an outage; the next call takes the next ones. */
const mostAtOnce = 500;

const dueStatement = `
  SELECT f.id AS "forecastId", f.model_id AS "modelId", f.family, ${toMs('f.origin_at')} AS "originMs",
    target.horizon AS "horizonBins", f.lead_bins AS "leadBins", f.probabilities, target.quantiles
  FROM pam.forecasts AS f
  CROSS JOIN LATERAL (
    SELECT 0 AS horizon, f.lead_bins + 1 AS length, to_jsonb(f.peak) AS quantiles
    UNION ALL
    SELECT ahead, ahead, f.horizons -> (place::int - 1)
    FROM unnest(f.horizon_bins) WITH ORDINALITY AS horizon(ahead, place)) AS target
  WHERE f.category = $1
    AND f.made_at >= ${toInstant('$3')} - $5 * make_interval(secs => $2::float8 / 1000)
    AND f.origin_at + target.length * make_interval(secs => $2::float8 / 1000) BETWEEN ${toInstant('$3')} AND ${toInstant('$4')}
    AND NOT EXISTS (SELECT 1 FROM pam.forecast_scores AS done WHERE done.category = f.category
      AND done.forecast_id = f.id AND done.horizon_bins = target.horizon)
  ORDER BY f.origin_at, f.id, target.horizon LIMIT ${mostAtOnce}`;

const sumsColumns = `model_id AS "modelId", family, horizon_bins AS "horizonBins",
  ${toMs('min(origin_at)')} AS "firstMs", ${toMs('max(origin_at)')} AS "lastMs", count(*)::int AS scores,
  sum(actual) AS actual, sum(median) AS median,
  coalesce(sum(abs(actual - median)) FILTER (WHERE last IS NOT NULL), 0) AS error,
  coalesce(sum(abs(actual - last)), 0) AS "lastError",
  count(*) FILTER (WHERE actual <= upper)::int AS covered, sum(1 - risk) AS "toCover",
  coalesce(sum(loss) FILTER (WHERE baseline_loss IS NOT NULL), 0) AS loss, coalesce(sum(baseline_loss), 0) AS "baselineLoss",
  coalesce(sum(upper_loss) FILTER (WHERE baseline_loss IS NOT NULL), 0) AS "upperLoss",
  coalesce(sum(baseline_upper_loss), 0) AS "baselineUpperLoss"`;

const sumsBy = 'GROUP BY model_id, family, horizon_bins ORDER BY model_id NULLS FIRST, family, horizon_bins';

export function createAccuracyStore(connection: Connection): AccuracyStore {
  return {
    async due(category, { binMs, longestBins, fromMs, toMs: untilMs }) {
      return connection.run<Row<ForecastTarget>>('find forecasts to score', dueStatement, [
        category,
        binMs,
        fromMs,
        untilMs,
        longestBins,
      ]);
    },

    record: (category, scores, advance) =>
      connection.transaction('record scores', async (run) => {
        // The row is there before it is locked, so that two workers at the very first score wait for each other too.
        await run(
          'begin the tests',
          `INSERT INTO pam.drift_tests (category, state) VALUES ($1, 'null') ON CONFLICT DO NOTHING`,
          [category],
        );
        const [held] = await run<{ state: Json }>(
          'hold the tests',
          'SELECT state FROM pam.drift_tests WHERE category = $1 FOR UPDATE',
          [category],
        );
        const stored = await insertScores(run, category, scores);
        const fresh = scores.filter(({ forecastId, horizonBins }) =>
          stored.has(keyOf(forecastId, horizonBins)),
        );
        const { state, found } = advance(held?.state ?? null, fresh);
        await run(
          'keep the tests',
          'UPDATE pam.drift_tests SET state = $2, updated_at = now() WHERE category = $1',
          [category, JSON.stringify(state)],
        );
        for (const drift of found) await insertDrift(run, drift);
        return state;
      }),

    async tests(category) {
      const [row] = await connection.run<{ state: Json }>(
        'read the tests for drift',
        'SELECT state FROM pam.drift_tests WHERE category = $1',
        [category],
      );
      return row?.state ?? null;
    },

    async sums(category, fromMs, toMs_) {
      return connection.run<Row<ModelScoreSums>>(
        'read the accuracy',
        `SELECT ${sumsColumns} FROM pam.forecast_scores
         WHERE category = $1 AND origin_at >= ${toInstant('$2')} AND origin_at < ${toInstant('$3')} ${sumsBy}`,
        [category, fromMs, toMs_],
      );
    },

    async ofModel(category, modelId, fromMs, toMs_) {
      return connection.run<Row<ModelScoreSums>>(
        'read the accuracy of a model',
        `SELECT ${sumsColumns} FROM pam.forecast_scores
         WHERE category = $1 AND model_id = $2
           AND ($3::float8 IS NULL OR origin_at >= ${toInstant('$3')})
           AND ($4::float8 IS NULL OR origin_at < ${toInstant('$4')}) ${sumsBy}`,
        [category, modelId, fromMs ?? null, toMs_ ?? null],
      );
    },

    async drifts(category, fromMs, toMs_) {
      return connection.run<Row<DriftRecord>>(
        'read what drifted',
        `SELECT category, kind, model_id AS "modelId", ${toMs('since')} AS "sinceMs",
           ${toMs('detected_at')} AS "detectedMs", what
         FROM pam.drifts
         WHERE category = $1 AND detected_at >= ${toInstant('$2')} AND detected_at < ${toInstant('$3')}
         ORDER BY detected_at, kind`,
        [category, fromMs, toMs_],
      );
    },
  };
}

const keyOf = (forecastId: string, horizonBins: number) => `${horizonBins} ${forecastId}`;

/** Keys of the scores that were not there yet. */
async function insertScores(
  run: RunStatement,
  category: string,
  scores: readonly ForecastScore[],
): Promise<Set<string>> {
  if (scores.length === 0) return new Set();
  const rows = await run<{ forecast_id: string; horizon_bins: number }>(
    'store scores',
    `INSERT INTO pam.forecast_scores (category, forecast_id, horizon_bins, model_id, family, origin_at, actual, last,
       median, upper, risk, loss, upper_loss, baseline_loss, baseline_upper_loss)
     SELECT $1, forecast_id, horizon_bins, model_id, family, ${toInstant('origin_ms')}, actual, last, median, upper,
       risk, loss, upper_loss, baseline_loss, baseline_upper_loss
     FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::float8[], $9::float8[],
         $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[])
       AS row(forecast_id, horizon_bins, model_id, family, origin_ms, actual, last, median, upper, risk, loss,
         upper_loss, baseline_loss, baseline_upper_loss)
     ON CONFLICT DO NOTHING RETURNING forecast_id, horizon_bins`,
    [
      category,
      scores.map(({ forecastId }) => forecastId),
      scores.map(({ horizonBins }) => horizonBins),
      scores.map(({ modelId }) => modelId),
      scores.map(({ family }) => family),
      scores.map(({ originMs }) => originMs),
      scores.map(({ actual }) => actual),
      scores.map(({ last }) => last),
      scores.map(({ median }) => median),
      scores.map(({ upper }) => upper),
      scores.map(({ risk }) => risk),
      scores.map(({ loss }) => loss),
      scores.map(({ upperLoss }) => upperLoss),
      scores.map(({ baselineLoss }) => baselineLoss),
      scores.map(({ baselineUpperLoss }) => baselineUpperLoss),
    ],
  );
  return new Set(rows.map(({ forecast_id, horizon_bins }) => keyOf(forecast_id, horizon_bins)));
}

async function insertDrift(run: RunStatement, drift: DriftRecord): Promise<void> {
  await run(
    'record a drift',
    `INSERT INTO pam.drifts (category, kind, detected_at, since, model_id, what)
     VALUES ($1, $2, ${toInstant('$3')}, ${toInstant('$4')}, $5, $6) ON CONFLICT DO NOTHING`,
    [drift.category, drift.kind, drift.detectedMs, drift.sinceMs, drift.modelId, drift.what],
  );
}
