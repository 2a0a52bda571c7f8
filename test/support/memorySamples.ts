/** Samples of counters in memory, with the promises of PostgreSQL's store. */
import type { CounterSample, CounterSampleStore } from '../../ports/stores/demand/counterSampleStore';

export function memorySamples(): CounterSampleStore {
  const byCategory = new Map<string, CounterSample[]>();
  return {
    put: async (samples, keepMs) => {
      for (const sample of samples) {
        const before = (byCategory.get(sample.category) ?? []).filter(
          ({ atMs }) => atMs !== sample.atMs && atMs >= sample.atMs - keepMs(sample),
        );
        byCategory.set(
          sample.category,
          [...before, sample].sort((a, b) => a.atMs - b.atMs),
        );
      }
    },
    kept: async (source, categories) =>
      categories.flatMap((name) => byCategory.get(name) ?? []).filter((sample) => sample.source === source),
  };
}
