import { liveTable } from '../../../cli/demo/liveTable';
import { emptyBin } from '../../../cli/demo/load/loadTypes';
import { generatedWorkload } from '../../../simulation/workload/generatedWorkload';
import { planPlay } from '../../../simulation/workload/playPlan';

const plan = planPlay(
  generatedWorkload(1, 75),
  { binMs: 3_000, minutes: 75, warmUpBins: 20, peakRate: 55, risk: 0.01, seed: 1, historyDays: 21 },
  1_795_000_000_000,
);

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
