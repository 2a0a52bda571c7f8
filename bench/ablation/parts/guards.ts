/** What happened in service → what it would have cost without guards, with trust, with rollback, and with both. */

import type { DemandSeries } from '../../../core/demand/series';
import { addSums, type ScoreSums, sumsOf } from '../../../core/evaluation/accuracy/accuracy';
import { rollbackOf, type ServiceRecord } from '../../../core/evaluation/accuracy/rollback';
import { trustBins, trustOf } from '../../../core/evaluation/accuracy/trust';
import type { Distrust } from '../../../core/serving/distrust';
import { queryFor } from '../../drift/runForecasts';
import { type Change, changed, changes, type Failure } from '../replay/scenarios';
import type { Service } from '../replay/service';
import { type ServedBin, servedProbabilities } from '../replay/serving';
import { type Planned, pinballOf, wasteOf } from '../replay/waste';

export const guards = ['neither', 'trust', 'rollback', 'both'] as const;
export type Guard = (typeof guards)[number];

export interface GuardFigures {
  readonly what: Change | Failure | 'nothing changed';
  readonly guard: Guard;
  readonly waste: number;
  /** Pinball loss of the peak at 0.99, requests per bin. */
  readonly pinball99: number;
  /** Share of the decisions that rested on the last value, or on the model before, in the model's stead. */
  readonly replaced: number;
  /** Bins until a guard acted first; null: it never did. */
  readonly afterBins: number | null;
}

const reviewBins = 30;

interface Guarded {
  readonly peaks: readonly (readonly number[])[];
  readonly replaced: number;
  readonly afterBins: number | null;
}

/** Peaks as `predict` would have served them from index `from` on; what is before gives the records of the models. */
function guarded(served: readonly ServedBin[], guard: Guard, from: number): Guarded {
  const trusts = guard === 'trust' || guard === 'both';
  const rollsBack = guard === 'rollback' || guard === 'both';
  const peaks: (readonly number[])[] = [];
  let modelId: string | null = null;
  // Of the model in use, each with all before it.
  let own: { bin: number; total: ScoreSums }[] = [];
  let previous: ServiceRecord | null = null;
  let distrust: Distrust | null = null;
  let rolledBack: 'previous' | 'last-value' | null = null;
  let replaced = 0;
  let afterBins: number | null = null;
  served.forEach((decided, bin) => {
    if (decided.modelId !== modelId) {
      if (modelId !== null) previous = recordOf(own.at(-1)?.total ?? none);
      modelId = decided.modelId;
      own = [];
      distrust = null;
      rolledBack = null;
    }
    const scored = decided.scores.filter((score) => score.horizonBins === 0 && score.modelId === modelId);
    if (scored.length > 0) own.push({ bin, total: addSums([own.at(-1)?.total ?? none, sumsOf(scored)]) });
    if (trusts) {
      const before = own.findLast((entry) => entry.bin <= bin - trustBins)?.total ?? none;
      const last = own.at(-1);
      distrust = trustOf(distrust, modelId, last === undefined ? null : lessSums(last.total, before), bin);
    }
    if (rollsBack && rolledBack === null && bin % reviewBins === 0)
      rolledBack = rollbackOf(recordOf(own.at(-1)?.total ?? none), previous)?.to ?? null;
    const instead =
      rolledBack === 'previous'
        ? decided.previous
        : rolledBack === 'last-value' || distrust !== null
          ? decided.anchor
          : null;
    if (bin < from) return;
    if (instead !== null) {
      replaced++;
      afterBins ??= bin - from;
    }
    peaks.push(instead ?? decided.peak);
  });
  return { peaks, replaced: replaced / peaks.length, afterBins };
}

const none = sumsOf([]);

function lessSums(all: ScoreSums, before: ScoreSums): ScoreSums {
  const rest = Object.entries(all).map(([key, value]) => [key, value - before[key as keyof ScoreSums]]);
  return Object.fromEntries(rest) as unknown as ScoreSums;
}

function recordOf({ scores, loss, baselineLoss }: ScoreSums): ServiceRecord {
  return { decisions: scores, loss, lastValueLoss: baselineLoss };
}

/** Every branch, and the part itself without a change. */
export function guardFigures(series: DemandSeries, { firstBin, served, branches }: Service): GuardFigures[] {
  const figures = (
    what: GuardFigures['what'],
    demand: DemandSeries,
    decided: readonly ServedBin[],
    from: number,
  ): GuardFigures[] =>
    guards.map((guard) => {
      const { peaks, replaced, afterBins } = guarded(decided, guard, from);
      const planned: Planned = {
        counts: demand.counts.slice(firstBin + from, firstBin + decided.length),
        ...{
          peaks,
          probabilities: servedProbabilities,
          leadBins: queryFor(series).leadBins,
          binMs: series.clock.binMs,
        },
      };
      return {
        ...{ what, guard, waste: wasteOf(planned), pinball99: pinballOf(planned, 0.99) },
        ...{ replaced, afterBins },
      };
    });
  return [
    ...figures('nothing changed', series, served, 0),
    ...branches.flatMap(({ fromBin, what, served: followed }) => {
      const change = changes.find((known) => known === what);
      const demand = change === undefined ? series : changed(series, fromBin, change, followed.length + 6);
      const from = fromBin - firstBin;
      return figures(what, demand, [...served.slice(0, from), ...followed], from);
    }),
  ];
}
