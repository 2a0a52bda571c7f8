/** Envoy as a demand source: the contract, with a real Envoy that counts. */

import { request } from 'undici';
import { createEnvoySource } from '../../../../adapters/demand/envoy/envoySource';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../../../../adapters/envoy';
import { PamError } from '../../../../core/errors';
import { sharedPoolName } from '../../../../ports/routingTable';
import { ask, type Backend, type EnvoyStage, startBackend, startEnvoy } from '../../../support/envoyStage';
import { type DemandCandidate, demandSourceContract } from '../contract';
import { steppedTime } from '../steppedTime';

const atOnce = 8;

/** Asks for a path that belongs to no category until the proxy has a healthy server for it. */
async function untilServed({ entry }: EnvoyStage): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const status = await ask(entry, '/unmatched').then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Envoy has no healthy server');
}

const candidate: DemandCandidate = {
  input: (name) => ({ name, match: { pathPrefix: `/${name}` } }),
  async begin(categories, samples) {
    const envoy = await startEnvoy();
    const backend: Backend = await startBackend('shared-1');
    const admin = createEnvoyAdmin(envoy.adminUrl);
    const routing = createEnvoyRoutingTable(envoy);
    await routing.putEndpoint(sharedPoolName, backend.endpoint);
    for (const { name, match } of categories)
      if (match !== undefined) await routing.putRule({ category: name, match });
    await untilServed(envoy);
    const time = steppedTime(Date.UTC(2026, 4, 4, 10));
    let silent = false;
    const reached = () => {
      if (silent) throw new PamError('UNAVAILABLE', 'the network is down');
    };
    return {
      ...time,
      source: () =>
        createEnvoySource({
          admin: {
            counters: async () => {
              reached();
              const look = await admin.counters(true);
              // Envoy lives in real time.
              return { ...look, uptimeMs: look.uptimeMs + time.now() - Date.now() };
            },
          },
          routing,
          samples,
          now: time.now,
        }),
      arrive: async (category, requests) => {
        for (let sent = 0; sent < requests; sent += atOnce)
          await Promise.all(
            Array.from({ length: Math.min(atOnce, requests - sent) }, () =>
              ask(envoy.entry, `/${category}/x`),
            ),
          );
      },
      restart: async () => {
        await envoy.restart();
        await untilServed(envoy);
      },
      reset: async () => {
        const { body } = await request(`${envoy.adminUrl}/reset_counters`, { method: 'POST' });
        await body.dump();
      },
      silence: (on) => {
        silent = on;
      },
      close: async () => {
        await admin.close();
        await routing.close();
        await envoy.stop();
        await backend.close();
      },
    };
  },
};

demandSourceContract(candidate);
