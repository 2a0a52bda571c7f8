/**
 * Several families at once: the logarithms of their quantiles, each weighted by how little it lost lately on this very
 * category, averaged (Vincent 1912; on weights by recent losses Berrisch and Ziel 2021, "CRPS learning") and calibrated
 * anew, since an average of calibrated quantiles covers too much.
 */
import { binsPerDay } from '../../../demand/clock';
import { nullIfInvalidData, PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { Estimate } from '../../estimate';
import type { DemandView } from '../../features/demandView';
import type { FitOptions, FittedModel, Json, ModelFamily } from '../../model';
import type { TargetWindow } from '../../target';
import { MemberWeights, weighedProbabilities } from './memberWeights';

const family = 'combination';
const version = 1;
const keep = 0.4;
/** Days after which a loss of a member counts half. */
const halfLifeDays = 1;
/** Most forecasts of a window that wait for their outcome. */
const mostPending = 64;
/** The unit beyond the 95 % quantile is at least this share of the one below it. */
const leastTail = 0.2;

/** A combination of the `members` that the history is long enough for. They are fitted twice, so its cost is `dear`. */
export function combinationFamily(members: readonly ModelFamily[]): ModelFamily {
  const combined: ModelFamily = {
    name: family,
    expense: 'dear',
    minimumBins: (series) => Math.max(...members.map((member) => member.minimumBins(series))),
    async fit(history, context, options) {
      // The final members start with what the rehearsal learned about them.
      let rehearsed: CombinedPredictor | null = null;
      return fitRehearsed(
        {
          ...{ family, version, keep },
          minimumBins: combined.minimumBins(history),
          makePredictor: async (view, fitOptions) => {
            rehearsed = await CombinedPredictor.fit(members, view, fitOptions, rehearsed);
            return rehearsed;
          },
        },
        history,
        context,
        options,
      );
    },
    load: (state) =>
      CalibratedModel.load(state, family, version, (predictor) => CombinedPredictor.load(predictor, members)),
  };
  return combined;
}

/** Forecasts of all members about one window that wait for its outcome. */
interface Awaited {
  readonly originMs: number;
  /** One row a member, at `weighedProbabilities`. */
  readonly quantiles: readonly (readonly number[])[];
}

interface Weighed {
  readonly window: TargetWindow;
  readonly weights: MemberWeights;
  awaited: Awaited[];
}

class CombinedPredictor implements Predictor {
  private constructor(
    private readonly models: readonly FittedModel[],
    private readonly halfLife: number,
    private readonly targets: Weighed[] = [],
  ) {}

  /** Members that can't be fitted are left out. `earlier` gives its weights where its members are the same. */
  static async fit(
    members: readonly ModelFamily[],
    view: DemandView,
    options: FitOptions,
    earlier: CombinedPredictor | null,
  ): Promise<CombinedPredictor> {
    const models: FittedModel[] = [];
    const context = { events: view.timeline.events };
    for (const member of members) {
      const model = await member.fit(view.series, context, options).catch(nullIfInvalidData);
      if (model !== null) models.push(model);
    }
    if (models.length === 0)
      throw new PamError('INVALID_DATA', `"${family}": the history carries none of its members`);
    const names = (of: readonly FittedModel[]) => of.map((model) => model.family).join();
    const known = earlier !== null && names(earlier.models) === names(models) ? earlier.targets : [];
    return new CombinedPredictor(
      models,
      halfLifeDays * binsPerDay(view.series.clock),
      known.map(({ window, weights }) => ({ window, weights, awaited: [] })),
    );
  }

  estimate(view: DemandView, windows: readonly TargetWindow[]): Estimate[] {
    const query = {
      leadBins: windows[0]!.to,
      horizonBins: windows.slice(1).map(({ to }) => to + 1),
      probabilities: weighedProbabilities,
    };
    const forecasts = this.models.map((model) =>
      model.forecast(view.series, query, { events: view.timeline.events }),
    );
    return windows.map((window, at) => {
      const quantiles = forecasts.map(({ peak, horizons }) => (at === 0 ? peak : horizons[at - 1]!));
      const target = this.targetOf(window);
      const originMs = view.timeOf(view.length);
      if (target.awaited.at(-1)?.originMs !== originMs) target.awaited.push({ originMs, quantiles });
      if (target.awaited.length > mostPending + window.to) target.awaited.shift();
      const logs = weighedProbabilities.map((probability, place) => {
        const shares = target.weights.at(probability);
        return quantiles.reduce(
          (sum, row, member) => sum + shares[member]! * Math.log(row[place]! + view.offset),
          0,
        );
      });
      const [center, , high, highest] = logs as [number, number, number, number];
      const spread = high - center;
      return { center, spread, tail: Math.max(highest - high, leastTail * spread) };
    });
  }

  learn(view: DemandView, index: number, window: TargetWindow, log: number): void {
    const target = this.targetOf(window);
    const originMs = view.timeOf(index);
    const then = target.awaited.find((entry) => entry.originMs === originMs);
    if (then !== undefined) target.weights.learn(then.quantiles, Math.exp(log) - view.offset);
    target.awaited = target.awaited.filter((entry) => entry.originMs > originMs);
  }

  serialize(): Json {
    return {
      halfLife: this.halfLife,
      members: this.models.map((model) => ({ family: model.family, state: model.serialize() })),
      targets: this.targets.map(({ window, weights, awaited }) => ({
        from: window.from,
        to: window.to,
        weights: weights.serialize(),
        awaited: awaited.map(({ originMs, quantiles }) => [originMs, quantiles.map((row) => [...row])]),
      })),
    };
  }

  static load(state: Json | undefined, families: readonly ModelFamily[]): CombinedPredictor {
    const { halfLife, members, targets } = (state ?? {}) as { [key: string]: Json };
    if (typeof halfLife !== 'number' || !Array.isArray(members) || !Array.isArray(targets))
      throw new PamError('INVALID_DATA', `model state of family "${family}" lacks its members; train again`);
    const models = members.map((entry) => {
      const { family: name, state: own } = entry as { family: string; state: Json };
      const found = families.find((known) => known.name === name);
      if (found === undefined)
        throw new PamError('INVALID_DATA', `"${family}" has no member "${name}"; train again`);
      return found.load(own);
    });
    return new CombinedPredictor(
      models,
      halfLife,
      targets.map((entry): Weighed => {
        const { from, to, weights, awaited } = entry as { [key: string]: Json };
        return {
          window: { from: Number(from), to: Number(to) },
          weights: MemberWeights.load(weights, models.length, halfLife),
          awaited: (awaited as [number, number[][]][]).map(([originMs, quantiles]) => ({
            originMs,
            quantiles,
          })),
        };
      }),
    );
  }

  private targetOf(window: TargetWindow): Weighed {
    const known = this.targets.find(
      (target) => target.window.from === window.from && target.window.to === window.to,
    );
    if (known !== undefined) return known;
    const weights = new MemberWeights(this.models.length, this.halfLife);
    const target = { window, weights, awaited: [] };
    this.targets.push(target);
    return target;
  }
}
