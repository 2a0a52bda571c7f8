/** One judged window at one lead → figures of PAM and of every rival at all knobs, from one pass of forecasts. */
import { binsIn } from '../../core/demand/clock';
import type { DemandEvent } from '../../core/events/event';
import { familyNamed } from '../../core/forecasting/families/families';
import type { ModelFamily } from '../../core/forecasting/model';
import { ReplayedForecasts } from '../../simulation/forecasts';
import type { FrontierPoint } from '../../simulation/frontier';
import { type PamOptions, pamPolicies } from '../../simulation/policies/pam';
import { type EvaluatedTrace, type Policy, replay } from '../../simulation/replay';
import { type CategoryFigures, categoryFigures, policyFigures } from '../../simulation/scorecard';
import { quantileAt } from '../../simulation/windows';
import { type EvaluatedWindow, readEvaluated } from '../evaluatedTraces';
import { type Accuracy, addAccuracy, horizonMinutes, noAccuracy } from './accuracy';
import { addInside, type Inside, nothingInside } from './inside';
import { holdsMs, risks, type Swept, sweptRivals, widerRisks } from './sweeps';

/** Figures of one policy at one knob, categories summed up; `usual`: at a knob of the scorecard. */
export interface KnobFigures {
  readonly policy: string;
  readonly knob: string;
  readonly usual: boolean;
  readonly overflowRate: number;
  readonly cost: number;
  readonly foresightCost: number;
  readonly scaleActionsPerDay: number;
  readonly decisions: number;
  readonly realizedQuantileRisk: number | null;
  readonly realizedRisk: number;
  /** Inside the events of the calendar, the lead before their start included; null without a calendar. */
  readonly inside: (FrontierPoint & { readonly foresightCost: number }) | null;
}

export interface TraceResult {
  readonly trace: string;
  readonly leadMinutes: number;
  readonly binMs: number;
  readonly categories: number;
  readonly figures: readonly KnobFigures[];
  /** Only measured where the horizons are forecast, at the shortest lead. */
  readonly accuracy: Accuracy | null;
  readonly seconds: number;
}

export interface MeasureOptions {
  readonly folder: string;
  readonly window: EvaluatedWindow;
  readonly leadMinutes: number;
  /** Family that PAM fits; that of production when absent. */
  readonly family?: ModelFamily;
  /** Whether single bins ahead are forecast, too. */
  readonly withHorizons: boolean;
  /** ms, of a clock that only moves forward. */
  readonly now: () => number;
}

/** Forecasts are compared as they count at the default risk. */
const usualRisk = 0.01;

/** PAM with a pinned scale-down hold. */
export const heldName = (holdMs: number) => `pam, hold ${holdMs / 60_000} min`;

export async function measureTrace(options: MeasureOptions): Promise<TraceResult> {
  const began = options.now();
  const { traces, occasions } = await readEvaluated(options.folder, options.window, options.leadMinutes);
  const { clock } = traces[0]!.series;
  const horizonBins = options.withHorizons
    ? [...new Set(horizonMinutes.map((minutes) => Math.max(1, binsIn(clock, minutes * 60_000))))]
    : [];
  const { family } = options;
  const fitted =
    family === undefined
      ? {}
      : {
          family: family.name,
          familyOf: (name: string) => (name === family.name ? family : familyNamed(name)),
        };
  // One pass of forecasts a category, whatever policy asks first.
  let made: { of: EvaluatedTrace; forecasts: ReplayedForecasts } | null = null;
  const forecasting: PamOptions['forecasting'] = (trace, how) => {
    if (made?.of !== trace)
      made = { of: trace, forecasts: new ReplayedForecasts(trace, { ...how, ...fitted, horizonBins }) };
    return made.forecasts;
  };
  const allRisks = [...risks, ...widerRisks];
  const own = pamPolicies({ risks: allRisks, forecasting });
  const held = holdsMs.flatMap((holdMs) =>
    pamPolicies({ risks: allRisks, scaleDownHoldMs: holdMs, forecasting }).map((policy) => ({
      policy: { ...policy, name: heldName(holdMs) },
      usual: !widerRisks.includes(policy.risk!),
    })),
  );
  const swept: Swept[] = [
    ...own.map((policy) => ({ policy, usual: !widerRisks.includes(policy.risk!) })),
    ...held,
    ...sweptRivals(),
  ];
  const sums = new Map(swept.map(({ policy }) => [policy, [] as CategoryFigures[]]));
  const inside = new Map<Policy, Inside>();
  const accuracy = noAccuracy(horizonBins.length);
  for (const trace of traces) {
    const mask = occasions.length === 0 ? null : maskOf(trace, occasions);
    for (const { policy } of swept) {
      const replayed = await replay(trace, policy, {}, traces);
      sums.get(policy)!.push(categoryFigures(replayed, quantileAt(replayed, policy)));
      if (mask !== null) inside.set(policy, addInside(inside.get(policy) ?? nothingInside, replayed, mask));
    }
    if (options.withHorizons)
      addAccuracy(
        accuracy,
        trace,
        made!.forecasts.made(usualRisk),
        horizonBins,
        own[0]!.probabilities!.indexOf(0.5),
        own[0]!.probabilities!.indexOf(0.95),
      );
  }
  return {
    trace: options.window.name,
    leadMinutes: options.leadMinutes,
    binMs: clock.binMs,
    categories: traces.length,
    figures: swept.map(({ policy, usual }) => {
      const figures = policyFigures(policy.name, policy.knob, policy.risk ?? null, sums.get(policy)!);
      const { overflowRate, cost, foresightCost, scaleActionsPerDay, decisions } = figures;
      const within = inside.get(policy);
      return {
        ...{ policy: policy.name, knob: policy.knob, usual },
        ...{ overflowRate, cost, foresightCost, scaleActionsPerDay, decisions },
        realizedQuantileRisk: figures.realizedQuantileRisk,
        realizedRisk: figures.realizedRisk,
        inside:
          within === undefined
            ? null
            : {
                knob: policy.knob,
                overflowRate: within.overflow / within.demand,
                cost: within.cost,
                foresightCost: within.foresightCost,
              },
      };
    }),
    accuracy: options.withHorizons ? accuracy : null,
    seconds: (options.now() - began) / 1_000,
  };
}

/** 1 for every judged bin inside an event, and for those of the lead before it, when its nodes are ordered. */
function maskOf(
  { series, fromBin, toBin, leadBins }: EvaluatedTrace,
  occasions: readonly DemandEvent[],
): Uint8Array {
  const mask = new Uint8Array(toBin - fromBin);
  const { binMs } = series.clock;
  for (const { startMs, endMs } of occasions) {
    const from = Math.floor((startMs - series.startMs) / binMs) - leadBins - fromBin;
    const to = Math.ceil((endMs - series.startMs) / binMs) - fromBin;
    if (to > 0) mask.fill(1, Math.max(0, from), to);
  }
  return mask;
}
