/** Which categories run, with their settings: what the collector and the command line work from. */
import type { CategorySettings } from '../../core/category/settings';

export interface CategoryRecord {
  readonly settings: CategorySettings;
  readonly status: 'running' | 'stopped';
  /** What one node serves in a second at its accepted utilization, as the nodes have shown; null before they have. */
  readonly learnedRequestsPerNodeSecond: number | null;
}

export interface CategoryStore {
  /** Registers or updates; marks as running. What was learned of nodes is forgotten where the node is another one. */
  put(settings: CategorySettings): Promise<void>;
  stopped(name: string): Promise<void>;
  learn(name: string, requestsPerNodeSecond: number): Promise<void>;
  get(name: string): Promise<CategoryRecord | null>;
  list(): Promise<CategoryRecord[]>;
}
