/** A source of ready-made bins, which settle late and are remembered, passes the contract. */
import { type DemandCandidate, demandSourceContract } from './contract';
import { steppedTime } from './steppedTime';
import { createBinLogSource } from './tiny/binLog';

const candidate: DemandCandidate = {
  input: (name) => ({ name, demand: { imports: {} } }),
  async begin(categories) {
    const time = steppedTime(Date.UTC(2026, 4, 4, 10));
    const arrivals: { category: string; atMs: number; requests: number }[] = [];
    const log = {
      reachable: true,
      requests: (category: string, fromMs: number, toMs: number) =>
        categories.some(({ name }) => name === category)
          ? arrivals
              .filter((one) => one.category === category && one.atMs >= fromMs && one.atMs < toMs)
              .reduce((sum, { requests }) => sum + requests, 0)
          : null,
    };
    const nothing = async () => undefined;
    return {
      ...time,
      source: () => createBinLogSource(log, time.now),
      arrive: async (category, requests) => void arrivals.push({ category, atMs: time.now(), requests }),
      // The log is kept, and has no counter that could begin at zero.
      restart: nothing,
      reset: nothing,
      silence: (on) => {
        log.reachable = !on;
      },
      close: nothing,
    };
  },
};

demandSourceContract(candidate);
