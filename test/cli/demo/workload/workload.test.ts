import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoOptions } from '../../../../cli/demo/workload/options';
import { chooseWorkload } from '../../../../cli/demo/workload/workload';
import { planPlay } from '../../../../simulation/workload/playPlan';

let folder: string;
let trace: string;
const startMs = Date.UTC(2026, 2, 2);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pam-demo-'));
  trace = join(folder, 'shop.csv');
  const rows = Array.from(
    { length: 240 },
    (_, bin) => `${new Date(startMs + bin * 60_000).toISOString()},shop,${100 + (bin % 10)}`,
  );
  writeFileSync(trace, `timestamp_iso,category,count\n${rows.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sale = (id: string, minute: number) => ({
  id,
  kind: 'sale',
  title: id,
  startMs: startMs + minute * 60_000,
  endMs: startMs + (minute + 20) * 60_000,
  source: 'shop.ics',
});
const choose = (name: string) =>
  chooseWorkload(
    demoOptions({
      trace: [`${name}=${trace}`],
      calendar: [`${name}=http://127.0.0.1:9/shop.ics`],
      from: ['2026-03-02T02:00Z'],
      minutes: 60,
      lead: 5,
      bin: '2s',
      risk: 0.01,
      peakRate: 50,
      seed: 1,
      compareCalendar: true,
    }),
    20,
    async () => [sale('past', 30), sale('coming', 150)],
  );

test('the twin plays the same counts at the same time, knows no event, and is judged by the same ones', async () => {
  const { categories, notes } = await choose('shop');
  expect(notes.join('\n')).toContain(
    'shop-uninformed: the same trace at the same time, without its calendar',
  );
  const options = {
    binMs: 2_000,
    minutes: 60,
    warmUpBins: 20,
    peakRate: 50,
    risk: 0.01,
    seed: 1,
    historyDays: 21,
  };
  const [shop, twin] = planPlay(categories, options, 1_795_000_000_000).categories;
  expect(twin).toMatchObject({
    name: 'shop-uninformed',
    twinOf: 'shop',
    counts: shop!.counts,
    factor: shop!.factor,
  });
  expect([shop!.pastEvents.length, shop!.announcedEvents.length]).toEqual([1, 1]);
  expect([twin!.pastEvents.length, twin!.announcedEvents.length]).toEqual([0, 0]);
  expect(twin!.occasions).toEqual(shop!.occasions);
  expect(shop!.twinOf).toBeNull();
  expect(shop!.occasions).toEqual([
    { ...sale('coming', 0), startMs: shop!.map.realFromMs + 60_000, endMs: shop!.map.realFromMs + 100_000 },
  ]);
});

test('a name that leaves no room for the twin’s is refused', async () => {
  await expect(choose(`shop-${'x'.repeat(30)}`)).rejects.toThrow('is played a second time as "shop-xxx');
});
