/** The address of a PostgreSQL database in, its routing store out: connects at the first statement, so that it may be down. */
import type { RoutingStore } from '../../ports/stores/routing/routingStore';
import { Connection, type ConnectionOptions } from './connection/connection';
import { createRoutingStore } from './stores/routing/routingStore';

export function openRoutingStore(options: ConnectionOptions): RoutingStore & { close(): Promise<void> } {
  const connection = new Connection(options);
  return { ...createRoutingStore(connection), close: () => connection.close() };
}
