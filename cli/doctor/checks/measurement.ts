/** Each category that runs is decided for in every bin, and measured if the proxy is its demand source. */
import { settleMsOf } from '../../../core/category/demand';
import { durationInWords } from '../../../core/time/durationWords';
import { check, type Difference } from '../check';

/** So many bins late is late, ms on top for a busy machine. */
const lateBins = 3;
const patienceMs = 15_000;

export const measurement = check(
  'measurement',
  'decisions and bins of each category with the time',
  ['database'],
  async ({ database }) => {
    const [rows, categories] = await Promise.all([database.survey.categories(), database.categories.list()]);
    const settings = new Map(categories.map((one) => [one.settings.name, one.settings]));
    return rows.flatMap(({ name, status, registeredMs, decidedMs, measuredMs }): Difference[] => {
      const known = settings.get(name);
      if (status !== 'running' || known === undefined) return [];
      const lateMs = lateBins * known.binMs + settleMsOf(known) + patienceMs;
      const since = (agoMs: number | null) =>
        agoMs === null ? 'yet' : `for ${durationInWords(Math.round(agoMs / 1_000) * 1_000)}`;
      const late = (agoMs: number | null) => Math.min(agoMs ?? registeredMs, registeredMs) > lateMs;
      return [
        ...(late(decidedMs)
          ? [
              {
                what: `nothing has been decided for category "${name}" ${since(decidedMs)}`,
                affects: 'its nodes stay as they are, whatever its demand',
                todo: `look at "pam show ${name}" and at the log of the allocation worker`,
                repair: null,
              },
            ]
          : []),
        ...(known.demand?.imports === undefined && late(measuredMs)
          ? [
              {
                what: `nothing has been measured for category "${name}" ${since(measuredMs)}`,
                affects: 'none of its nodes is given up, and its forecasts get worse',
                todo: 'look at its demand source and at the log of the allocation worker',
                repair: null,
              },
            ]
          : []),
      ];
    });
  },
);
