/** The address of a PostgreSQL database in, the stores that PAM keeps its data in out. */

import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { CounterSampleStore } from '../../ports/stores/demand/counterSampleStore';
import type { DemandStore } from '../../ports/stores/demand/demandStore';
import type { EventStore } from '../../ports/stores/events/eventStore';
import type { FeedStore } from '../../ports/stores/events/feedStore';
import type { AccuracyStore } from '../../ports/stores/forecasts/accuracyStore';
import type { DecisionArchive } from '../../ports/stores/forecasts/decisionArchive';
import type { DecisionStore } from '../../ports/stores/forecasts/decisionStore';
import type { ModelStore } from '../../ports/stores/forecasts/modelStore';
import type { FleetStore } from '../../ports/stores/nodes/fleetStore';
import type { HoldStore } from '../../ports/stores/nodes/holdStore';
import type { LeadTimeStore } from '../../ports/stores/nodes/leadTimeStore';
import type { LeaseStore } from '../../ports/stores/nodes/leaseStore';
import type { LocalNodeStore } from '../../ports/stores/nodes/localNodeStore';
import type { NodeStore } from '../../ports/stores/nodes/nodeStore';
import type { PoolLedger } from '../../ports/stores/nodes/poolLedger';
import type { PoolTroubleStore } from '../../ports/stores/nodes/poolTroubleStore';
import type { RoutingStore } from '../../ports/stores/routing/routingStore';
import type { SurveyStore } from '../../ports/stores/surveyStore';
import type { WorkerStore } from '../../ports/stores/workerStore';
import { Connection, type ConnectionOptions } from './connection/connection';
import { type Pruned, prune, type Retention } from './prune';
import { createCategoryStore } from './stores/categoryStore';
import { createCounterSampleStore } from './stores/demand/counterSampleStore';
import { createDemandStore } from './stores/demand/demandStore';
import { createEventStore } from './stores/events/eventStore';
import { createFeedStore } from './stores/events/feedStore';
import { createAccuracyStore } from './stores/forecasts/accuracyStore';
import { createDecisionArchive } from './stores/forecasts/decisionArchive';
import { createDecisionStore } from './stores/forecasts/decisionStore';
import { createModelStore } from './stores/forecasts/modelStore';
import { createFleetStore } from './stores/nodes/fleetStore';
import { createHoldStore } from './stores/nodes/holdStore';
import { createLeadTimeStore } from './stores/nodes/leadTimeStore';
import { createLeaseStore } from './stores/nodes/leaseStore';
import { createLocalNodeStore } from './stores/nodes/localNodeStore';
import { createNodeStore } from './stores/nodes/nodeStore';
import { createPoolLedger } from './stores/nodes/poolLedger';
import { createPoolTroubleStore } from './stores/nodes/poolTroubleStore';
import { createRoutingStore } from './stores/routing/routingStore';
import { createSurveyStore } from './stores/surveyStore';
import { createWorkerStore } from './stores/workerStore';

export interface Database {
  readonly demand: DemandStore;
  readonly events: EventStore;
  readonly feeds: FeedStore;
  readonly models: ModelStore;
  readonly decisions: DecisionStore;
  readonly accuracy: AccuracyStore;
  readonly archive: DecisionArchive;
  readonly fleet: FleetStore;
  readonly categories: CategoryStore;
  readonly nodes: NodeStore;
  readonly localNodes: LocalNodeStore;
  readonly leadTimes: LeadTimeStore;
  readonly holds: HoldStore;
  readonly samples: CounterSampleStore;
  readonly leases: LeaseStore;
  readonly ledger: PoolLedger;
  readonly workers: WorkerStore;
  readonly survey: SurveyStore;
  readonly troubles: PoolTroubleStore;
  readonly routes: RoutingStore;
  /** Deletes what is older than it is kept for; `nowMs` is the end of the time that is kept. */
  prune(retention: Retention, nowMs: number): Promise<Pruned>;
  /** Throws PamError if the database can't be reached or lacks PAM's tables. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const leaseConnections = 2;
const leaseTimeoutMs = 5_000;

/**
 * Connects and makes sure that the schema is there (`migrate` creates it). Every store method throws PamError:
 * UNAVAILABLE and CONFLICT are worth a retry, DENIED, INVALID_CONFIG, INVALID_DATA and REJECTED are not.
 */
export async function openDatabase(options: ConnectionOptions): Promise<Database> {
  const connection = new Connection(options);
  // A renewal must not wait behind long statements. Connects at the first lease.
  const leases = new Connection({
    ...options,
    poolSize: leaseConnections,
    statementTimeoutMs: leaseTimeoutMs,
    applicationName: `${options.applicationName ?? 'pam'}-leases`,
  });
  const close = async () => {
    await Promise.all([connection.close(), leases.close()]);
  };
  const ping = async () => {
    await connection.run('find the tables', 'SELECT 1 FROM pam.categories LIMIT 1');
  };
  try {
    await ping();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    demand: createDemandStore(connection),
    events: createEventStore(connection),
    feeds: createFeedStore(connection),
    models: createModelStore(connection),
    decisions: createDecisionStore(connection),
    accuracy: createAccuracyStore(connection),
    archive: createDecisionArchive(connection),
    fleet: createFleetStore(connection),
    categories: createCategoryStore(connection),
    nodes: createNodeStore(connection),
    localNodes: createLocalNodeStore(connection),
    leadTimes: createLeadTimeStore(connection),
    holds: createHoldStore(connection),
    samples: createCounterSampleStore(connection),
    leases: createLeaseStore(leases),
    ledger: createPoolLedger(connection),
    workers: createWorkerStore(connection),
    survey: createSurveyStore(connection),
    troubles: createPoolTroubleStore(connection),
    routes: createRoutingStore(connection),
    prune: (retention, nowMs) => prune(connection, retention, nowMs),
    ping,
    close,
  };
}
