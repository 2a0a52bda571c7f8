/** The provider of docs/extending/node-provider.md: nodes by order, servers of a cloud that lives in this process. */
import { z } from 'zod';
import { PamError } from '../../../../core/errors';
import { nodeTags } from '../../../../ports/nodeOrder';
import type { NodeProvider, ProvidedNode } from '../../../../ports/nodeProvider';
import type { TinyCloud, TinyServer } from './tinyCloud';

export const tinySettings = z.strictObject({
  size: z.enum(['small', 'large']).default('small').meta({ description: 'how large its servers are' }),
  region: z.string().default('here').meta({ description: 'where they are' }),
});

function provided({ order, host, port }: TinyServer): ProvidedNode {
  const { id, createdMs, expiresMs } = order;
  return {
    ...{ id, order, createdMs, expiresMs, tags: nodeTags(order) },
    endpoint: { host, port, healthPath: '/healthz' },
    presence: 'runs',
    bootTimeMs: 0,
  };
}

export function createTinyProvider(cloud: TinyCloud, now: () => number): NodeProvider {
  const serves = ({ endsMs }: TinyServer): boolean => endsMs === null;
  return {
    nodes: {
      kind: 'by order',
      async make(order) {
        if (order.settings.region !== 'here')
          throw new PamError('REJECTED', `tiny.region: expected "here", got "${order.settings.region}"`);
        return provided(cloud.servers.get(order.id) ?? (await cloud.start(order)));
      },
      async retire(_category, id, drainMs) {
        const server = cloud.servers.get(id);
        if (server !== undefined) server.endsMs ??= now() + drainMs;
      },
    },
    list: async (category) => cloud.of(category).filter(serves).map(provided),
    async sweep(category) {
      const all = category === undefined ? [...cloud.servers.values()] : cloud.of(category);
      const draining = all.filter((server) => !serves(server));
      const due = draining.filter(({ inFlight, endsMs }) => inFlight.size === 0 || now() >= (endsMs ?? 0));
      for (const server of due) cloud.end(server);
      return draining.length - due.length;
    },
    async close() {},
  };
}
