/** The address of a PostgreSQL database in, the stores that PAM keeps its data in out. */
import type { AccuracyStore } from '../../ports/stores/accuracyStore';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import type { CounterSampleStore } from '../../ports/stores/counterSampleStore';
import type { DecisionArchive } from '../../ports/stores/decisionArchive';
import type { DecisionStore } from '../../ports/stores/decisionStore';
import type { DemandStore } from '../../ports/stores/demandStore';
import type { EventStore } from '../../ports/stores/eventStore';
import type { FeedStore } from '../../ports/stores/feedStore';
import type { FleetStore } from '../../ports/stores/fleetStore';
import type { HoldStore } from '../../ports/stores/holdStore';
import type { LeadStore } from '../../ports/stores/leadStore';
import type { LeaseStore } from '../../ports/stores/leaseStore';
import type { LocalNodeStore } from '../../ports/stores/localNodeStore';
import type { ModelStore } from '../../ports/stores/modelStore';
import type { NodeStore } from '../../ports/stores/nodeStore';
import type { PoolLedger } from '../../ports/stores/poolLedger';
import { Connection, type ConnectionOptions } from './connection/connection';
import { type Pruned, prune, type Retention } from './prune';
import { createAccuracyStore } from './stores/accuracyStore';
import { createCategoryStore } from './stores/categoryStore';
import { createCounterSampleStore } from './stores/counterSampleStore';
import { createDecisionArchive } from './stores/decisionArchive';
import { createDecisionStore } from './stores/decisionStore';
import { createDemandStore } from './stores/demandStore';
import { createEventStore } from './stores/eventStore';
import { createFeedStore } from './stores/feedStore';
import { createFleetStore } from './stores/fleetStore';
import { createHoldStore } from './stores/holdStore';
import { createLeadStore } from './stores/leadStore';
import { createLeaseStore } from './stores/leaseStore';
import { createLocalNodeStore } from './stores/localNodeStore';
import { createModelStore } from './stores/modelStore';
import { createNodeStore } from './stores/nodeStore';
import { createPoolLedger } from './stores/poolLedger';

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
  readonly leads: LeadStore;
  readonly holds: HoldStore;
  readonly samples: CounterSampleStore;
  readonly leases: LeaseStore;
  readonly ledger: PoolLedger;
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
    leads: createLeadStore(connection),
    holds: createHoldStore(connection),
    samples: createCounterSampleStore(connection),
    leases: createLeaseStore(leases),
    ledger: createPoolLedger(connection),
    prune: (retention, nowMs) => prune(connection, retention, nowMs),
    ping,
    close,
  };
}
