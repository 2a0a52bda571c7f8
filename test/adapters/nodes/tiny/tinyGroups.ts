/** A provider of nodes by number on the cloud of the tiny provider: a group has a structure, and a count that is set. */

import { isDeepStrictEqual } from 'node:util';
import { ComponentResource } from '@pulumi/pulumi';
import { type NodeOrder, nodeTags } from '../../../../ports/nodeOrder';
import type { NodeProvider, WantedPool } from '../../../../ports/nodeProvider';
import type { TinyCloud, TinyServer } from './tinyCloud';

/** What all workers see of the groups: the structure that was declared last, by category. */
export type TinyStructures = Map<string, WantedPool>;

/** How long a server that goes may finish what it has begun, ms. */
const graceMs = 12_000;
let serial = 0;

export function createTinyGroups(
  cloud: TinyCloud,
  structures: TinyStructures,
  now: () => number,
): NodeProvider {
  const serving = (category: string): TinyServer[] =>
    cloud.of(category).filter(({ endsMs }) => endsMs === null);
  const newest = (category: string): NodeOrder => {
    const { template, settings, createdBy } = structures.get(category) as WantedPool;
    const createdMs = now();
    const id = `group-${category}-${serial++}`;
    const stack = category;
    return {
      id,
      category,
      stack,
      createdBy,
      createdMs,
      expiresMs: createdMs + template.maxAgeMs,
      template,
      settings,
    };
  };
  return {
    nodes: {
      kind: 'by number',
      declare(pool) {
        new ComponentResource('tiny:index:Group', pool.category, { ...pool.settings });
        structures.set(pool.category, pool);
      },
      async declared({ category, settings, template }) {
        const is = structures.get(category);
        return is !== undefined && isDeepStrictEqual([is.settings, is.template], [settings, template]);
      },
      async setNumber(category, count, drop) {
        for (const id of drop) {
          const server = cloud.servers.get(id);
          if (server !== undefined) server.endsMs ??= now() + graceMs;
        }
        const there = serving(category);
        for (const server of there.slice(count)) server.endsMs = now() + graceMs;
        for (let missing = count - there.length; missing > 0; missing -= 1)
          await cloud.start(newest(category));
      },
    },
    // What each was made of is known, so the pool replaces outdated ones; a group that rolls itself says `order: null`.
    list: async (category) =>
      serving(category).map(({ order, host, port }) => ({
        ...{ id: order.id, createdMs: order.createdMs, expiresMs: order.expiresMs },
        ...{ order, tags: nodeTags(order) },
        endpoint: { host, port, healthPath: '/healthz' },
        presence: 'runs',
        bootTimeMs: 0,
      })),
    async sweep(category) {
      const all = category === undefined ? [...cloud.servers.values()] : cloud.of(category);
      const draining = all.filter(({ endsMs }) => endsMs !== null);
      const due = draining.filter(({ inFlight, endsMs }) => inFlight.size === 0 || now() >= (endsMs ?? 0));
      for (const server of due) cloud.end(server);
      return draining.length - due.length;
    },
    async close() {},
  };
}
