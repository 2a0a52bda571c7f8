/** The forecast benchmark's figures, by hand. */
import { competitionFigures, groupFigures, type Path } from '../../bench/forecasts/figures';
import type { Origin } from '../../bench/forecasts/origins';
import { dayAhead } from '../../bench/forecasts/report';

const clock = { binMs: 3_600_000, dayMs: 86_400_000 };
/** Two days of history: the second is 2 above the first in every hour, so the in-sample scale is 2. */
const origin = (id: string, group: string, category: string, actual: readonly number[]): Origin => ({
  id,
  group,
  category,
  history: {
    clock,
    startMs: 0,
    counts: Float64Array.from({ length: 48 }, (_, hour) => (hour % 24) + (hour < 24 ? 10 : 12)),
  },
  actual: Float64Array.from(actual),
});
const path = (model: string, id: string, values: readonly number[] | null, seconds = 1): Path => ({
  id,
  model,
  path: values,
  seconds,
});

test('MASE and sMAPE are those of the competition; where a rival fails the last day stands in', () => {
  const origins = [origin('a', 'm4', 'a', [20, 10])];
  const { mase, smape, failed } = competitionFigures(
    origins,
    new Map([
      ['one', [path('one', 'a', [14, 10])]],
      ['none', [path('none', 'a', null)]],
    ]),
  );
  // |20 − 14| ÷ 2 hours ÷ 2; the last day begins with 12 and 13.
  expect(mase).toEqual({ one: 1.5, none: (8 + 3) / 2 / 2 });
  expect(smape.one).toBeCloseTo((200 * 6) / 34 / 2, 9);
  expect(failed).toEqual({ one: 0, none: 1 });
});

test('a trace is the mean of its categories in units of their counts, over measured hours', () => {
  const origins = [
    origin('x/1', 'x', 'small', [10, Number.NaN]),
    origin('x/2', 'x', 'small', [30, 20]),
    origin('x/3', 'x', 'large', [1_000, 1_000]),
    origin('x/4', 'x', 'idle', [0, 0]),
  ];
  const made = origins.map(({ id, actual }) =>
    path(
      'one',
      id,
      [...actual].map((count) => (count || 0) + 4),
      2,
    ),
  );
  const { errors, seconds } = groupFigures('x', origins, new Map([['one', made]]));
  expect(errors.one).toBeCloseTo((4 / 20 + 4 / 1_000) / 2, 9);
  expect(seconds.one).toBe(2);
});

test('the single best rival is the same one for all traces; time is compared with its own', () => {
  const of = (ours: number, a: number, b: number) => ({
    group: '',
    origins: 1,
    errors: { PAM: ours, a, b },
    seconds: { PAM: 1, a: 4, b: 100 },
    failed: {},
  });
  const found = dayAhead([of(1, 1, 8), of(1, 4, 2)]);
  expect(found.rival).toBe('a');
  expect(found.ratio).toBeCloseTo(0.5, 9);
  expect(found.ratioToEachBest).toBeCloseTo(Math.sqrt(0.5), 9);
  expect(found.timeRatio).toBeCloseTo(0.25, 9);
});
