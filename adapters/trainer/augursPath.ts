/** Evenly spaced values → their continuation by augurs' MSTL and ETS in WebAssembly. For worker threads only. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PamError } from '../../core/errors';
import type { ForecastPath, PathJob } from '../../core/forecasting/families/curves/pathCurve';
import { messageOf } from '../../core/thrown';
import { importModule } from './importModule';

type MstlModule = typeof import('@bsull/augurs/mstl', { with: { 'resolution-mode': 'import' }});
type EtsModule = typeof import('@bsull/augurs/ets', { with: { 'resolution-mode': 'import' }});

async function load<Module extends { initSync(options: { module: Uint8Array }): unknown }>(
  name: 'mstl' | 'ets',
): Promise<Module> {
  const loaded = await importModule<Module>(`@bsull/augurs/${name}`);
  const folder = dirname(require.resolve('@bsull/augurs/prophet'));
  // Its own `init()` fetches a URL, and Node.js does not fetch files.
  loaded.initSync({ module: readFileSync(join(folder, `${name}_bg.wasm`)) });
  return loaded;
}

let mstl: Promise<MstlModule> | null = null;
let ets: Promise<EtsModule> | null = null;

/** MSTL with the best-fitting smoothed trend. */
export const forecastMstl: ForecastPath = async (job) => {
  mstl ??= load<MstlModule>('mstl');
  const { MSTL } = await mstl;
  return forecastWith('MSTL', job, () => MSTL.ets([...job.periods]));
};

/** Exponential smoothing without a season: error and trend forms by the corrected information criterion. */
export const forecastEts: ForecastPath = async (job) => {
  ets ??= load<EtsModule>('ets');
  const { AutoETS } = await ets;
  return forecastWith('ETS', job, () => new AutoETS(1, 'ZZN'));
};

interface AugursModel {
  fit(values: Float64Array): void;
  predict(horizon: number): { point: number[] };
  free(): void;
}

function forecastWith(name: string, { values, ahead }: PathJob, make: () => AugursModel): number[] {
  try {
    const model = make();
    try {
      model.fit(values);
      const { point } = model.predict(ahead);
      if (point.length !== ahead || !point.every(Number.isFinite))
        throw new Error('its forecast is not finite');
      return point;
    } finally {
      model.free();
    }
  } catch (error) {
    throw new PamError(
      'INVALID_DATA',
      `${name} could not be fitted on these ${values.length} values: ${messageOf(error)}`,
    );
  }
}
