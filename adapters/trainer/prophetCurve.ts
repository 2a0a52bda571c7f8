/** Points of a series → its seasonal curve by Prophet's own Stan model in WebAssembly (augurs). For worker threads only. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PamError } from '../../core/errors';
import type { CurveJob } from '../../core/forecasting/families/curves/prophet';
import type { SeasonalCurve } from '../../core/forecasting/families/curves/seasonalCurve';
import { messageOf } from '../../core/thrown';
import { importModule } from './importModule';

type ProphetModule = typeof import('@bsull/augurs/prophet', { with: { 'resolution-mode': 'import' }});
type OptimizerModule = typeof import('@bsull/augurs-prophet-wasmstan', { with: {
  'resolution-mode': 'import',
}});
type Predictions = ReturnType<InstanceType<ProphetModule['Prophet']>['predict']>;

let loaded: Promise<{ prophet: ProphetModule; stan: OptimizerModule }> | null = null;

async function load(): Promise<{ prophet: ProphetModule; stan: OptimizerModule }> {
  const entry = require.resolve('@bsull/augurs/prophet');
  const prophet = await importModule<ProphetModule>('@bsull/augurs/prophet');
  // Its own `init()` fetches a URL, and Node.js does not fetch files.
  prophet.initSync({ module: readFileSync(join(dirname(entry), 'prophet_bg.wasm')) });
  return { prophet, stan: await importModule<OptimizerModule>('@bsull/augurs-prophet-wasmstan') };
}

/** Throws PamError INVALID_DATA if Prophet’s optimizer fails on the series in both of its scalings. */
export async function fitProphetCurve(job: CurveJob): Promise<SeasonalCurve> {
  loaded ??= load();
  const { prophet, stan } = await loaded;
  let failure: unknown;
  for (const scaling of ['absMax', 'minMax'] as const) {
    try {
      return fitOnce(job, prophet, stan, scaling);
    } catch (error) {
      failure = error;
    }
  }
  throw new PamError(
    'INVALID_DATA',
    `Prophet could not be fitted on these ${job.logs.length} points: ${messageOf(failure)}`,
  );
}

function fitOnce(
  job: CurveJob,
  { Prophet }: ProphetModule,
  stan: OptimizerModule,
  scaling: 'absMax' | 'minMax',
): SeasonalCurve {
  const kinds = Object.keys(job.events);
  const model = new Prophet({
    optimizer: stan.optimizer as ConstructorParameters<typeof Prophet>[0]['optimizer'],
    growth: 'flat',
    scaling,
    uncertaintySamples: 0,
    yearlySeasonality: { type: 'manual', enabled: false },
    dailySeasonality: { type: 'fourier', order: 10 },
    weeklySeasonality: job.days === 7 ? { type: 'fourier', order: 4 } : { type: 'manual', enabled: false },
    ...(kinds.length === 0
      ? {}
      : { holidays: new Map(kinds.map((kind) => [kind, { occurrences: [...job.events[kind]!] }])) }),
  });
  try {
    model.fit({ ds: [...job.seconds], y: [...job.logs] });
    // A week without events: effects are read separately, at the middle of one occurrence each.
    const step = 86_400 / job.gridPerDay;
    const week = 7 * 86_400;
    const last = Math.max(
      job.seconds.at(-1)!,
      ...kinds.flatMap((kind) => job.events[kind]!.map(({ end }) => end)),
    );
    const quiet = (Math.floor(last / week) + 2) * week;
    const grid = model.predict({
      ds: Array.from({ length: job.days * job.gridPerDay }, (_, point) => quiet + point * step),
    });
    const effects: Record<string, number> = {};
    for (const kind of kinds) {
      const { start, end } = job.events[kind]![0]!;
      effects[kind] = effectOf(model.predict({ ds: [(start + end) / 2] }), kind);
    }
    return finite({ grid: grid.yhat.point, effects });
  } finally {
    model.free();
  }
}

function effectOf(predictions: Predictions, kind: string): number {
  return predictions.holidays.get(kind)?.point[0] ?? 0;
}

function finite(curve: { grid: number[]; effects: Record<string, number> }): SeasonalCurve {
  const sound = [...curve.grid, ...Object.values(curve.effects)].every(Number.isFinite);
  if (!sound) throw new Error('the fitted curve is not finite');
  return curve;
}
