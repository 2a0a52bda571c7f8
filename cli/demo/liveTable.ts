/** What is known of each category now → the lines of the live table. */
import { wholePercent } from '../../core/text/figures';
import { dayAndMinute } from '../../core/time/instantText';
import type { PlayPlan } from '../../simulation/workload/playPlan';
import type { CategoryStatus } from '../../workflows/contracts';
import { fitted, table } from '../text/table';
import { countdown } from '../text/time';
import type { LoadBin } from './load/loadTypes';

export interface LiveView {
  readonly plan: PlayPlan;
  readonly nowMs: number;
  readonly uiUrl: string | null;
  /** Answer of the `status` query; null before the first. */
  readonly statuses: ReadonlyMap<string, CategoryStatus | null>;
  /** Last completed bin by category, and the totals so far. */
  readonly lastBins: ReadonlyMap<string, LoadBin | null>;
  readonly totals: ReadonlyMap<string, LoadBin>;
  readonly width: number;
}

const title = [
  'category',
  'trace time',
  'req/bin',
  'p50',
  'peak≤',
  'required',
  'planned',
  'provis.',
  'routable',
  'util',
  'late',
  'failed',
];

export function liveTable(view: LiveView): string[] {
  const { plan, nowMs, uiUrl, statuses, lastBins, totals, width } = view;
  const phase =
    nowMs < plan.warmUpFromMs
      ? `traffic in ${countdown(plan.warmUpFromMs - nowMs)}`
      : nowMs < plan.fromMs
        ? `warm-up, evaluation starts in ${countdown(plan.fromMs - nowMs)}`
        : `${countdown(nowMs - plan.fromMs)} played, ${countdown(Math.max(0, plan.toMs - nowMs))} to go`;
  const traceMinutes = (plan.categories[0]?.map.traceBinMs ?? 60_000) / 60_000;
  const rows = plan.categories.map((category): string[] => {
    const status = statuses.get(category.name) ?? null;
    const bin = lastBins.get(category.name) ?? null;
    const total = totals.get(category.name);
    const near = status?.forecast?.horizons[0];
    const counts = status?.counts;
    const utilization = status?.verified?.utilization;
    return [
      category.name,
      dayAndMinute(category.map.toTrace(nowMs)),
      bin === null ? '-' : String(bin.sent),
      whole(near?.p50),
      whole(status?.forecast?.peakDemand),
      whole(counts?.required),
      whole(counts?.planned),
      whole(counts?.provisioned),
      whole(counts?.routable),
      utilization == null ? '-' : wholePercent(utilization),
      whole(total?.late),
      whole(total?.failed),
    ];
  });
  const reasons = plan.categories.map(({ name }) => {
    const decision = statuses.get(name)?.decision;
    return fitted(
      `${name}: ${decision ? `${decision.planned} nodes (${decision.trigger}), ${decision.reason}` : 'no decision yet'}`,
      width,
    );
  });
  return [
    fitted(
      `Temporal UI ${uiUrl ?? 'not served by this Temporal'} · 1 s stands for ${(traceMinutes * 60_000) / plan.binMs} s · ${phase}`,
      width,
    ),
    '',
    ...table([title, ...rows], 2).map((line) => fitted(line, width)),
    '',
    ...reasons,
  ];
}

const whole = (value: number | null | undefined): string => (value == null ? '-' : String(Math.round(value)));
