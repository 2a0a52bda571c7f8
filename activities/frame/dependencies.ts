/** What the activities act through: ports only, so that tests and other back ends can stand in. */

import type { Now } from '../../ports/clock';
import type { DemandSources } from '../../ports/demandSource';
import type { FeedSource } from '../../ports/feedSource';
import type { NodePool } from '../../ports/nodePool';
import type { AccuracyStore } from '../../ports/stores/accuracyStore';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { DecisionStore } from '../../ports/stores/decisionStore';
import type { DemandStore } from '../../ports/stores/demandStore';
import type { EventStore } from '../../ports/stores/eventStore';
import type { FeedStore } from '../../ports/stores/feedStore';
import type { FleetStore } from '../../ports/stores/fleetStore';
import type { HoldStore } from '../../ports/stores/holdStore';
import type { LeadStore } from '../../ports/stores/leadStore';
import type { ModelStore } from '../../ports/stores/modelStore';
import type { NodeStore } from '../../ports/stores/nodeStore';
import type { Trainer } from '../../ports/trainer';

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
  readonly demandSources: DemandSources;
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
