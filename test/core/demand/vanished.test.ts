import { vanishedDemand } from '../../../core/demand/vanished';

const binMs = 60_000;
const bins = (...requests: number[]) =>
  requests.map((count, place) => ({ startMs: place * binMs, requests: count }));
const at = (list: ReturnType<typeof bins>, routable = 5, nowMs = list.length * binMs) =>
  vanishedDemand(list, { routable, nowMs, binMs });

test('a fall to nothing at once, with nodes that serve, is doubted for ten minutes', () => {
  const fell = bins(600, 580, 620, 610, 0);
  expect(at(fell)).toMatchObject({ usual: 610, untilMs: 4 * binMs + 600_000 });
  expect(at(fell)?.finding).toMatch(/from about 610 requests a bin to none at once, although 5 nodes/);
  expect(at(bins(600, 580, 620, 610, 0, 0, 0, 0))).not.toBeNull();
  expect(at(fell, 5, 14 * binMs)).toBeNull();
});

test.each([
  ['nothing serves', bins(600, 580, 620, 0), 0],
  ['it comes again', bins(600, 580, 0, 620), 5],
  ['few requests may be none by chance', bins(9, 8, 12, 0), 5],
  ['it went down slowly', bins(600, 580, 620, 590, 120, 0), 5],
  ['there was never any', bins(0, 0, 0), 5],
  ['it has just begun', bins(600, 0), 5],
  ['nothing is known', bins(), 5],
])('%s: no doubt', (_what, list, routable) => {
  expect(at(list, routable)).toBeNull();
});
