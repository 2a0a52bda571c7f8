/** What is known at a decision → the forecasts that it could rest on; each is made once, when it is first asked for. */
import { type DemandSeries, seriesEndMs, sliceSeries } from '../demand/series';
import type { DemandEvent } from '../events/event';
import type { Forecast, ForecastContext, ForecastQuery } from '../forecasting/model';
import { baselineBins } from '../forecasting/trainingWindow';
import { baselineForecast } from './baseline';
import type { Borrowed } from './borrowing';
import { binsToRead, forecastUpToDate, type ModelInService } from './modelInService';

export interface DecisionKnowledge {
  /** The bins before the decision, at least `binsFor` of them where history reaches that far. */
  readonly past: DemandSeries;
  readonly query: ForecastQuery;
  readonly events: readonly DemandEvent[];
  /** The category's own model; null while it has none. */
  readonly incumbent: ModelInService | null;
  /** The model of another category that may stand in for the own one; null = none is better than the baseline. */
  borrow(asked: BorrowingQuestion): Promise<Borrowed | null>;
}

export interface BorrowingQuestion {
  readonly recent: DemandSeries;
  readonly query: ForecastQuery;
  readonly context: ForecastContext;
}

export interface Sources {
  readonly incumbent: ModelInService | null;
  readonly query: ForecastQuery;
  readonly events: readonly DemandEvent[];
  /** The part of the past that was looked at. */
  readonly recent: DemandSeries;
  readonly own: () => Forecast;
  readonly baseline: () => Promise<Forecast | null>;
  readonly borrowed: () => Promise<{ readonly borrowed: Borrowed; readonly forecast: Forecast } | null>;
}

/** Bins before the decision that a forecast needs to see. */
export function binsFor(incumbent: ModelInService | null, originMs: number, binMs: number): number {
  return incumbent === null ? baselineBins : binsToRead(incumbent, originMs, binMs);
}

export function sourcesOf({ past, query, events, incumbent, borrow }: DecisionKnowledge): Sources {
  const endMs = seriesEndMs(past);
  const { binMs } = past.clock;
  const recent = sliceSeries(past, endMs - binsFor(incumbent, endMs, binMs) * binMs, endMs);
  const context: ForecastContext = { events };
  return {
    incumbent,
    query,
    events,
    recent,
    own: once(() => {
      if (incumbent === null) throw new Error('a category without a model has no forecast of its own');
      return forecastUpToDate(incumbent, recent, query, context);
    }),
    baseline: once(() => baselineForecast(recent, query, context)),
    borrowed: once(async () => {
      const borrowed = await borrow({ recent, query, context });
      return borrowed === null
        ? null
        : { borrowed, forecast: forecastUpToDate(borrowed.model, recent, query, context) };
    }),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
