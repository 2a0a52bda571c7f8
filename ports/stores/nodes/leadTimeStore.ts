/** The leads that were measured for a category: changes in, the one in use at a time out. */
import type { LeadState } from '../../../core/capacity/leadTime';

export interface LeadRecord extends LeadState {
  readonly category: string;
  /** From when on it is planned with, ms. */
  readonly sinceMs: number;
  readonly binMs: number;
  /** The configured lead that it was measured under, ms. */
  readonly configuredMs: number;
  /** Orders that it rests on, and quantiles of the ms from order to routable; null where not known. */
  readonly orders: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly reason: string;
}

export interface LeadTimeStore {
  /** Records a change; the same instant again replaces it. */
  put(record: LeadRecord): Promise<void>;
  /** The change in force at `atMs`; null when there was none yet: then the lead is as configured. */
  at(category: string, atMs: number): Promise<LeadRecord | null>;
}
