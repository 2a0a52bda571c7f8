/** Paths of PAM and its rivals, and what came → errors a trace and rival, and the competition's figures. */
import type { Origin } from './origins';

export interface Path {
  readonly id: string;
  readonly model: string;
  readonly path: ArrayLike<number> | null;
  readonly seconds: number;
}

export interface GroupFigures {
  readonly group: string;
  readonly origins: number;
  /** Per model: mean over the categories of MAE ÷ mean count. */
  readonly errors: { readonly [model: string]: number };
  /** Per model: mean seconds of the processor for one forecast, fit included. */
  readonly seconds: { readonly [model: string]: number };
  /** Forecasts that failed, where any did; they take the last day's place by repetition. */
  readonly failed: { readonly [model: string]: number };
}

export interface CompetitionFigures {
  readonly series: number;
  readonly mase: { readonly [model: string]: number };
  readonly smape: { readonly [model: string]: number };
  readonly seconds: { readonly [model: string]: number };
  readonly failed: { readonly [model: string]: number };
}

const season = 24;

/** Where a rival fails, its forecast is the last day again, as its user would have to do. */
function pathOf(origin: Origin, path: ArrayLike<number> | null): ArrayLike<number> {
  const { counts } = origin.history;
  return (
    path ??
    Float64Array.from(origin.actual, (_, step) => {
      const value = counts[counts.length - season + (step % season)];
      return value === undefined || Number.isNaN(value) ? 0 : value;
    })
  );
}

function meanOver<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** Mean absolute error over the measured hours, counts. */
function errorOf(origin: Origin, path: ArrayLike<number>): number {
  let sum = 0;
  let hours = 0;
  origin.actual.forEach((actual, step) => {
    if (Number.isNaN(actual)) return;
    sum += Math.abs(actual - path[step]!);
    hours++;
  });
  return sum / hours;
}

export function groupFigures(
  group: string,
  origins: readonly Origin[],
  paths: ReadonlyMap<string, readonly Path[]>,
): GroupFigures {
  const categories = grouped(origins, ({ category }) => category);
  const counted = [...categories.values()].filter((own) => meanCount(own) > 0);
  return {
    group,
    origins: origins.length,
    errors: perModel(paths, (byId) =>
      meanOver(
        counted,
        (own) =>
          meanOver(own, (origin) => errorOf(origin, pathOf(origin, byId.get(origin.id)?.path ?? null))) /
          meanCount(own),
      ),
    ),
    ...effort(origins, paths),
  };
}

/** MASE and sMAPE (percent) as the competition defines them. */
export function competitionFigures(
  origins: readonly Origin[],
  paths: ReadonlyMap<string, readonly Path[]>,
): CompetitionFigures {
  return {
    series: origins.length,
    mase: perModel(paths, (byId) =>
      meanOver(
        origins,
        (origin) => errorOf(origin, pathOf(origin, byId.get(origin.id)?.path ?? null)) / scaleOf(origin),
      ),
    ),
    smape: perModel(paths, (byId) =>
      meanOver(origins, (origin) => {
        const path = pathOf(origin, byId.get(origin.id)?.path ?? null);
        let sum = 0;
        origin.actual.forEach((actual, step) => {
          const size = Math.abs(actual) + Math.abs(path[step]!);
          if (size > 0) sum += (200 * Math.abs(actual - path[step]!)) / size;
        });
        return sum / origin.actual.length;
      }),
    ),
    ...effort(origins, paths),
  };
}

/** In-sample mean absolute error of the seasonal naive forecast. */
function scaleOf({ history: { counts } }: Origin): number {
  let sum = 0;
  for (let index = season; index < counts.length; index++)
    sum += Math.abs(counts[index]! - counts[index - season]!);
  return sum / (counts.length - season);
}

function meanCount(origins: readonly Origin[]): number {
  const measured = origins.flatMap(({ actual }) => [...actual].filter((count) => !Number.isNaN(count)));
  return meanOver(measured, (count) => count);
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function perModel(
  paths: ReadonlyMap<string, readonly Path[]>,
  figure: (byId: ReadonlyMap<string, Path>) => number,
): { [model: string]: number } {
  return Object.fromEntries(
    [...paths].map(([model, made]) => [model, figure(new Map(made.map((path) => [path.id, path])))]),
  );
}

function effort(origins: readonly Origin[], paths: ReadonlyMap<string, readonly Path[]>) {
  const ids = new Set(origins.map(({ id }) => id));
  const own = new Map([...paths].map(([model, made]) => [model, made.filter(({ id }) => ids.has(id))]));
  return {
    seconds: Object.fromEntries(
      [...own].map(([model, made]) => [model, meanOver(made, ({ seconds }) => seconds)]),
    ),
    failed: Object.fromEntries(
      [...own].map(([model, made]) => [model, made.filter(({ path }) => path === null).length]),
    ),
  };
}

/** Geometric mean. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(meanOver(values, Math.log));
}
