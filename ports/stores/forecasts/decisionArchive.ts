/** Stored decisions by time, for people who ask why. */
import type { DecisionRecord } from './decisionStore';

export interface SettledDecision extends DecisionRecord {
  /** When `provisioned` and `routable` were counted after acting, ms; null = they are those from before. */
  readonly settledMs: number | null;
}

export interface DecisionArchive {
  /** The `count` latest decisions made at or before `atMs`, newest first. */
  latest(category: string, atMs: number, count: number): Promise<SettledDecision[]>;
  /** When the first and the last stored decision was made, ms; null without any. */
  span(category: string): Promise<{ firstMs: number; lastMs: number } | null>;
}
