/**
 * A demand source and the running categories that chose it → their bins, asked for as soon as they have settled and stored.
 * A bin that could not be asked for or stored is asked for again; the latest ones are always asked for again, since a
 * count may come late.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { PamError } from '../../core/errors';
import type { Now } from '../../ports/clock';
import {
  correctedBins,
  type DemandSource,
  type DemandSources,
  type MeasuredBin,
} from '../../ports/demandSource';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { DemandStore, LiveBinRow } from '../../ports/stores/demand/demandStore';

export interface FollowOptions {
  readonly sources: Pick<DemandSources, 'of'>;
  readonly categories: Pick<CategoryStore, 'list'>;
  readonly demand: Pick<DemandStore, 'appendLive' | 'liveEnds'>;
  /** Told of what failed; collecting goes on. */
  readonly onFailure: (error: unknown) => void;
  readonly now: Now;
}

/** After a longer silence only this much is asked for, ms; `pam import` brings what is older. */
const longestCatchUpMs = 86_400_000;
/** How long a source that failed is left alone, ms. */
const retryMs = 1_000;

interface Followed {
  settings: CategorySettings;
  /** Nothing before this is asked for: it was measured before, maybe by another source. */
  readonly sinceMs: number;
  /** End of the bins that were asked for. */
  askedToMs: number;
  nextMs: number;
  /** Rows as they were stored, by start, as far as they are asked for again. */
  stored: ReadonlyMap<number, string>;
}

/** How long a look waits for slow answers, ms: they are stored by a later one. */
const patienceMs = 2_000;

interface Answer {
  readonly category: Followed;
  readonly toMs: number;
  readonly rows: readonly LiveBinRow[];
}

export class FollowedSource {
  private readonly followed = new Map<string, Followed>();
  /** Answers that are not stored yet. */
  private readonly arrived: Answer[] = [];

  constructor(
    private readonly source: DemandSource,
    private readonly options: FollowOptions,
  ) {}

  /** When the next bin settles, ms; infinite while no category is followed. */
  get nextMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.followed.values()].map(({ nextMs }) => nextMs));
  }

  /** Stores the bins that have settled. A category whose bins take long to come holds up no other. */
  async look(): Promise<void> {
    const { demand, now, onFailure } = this.options;
    await this.follow();
    const due = [...this.followed.values()].filter((category) => this.isDue(category));
    const failures = new Set<unknown>();
    const asked = Promise.all(
      due.map(async (category) => {
        const answer = await this.ask(category, failures);
        if (answer !== null) this.arrived.push(answer);
      }),
    );
    await within(patienceMs, asked);
    for (const failure of failures) onFailure(failure);
    const given = this.arrived.splice(0);
    const unstored = await storeAlone(
      given.map((answer) => ({ answer, news: newsOf(answer) })).filter(({ news }) => news.length > 0),
      (rows) => demand.appendLive(rows),
      onFailure,
    ).catch((error: unknown) => {
      for (const { category } of given) category.nextMs = now();
      throw error;
    });
    // Only now: what could not be stored is asked for again.
    for (const answer of given)
      if (unstored.has(answer)) answer.category.nextMs = now() + retryMs;
      else this.remember(answer);
  }

  /** Keeps the list of categories; a new one starts at the end of what was measured of it. */
  private async follow(): Promise<void> {
    const { sources, categories, demand, now } = this.options;
    const isOurs = (settings: CategorySettings): boolean => {
      try {
        return sources.of(settings) === this.source;
      } catch (error) {
        // Settings that another version has written, say: that category only.
        this.options.onFailure(error);
        return false;
      }
    };
    const wanted = (await categories.list())
      .filter(({ status, settings }) => status === 'running' && isOurs(settings))
      .map(({ settings }) => settings);
    const names = new Set(wanted.map(({ name }) => name));
    for (const name of this.followed.keys()) if (!names.has(name)) this.followed.delete(name);
    const fresh = wanted.filter((settings) => {
      const known = this.followed.get(settings.name);
      if (known === undefined || known.settings.binMs !== settings.binMs) return true;
      known.settings = settings;
      return false;
    });
    if (fresh.length === 0) return;
    const ends = await demand.liveEnds(fresh.map(({ name }) => name));
    for (const settings of fresh) {
      const sinceMs = Math.max(now() - longestCatchUpMs, ends.get(settings.name) ?? 0);
      this.followed.set(settings.name, {
        settings,
        sinceMs,
        askedToMs: sinceMs,
        nextMs: now(),
        stored: new Map(),
      });
    }
  }

  /** Its next bin has settled, or the clock was set back since that was worked out. */
  private isDue({ nextMs, settings }: Followed): boolean {
    const nowMs = this.options.now();
    if (nextMs <= nowMs) return true;
    return Number.isFinite(nextMs) && nextMs - nowMs > 2 * settings.binMs + this.source.settleMs(settings);
  }

  private async ask(category: Followed, failures: Set<unknown>): Promise<Answer | null> {
    const { settings } = category;
    const { binMs } = settings;
    const settledMs = this.options.now() - this.source.settleMs(settings);
    const toMs = binStart(settings, settledMs);
    // A clock that was set back leaves times to come: what ended since is asked for all the same.
    const sinceMs = category.sinceMs > toMs + binMs ? toMs - correctedBins * binMs : category.sinceMs;
    const askedToMs = Math.min(category.askedToMs, toMs);
    const knownMs = Math.max(sinceMs, askedToMs - correctedBins * binMs, toMs - longestCatchUpMs);
    // Not asked again before it has answered.
    category.nextMs = Number.POSITIVE_INFINITY;
    const fromMs = Math.min(toMs, Math.ceil(knownMs / binMs) * binMs);
    try {
      const bins = await this.source.bins(settings, fromMs, toMs);
      return { category, toMs, rows: bins.map((bin) => this.rowOf(settings, bin)) };
    } catch (error) {
      failures.add(error);
      category.nextMs = this.options.now() + retryMs;
      return null;
    }
  }

  private remember({ category, toMs, rows }: Answer): void {
    const { binMs } = category.settings;
    const setBack = category.askedToMs > toMs + correctedBins * binMs;
    category.askedToMs = setBack ? toMs : Math.max(category.askedToMs, toMs);
    category.nextMs = toMs + binMs + this.source.settleMs(category.settings);
    category.stored = new Map(
      rows
        .filter(({ startMs }) => startMs >= toMs - correctedBins * binMs)
        .map((row) => [row.startMs, JSON.stringify(row)]),
    );
  }

  private rowOf({ name, binMs }: CategorySettings, bin: MeasuredBin): LiveBinRow {
    return {
      category: name,
      source: this.source.name,
      widthMs: binMs,
      startMs: bin.startMs,
      requests: bin.requests,
      errors: bin.errors ?? null,
      late: bin.late ?? null,
      latencyMeanMs: bin.latencyMeanMs ?? null,
      latencyP99Ms: bin.latencyP99Ms ?? null,
      busySeconds: bin.busySeconds ?? null,
      capacitySeconds: bin.capacitySeconds ?? null,
    };
  }
}

const newsOf = ({ category, rows }: Answer): LiveBinRow[] =>
  rows.filter((row) => category.stored.get(row.startMs) !== JSON.stringify(row));

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    work,
    sleep(ms, undefined, { signal: over.signal, ref: false }).catch(() => undefined),
  ]);
  over.abort();
}

/**
 * Stores all at once; if that is refused, each category by itself, so that what is wrong with one keeps no other's out.
 * @returns those that could not be stored.
 * @throws what a store throws that can't be reached.
 */
async function storeAlone(
  given: readonly { readonly answer: Answer; readonly news: readonly LiveBinRow[] }[],
  store: (rows: readonly LiveBinRow[]) => Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<ReadonlySet<Answer>> {
  const unstored = new Set<Answer>();
  if (given.length === 0) return unstored;
  try {
    await store(given.flatMap(({ news }) => news));
  } catch (error) {
    if (given.length === 1 || (error instanceof PamError && error.retryable)) throw error;
    for (const { answer, news } of given)
      await store(news).catch((failure: unknown) => {
        unstored.add(answer);
        onFailure(failure);
      });
  }
  return unstored;
}
