/** Which categories run, with their settings: what the collector and the command line work from. */
import type { CategorySettings } from '../../core/category/settings';

export interface CategoryRecord {
  readonly settings: CategorySettings;
  readonly status: 'running' | 'stopped';
  /** What the nodes have shown: requests per node-second of busy time and so on; null before. */
  readonly learnedRequestsPerNodeSecond: number | null;
}

export interface CategoryStore {
  /** Registers or updates; marks as running. */
  put(settings: CategorySettings): Promise<void>;
  stopped(name: string): Promise<void>;
  learn(name: string, requestsPerNodeSecond: number): Promise<void>;
  get(name: string): Promise<CategoryRecord | null>;
  list(): Promise<CategoryRecord[]>;
}
