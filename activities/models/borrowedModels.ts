/**
 * A category without a model of its own → the model of another that has served its few bins best, or none. Kept
 * between the ticks of this process; a worker that is new judges anew from the stored bins.
 */
import type { CategorySettings } from '../../core/category/settings';
import { type DemandSeries, seriesEndMs } from '../../core/demand/series';
import type { Forecast, ForecastContext, ForecastQuery } from '../../core/forecasting/model';
import {
  anchorForecasts,
  type BorrowedFigures,
  chooseBorrowed,
  judgeBorrowed,
} from '../../core/serving/borrowing';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { ModelStore } from '../../ports/stores/modelStore';
import { forecastUpToDate, type Incumbent, loadedModel } from './incumbents';

/** Bins between two judgements, and the categories asked for their model. */
const judgedEvery = 15;
const mostLenders = 6;

export interface Borrowed {
  /** The category whose model it is. */
  readonly lender: string;
  readonly model: Incumbent;
  readonly figures: BorrowedFigures;
}

export class BorrowedModels {
  private readonly known = new Map<string, { judgedMs: number; borrowed: Borrowed | null }>();

  constructor(
    private readonly stores: {
      readonly models: Pick<ModelStore, 'incumbent'>;
      readonly categories: Pick<CategoryStore, 'list'>;
    },
  ) {}

  /** Null when no other category's model has shown to be better here than the last value. */
  async forecast(
    settings: CategorySettings,
    recent: DemandSeries,
    query: ForecastQuery,
    context: ForecastContext,
  ): Promise<{ readonly borrowed: Borrowed; readonly forecast: Forecast } | null> {
    const endMs = seriesEndMs(recent);
    let entry = this.known.get(settings.name);
    if (entry === undefined || endMs - entry.judgedMs >= judgedEvery * settings.binMs) {
      const inUse = entry?.borrowed?.model.id ?? null;
      entry = { judgedMs: endMs, borrowed: await this.choose(settings, recent, query, context, inUse) };
      this.known.set(settings.name, entry);
    }
    const { borrowed } = entry;
    return borrowed === null
      ? null
      : { borrowed, forecast: forecastUpToDate(borrowed.model, recent, query, context) };
  }

  /** The category has a model of its own. */
  forget(category: string): void {
    this.known.delete(category);
  }

  private async choose(
    settings: CategorySettings,
    recent: DemandSeries,
    query: ForecastQuery,
    context: ForecastContext,
    inUse: string | null,
  ): Promise<Borrowed | null> {
    const { models, categories } = this.stores;
    const lenders = (await categories.list())
      .map((record) => record.settings)
      .filter(
        ({ name, binMs, dayMs, leadMs }) =>
          name !== settings.name &&
          binMs === settings.binMs &&
          dayMs === settings.dayMs &&
          leadMs === settings.leadMs,
      )
      .slice(0, mostLenders);
    if (lenders.length === 0) return null;
    const origins = await anchorForecasts(recent, query, context);
    const judged: (Borrowed & { readonly id: string })[] = [];
    for (const { name } of lenders) {
      const stored = await models.incumbent(name);
      if (stored === null || stored.family === 'last-value') continue;
      const model = loadedModel(stored, settings.binMs, seriesEndMs(recent));
      // One for a shorter lead knows too little of what may come after it.
      if (model.leadBins !== null && model.leadBins < query.leadBins) continue;
      const figures = judgeBorrowed(model.model, recent, origins, query, context);
      if (figures !== null) judged.push({ id: stored.id, lender: name, model, figures });
    }
    const chosen = chooseBorrowed(judged, inUse);
    return judged.find(({ id }) => id === chosen?.id) ?? null;
  }
}
