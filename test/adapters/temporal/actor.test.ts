/** Who asks, as Temporal records it and as `pam audit` reads it again. */
import { hostname } from 'node:os';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { actorOf } from '../../../adapters/temporal/actor';
import { connectTemporal } from '../../../adapters/temporal/connect';
import { RunReader } from '../../../cli/audit/readEntries';

test('PAM_ACTOR, else the person at the machine, also behind sudo; nothing that acts', () => {
  expect(actorOf({ PAM_ACTOR: ' ann@example.org (deploy 17) ' })).toBe('ann@example.org (deploy 17)');
  expect(actorOf({ SUDO_USER: 'ann' })).toBe(`ann@${hostname()}`);
  expect(actorOf({})).toMatch(new RegExp(`^.+@${hostname()}$`));
  expect(actorOf({ PAM_ACTOR: `e\u001b[2J\n${'x'.repeat(500)}` })).toMatch(/^e\\u001b\[2J\\nx{180,190}$/);
});

test('each start, signal, cancellation and termination carries it, and the audit shows it', async () => {
  const before = process.env.PAM_ACTOR;
  process.env.PAM_ACTOR = 'ann@example.org';
  const { client, close } = await connectTemporal({
    address: process.env.TEMPORAL_ADDRESS,
    namespace: 'default',
  });
  try {
    const workflowId = `category:actor-${process.pid}`;
    const handle = await client.workflow.start('allocateCategory', {
      workflowId,
      taskQueue: 'nobody',
      args: [{}],
    });
    await handle.signal('pause', { reason: 'x' });
    await handle.cancel();
    await handle.terminate('enough');
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId },
    });
    const reader = new RunReader(client.options.loadedDataConverter, workflowId, handle.firstExecutionRunId);
    const entries = [];
    for (const event of history?.events ?? []) entries.push(await reader.read(event));
    const said = entries.flatMap((entry) => (entry === null ? [] : [`${entry.kind} ${entry.by}`]));
    expect(said).toEqual([
      'began ann@example.org',
      'asked ann@example.org',
      'asked ann@example.org',
      'ended ann@example.org',
    ]);
  } finally {
    if (before === undefined) delete process.env.PAM_ACTOR;
    else process.env.PAM_ACTOR = before;
    await close();
  }
});

test('a server that authenticates tells who it was; a workflow that asks is named', async () => {
  const converter = {
    payloadConverter: defaultPayloadConverter,
    failureConverter: defaultFailureConverter,
    payloadCodecs: [],
  };
  const reader = new RunReader(converter, 'category:x', 'run');
  const signal = { signalName: 'resume', identity: 'ann@laptop' };
  const asked = {
    workflowExecutionSignaledEventAttributes: signal,
    principal: { type: 'jwt', name: 'ann@example.org' },
  };
  expect((await reader.read(asked))?.by).toBe('ann@laptop, authenticated as jwt:ann@example.org');
  const byWorkflow = { ...signal, externalWorkflowExecution: { workflowId: 'feed:press', runId: 'r' } };
  expect((await reader.read({ workflowExecutionSignaledEventAttributes: byWorkflow }))?.by).toBe(
    'workflow feed:press',
  );
});
