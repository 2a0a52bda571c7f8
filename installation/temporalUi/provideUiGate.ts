/** A start's context and the port of Temporal's UI → the address at which people open the UI. */
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';
import { startProcess, waitUntilReady } from '../servers/process';
import type { StartContext } from '../startContext';
import { markedEnvironment } from '../startedBy';

const name = 'temporal ui';

/** @param port where the gate listens; one that runs there already is kept. */
export async function provideUiGate(context: StartContext, port: number, uiPort: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const running = context.running(name);
  if (
    running !== null &&
    context.previous?.temporal.uiUrl === url &&
    context.previous.temporal.uiPort === uiPort
  )
    return url;
  if (running !== null) await context.replace(running);
  const record = await startProcess({
    name,
    command: process.execPath,
    args: [
      join(projectRoot(), 'dist', 'installation', 'temporalUi', 'gateProcess.js'),
      String(port),
      String(uiPort),
    ],
    log: join(context.stateDir, 'logs', 'temporal-ui.log'),
    env: markedEnvironment(context.stateDir, { PATH: process.env.PATH }),
  });
  context.started(record);
  await waitUntilReady(record, async () => (await fetch(url)).ok, 30_000, context.signal);
  return url;
}
