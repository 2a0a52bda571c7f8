/** Where known events live, so that every worker sees what a signal or a calendar announced. */
import type { DemandEvent } from '../../../core/events/event';

export interface EventStore {
  /** Idempotent by (category, source, id). */
  put(category: string, events: readonly DemandEvent[]): Promise<void>;
  /** Keeps the row, marked as withdrawn. */
  withdraw(category: string, source: string, id: string): Promise<boolean>;
  /** Events that overlap [fromMs, toMs), by start. */
  between(category: string, fromMs: number, toMs: number): Promise<DemandEvent[]>;
}
