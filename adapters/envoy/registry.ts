/**
 * What callers asked of the proxy, one small file per rule and endpoint. Everything else is rendered from these files.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import type { RoutingRule } from '../../core/routing/rule';
import { routingMatch } from '../../core/routing/rule';
import { hasCode } from '../../core/thrown';
import { type Endpoint, sharedPoolName } from '../../ports/routingTable';
import { replaceFile } from '../files/replaceFile';
import type { DiscoveryLayout } from './layout';

const rule = z.strictObject({ category: z.string().min(1), match: routingMatch });
const endpoint = z.strictObject({
  id: z.string().min(1),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  healthPath: z.string().startsWith('/'),
});

/** A file name from an id; no id can escape the folder. */
const fileOf = (id: string): string => `${encodeURIComponent(id)}.json`;

function readAll<T>(folder: string, form: z.ZodType<T>): T[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const path = join(folder, file);
      const text = textOf(path);
      if (text === null) return [];
      const parsed = form.safeParse(JSON.parse(text));
      if (!parsed.success)
        throw new PamError(
          'INVALID_DATA',
          `${path} is not what PAM wrote: remove it, the next reconcile writes it again`,
          { cause: parsed.error },
        );
      return [parsed.data];
    });
}

/** null if another worker has removed the file since the folder was listed. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Nothing is written that could not be read back. */
function checked<T>(form: z.ZodType<T>, value: T, what: string): T {
  const parsed = form.safeParse(value);
  if (!parsed.success) throw new PamError('INVALID_INPUT', `${what}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

export function readRules(layout: DiscoveryLayout): RoutingRule[] {
  return readAll(layout.rulesDir, rule);
}

export function writeRule(layout: DiscoveryLayout, value: RoutingRule): void {
  replaceFile(
    join(layout.rulesDir, fileOf(value.category)),
    `${JSON.stringify(checked(rule, value, `rule of "${value.category}"`))}\n`,
    { draftDir: layout.stagingDir },
  );
}

export function deleteRule(layout: DiscoveryLayout, category: string): boolean {
  return removeFile(join(layout.rulesDir, fileOf(category)));
}

export function readEndpoints(layout: DiscoveryLayout, pool: string): Endpoint[] {
  return readAll(join(layout.endpointsDir, pool), endpoint);
}

export function writeEndpoint(layout: DiscoveryLayout, pool: string, value: Endpoint): void {
  const { id, host, port, healthPath } = value;
  if (pool !== sharedPoolName && isIP(host) === 0)
    throw new PamError(
      'INVALID_INPUT',
      `node "${id}" of "${pool}": host "${host}" is a name: expected an IP address; only the shared pool may have named servers`,
    );
  replaceFile(
    join(layout.endpointsDir, pool, fileOf(id)),
    `${JSON.stringify(checked(endpoint, { id, host, port, healthPath }, `node "${id}" of "${pool}"`))}\n`,
    { draftDir: layout.stagingDir },
  );
}

export function deleteEndpoint(layout: DiscoveryLayout, pool: string, id: string): boolean {
  return removeFile(join(layout.endpointsDir, pool, fileOf(id)));
}

/** Every pool that has a rule or an endpoint, and the shared pool. */
export function poolNames(layout: DiscoveryLayout): string[] {
  const withEndpoints = existsSync(layout.endpointsDir)
    ? readdirSync(layout.endpointsDir).filter((pool) => readEndpoints(layout, pool).length > 0)
    : [];
  return [
    ...new Set([sharedPoolName, ...readRules(layout).map(({ category }) => category), ...withEndpoints]),
  ].sort();
}

function removeFile(path: string): boolean {
  const there = existsSync(path);
  rmSync(path, { force: true });
  return there;
}
