/** Reviews of a category's scale-down hold: what each came to in, the one that counts at a time out. */
import type { HoldReview } from '../../../core/capacity/hold';

export interface HoldRecord extends HoldReview {
  readonly category: string;
  /** When it was reviewed, ms; in force from then on. */
  readonly reviewedMs: number;
  /** Decisions that it rests on. */
  readonly decisions: number;
  readonly reason: string;
}

export interface HoldStore {
  /** The same instant again replaces it. */
  put(record: HoldRecord): Promise<void>;
  /** The latest review at or before `atMs`; null when there was none. */
  at(category: string, atMs: number): Promise<HoldRecord | null>;
}
