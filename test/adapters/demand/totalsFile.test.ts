/** A source that was made by the recipe passes the contract. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemandCandidate, demandSourceContract } from './contract';
import { steppedTime } from './steppedTime';
import { createTotalsFileSource } from './tiny/totalsFile';

const candidate: DemandCandidate = {
  input: (name) => ({ name, demand: { imports: {} } }),
  async begin(categories, samples) {
    const folder = mkdtempSync(join(tmpdir(), 'pam-totals-'));
    const [file, hidden] = [join(folder, 'totals.json'), join(folder, 'hidden.json')];
    const time = steppedTime(Date.UTC(2026, 4, 4, 10));
    const nothing = () => Object.fromEntries(categories.map(({ name }) => [name, 0]));
    let startedMs = time.now();
    let requests: Record<string, number> = nothing();
    const write = () =>
      writeFileSync(existsSync(hidden) ? hidden : file, JSON.stringify({ startedMs, requests }));
    write();
    return {
      ...time,
      source: () => createTotalsFileSource({ file, samples, now: time.now }),
      arrive: async (category, count) => {
        requests[category] = (requests[category] ?? 0) + count;
        write();
      },
      restart: async () => {
        startedMs = time.now();
        requests = nothing();
        write();
      },
      reset: async () => {
        requests = nothing();
        write();
      },
      silence: (on) => (on ? renameSync(file, hidden) : renameSync(hidden, file)),
      close: async () => rmSync(folder, { recursive: true }),
    };
  },
};

demandSourceContract(candidate);
