/** The address of a PostgreSQL database in, the stores that PAM keeps its data in out. */
import type { AccuracyStore } from '../../ports/accuracyStore';
import type { CategoryStore } from '../../ports/categoryStore';
import type { CounterSampleStore } from '../../ports/counterSampleStore';
import type { DecisionArchive } from '../../ports/decisionArchive';
import type { DecisionStore } from '../../ports/decisionStore';
import type { DemandStore } from '../../ports/demandStore';
import type { EventStore } from '../../ports/eventStore';
import type { FeedStore } from '../../ports/feedStore';
import type { FleetStore } from '../../ports/fleetStore';
import type { HoldStore } from '../../ports/holdStore';
import type { LeadStore } from '../../ports/leadStore';
import type { ModelStore } from '../../ports/modelStore';
import type { NodeStore } from '../../ports/nodeStore';
import { createAccuracyStore } from './accuracyStore';
import { createCategoryStore } from './categoryStore';
import { Connection, type ConnectionOptions } from './connection';
import { createCounterSampleStore } from './counterSampleStore';
import { createDecisionArchive } from './decisionArchive';
import { createDecisionStore } from './decisionStore';
import { createDemandStore } from './demandStore';
import { createEventStore } from './eventStore';
import { createFeedStore } from './feedStore';
import { createFleetStore } from './fleetStore';
import { createHoldStore } from './holdStore';
import { createLeadStore } from './leadStore';
import { createModelStore } from './modelStore';
import { createNodeStore } from './nodeStore';
import { type Pruned, prune, type Retention } from './prune';

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
  readonly leads: LeadStore;
  readonly holds: HoldStore;
  readonly samples: CounterSampleStore;
  /** Deletes what is older than it is kept for; `nowMs` is the end of the time that is kept. */
  prune(retention: Retention, nowMs: number): Promise<Pruned>;
  /** Throws PamError where the database can't be reached or lacks PAM's tables. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects and makes sure that the schema is there (`migrate` creates it). Every store method throws PamError:
 * UNAVAILABLE and CONFLICT are worth a retry, DENIED, INVALID_CONFIG, INVALID_DATA and REJECTED are not.
 */
export async function openDatabase(options: ConnectionOptions): Promise<Database> {
  const connection = new Connection(options);
  const ping = async () => {
    await connection.run('find the tables', 'SELECT 1 FROM pam.categories LIMIT 1');
  };
  try {
    await ping();
  } catch (error) {
    await connection.close();
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
    leads: createLeadStore(connection),
    holds: createHoldStore(connection),
    samples: createCounterSampleStore(connection),
    prune: (retention, nowMs) => prune(connection, retention, nowMs),
    ping,
    close: () => connection.close(),
  };
}
