/** Results of all windows and leads → the fragment of RESULTS.md: tables and the bars. */
import type { Fragment } from '../fragment';
import { accuracyBars, calibrationBars, costBars, excessBars, frontierBars, matchBars } from './bars';
import { at } from './findings';
import type { TraceResult } from './measureTrace';
import type { ModelCost } from './modelCost';
import {
  aboveTable,
  accuracyTable,
  calibrationTable,
  costText,
  excessTable,
  holdText,
  matchText,
  operatingTable,
  rivalTable,
} from './tables';

export function allocationFragment(
  results: readonly TraceResult[],
  cost: ModelCost | null,
  fast: boolean,
): Fragment {
  const leads = [...new Set(results.map(({ leadMinutes }) => leadMinutes))];
  const first = results.filter(({ leadMinutes }) => leadMinutes === leads[0]);
  return {
    name: 'allocation',
    title: 'Allocation: what nodes cost at the same share of late requests',
    commands: [
      `nice -n 10 node --expose-gc -r ./test/support/compileTypeScript.js bench/allocation/run.ts${fast ? ' --fast' : ''}`,
    ],
    fast,
    bars: [
      ...leads.flatMap((lead) => excessBars(at(results, lead), lead)),
      ...frontierBars(results),
      ...calibrationBars(results),
      ...matchBars(first),
      ...accuracyBars(first),
      ...(cost === null ? [] : costBars(cost)),
    ],
    text: [
      intro,
      '### Excess ratio against the best-tuned reactive rule',
      excessTable(results, leads),
      '### Against every rival',
      rivalTable(results),
      '### Where PAM is above a rival',
      aboveTable(results),
      '### Calibration: realized ÷ accepted risk',
      calibrationTable(results),
      '### World Cup matches, with the calendar against without',
      matchText(results),
      '### Forecasts',
      accuracyTable(first),
      '### At an accepted risk of 1 %',
      operatingTable(results),
      '### Scale-down hold',
      holdText(results),
      ...(cost === null ? [] : ['### Cost of a model', costText(cost)]),
    ].join('\n\n'),
  };
}

const intro = `Excess is cost above that of the plan that knows the future, in node-bins; the ratio is PAM's ÷ the rival's at the same overflow rate, mean over those of 1 %, 0.3 % and 0.1 % that both frontiers reach. PAM has one configuration, refitted daily on the past alone; its frontier comes from the accepted risk, the rivals' from their own knobs, tuned in hindsight. Where a rival reaches none of the three rates, the lowest of 2, 3, 5, 10 and 20 % that both reach is compared; where there is none, utilization targets of the reactive rule below 0.1 and above 0.98 and risks from 0.0001 to 0.65 are added. What was compared is said.`;
