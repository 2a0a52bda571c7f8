/** Fitted models with where they came from; `predict` of any worker loads the incumbent. */
import type { Json } from '../../../core/forecasting/model';

export interface StoredModel {
  readonly id: string;
  readonly category: string;
  readonly family: string;
  readonly parameters: Json;
  readonly trainedFromMs: number;
  readonly trainedToMs: number;
  /** Backtest figures of this model and the other candidates, and why it was chosen. */
  readonly figures: Json;
  readonly state: Json;
  readonly status: 'candidate' | 'incumbent' | 'retired' | 'rejected';
  /** Why it has its status; null before a choice. */
  readonly reason: string | null;
  readonly createdMs: number;
  /** When it got its status, ms. */
  readonly statusMs: number;
}

export interface ModelStore {
  save(model: Omit<StoredModel, 'status' | 'reason' | 'createdMs' | 'statusMs'>): Promise<void>;
  /** Makes it the incumbent and retires the old one, in one transaction. */
  promote(category: string, id: string, reason: string): Promise<void>;
  reject(id: string, reason: string): Promise<void>;
  /**
   * Rejects an incumbent that failed in service and puts `toId` back in its place, or nothing (null), in one
   * transaction. Does nothing when it is no longer the incumbent.
   */
  rollBack(category: string, failedId: string, toId: string | null, reason: string): Promise<void>;
  incumbent(category: string): Promise<StoredModel | null>;
  /** Id of the incumbent: cheap enough for every tick. */
  incumbentId(category: string): Promise<string | null>;
  load(id: string): Promise<StoredModel | null>;
  list(category: string): Promise<Omit<StoredModel, 'state'>[]>;
}
