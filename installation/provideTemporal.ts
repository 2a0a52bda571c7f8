/** A start’s context → the address of a Temporal server with PAM’s search attributes. */
import { join } from 'node:path';
import { connectTemporal, type TemporalAddress } from '../adapters/temporal/connect';
import { PamError } from '../core/errors';
import { messageOf } from '../core/thrown';
import type { Installation } from './installation';
import { findPort, findPortClosedToBrowsers, portOf, portsClosedToBrowsers } from './servers/ports';
import { ensureSearchAttributes } from './servers/searchAttributes';
import { namespaceAnswers, startTemporalServer } from './servers/temporalServer';
import type { StartContext } from './startContext';
import { markedEnvironment } from './startedBy';
import { provideUiGate } from './temporalUi/provideUiGate';
import { findTool } from './tools/findTool';

export async function provideTemporal(context: StartContext): Promise<Installation['temporal']> {
  const { namespace, address } = context.config.temporal;
  const before = context.previous?.temporal;
  // `pam env` puts the address of our own server into the shell; that does not make it an existing one.
  const isOurs = before !== undefined && before.uiUrl !== null && before.address === address;
  if (address !== undefined && !isOurs) return useExisting(context, { ...context.config.temporal, address });
  const running = context.running('temporal');
  if (running !== null && before?.uiPort !== undefined && before.namespace === namespace) {
    context.report(`temporal: already runs at ${before.address}`);
    return {
      ...before,
      uiUrl: await provideUiGate(context, portOf(before.uiUrl ?? undefined), before.uiPort),
    };
  }
  if (running !== null) await context.replace(running);
  const binary = await findTool('temporal', context.report);
  const port = await findPort(portOf(before?.address));
  const uiPort = await findPortClosedToBrowsers(before?.uiPort);
  if (uiPort === null)
    throw new PamError(
      'UNAVAILABLE',
      `Temporal's UI listens on a port that browsers never connect to, and none is free: stop what uses one of ${portsClosedToBrowsers.join(', ')}`,
    );
  context.report('temporal: starting the dev server with its UI');
  await startTemporalServer({
    binary,
    port,
    uiPort,
    metricsPort: await findPortClosedToBrowsers(0, [uiPort]),
    namespace,
    file: join(context.stateDir, 'temporal', 'temporal.db'),
    log: join(context.stateDir, 'logs', 'temporal.log'),
    env: markedEnvironment(context.stateDir, process.env),
    onStarted: context.started,
    signal: context.signal,
  });
  const gatePort = await gatePortOf(context, portOf(before?.uiUrl ?? undefined));
  const uiUrl = await provideUiGate(context, gatePort, uiPort);
  return { address: `127.0.0.1:${port}`, namespace, uiUrl, uiPort };
}

/** The port of the gate that runs, else a free one, the former one if that is free. */
async function gatePortOf({ running }: StartContext, before: number): Promise<number> {
  return before !== 0 && running('temporal ui') !== null ? before : findPort(before);
}

async function useExisting(
  { report }: StartContext,
  where: TemporalAddress & { readonly address: string },
): Promise<Installation['temporal']> {
  const { address, namespace } = where;
  report(`temporal: using the existing server at ${address}`);
  try {
    await namespaceAnswers(where);
  } catch (error) {
    if (error instanceof PamError) throw error;
    throw new PamError(
      'UNAVAILABLE',
      `Temporal at ${address} does not answer for namespace "${namespace}": ${messageOf(
        error,
      )}; create it or set TEMPORAL_NAMESPACE`,
      { cause: error },
    );
  }
  const connected = await connectTemporal(where);
  try {
    const added = await ensureSearchAttributes(connected, namespace);
    if (added.length > 0) report(`temporal: added search attributes ${added.join(', ')}`);
  } catch (error) {
    // They may exist although this user may not list them, so the start continues.
    if (!(error instanceof PamError)) throw error;
    report(`warning: ${error.message}`);
  } finally {
    await connected.close();
  }
  return { address, namespace, uiUrl: null };
}
