/** A hostile name through every table and line that prints names, and whatever else is written, through the guard. */
import { PassThrough } from 'node:stream';
import { entryLine } from '../../../cli/audit/entry';
import { describeFleet } from '../../../cli/commands/categories/fleet';
import { listText, resultText, trialText } from '../../../cli/feed/feedText';
import { controlOf, guardOutput } from '../../../cli/text/guardOutput';
import { linesText } from '../../../cli/text/lines';
import { openScreen } from '../../../cli/text/screen';
import { fitted, table } from '../../../cli/text/table';

const hostile = 'sale\u001b[2J\u009b31m\u202e\r\n2030-01-01T00:00:00.000Z  asked  forged [root]\u0007';
const quiet = /^[^\p{Cc}\u202e]*$/u;

function guarded(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  guardOutput(stream);
  return { stream, text: () => String((stream as unknown as PassThrough).read()) };
}

/** Lines without a control character, and only as many as are meant. */
function expectLines(text: string, count: number): void {
  const lines = text.replace(/\n$/, '').split('\n');
  expect(lines).toHaveLength(count);
  for (const line of lines) expect(line).toMatch(quiet);
}

test('tables, lines and cells have as many lines as they are meant to', () => {
  expectLines(
    table([
      [hostile, 'a'],
      ['b', hostile],
    ]).join('\n'),
    2,
  );
  expectLines(fitted(hostile, 30), 1);
  expectLines(linesText([hostile, hostile]), 2);
  const entry = { atMs: 0, workflowId: 'category:x', runId: 'r', eventId: 1, routine: false, details: null };
  expectLines(entryLine({ ...entry, kind: 'asked', by: hostile, what: hostile }), 1);
  const claim = { category: 'x', wish: 2, granted: 1, min: 1, weight: 1, claimedMs: 0, reason: hostile };
  expectLines(describeFleet(3, [claim as never]), 4);
});

test('feeds: remarks, titles and errors of a feed are one line each', () => {
  const result = { feed: 'press', summary: hostile, problems: [hostile, hostile] };
  expectLines(resultText(result as never), 3);
  const event = { source: 's', id: 'i', kind: hostile, title: hostile, startMs: 0, endMs: 1 };
  const none = { changed: [], withdrawn: [], spared: [], unchanged: 0 };
  const trial = {
    ...{ bytes: 1, compared: true, changes: { ...none, added: [{ category: 'x', event }] } },
    reading: { events: [event], problems: [{ line: 3, reason: hostile }] },
  };
  expectLines(trialText('press', trial as never), 5);
  const definition = { type: 'news', categories: ['x'], rules: [], every: 60_000, url: 'https://h/' };
  const feed = { name: 'press', definition, paused: false, nextMs: null, known: { lastError: hostile } };
  expectLines(listText([feed as never]), 3);
});

test('a screen moves the cursor itself, and nothing that it draws does', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  guardOutput(stream as unknown as NodeJS.WriteStream);
  const screen = openScreen(stream as unknown as NodeJS.WriteStream, false, () => 0);
  screen.draw(['one', hostile]);
  screen.draw(['two']);
  const text = String(stream.read());
  expect(text).toContain('\u001b[2A');
  expect(text.split('\u001b[')).toHaveLength(4);
  for (const one of ['\u009b', '\u202e', '\u0007']) expect(text).not.toContain(one);
});

test('whatever a command writes, text or bytes, is encoded and redacted; JSON stays JSON', () => {
  const { stream, text } = guarded();
  guardOutput(stream);
  stream.write(`${hostile} https://h/?api_key=s3cret\n`);
  stream.write(Buffer.from('\u001b[1m'));
  stream.write(`${JSON.stringify({ hostile, password: 's3cret' })}\n`);
  controlOf(stream)('\r\u001b[K');
  const written = text();
  expect(written).not.toContain('s3cret');
  const [first, , third = '', rest = ''] = written.replace('\\u001b[1m', '').split('\n');
  expect(first).toMatch(quiet);
  expect(JSON.parse(third)).toEqual({ hostile, password: '***' });
  expect(rest).toBe('\r\u001b[K');
});
