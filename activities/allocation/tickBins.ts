/**
 * A category and a decision → the bins before it, read once: `predict` reads them, the other steps of the tick take what
 * this worker has read. A worker that did not predict in this bin reads once, too.
 */
import { longestLeadBins } from '../../core/capacity/leadTime';
import { binAwaitedUntilMs } from '../../core/category/demand';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { type DemandSeries, seriesEndMs, sliceSeries } from '../../core/demand/series';
import { baselineBins } from '../../core/forecasting/trainingWindow';
import { horizonBinsOf } from '../../core/serving/query';
import type { Now } from '../../ports/clock';
import type { BinTotals, DemandStore, RecentBins } from '../../ports/stores/demand/demandStore';

/** Bins from which a node's capacity is learned. */
export const learningBins = 120;
/** Between two looks for the bin that has just ended, ms. */
const lastBinPollMs = 40;
/** Bins that a forecast may be scored late without another read. */
const lateScoreBins = 5;

export class TickBins {
  private readonly read = new Map<string, RecentBins>();

  constructor(
    private readonly demand: Pick<DemandStore, 'recent' | 'series'>,
    private readonly now: Now,
  ) {}

  /**
   * At least `bins` of the bins before the decision at `atMs`, read now. The collector writes the bin that has just ended
   * a moment after its end, so the read waits for it within bounds where the bin before it was there.
   */
  async readBefore(settings: CategorySettings, atMs: number, bins: number): Promise<DemandSeries> {
    const { name, binMs } = settings;
    const originMs = binStart(settings, atMs);
    const deadlineMs = binAwaitedUntilMs(settings, originMs);
    let recent = await this.readTo(settings, originMs, bins);
    while (lastIsLate(recent.series) && this.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, lastBinPollMs));
      const lastMs = originMs - binMs;
      const last = await this.demand.recent(name, settings, lastMs, lastMs, originMs);
      recent.series.counts.set(last.series.counts, recent.series.counts.length - 1);
      recent = { ...recent, totals: [...recent.totals, ...last.totals] };
    }
    this.read.set(name, recent);
    return recent.series;
  }

  /** What is known of the bins before the decision at `atMs` beside their requests, `bins` of them at most, by start. */
  async totalsBefore(settings: CategorySettings, atMs: number, bins: number): Promise<BinTotals[]> {
    const { totals } = await this.before(settings, atMs);
    return totals.filter(({ startMs }) => startMs >= atMs - bins * settings.binMs);
  }

  /** The bins in [fromMs, toMs), which ended before the decision at `atMs`. */
  async series(
    settings: CategorySettings,
    atMs: number,
    fromMs: number,
    toMs: number,
  ): Promise<DemandSeries> {
    const { series } = await this.before(settings, atMs);
    return fromMs >= series.startMs && toMs <= seriesEndMs(series)
      ? sliceSeries(series, fromMs, toMs)
      : this.demand.series(settings.name, clockOf(settings), fromMs, toMs);
  }

  private async before(settings: CategorySettings, atMs: number): Promise<RecentBins> {
    const { name, binMs, dayMs } = settings;
    const originMs = binStart(settings, atMs);
    const known = this.read.get(name);
    if (known !== undefined && seriesEndMs(known.series) === originMs) {
      const { clock } = known.series;
      if (clock.binMs === binMs && clock.dayMs === dayMs) return known;
    }
    const recent = await this.readTo(settings, originMs, 0);
    this.read.set(name, recent);
    return recent;
  }

  private readTo(settings: CategorySettings, originMs: number, bins: number): Promise<RecentBins> {
    const { name, binMs, leadMs, errorBudget } = settings;
    const clock = clockOf(settings);
    const detailed = Math.max(learningBins, errorBudget.bins) + 1;
    const reach = Math.max(longestLeadBins(leadMs, binMs) + 1, ...horizonBinsOf(settings));
    const scored = baselineBins + reach + lateScoreBins;
    const fromMs = originMs - Math.max(bins, detailed, scored) * binMs;
    return this.demand.recent(name, clock, fromMs, originMs - detailed * binMs, originMs);
  }
}

const clockOf = ({ binMs, dayMs }: CategorySettings) => ({ binMs, dayMs });

function lastIsLate({ counts }: DemandSeries): boolean {
  const last = counts.at(-1);
  const before = counts.at(-2);
  return last !== undefined && Number.isNaN(last) && before !== undefined && !Number.isNaN(before);
}
