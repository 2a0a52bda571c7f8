/** What to replay and how → the scorecard; files of decisions are written on the way. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { familyNamed } from '../../core/forecasting/families/families';
import { instantText } from '../../core/time/instantText';
import { policiesNamed } from '../../simulation/policies/catalogue';
import type { EvaluatedTrace } from '../../simulation/replay';
import { runSimulation } from '../../simulation/runSimulation';
import { shownWindows } from '../../simulation/windows';
import { DecisionFiles } from './decisionFiles';
import { evaluateHistory } from './evaluateHistory';
import { ForecastFile } from './forecastFile';
import type { ReplayedHistory } from './history';
import type { ScorecardFile } from './scorecardFile';

export interface SimulateOptions {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string | undefined;
  readonly leadMs: number;
  readonly capacity: number | 'auto';
  readonly risks: readonly number[];
  /** Empty = all. */
  readonly policies: readonly string[];
  readonly family: string;
  readonly seed: number;
  readonly holdMs: number | 'auto';
  readonly out: string | undefined;
  readonly calendars: readonly string[];
  readonly progress: (share: number, doing: string) => void;
  readonly complain: (message: string) => void;
}

/** Windows are kept for the report for these many categories, at this risk. */
const mostShownCategories = 12;
const shownRisk = 0.01;

export async function runSimulate(
  history: ReplayedHistory,
  options: SimulateOptions,
): Promise<ScorecardFile> {
  const { offsetMs } = history;
  familyNamed(options.family);
  const { window, evaluated } = evaluateHistory(history, options);
  const policies = policiesNamed(options.policies, {
    risks: options.risks,
    family: options.family,
    seed: options.seed,
    scaleDownHoldMs: options.holdMs,
    fitted: ({ category, failure }) => {
      if (failure !== null)
        options.complain(`"${category}": ${options.family} could not be fitted: ${failure}`);
    },
  });
  const files = options.out === undefined ? null : new DecisionFiles(options.out, offsetMs);
  const forecasts = options.out === undefined ? null : new ForecastFile(options.out, offsetMs);
  await files?.prepare();
  const windows: ScorecardFile['windows'] = [];
  const shown = closest(options.risks, shownRisk);
  const largest = new Set(largestFirst(evaluated).slice(0, mostShownCategories));
  const result = await runSimulation(evaluated, policies, {
    progress: options.progress,
    async replayed(policy, replayed) {
      await files?.write(policy, replayed);
      await forecasts?.write(policy, replayed);
      if (policy.risk !== shown || policy.probabilities === undefined) return;
      if (!largest.has(replayed.trace)) return;
      for (const cut of shownWindows(replayed, policy.probabilities))
        windows.push({
          ...cut,
          startMs: cut.startMs + offsetMs,
          requestsPerNodeBin: replayed.trace.requestsPerNodeBin,
          knob: policy.knob,
          probabilities: [...cut.probabilities],
          counts: [...cut.counts],
          peaks: [...cut.peaks],
          quantiles: cut.quantiles.map((row) => [...row]),
          planned: [...cut.planned],
          routable: [...cut.routable],
        });
    },
  });
  const scorecard: ScorecardFile = {
    version: 1,
    name: basename(history.name).replace(/\.csv(\.gz)?$/, ''),
    trace: history.name,
    calendars: [...options.calendars],
    from: instantText(window.fromMs),
    to: instantText(window.toMs),
    binMs: evaluated[0]!.series.clock.binMs,
    leadMs: options.leadMs,
    capacity: options.capacity,
    family: options.family,
    seed: options.seed,
    holdMs: options.holdMs,
    policies: result.policies.map((figures) => ({ ...figures, categories: [...figures.categories] })),
    excessRatios: result.excessRatios.map((entry) => ({ ...entry, at: [...entry.at] })),
    atEqualOverflow: [...result.atEqualOverflow],
    windows,
  };
  if (options.out !== undefined)
    await writeFile(join(options.out, 'scorecard.json'), `${JSON.stringify(scorecard, null, 1)}\n`);
  return scorecard;
}

/** By demand in units of the category’s own node, the largest first. */
function largestFirst(traces: readonly EvaluatedTrace[]): EvaluatedTrace[] {
  const sizes = new Map(
    traces.map((trace) => {
      const counts = trace.series.counts.subarray(trace.fromBin, trace.toBin);
      const demand = counts.reduce((sum, count) => (Number.isNaN(count) ? sum : sum + count), 0);
      return [trace, demand / trace.requestsPerNodeBin];
    }),
  );
  return [...traces].sort((a, b) => sizes.get(b)! - sizes.get(a)!);
}

function closest(risks: readonly number[], wanted: number): number | undefined {
  return [...risks].sort((a, b) => Math.abs(Math.log(a / wanted)) - Math.abs(Math.log(b / wanted)))[0];
}
