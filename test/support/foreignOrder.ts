/**
 * Stands in front of Pulumi's command line: each `up` is preceded by a foreign order to the provider, with the wish of
 * `FOREIGN_ORDER`; the answer is appended to `FOREIGN_ANSWERS`.
 */
import { appendFileSync } from 'node:fs';
import { providerClient, urnOf } from './providerClient';

async function main(): Promise<void> {
  const port = Number(process.env.PULUMI_DEBUG_PROVIDERS?.split(':').at(-1));
  const { stack, type, name, properties } = JSON.parse(process.env.FOREIGN_ORDER ?? '{}');
  const client = providerClient(port);
  const answer = await client.create(urnOf(stack, type, name), properties);
  appendFileSync(process.env.FOREIGN_ANSWERS ?? '', `${port} ${answer}\n`);
  client.close();
}

void main();
