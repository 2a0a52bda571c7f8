/** What the activities act through: ports only, so that tests and other back ends can stand in. */
import type { AccuracyStore } from '../ports/accuracyStore';
import type { CategoryStore } from '../ports/categoryStore';
import type { Now } from '../ports/clock';
import type { DecisionStore } from '../ports/decisionStore';
import type { DemandStore } from '../ports/demandStore';
import type { EventStore } from '../ports/eventStore';
import type { FeedSource } from '../ports/feedSource';
import type { FeedStore } from '../ports/feedStore';
import type { FleetStore } from '../ports/fleetStore';
import type { HoldStore } from '../ports/holdStore';
import type { LeadStore } from '../ports/leadStore';
import type { ModelStore } from '../ports/modelStore';
import type { Monitor } from '../ports/monitor';
import type { NodePool } from '../ports/nodePool';
import type { NodeStore } from '../ports/nodeStore';
import type { Trainer } from '../ports/trainer';

export interface AllocationDependencies {
  readonly categories: CategoryStore;
  readonly demand: DemandStore;
  readonly events: EventStore;
  readonly models: ModelStore;
  readonly decisions: DecisionStore;
  readonly accuracy: AccuracyStore;
  readonly fleet: FleetStore;
  readonly nodes: NodeStore;
  readonly leads: LeadStore;
  readonly holds: HoldStore;
  readonly pool: NodePool;
  readonly monitor: Monitor;
  readonly now: Now;
}

export interface TrainingDependencies {
  readonly categories: CategoryStore;
  readonly demand: DemandStore;
  readonly events: EventStore;
  readonly models: ModelStore;
  readonly accuracy: AccuracyStore;
  readonly leads: LeadStore;
  readonly holds: HoldStore;
  readonly decisions: Pick<DecisionStore, 'peaksBetween'>;
  readonly trainer: Trainer;
  readonly now: Now;
}

export interface FeedDependencies {
  readonly feeds: FeedStore;
  readonly feedSource: FeedSource;
  readonly now: Now;
}
