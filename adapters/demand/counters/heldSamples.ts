/**
 * The store of samples → the same, with the samples that it could not take held in memory until it can: counters go on while the
 * database is away, and a sample that comes late corrects the bins that it lies in. Of each bin the first one is held.
 */
import { longestSilenceBins } from '../../../core/demand/counterBins';
import { correctedBins } from '../../../ports/demandSource';
import type { CounterSample, CounterSampleStore } from '../../../ports/stores/demand/counterSampleStore';

/** No older sample adds to a bin that may still be asked for. */
const keptBins = correctedBins + longestSilenceBins + 2;
/** Of a category; a day of one-minute bins, after which `pam import` brings what is older. */
const mostHeld = 1_500;

type BinMsOf = (category: string) => number;

export interface HeldSamples extends Pick<CounterSampleStore, 'kept'> {
  /** Stores them with all that is held. If that fails they are held, too, and what the store threw is thrown. */
  put(samples: readonly CounterSample[], binMsOf: BinMsOf): Promise<void>;
  /** Holds them; the store is not asked. */
  hold(samples: readonly CounterSample[], binMsOf: BinMsOf): void;
  /** Stores what is held. */
  store(): Promise<void>;
  /** Whether the sample of this bin is neither stored nor held although its time is over. */
  lacks(category: string, binMs: number, nowMs: number): boolean;
}

export function createHeldSamples(samples: CounterSampleStore): HeldSamples {
  const held = new Map<string, { binMs: number; list: CounterSample[] }>();
  const storedMs = new Map<string, number>();

  const hold: HeldSamples['hold'] = (more, binMsOf) => {
    for (const sample of more) {
      const binMs = binMsOf(sample.category);
      const list = held.get(sample.category)?.list ?? [];
      const last = list.at(-1);
      const binOf = ({ atMs }: CounterSample) => Math.floor(atMs / binMs);
      // A restart of the counters in the middle of a bin is a sample of its own.
      if (last === undefined || binOf(last) !== binOf(sample) || last.startedMs !== sample.startedMs)
        list.push(sample);
      held.set(sample.category, { binMs, list: list.slice(-mostHeld) });
    }
  };

  const storeAll = async (more: readonly CounterSample[], binMsOf: BinMsOf): Promise<void> => {
    const before = [...held.entries()];
    const spanOf = (category: string) => {
      const list = held.get(category)?.list ?? [];
      return (list.at(-1)?.atMs ?? 0) - (list[0]?.atMs ?? 0);
    };
    const all = [...before.flatMap(([, { list }]) => list), ...more];
    if (all.length === 0) return;
    const width = (category: string) => held.get(category)?.binMs ?? binMsOf(category);
    // What was held reaches further back than what is kept as a rule: its bins are computed before it is forgotten.
    await samples.put(all, ({ category }) => keptBins * width(category) + 2 * spanOf(category));
    for (const { category, atMs } of all) storedMs.set(category, Math.max(atMs, storedMs.get(category) ?? 0));
    // What was held meanwhile stays.
    for (const [category, { list }] of before) {
      const left = (held.get(category)?.list ?? []).filter((sample) => !list.includes(sample));
      if (left.length === 0) held.delete(category);
      else held.set(category, { binMs: width(category), list: left });
    }
  };

  return {
    hold,
    kept: (source, categories) => samples.kept(source, categories),
    store: () => storeAll([], () => 0),
    lacks(category, binMs, nowMs) {
      const last = Math.max(storedMs.get(category) ?? 0, held.get(category)?.list.at(-1)?.atMs ?? 0);
      // A sample is stored a moment after each bin.
      return nowMs - last > 1.25 * binMs || (held.has(category) && last < Math.floor(nowMs / binMs) * binMs);
    },
    async put(more, binMsOf) {
      try {
        await storeAll(more, binMsOf);
      } catch (error) {
        hold(more, binMsOf);
        throw error;
      }
    },
  };
}
