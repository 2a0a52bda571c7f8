/**
 * A trace → the forecast that counts at every decision, chosen as in service: the own model, refitted daily, while it is
 * trusted; else a borrowed one, the baseline, or none. The policies that differ only in risk share what was forecast.
 */
import { binStart } from '../core/demand/clock';
import { seriesEndMs, sliceSeries } from '../core/demand/series';
import { baselineOf, dueMsOf, type ForecastTarget, outcomeOf } from '../core/evaluation/accuracy/accuracy';
import type { Forecast, ForecastQuery } from '../core/forecasting/model';
import { type Borrowing, borrowingNow } from '../core/serving/borrowing';
import { countingForecast } from '../core/serving/countingForecast';
import type { Distrust } from '../core/serving/distrust';
import { probabilitiesFor } from '../core/serving/query';
import { type Sources, sourcesOf } from '../core/serving/sources';
import { Lenders } from './lenders';
import type { DecisionView, EvaluatedTrace } from './replay';
import { type ModelOptions, ReplayedModel } from './replayedModel';
import { TrustRecord } from './trustRecord';

export interface ForecastingOptions extends ModelOptions {
  /** Accepted risks: each has its own probabilities, and so its own record of trust. */
  readonly risks: readonly number[];
  /** All categories that are simulated: one without a model may borrow another's. Absent: the one alone. */
  readonly fleet?: readonly EvaluatedTrace[];
}

/** What a policy asks of forecasts. */
export interface CategoryForecasts {
  /** Of all quantiles, ascending. */
  readonly probabilities: readonly number[];
  /** The forecast that counts at a decision for an accepted risk; null while there is none. */
  at(view: Pick<DecisionView, 'bin' | 'past'>, risk: number): Promise<Forecast | null>;
  /** All that counted so far for an accepted risk, one entry an evaluated bin. */
  made(risk: number): readonly (Forecast | null)[];
}

/** What came due longer ago than this is not scored any more, as in service. */
const graceBins = 60;

export class ReplayedForecasts implements CategoryForecasts {
  readonly probabilities: readonly number[];
  private readonly query: ForecastQuery;
  private readonly model: ReplayedModel;
  private readonly counted: readonly (Forecast | null)[][];
  private readonly records: readonly TrustRecord[];
  private borrowing: Borrowing | null = null;
  private lenders: Lenders | null = null;
  private waiting: ForecastTarget[] = [];

  constructor(
    private readonly trace: EvaluatedTrace,
    private readonly options: ForecastingOptions,
  ) {
    const { risks } = options;
    this.model = new ReplayedModel(trace, options);
    this.probabilities = probabilitiesFor(risks);
    this.query = { ...this.model.fitOptions, probabilities: this.probabilities };
    this.counted = risks.map(() => []);
    this.records = risks.map((risk) => new TrustRecord(risk, this.probabilities));
  }

  /** Decisions come in order; one that was made before is answered from memory. */
  async at(view: Pick<DecisionView, 'bin' | 'past'>, risk: number): Promise<Forecast | null> {
    const index = view.bin - this.trace.fromBin;
    const made = this.made(risk);
    if (made[index] === undefined) await this.decide(view, index);
    return made[index] ?? null;
  }

  made(risk: number): readonly (Forecast | null)[] {
    return this.counted[this.options.risks.indexOf(risk)]!;
  }

  /** For every risk at once. */
  private async decide({ bin, past }: Pick<DecisionView, 'bin' | 'past'>, index: number): Promise<void> {
    const originMs = seriesEndMs(past);
    const { binMs } = past.clock;
    const incumbent = await this.model.at({ bin, past });
    const sources = sourcesOf({
      past,
      query: this.query,
      events: this.trace.events,
      incumbent,
      borrow: async ({ recent, query, context }) => {
        this.lenders ??= new Lenders(this.trace, this.options.fleet ?? [], this.options);
        const lenders = this.lenders;
        this.borrowing = await borrowingNow(this.borrowing, recent, query, context, () =>
          lenders.at(originMs),
        );
        return this.borrowing.borrowed;
      },
    });
    if (incumbent !== null) this.borrowing = null;
    await this.scoreWhatIsKnown(sliceSeries(past, past.startMs, originMs - binMs));
    // Whether the model is trusted is all that differs between risks.
    const choices = new Map<boolean, Forecast | null>();
    for (const [place, record] of this.records.entries()) {
      const distrust = await record.at(originMs, binMs, incumbent);
      const trusted = distrust === null;
      if (!choices.has(trusted)) choices.set(trusted, await counting(sources, distrust));
      this.counted[place]![index] = choices.get(trusted)!;
    }
    if (incumbent === null) return;
    this.waiting.push({
      forecastId: `@${bin}`,
      modelId: incumbent.id,
      family: incumbent.family,
      originMs: binStart(past.clock, originMs),
      horizonBins: 0,
      leadBins: this.query.leadBins,
      probabilities: this.probabilities,
      quantiles: sources.own().peak,
    });
  }

  /** The scores of a tick come after its decision: what the bins before the last decision show is known at this one. */
  private async scoreWhatIsKnown(known: EvaluatedTrace['series']): Promise<void> {
    const endMs = seriesEndMs(known);
    const { binMs } = known.clock;
    const waiting: ForecastTarget[] = [];
    for (const target of this.waiting) {
      const dueMs = dueMsOf(target, binMs);
      const outcome = dueMs > endMs ? null : outcomeOf(target, known);
      if (outcome !== null) {
        const baseline = await baselineOf(target, known, outcome.index);
        for (const record of this.records) record.add(target, outcome, baseline);
      } else if (dueMs > endMs - graceBins * binMs) waiting.push(target);
    }
    this.waiting = waiting;
  }
}

async function counting(sources: Sources, distrust: Distrust | null): Promise<Forecast | null> {
  return (await countingForecast(sources, distrust)).counts?.forecast ?? null;
}
