import { categoryInput } from '../../../core/category/settings';
import { readCalendarMessage } from '../../../core/events/announcement';
import { duration } from '../../../core/time/duration';
import { generatedWorkload } from '../../../simulation/workload/generatedWorkload';
import { type PlayOptions, planPlay } from '../../../simulation/workload/playPlan';

const options: PlayOptions = {
  binMs: 3_000,
  minutes: 75,
  warmUpBins: 20,
  peakRate: 60,
  risk: 0.01,
  seed: 1,
  historyDays: 21,
};
const nowMs = 1_795_000_001_234;
const workload = generatedWorkload(1, 75);
const plan = planPlay(workload, options, nowMs);

test('every category starts at the same bin boundary, in the future, with the warm-up before it', () => {
  expect(plan.warmUpFromMs).toBeGreaterThanOrEqual(nowMs);
  expect(plan.warmUpFromMs - nowMs).toBeLessThan(3_000);
  expect(plan.fromMs - plan.warmUpFromMs).toBe(60_000);
  expect(plan.toMs - plan.fromMs).toBe(225_000);
  for (const category of plan.categories) {
    expect(category.map.realFromMs).toBe(plan.fromMs);
    expect(category.counts).toHaveLength(95);
    expect(category.bins).toBe(75);
  }
});

test('the history ends where the traffic begins, and both are scaled alike', () => {
  plan.categories.forEach((category, index) => {
    const { series, fromMs } = workload[index]!;
    const last = category.history.at(-1);
    expect(last?.startMs).toBe(plan.warmUpFromMs - 3_000);
    const bin = (fromMs - series.startMs) / 60_000 - 21;
    expect(last?.requests).toBeCloseTo(series.counts[bin]! * category.factor, 9);
    expect(category.history.length).toBe(bin + 1);
    expect(Math.abs(category.counts[0]! - series.counts[bin + 1]! * category.factor)).toBeLessThanOrEqual(1);
    expect(Math.max(...category.counts)).toBeGreaterThanOrEqual(179);
    expect(Math.max(...category.counts)).toBeLessThanOrEqual(181);
  });
});

test('nodes of a longer lead boot for longer, so that none comes much before it', () => {
  const longer = planPlay(workload, { ...options, leadBins: 15 }, nowMs).categories[0]!;
  const settings = categoryInput.parse(longer.input);
  const usual = categoryInput.parse(plan.categories[0]!.input);
  expect(longer.leadBins).toBe(15);
  expect(settings.leadMs - usual.leadMs).toBe(30_000);
  const bootMs = ({ local }: typeof settings): number => duration.parse(local?.bootTime);
  expect(bootMs(settings) - bootMs(usual)).toBe(30_000);
});

test('events keep their order and place; those to come are signals that the workflow accepts', () => {
  const search = plan.categories.find(({ name }) => name === 'search')!;
  expect(search.pastEvents.length).toBeGreaterThanOrEqual(6);
  for (const event of search.pastEvents) expect(event.startMs).toBeLessThan(plan.warmUpFromMs);
  expect(search.announcedEvents).toHaveLength(1);
  const event = search.announcedEvents[0]!;
  expect(event.startMs).toBe(plan.fromMs + 25 * 3_000);
  expect(event.endMs - event.startMs).toBe(45 * 3_000);
  expect(
    readCalendarMessage({
      name: event.title,
      kind: event.kind,
      start: new Date(event.startMs).toISOString(),
      duration: `${event.endMs - event.startMs}ms`,
    }).ok,
  ).toBe(true);
});

test('the input is one that the workflow accepts, on the scaled day', () => {
  for (const { input, requestsPerNodeBin } of plan.categories) {
    const parsed = categoryInput.parse(input);
    expect(parsed).toMatchObject({
      binMs: 3_000,
      dayMs: 1_440 * 3_000,
      leadMs: 15_000,
      horizonsMs: [15_000, 45_000],
    });
    // 2 at a time, 200 ms each, at 80 %: 8 a second, 24 in 3 s.
    expect(requestsPerNodeBin).toBeCloseTo(24, 10);
  }
});

test('missing bins of a trace are no history, and a window outside of it is refused', () => {
  const [checkout] = workload;
  const counts = Float64Array.from(checkout!.series.counts);
  counts[100] = Number.NaN;
  const gap = planPlay([{ ...checkout!, series: { ...checkout!.series, counts } }], options, nowMs);
  expect(gap.categories[0]?.history.length).toBe(plan.categories[0]!.history.length - 1);
  expect(() => planPlay([{ ...checkout!, fromMs: checkout!.series.startMs }], options, nowMs)).toThrow(
    'checkout: 75 minutes from 2026-03-02T00:00:00Z',
  );
});
