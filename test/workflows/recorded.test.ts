/** What the recorded histories go through, against what workflows declare: what is new here wants a recording. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { signals, updates, workflowTypes } from '../../workflows/contracts';

const folder = join(__dirname, '..', 'histories');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const events = files.flatMap(
  (file) => historyFromJSON(JSON.parse(readFileSync(join(folder, file), 'utf8'))).events ?? [],
);

const decoded = (data: Uint8Array | null | undefined): unknown => JSON.parse(Buffer.from(data!).toString());
/** First argument of every accepted update of that name. */
const inputsOf = (name: string) =>
  events.flatMap(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => {
    const input = accepted?.acceptedRequest?.input;
    return input?.name === name ? [decoded(input.args?.payloads?.[0]?.data) as Record<string, unknown>] : [];
  });

const started = events.map((event) => event.workflowExecutionStartedEventAttributes?.workflowType?.name);
const signalled = events.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
const updated = events.map(
  (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name,
);
const patched = events.flatMap(({ markerRecordedEventAttributes: marker }) =>
  marker?.markerName === 'core_patch'
    ? [(decoded(marker.details?.['patch-data']?.payloads?.[0]?.data) as { id: string }).id]
    : [],
);

test.each([
  ['workflow', Object.values(workflowTypes), started],
  ['signal', Object.values(signals).map(({ name }) => name), signalled],
  ['update', Object.values(updates).map(({ name }) => name), updated],
])('every %s is in a recorded history', (_, declared, recorded) => {
  expect(declared.length).toBeGreaterThan(0);
  expect(declared.filter((name) => !recorded.includes(name))).toEqual([]);
});

test('a patch that is asked for is in a recorded history', () => {
  const source = join(__dirname, '..', '..', 'workflows');
  const asked = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(/\b(?:patched|deprecatePatch)\('(.*?)'\)/g),
    ])
    .map(([, id]) => id);
  expect(asked.filter((id) => !patched.includes(id!))).toEqual([]);
});

test('no recorded history names a path of the machine that recorded it', () => {
  // Of a file, as stack traces name it; a path prefix of a category and a URL have no such end.
  const paths = /(?:file:\/\/|\bat )|(?:\/[\w.@-]{1,250}){1,40}\.(?:[cm]?[jt]s|json|node)\b|\b[A-Z]:\\\\/g;
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect([file, text.match(paths) ?? []]).toEqual([file, []]);
    expect([file, text.includes('"stackTrace": "at')]).toEqual([file, false]);
  }
});

test('updates are recorded in each of their forms', () => {
  const nodes = inputsOf(updates.setNodes.name);
  expect(nodes.some(({ from }) => from !== undefined)).toBe(true);
  expect(nodes.some(({ nodes: number, from }) => typeof number === 'number' && from === undefined)).toBe(
    true,
  );
  expect(nodes.some(({ nodes: number }) => number === null)).toBe(true);
  const settings = inputsOf(updates.configure.name).flatMap((change) => Object.values(change));
  expect(settings).toContain(null);
  expect(settings.some((value) => value !== null)).toBe(true);
});

test('a run that continues another and one that is continued are recorded', () => {
  expect(
    events.some(({ workflowExecutionStartedEventAttributes: start }) => !!start?.continuedExecutionRunId),
  ).toBe(true);
  expect(events.some((event) => event.workflowExecutionContinuedAsNewEventAttributes)).toBe(true);
});
