/**
 * A category without a model of its own → the model of another that has served its few bins best, or none. Kept
 * between the ticks of this process; a worker that is new compares anew from the stored bins.
 */
import type { CategorySettings } from '../../core/category/settings';
import { seriesEndMs } from '../../core/demand/series';
import {
  type Borrowed,
  type Borrowing,
  borrowingNow,
  type Lender,
  mayLend,
  mostLenders,
} from '../../core/serving/borrowing';
import type { BorrowingQuestion } from '../../core/serving/sources';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { ModelStore } from '../../ports/stores/forecasts/modelStore';
import { loadedModel } from './incumbents';

export class BorrowedModels {
  private readonly known = new Map<string, Borrowing>();

  constructor(
    private readonly stores: {
      readonly models: Pick<ModelStore, 'incumbent'>;
      readonly categories: Pick<CategoryStore, 'list'>;
    },
  ) {}

  /** Null when no other category's model has shown to be better here than the baseline. */
  async for(
    settings: CategorySettings,
    { recent, query, context }: BorrowingQuestion,
  ): Promise<Borrowed | null> {
    const before = this.known.get(settings.name) ?? null;
    const now = await borrowingNow(before, recent, query, context, () =>
      this.lendersTo(settings, seriesEndMs(recent)),
    );
    this.known.set(settings.name, now);
    return now.borrowed;
  }

  /** The category has a model of its own. */
  forget(category: string): void {
    this.known.delete(category);
  }

  private async lendersTo(borrower: CategorySettings, nowMs: number): Promise<Lender[]> {
    const able = (await this.stores.categories.list())
      .map(({ settings }) => settings)
      .filter((settings) => settings.name !== borrower.name && mayLend(settings, borrower))
      .slice(0, mostLenders);
    const lenders: Lender[] = [];
    for (const { name } of able) {
      const stored = await this.stores.models.incumbent(name);
      if (stored === null) continue;
      lenders.push({ category: name, model: loadedModel(stored, borrower.binMs, nowMs) });
    }
    return lenders;
  }
}
