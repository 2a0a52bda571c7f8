/**
 * The automatic choice for paths of hours to days: every method forecasts from several origins in the past, and the
 * path is the median of all methods, weighted by how little each of them missed there. Nothing else is tuned to a series.
 */
import { nullIfInvalidData, PamError } from '../../../errors';
import type { Json } from '../../model';
import type { PathMethod, PathModel, SlotSeries } from './seasonalPaths';

/** Origins in the past, a day apart, the last one `ahead` slots before the end. */
const origins = 4;
/** A method's weight is its mean absolute error to this power, negative. */
const power = 2;
/** Part of the range of the past that a path may leave it by. */
const margin = 0.3;

interface Weighed {
  readonly method: PathMethod;
  readonly model: PathModel;
  readonly weight: number;
}

/** What the combination is made of, for an explanation. */
export interface MethodShare {
  readonly method: string;
  /** Share of all weight. */
  readonly share: number;
}

export class SeasonalCombination {
  constructor(private readonly methods: readonly Weighed[]) {}

  /** Log demand of the `ahead` slots after the series. */
  path(series: SlotSeries, ahead: number): Float64Array {
    const { values } = series;
    const paths = this.methods.map(({ model }) => model.path(series, ahead));
    const [low, high] = boundsOf(values);
    const out = new Float64Array(ahead);
    for (let step = 0; step < ahead; step++) {
      const candidates = this.methods
        .map(({ weight }, index) => ({ value: paths[index]![step]!, weight }))
        .filter(({ value }) => Number.isFinite(value));
      const middle = candidates.length === 0 ? values.at(-1)! : weightedMedian(candidates);
      out[step] = Math.min(high, Math.max(low, middle));
    }
    return out;
  }

  shares(): MethodShare[] {
    const whole = this.methods.reduce((sum, { weight }) => sum + weight, 0);
    return this.methods.map(({ method, weight }) => ({ method: method.name, share: weight / whole }));
  }

  serialize(): Json {
    return this.methods.map(({ method, model, weight }) => ({
      method: method.name,
      model: model.serialize(),
      weight,
    }));
  }

  /** The inverse of `serialize`; throws PamError INVALID_DATA on a method that `methods` lacks. */
  static load(state: Json | undefined, methods: readonly PathMethod[]): SeasonalCombination {
    if (!Array.isArray(state) || state.length === 0)
      throw new PamError(
        'INVALID_DATA',
        'the state of a seasonal combination lacks its methods; train again',
      );
    return new SeasonalCombination(
      state.map((entry) => {
        const { method: name, model, weight } = entry as { method: string; model: Json; weight: number };
        const method = methods.find((known) => known.name === name);
        if (method === undefined)
          throw new PamError('INVALID_DATA', `a seasonal combination has no method "${name}"; train again`);
        return { method, model: method.load(model), weight };
      }),
    );
  }
}

/** Fits every method that the series can carry. Throws PamError INVALID_DATA where there is none. */
export async function fitSeasonalCombination(
  series: SlotSeries,
  ahead: number,
  methods: readonly PathMethod[],
): Promise<SeasonalCombination> {
  const errors = await pastErrors(series, ahead, methods);
  const compared = errors.filter((error): error is number => error !== null);
  const least = Math.max(1e-9, Math.min(...compared));
  const weighed: Weighed[] = [];
  for (const [index, method] of methods.entries()) {
    const error = errors[index]!;
    // A method that could not be tried counts only if none could.
    if (error === null && compared.length > 0) continue;
    const model = await attempt(method, series, ahead);
    if (model === null) continue;
    const weight = error === null ? 1 : (Math.max(error, least) / least) ** -power;
    weighed.push({ method, model, weight });
  }
  if (weighed.length === 0)
    throw new PamError(
      'INVALID_DATA',
      `a seasonal combination needs a day of history, this one has ${(series.values.length / series.slotsPerDay).toFixed(1)}`,
    );
  return new SeasonalCombination(weighed);
}

/** Mean absolute error of each method over the past origins, in counts (what logs are offset by cancels); null where it could not be tried at all of them. */
async function pastErrors(
  { values, slotsPerDay, firstSlot }: SlotSeries,
  ahead: number,
  methods: readonly PathMethod[],
): Promise<(number | null)[]> {
  const errors: (number | null)[] = methods.map(() => 0);
  const [low, high] = boundsOf(values);
  let compared = 0;
  for (let back = 0; back < origins; back++) {
    const end = values.length - ahead - back * slotsPerDay;
    if (end < slotsPerDay) break;
    const past = { values: values.subarray(0, end), slotsPerDay, firstSlot };
    const paths: (Float64Array | null)[] = [];
    for (const method of methods) paths.push((await attempt(method, past, ahead))?.path(past, ahead) ?? null);
    // An origin at which only some methods can be tried would compare unequally, so it counts only if it is the only one.
    if (compared > 0 && paths.some((path, index) => path === null && errors[index] !== null)) break;
    compared++;
    paths.forEach((path, index) => {
      if (path === null) errors[index] = null;
      else if (errors[index] !== null)
        for (let step = 0; step < ahead; step++) {
          const value = Math.min(high, Math.max(low, Number.isFinite(path[step]!) ? path[step]! : low));
          errors[index]! += Math.abs(Math.exp(value) - Math.exp(values[end + step]!));
        }
    });
  }
  return errors.map((error) => (error === null || compared === 0 ? null : error / (compared * ahead)));
}

async function attempt(method: PathMethod, series: SlotSeries, ahead: number): Promise<PathModel | null> {
  if (series.values.length < method.fewestDays * series.slotsPerDay) return null;
  try {
    return await method.fit(series, ahead);
  } catch (error) {
    return nullIfInvalidData(error);
  }
}

function boundsOf(values: Float64Array): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low - margin * (high - low), high + margin * (high - low)];
}

/** The value at half of the weight, linear between the middles of the weights; `candidates` is not empty. */
export function weightedMedian(candidates: readonly { value: number; weight: number }[]): number {
  const sorted = [...candidates].sort((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let below = 0;
  let [before, beforeAt] = [sorted[0]!.value, Number.NEGATIVE_INFINITY];
  for (const { value, weight } of sorted) {
    const at = below + weight / 2;
    if (at >= half)
      return beforeAt === Number.NEGATIVE_INFINITY
        ? value
        : before + ((value - before) * (half - beforeAt)) / (at - beforeAt);
    below += weight;
    [before, beforeAt] = [value, at];
  }
  return before;
}
