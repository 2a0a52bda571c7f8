/**
 * A demand source and the running categories that chose it → their bins, asked for as soon as they have settled and stored.
 * A bin that could not be asked for or stored is asked for again; the latest ones are always asked for again, since a
 * count may come late.
 */
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
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

interface Answer {
  readonly category: Followed;
  readonly toMs: number;
  readonly rows: readonly LiveBinRow[];
}

export class FollowedSource {
  private readonly followed = new Map<string, Followed>();

  constructor(
    private readonly source: DemandSource,
    private readonly options: FollowOptions,
  ) {}

  /** When the next bin settles, ms; infinite while no category is followed. */
  get nextMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.followed.values()].map(({ nextMs }) => nextMs));
  }

  /** Stores the bins that have settled. */
  async look(): Promise<void> {
    const { demand, now } = this.options;
    await this.follow();
    const due = [...this.followed.values()].filter(({ nextMs }) => nextMs <= now());
    const failures = new Set<unknown>();
    const answers = await Promise.all(due.map((category) => this.ask(category, failures)));
    for (const failure of failures) this.options.onFailure(failure);
    const given = answers.filter((answer) => answer !== null);
    const news = given.flatMap(({ category, rows }) =>
      rows.filter((row) => category.stored.get(row.startMs) !== JSON.stringify(row)),
    );
    if (news.length > 0) await demand.appendLive(news);
    // Only now: what could not be stored is asked for again.
    for (const answer of given) this.remember(answer);
  }

  /** Keeps the list of categories; a new one starts at the end of what was measured of it. */
  private async follow(): Promise<void> {
    const { sources, categories, demand, now } = this.options;
    const wanted = (await categories.list())
      .filter(({ status, settings }) => status === 'running' && sources.of(settings) === this.source)
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

  private async ask(category: Followed, failures: Set<unknown>): Promise<Answer | null> {
    const { settings, sinceMs, askedToMs } = category;
    const { binMs } = settings;
    const settledMs = this.options.now() - this.source.settleMs(settings);
    const toMs = binStart(settings, settledMs);
    const knownMs = Math.max(sinceMs, askedToMs - correctedBins * binMs, toMs - longestCatchUpMs);
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
    category.askedToMs = Math.max(category.askedToMs, toMs);
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
