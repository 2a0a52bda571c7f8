import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openNodePool } from '../../../../adapters/nodes';
import type { Database } from '../../../../adapters/postgres';
import { processIdentity } from '../../../../workers/identity';
import { memoryRoutingTable } from '../../../support/memoryRoutingTable';
import { nodeStage, requiredTool, poolSpec as spec } from '../../../support/nodeStage';
import { providerClient, urnOf } from '../../../support/providerClient';
import { suiteDatabase } from '../../../support/suiteDatabase';

jest.setTimeout(60_000);

const stage = nodeStage();
let database: Database;
suiteDatabase((opened) => {
  database = opened;
});
afterAll(() => stage.close());

/** Pulumi's command line with a foreign order before each `up`, sent by a process that the worker itself has started. */
function pulumiWithForeignOrders(answers: string, order: object): string {
  const script = join(stage.stateDir, 'pulumi-with-foreign-orders');
  const register = resolve(__dirname, '../../../support/compileTypeScript.js');
  const program = resolve(__dirname, '../../../support/foreignOrder.ts');
  const lines = [
    '#!/bin/sh',
    `if [ "$1" = up ]; then FOREIGN_ANSWERS='${answers}' FOREIGN_ORDER='${JSON.stringify(order)}' '${process.execPath}' -r '${register}' '${program}'; fi`,
    `exec '${requiredTool('PAM_PULUMI')}' "$@"`,
  ];
  writeFileSync(script, `${lines.join('\n')}\n`);
  chmodSync(script, 0o700);
  return script;
}

test('a foreign order in the middle of an update runs no command, and the update does what was announced', async () => {
  const answers = join(stage.stateDir, 'answers');
  const trace = join(stage.stateDir, 'foreign-command-ran');
  const { settings, template } = spec('checkout', 1);
  const order = {
    ...{ stack: 'checkout', type: 'pam:local:Node', name: 'checkout-evil' },
    properties: {
      ...{
        category: 'checkout',
        stack: 'checkout',
        createdBy: 'me',
        createdMs: 1,
        expiresMs: 9e15,
        template,
      },
      settings: { ...settings, command: ['touch', trace], env: {}, healthPath: '/', bootTimeMs: 1 },
    },
  };
  const refusals: string[] = [];
  const routing = memoryRoutingTable();
  const pool = await openNodePool({
    ...database,
    ...{ stateDir: stage.stateDir, builtInNode: stage.builtInNode, holder: processIdentity(), routing },
    pulumiBinary: pulumiWithForeignOrders(answers, order),
    onRefused: (why) => refusals.push(why),
    now: Date.now,
  });
  try {
    const { created } = await pool.reconcile(spec('checkout', 1));
    const [port = '', answer = ''] = readFileSync(answers, 'utf8').split(/ (.*)/);
    expect(answer).toMatch(/refused: .*create pam:local:Node "checkout-evil": it was not announced/);
    expect(refusals).toEqual([expect.stringContaining('checkout-evil')]);
    expect(existsSync(trace)).toBe(false);
    expect((await database.localNodes.list('checkout')).map(({ id }) => id)).toEqual(created);
    // After the update, what it was allowed is not allowed any more; and this very process is nobody's command.
    const { id, ...inputs } = (await database.localNodes.list('checkout'))[0]!;
    const client = providerClient(Number(port));
    expect(await client.create(urnOf('checkout', 'pam:local:Node', id), inputs)).toMatch(/refused/);
    expect(await client.delete(urnOf('checkout', 'pam:local:Node', id), id, inputs)).toMatch(/refused/);
    client.close();
    expect(stage.pids()).toHaveLength(1);
    await pool.remove('checkout');
    expect(stage.pids()).toEqual([]);
  } finally {
    await pool.close();
  }
});
