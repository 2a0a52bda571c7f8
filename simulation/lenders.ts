/**
 * The other categories of a simulation → the models that they would have at an instant, for a category that has none yet.
 * Each is replayed only as far as somebody asks, and only if somebody does.
 */
import { seriesEndMs } from '../core/demand/series';
import { familyNamed } from '../core/forecasting/families/families';
import { type Lender, mostLenders } from '../core/serving/borrowing';
import { forecastUpToDate } from '../core/serving/modelInService';
import { binsFor } from '../core/serving/sources';
import type { EvaluatedTrace } from './replay';
import { type ModelOptions, ReplayedModel } from './replayedModel';

interface Replaying {
  readonly trace: EvaluatedTrace;
  readonly model: ReplayedModel;
  nextBin: number;
}

export class Lenders {
  private readonly replaying: readonly Replaying[];

  constructor(
    borrower: EvaluatedTrace,
    fleet: readonly EvaluatedTrace[],
    private readonly options: ModelOptions,
  ) {
    const { clock } = borrower.series;
    this.replaying = fleet
      .filter(
        ({ category, series, leadBins }) =>
          category !== borrower.category &&
          series.clock.binMs === clock.binMs &&
          series.clock.dayMs === clock.dayMs &&
          leadBins === borrower.leadBins,
      )
      .sort((a, b) => (a.category < b.category ? -1 : 1))
      .slice(0, mostLenders)
      .map((trace) => ({ trace, model: new ReplayedModel(trace, options, true), nextBin: trace.fromBin }));
  }

  /** Copies of the latest models that were fitted before `nowMs`. Instants come in order. */
  async at(nowMs: number): Promise<Lender[]> {
    const lenders: Lender[] = [];
    for (const one of this.replaying) {
      await this.replayTo(one, nowMs);
      const { stored } = one.model;
      if (stored === null) continue;
      const { state, ...facts } = stored;
      const model = (this.options.familyOf ?? familyNamed)(facts.family).load(state);
      lenders.push({ category: one.trace.category, model: { ...facts, model, caughtUpToMs: nowMs } });
    }
    return lenders;
  }

  /** Decision by decision, for a model that follows another takes over what that has learned in service. */
  private async replayTo(one: Replaying, nowMs: number): Promise<void> {
    const { series, events, toBin } = one.trace;
    const { binMs } = series.clock;
    for (; one.nextBin < toBin && series.startMs + one.nextBin * binMs <= nowMs; one.nextBin++) {
      const past = { ...series, counts: series.counts.subarray(0, one.nextBin) };
      const model = await one.model.at({ bin: one.nextBin, past });
      if (model === null) continue;
      const bins = binsFor(model, seriesEndMs(past), binMs);
      const recent = { ...past, counts: past.counts.subarray(Math.max(0, past.counts.length - bins)) };
      const startMs = past.startMs + (past.counts.length - recent.counts.length) * binMs;
      forecastUpToDate(
        model,
        { ...recent, startMs },
        { ...one.model.fitOptions, probabilities: [0.5] },
        { events },
      );
    }
  }
}
