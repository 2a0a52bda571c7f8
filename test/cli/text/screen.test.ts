import { PassThrough } from 'node:stream';
import { liveTable } from '../../../cli/demo/liveTable';
import { emptyBin } from '../../../cli/demo/load/loadTypes';
import { columns, fitted, openScreen } from '../../../cli/text/screen';
import { generatedWorkload } from '../../../simulation/workload/generatedWorkload';
import { planPlay } from '../../../simulation/workload/playPlan';

const plan = planPlay(
  generatedWorkload(1, 75),
  { binMs: 3_000, minutes: 75, warmUpBins: 20, peakRate: 55, risk: 0.01, seed: 1, historyDays: 21 },
  1_795_000_000_000,
);

test('without a terminal: no control characters and one block in 15 s', () => {
  const out = new PassThrough();
  let nowMs = 0;
  const screen = openScreen(out as unknown as NodeJS.WriteStream, false, () => nowMs);
  screen.draw(['a', 'b']);
  nowMs = 14_000;
  screen.draw(['c']);
  nowMs = 15_000;
  screen.draw(['d']);
  expect(String(out.read())).toBe('a\nb\n\nd\n\n');
});

test('on a terminal the lines replace the last ones', () => {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const screen = openScreen(out as unknown as NodeJS.WriteStream, false, () => 0);
  screen.draw(['one', 'two']);
  screen.draw(['three']);
  const text = String(out.read());
  expect(text).toContain('\u001b[2A');
  expect(text.endsWith('three\n')).toBe(true);
});

test('a category that has said nothing yet is shown as such, within the width', () => {
  const lines = liveTable({
    plan,
    nowMs: plan.fromMs + 30_000,
    uiUrl: 'http://127.0.0.1:8233',
    statuses: new Map(),
    lastBins: new Map([['checkout', { ...emptyBin, sent: 42 }]]),
    totals: new Map(),
    width: 100,
  });
  expect(lines[0]).toContain('http://127.0.0.1:8233');
  expect(lines[0]).toContain('1 s stands for 20 s');
  expect(lines[0]).toContain('30 s played');
  const checkout = lines.find((line) => line.startsWith('checkout '));
  expect(checkout).toContain('2026-03-16 07:55');
  expect(checkout).toMatch(/ 42 /);
  expect(lines.at(-1)).toBe('reports: no decision yet');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('cut text says that it was cut; columns are aligned', () => {
  expect(fitted('abcdef', 4)).toBe('abc…');
  expect(fitted('abc', 4)).toBe('abc');
  expect(
    columns([
      ['a', 'long', '1'],
      ['bbb', 'x', '22'],
    ]),
  ).toEqual(['a    long   1', 'bbb     x  22']);
});
