/** Fitted models with where they came from; `predict` of any worker loads the incumbent. */
import type { Json } from '../core/forecasting/model';

export interface StoredModel {
  readonly id: string;
  readonly category: string;
  readonly family: string;
  readonly parameters: Json;
  readonly trainedFromMs: number;
  readonly trainedToMs: number;
  /** Backtest figures of this model and its rivals, and why it was chosen. */
  readonly figures: Json;
  readonly state: Json;
  readonly status: 'candidate' | 'incumbent' | 'retired' | 'rejected';
  readonly createdMs: number;
}

export interface ModelStore {
  save(model: Omit<StoredModel, 'status' | 'createdMs'>): Promise<void>;
  /** Makes it the incumbent and retires the old one, in one transaction. */
  promote(category: string, id: string): Promise<void>;
  reject(id: string): Promise<void>;
  incumbent(category: string): Promise<StoredModel | null>;
  /** Id of the incumbent: cheap enough for every tick. */
  incumbentId(category: string): Promise<string | null>;
  load(id: string): Promise<StoredModel | null>;
  list(category: string): Promise<Omit<StoredModel, 'state'>[]>;
}
