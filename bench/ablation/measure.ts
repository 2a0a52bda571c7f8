/** What is to be measured, the longest waits last → the figures of every part; what was measured before is read from the folder. */
import { binsPerDay } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import type { StoredFit } from '../../simulation/replayedModel';
import type { Kept } from './kept';
import { type BegunFigures, begunFigures } from './parts/begun';
import { begin } from './parts/borrowing';
import {
  type DriftFigures,
  driftFigures,
  driftVariants,
  type LevelFigures,
  levelFigures,
  levelVariants,
} from './parts/driftTests';
import {
  cheapFamilies,
  costlyFamilies,
  type FamilyFigures,
  familyFigures,
  type SearchFigures,
  searchFigures,
} from './parts/families';
import { type GuardFigures, guardFigures } from './parts/guards';
import { type RefitFigures, refitFigures } from './parts/refits';
import { type Retraining, retrainingOf } from './parts/retraining';
import { type Service, type ServiceOptions, serviceOf } from './replay/service';
import { servedProbabilities } from './replay/serving';
import { dependsOnSeed, type Stream, streamOf } from './replay/streams';
import {
  type AblationWindow,
  ablationTraces,
  ablationWindows,
  begunTraces,
  fastAblationWindows,
  levelTraces,
  servedParts,
} from './windows';

export interface Ablation {
  readonly families: readonly (Where & FamilyFigures)[];
  readonly searches: readonly (Where & SearchFigures)[];
  readonly begun: readonly (Where & BegunFigures)[];
  readonly guards: readonly (Where & GuardFigures)[];
  readonly drift: readonly (Where & DriftFigures)[];
  readonly refits: readonly (Where & RefitFigures)[];
  readonly retrainings: readonly (Where & Retraining)[];
  readonly levels: readonly (Omit<Where, 'seed'> & LevelFigures)[];
}

export interface Where {
  readonly trace: string;
  readonly seed: number;
}

export interface MeasureOptions {
  readonly folder: string;
  readonly kept: Kept;
  readonly seeds: readonly number[];
  readonly fast: boolean;
  /** Whether there is time for one more measurement; without, what is not there yet is left out. */
  goesOn(): boolean;
}

const followedBins = 960;
const followedDays = 3;

type Writable<Type> = {
  -readonly [Key in keyof Type]: Type[Key] extends readonly (infer Item)[] ? Item[] : Type[Key];
};

export async function measureAblation(options: MeasureOptions): Promise<Ablation> {
  const found: Writable<Ablation> = {
    ...{ families: [], searches: [], begun: [], guards: [] },
    ...{ drift: [], refits: [], retrainings: [], levels: [] },
  };
  const windows = options.fast ? fastAblationWindows : ablationWindows;
  // Bins of a minute take longest, so they come last.
  const minutes = windows.filter(({ file }) => file.includes('1min'));
  const coarse = windows.filter((window) => !minutes.includes(window));
  for (const seed of options.seeds) {
    await measureFamilies(options, seed, coarse, found);
    await measureBegun(options, seed, found);
    await measureService(options, seed, found);
    await measureFamilies(options, seed, minutes, found);
  }
  await measureLevels(options, found);
  await measureRetrainings(options, options.seeds[0]!, found);
  return found;
}

async function measureFamilies(
  { folder, kept, goesOn }: MeasureOptions,
  seed: number,
  windows: readonly AblationWindow[],
  found: Writable<Ablation>,
): Promise<void> {
  for (const window of windows)
    for (const trace of await ablationTraces(folder, window)) {
      const where = { trace: window.name, seed };
      const bins = trace.toBin - trace.fromBin;
      const streams: Stream[] = [];
      for (const family of [...cheapFamilies, ...costlyFamilies]) {
        const own = dependsOnSeed(family) ? seed : 1;
        const name = `stream ${window.name} ${trace.category} ${family} ${own}`;
        const stream = await kept.of(name, goesOn, () => streamOf(trace, family, own));
        if (stream === null) continue;
        const { peaks, medians } = stream;
        streams.push({ ...stream, peaks: peaks.slice(0, bins), medians: medians.slice(0, bins) });
      }
      for (const stream of streams)
        found.families.push({ ...where, ...(await familyFigures(trace, stream)) });
      for (const costly of [[], ...costlyFamilies.map((family) => [family])])
        if (streams.length === cheapFamilies.length + costlyFamilies.length)
          found.searches.push({ ...where, ...(await searchFigures(trace, streams, costly)) });
    }
}

async function measureBegun(
  { folder, kept, fast, goesOn }: MeasureOptions,
  seed: number,
  found: Writable<Ablation>,
): Promise<void> {
  for (const { name, read, startBins } of fast ? begunTraces.slice(0, 1) : begunTraces) {
    const all = await read(folder);
    for (const startBin of startBins) {
      const trained = new Map<string, StoredFit>();
      for (const [category, series] of [...all].slice(0, fast ? 1 : all.size)) {
        const startMs = series.startMs + startBin * series.clock.binMs;
        const begun = await kept.of(`begun ${name} ${category} ${startBin} ${seed}`, goesOn, () =>
          begin({ all, category, startMs, seed, trained }),
        );
        if (begun !== null)
          found.begun.push({ trace: name, seed, ...begunFigures(begun, servedProbabilities) });
      }
    }
  }
}

async function measureService(
  { folder, kept, fast, goesOn }: MeasureOptions,
  seed: number,
  found: Writable<Ablation>,
): Promise<void> {
  for (const { name, read } of fast ? servedParts.slice(0, 1) : servedParts) {
    const { series, foreign } = await read(folder);
    const options = serviceOptions(series, foreign, seed, fast);
    const service = await kept.of(`service ${name} ${seed}`, goesOn, () => serviceOf(options));
    if (service === null) continue;
    const where = { trace: name, seed };
    found.guards.push(...guardFigures(series, service).map((figures) => ({ ...where, ...figures })));
    found.refits.push(...refitFigures(series, service).map((figures) => ({ ...where, ...figures })));
    for (const variant of Object.keys(driftVariants)) {
      const figures = await kept.of(`drift ${name} ${seed} ${variant}`, goesOn, async () =>
        driftFigures(series, service, variant),
      );
      if (figures !== null) found.drift.push({ ...where, ...figures });
    }
  }
}

/** One moment where bins are minutes, which take longest, else two. */
function serviceOptions(
  series: DemandSeries,
  foreign: DemandSeries,
  seed: number,
  fast: boolean,
): ServiceOptions {
  const day = binsPerDay(series.clock);
  const moments = fast || followedBins < day ? 1 : 2;
  return { series, foreign, seed, moments, followedBins: Math.min(followedBins, followedDays * day) };
}

/** Where a service was measured, at its first moment. */
async function measureRetrainings(
  { folder, kept, fast, goesOn }: MeasureOptions,
  seed: number,
  found: Writable<Ablation>,
): Promise<void> {
  for (const { name, read } of fast ? servedParts.slice(0, 1) : servedParts) {
    const { series, foreign } = await read(folder);
    const branches = kept.read<Service>(`service ${name} ${seed}`)?.branches ?? [];
    for (const branch of branches) {
      const { what, fromBin } = branch;
      if ((what !== 'doubled level' && what !== 'shifted phase') || fromBin !== branches[0]!.fromBin)
        continue;
      const choice = await kept.of(`retraining ${name} ${seed} ${what}`, goesOn, () =>
        retrainingOf(serviceOptions(series, foreign, seed, fast), branch),
      );
      if (choice !== null) found.retrainings.push({ trace: name, seed, ...choice });
    }
  }
}

async function measureLevels(
  { folder, kept, fast, goesOn }: MeasureOptions,
  found: Writable<Ablation>,
): Promise<void> {
  for (const { name, read } of fast ? levelTraces.slice(3, 4) : levelTraces)
    for (const [index, series] of (await read(folder)).entries())
      for (const variant of levelVariants) {
        const figures = await kept.of(`level ${name} ${index} ${variant}`, goesOn, async () =>
          levelFigures(series, variant),
        );
        if (figures !== null) found.levels.push({ trace: name, ...figures });
      }
}
