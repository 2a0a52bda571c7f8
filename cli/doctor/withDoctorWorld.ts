/**
 * The configuration as written, and how its installation is started → what the doctor's checks look at, for the time of one examination. What can't be reached is left out with its
 * reason: the other checks look all the same.
 */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { createEnvoyRoutingTable } from '../../adapters/envoy';
import { type Database, openDatabase } from '../../adapters/postgres';
import type { Config } from '../../config/schema';
import { causeInWords } from '../../core/failures/causeInWords';
import { readInstallation } from '../../installation/installation';
import { withInstallation } from '../../installation/runningConfig';
import { connectAtOnce } from '../../installation/status/askServers';
import { patienceMs } from '../../installation/status/partState';
import type { DoctorWorld } from './check';

/** Statements of the doctor are short; a server that hangs is said to. */
const statementMs = 10_000;

export async function withDoctorWorld<Result>(
  written: Config,
  start: DoctorWorld['start'],
  work: (world: DoctorWorld) => Promise<Result>,
): Promise<Result> {
  const stateDir = existsSync(written.stateDir) ? realpathSync(written.stateDir) : resolve(written.stateDir);
  const installation = readInstallation(stateDir);
  const config = withInstallation(written, installation);
  const missing: { database?: string; temporal?: string; routing?: string } = {};
  const [database, temporal] = await Promise.all([
    reachDatabase(config).catch((error: unknown) => {
      missing.database = causeInWords(error);
      return null;
    }),
    reachTemporal(config).catch((error: unknown) => {
      missing.temporal = causeInWords(error);
      return null;
    }),
  ]);
  const { adminUrl } = config.envoy;
  const routing =
    adminUrl === undefined || database === null
      ? null
      : createEnvoyRoutingTable({ store: database.routes, adminUrl });
  if (routing === null) missing.routing = missing.database ?? 'no proxy is known: start one with "pam up"';
  try {
    return await work({
      ...{ stateDir, installation, database, routing, missing },
      temporal: temporal?.client ?? null,
      now: Date.now,
      start,
    });
  } finally {
    await routing?.close().catch(() => undefined);
    await Promise.allSettled([database?.close(), temporal?.close()]);
  }
}

async function reachDatabase({ database: { url }, stateDir }: Config): Promise<Database> {
  if (!url)
    throw new Error(`no database is known in ${stateDir}: start one with "pam up", or set DATABASE_URL`);
  return openDatabase({
    ...{ url, poolSize: 4, statementTimeoutMs: statementMs, applicationName: 'pam doctor' },
  });
}

async function reachTemporal({ temporal, stateDir }: Config) {
  const { address } = temporal;
  if (!address)
    throw new Error(`no Temporal is known in ${stateDir}: start one with "pam up", or set TEMPORAL_ADDRESS`);
  return connectAtOnce({ ...temporal, address }, patienceMs);
}
