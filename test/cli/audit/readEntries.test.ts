import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { type AuditEntry, entryLine } from '../../../cli/audit/entry';
import { RunReader } from '../../../cli/audit/readEntries';

const converter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};

async function entriesOf(file: string, workflowId: string): Promise<AuditEntry[]> {
  const text = readFileSync(join(__dirname, '..', '..', 'histories', file), 'utf8');
  const reader = new RunReader(converter, workflowId, 'run');
  const entries = [];
  for (const event of historyFromJSON(JSON.parse(text)).events ?? []) {
    const entry = await reader.read(event);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

test('a recorded history tells who asked, what was predicted and decided with its reason, what was done', async () => {
  const entries = await entriesOf('category.checkout.every-signal.json', 'category:checkout');
  const asked = entries
    .filter(({ kind }) => kind === 'asked')
    .map(({ what }) => what.split(' ').slice(0, 2).join(' '));
  for (const what of [
    'signal calendarEvent',
    'signal pause',
    'signal resume',
    'signal stop',
    'update configure',
    'update setNodes',
  ])
    expect(asked).toContain(what);
  expect(entries.filter(({ kind, by }) => kind === 'asked' && by === null)).toEqual([]);
  for (const kind of ['began', 'predicted', 'decided', 'done', 'verified', 'trained', 'ended'])
    expect(entries.map((entry) => entry.kind)).toContain(kind);
  expect(entries.find(({ kind }) => kind === 'decided')?.what).toMatch(
    /^\d+ required → \d+ planned \(.+, woken by start\): ./,
  );
  expect(entries.at(-1)).toMatchObject({ kind: 'ended', what: expect.stringMatching(/^stopped: /) });
  const times = entries.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (const entry of entries.filter(({ what }) => !what.includes('refused')))
    expect(entryLine(entry)).not.toMatch(/undefined|\[object|NaN/);
});

test('a history in which a node was replaced tells which, since when it was unhealthy, and what became of it', async () => {
  const entries = await entriesOf('category.images.unhealthy-nodes.json', 'category:images');
  const told = entries.filter(({ routine }) => !routine).map(({ kind, what }) => `${kind} ${what}`);
  const at = (pattern: RegExp) => told.findIndex((line) => pattern.test(line));
  const order = [
    /^verified .*1 of 2 nodes is unhealthy: n0 since 20.* is being replaced/,
    /^decided .*n0 since 20.* is being replaced/,
    /^done 1 nodes created, 0 removed: 3 provisioned/,
    /^done 0 nodes created, 1 removed \(n0 for being unhealthy\): 2 provisioned/,
    /^decided .*2 of 2 nodes are unhealthy .*a cause outside of the nodes/,
  ].map(at);
  expect(order.every((index) => index >= 0)).toBe(true);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

async function calendarSignal(message: unknown) {
  const reader = new RunReader(converter, 'category:checkout', 'run');
  return reader.read({
    eventTime: { seconds: 1 as never, nanos: 0 },
    workflowExecutionSignaledEventAttributes: {
      signalName: 'calendarEvent',
      identity: 'someone',
      input: { payloads: [defaultPayloadConverter.toPayload(message)] },
    },
  });
}

test('a signal that the workflow refused is told as refused, with the reason', async () => {
  expect(await calendarSignal({ name: 'sale', start: 'tomorrow', duration: '1h' })).toMatchObject({
    kind: 'asked',
    by: 'someone',
    what: expect.stringMatching(/refused: start: expected an ISO/),
  });
});

test('a list of events, as feeds send, is no refusal; what is wrong in one is', async () => {
  const sale = { name: 'sale', start: '2026-12-01T09:00:00Z', duration: '1h' };
  expect((await calendarSignal([sale, { withdraw: 'match-7' }]))?.what).not.toContain('refused');
  expect((await calendarSignal([sale, { ...sale, start: 'tomorrow' }]))?.what).toMatch(
    /refused: start: expected an ISO/,
  );
});

test('what failed is told with its reason', async () => {
  const reader = new RunReader(converter, 'category:checkout', 'run');
  const read = (event: object) => reader.read({ eventTime: { seconds: 1 as never, nanos: 0 }, ...event });
  await read({
    eventId: 7 as never,
    activityTaskScheduledEventAttributes: { activityType: { name: 'scale' } },
  });
  expect(
    await read({
      activityTaskFailedEventAttributes: {
        scheduledEventId: 7 as never,
        failure: { message: 'no room', applicationFailureInfo: {} },
      },
    }),
  ).toMatchObject({ kind: 'failed', what: 'scale: no room' });
});
