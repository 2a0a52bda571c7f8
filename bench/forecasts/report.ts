/** Figures → the fragment of the results: bars, a table a question, and what is in them. */
import { atMost, type Bar, type Fragment } from '../fragment';
import { type CompetitionFigures, type GroupFigures, geometricMean } from './figures';

export const ours = 'PAM';

export interface Results {
  readonly groups: readonly GroupFigures[];
  /** Null where the competition's files are missing. */
  readonly competition: CompetitionFigures | null;
  readonly versions: readonly string[];
}

export interface DayAhead {
  /** The rival whose errors are least over all traces. */
  readonly rival: string;
  /** Geometric means over the traces: error of PAM ÷ that of this rival, and ÷ that of each trace's best rival. */
  readonly ratio: number;
  readonly ratioToEachBest: number;
  /** Seconds of PAM ÷ those of the rival, means over the traces. */
  readonly timeRatio: number;
}

export function dayAhead(groups: readonly GroupFigures[]): DayAhead {
  const rivals = Object.keys(groups[0]!.errors).filter((model) => model !== ours);
  const against = (model: string) =>
    geometricMean(groups.map(({ errors }) => errors[ours]! / errors[model]!));
  const rival = rivals.reduce((best, model) => (against(model) > against(best) ? model : best));
  const time = (model: string) => groups.reduce((sum, { seconds }) => sum + seconds[model]!, 0);
  return {
    rival,
    ratio: against(rival),
    ratioToEachBest: geometricMean(
      groups.map(({ errors }) => errors[ours]! / Math.min(...rivals.map((model) => errors[model]!))),
    ),
    timeRatio: time(ours) / time(rival),
  };
}

export function forecastsFragment(results: Results, commands: readonly string[], fast: boolean): Fragment {
  const { groups, competition, versions } = results;
  const bars: Bar[] = [];
  const text: string[] = [`Rivals: ${versions.join(', ')}.`];
  if (groups.length > 0) {
    const found = dayAhead(groups);
    bars.push(
      atMost(`day ahead, MAE ÷ best single Python rival (${found.rival})`, found.ratio, 0.95, 0.9),
      atMost(`day ahead, time ÷ that of ${found.rival}`, found.timeRatio, 0.333, null),
    );
    text.push(...dayAheadText(groups, found));
  }
  if (competition !== null) {
    bars.push(atMost('M4 hourly, MASE of the automatic choice', competition.mase[ours]!, 0.92, 0.8));
    text.push(...competitionText(competition));
  } else text.push('M4 hourly: the files were not there, see `--m4`.');
  return { name: 'forecasts', title: 'Forecasts a day ahead', commands, bars, fast, text: text.join('\n\n') };
}

function dayAheadText(groups: readonly GroupFigures[], found: DayAhead): string[] {
  const models = Object.keys(groups[0]!.errors);
  const rows = groups.map(({ group, origins, errors }) => {
    const best = Math.min(...models.map((model) => errors[model]!));
    const cells = models.map((model) => {
      const shown = errors[model]!.toFixed(3);
      return errors[model] === best ? `**${shown}**` : shown;
    });
    return [group, String(origins), ...cells];
  });
  const means = models.map((model) =>
    geometricMean(groups.map(({ errors }) => errors[ours]! / errors[model]!)).toFixed(3),
  );
  const seconds = models.map((model) =>
    (groups.reduce((sum, group) => sum + group.seconds[model]!, 0) / groups.length).toFixed(3),
  );
  const failed = models.map((model) => String(groups.reduce((sum, group) => sum + group.failed[model]!, 0)));
  return [
    '### The next 24 hours',
    'Hourly counts, 28 days of history at most, origins at midnight; mean absolute error ÷ mean count, averaged over the categories of a trace. No one is told of calendars. Names ending in `-log` were given log(1 + count). The seconds are those of a core for one forecast, fit included.',
    table(
      ['trace', 'origins', ...models],
      [
        ...rows,
        ['PAM ÷ it, geometric mean', '', ...means],
        ['seconds', '', ...seconds],
        ['failed', '', ...failed],
      ],
    ),
    `Against ${found.rival}, the single best rival over these traces: ${found.ratio.toFixed(3)} of its error in ${found.timeRatio.toFixed(2)} of its time. Against the rival that was best on each trace, known only in hindsight: ${found.ratioToEachBest.toFixed(3)}.`,
  ];
}

function competitionText({ series, mase, smape, seconds, failed }: CompetitionFigures): string[] {
  const rows = Object.keys(mase)
    .sort((a, b) => mase[a]! - mase[b]!)
    .map((model) => [
      model,
      mase[model]!.toFixed(3),
      smape[model]!.toFixed(2),
      seconds[model]!.toFixed(3),
      String(failed[model]!),
    ]);
  return [
    '### M4 hourly',
    `${series} series of the M4 competition, 48 hours ahead, season 24. Best of the competition on them: MASE 0.801, sMAPE 8.91; its winner 0.893 and 9.33.`,
    table(['model', 'MASE', 'sMAPE', 'seconds', 'failed'], rows),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
