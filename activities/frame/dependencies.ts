/** What the activities act through: ports only, so that tests and other back ends can stand in. */

import type { Policy } from '../../core/policy/schema';
import type { Now } from '../../ports/clock';
import type { DemandSources } from '../../ports/demandSource';
import type { FeedSource } from '../../ports/feedSource';
import type { NodePool } from '../../ports/nodePool';
import type { CheckProviderSettings, RefusedNodeSettings } from '../../ports/providerSettings';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { DemandStore } from '../../ports/stores/demand/demandStore';
import type { EventStore } from '../../ports/stores/events/eventStore';
import type { FeedStore } from '../../ports/stores/events/feedStore';
import type { AccuracyStore } from '../../ports/stores/forecasts/accuracyStore';
import type { DecisionStore } from '../../ports/stores/forecasts/decisionStore';
import type { ModelStore } from '../../ports/stores/forecasts/modelStore';
import type { FleetStore } from '../../ports/stores/nodes/fleetStore';
import type { HoldStore } from '../../ports/stores/nodes/holdStore';
import type { LeadTimeStore } from '../../ports/stores/nodes/leadTimeStore';
import type { NodeStore } from '../../ports/stores/nodes/nodeStore';
import type { PoolTroubleStore } from '../../ports/stores/nodes/poolTroubleStore';
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
  readonly leadTimes: LeadTimeStore;
  readonly holds: HoldStore;
  /** Absent: nothing is told of what happened to nodes. */
  readonly troubles?: PoolTroubleStore;
  readonly pool: NodePool;
  readonly checkProviderSettings: CheckProviderSettings;
  readonly refusedNodeSettings: RefusedNodeSettings;
  /** What this worker does at most, whoever asks. */
  readonly policy: Policy;
  readonly demandSources: DemandSources;
  readonly now: Now;
}

export interface TrainingDependencies {
  readonly categories: CategoryStore;
  readonly demand: DemandStore;
  readonly events: EventStore;
  readonly models: ModelStore;
  readonly accuracy: AccuracyStore;
  readonly leadTimes: LeadTimeStore;
  readonly holds: HoldStore;
  readonly decisions: Pick<DecisionStore, 'peaksBetween'>;
  readonly trainer: Trainer;
  readonly now: Now;
}

export interface FeedDependencies {
  readonly feeds: FeedStore;
  readonly feedSource: FeedSource;
  readonly policy: Policy;
  readonly now: Now;
}
