/**
 * The frame that families share: a predictor gives a centre and a spread in logs, calibration turns them into quantiles,
 * and forecasts that the latest bins have decided teach both. What a family adds is its predictor.
 */
import type { BinClock } from '../../demand/clock';
import { type DemandSeries, seriesEndMs } from '../../demand/series';
import { PamError } from '../../errors';
import { stateObject } from '../encoding';
import { bounded, type Estimate, logAt, scoreOf } from '../estimate';
import { DemandView } from '../features/demandView';
import { EventTimeline } from '../features/eventTimeline';
import type { FittedModel, Forecast, ForecastContext, ForecastQuery, Json, Quantiles } from '../model';
import { actualOf, horizonWindow, peakWindow, type TargetWindow } from '../target';
import { type CalibrationOptions, ScoreCalibration, type ScoreOptions } from './scoreCalibration';

export interface Predictor {
  /** One estimate a window, in the given order. `view` ends at the decision; `level` is the present level, log. */
  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[];
  /** Learns from a decided window that began at bin `index` of `view`; `log` is what it turned out to be. */
  learn?(view: DemandView, index: number, window: TargetWindow, log: number): void;
  serialize(): Json;
}

interface Pending {
  readonly originMs: number;
  readonly estimate: Estimate;
  readonly thetas: readonly number[];
}

interface Target {
  readonly window: TargetWindow;
  readonly calibration: ScoreCalibration;
  pending: Pending[];
}

/** Most forecasts of one target that wait for their outcome. Of far horizons only every n-th decision is scored. */
const mostPending = 32;

/** How many of the latest bins each forecast searches for a new highest demand. */
const recentMaximum = 240;

export interface CalibratedState {
  readonly family: string;
  readonly version: number;
  readonly offset: number;
  /** Weight that a bin keeps in the present level one bin later. */
  readonly keep: number;
  /** The level at the end of the fit, log; used if `recent` has no measured bin. */
  readonly lastLevel: number;
  /** How many bins the history of the fit had, and the highest log in it. */
  readonly fittedBins: number;
  readonly highest: number;
  readonly contextBins: number;
  readonly kinds: readonly string[];
  readonly calibration: CalibrationOptions;
}

export class CalibratedModel implements FittedModel {
  readonly family: string;
  readonly contextBins: number;
  private readonly targets = new Map<string, Target>();
  private highest: number;
  private timeline: { of: ForecastContext['events']; dayMs: number; timeline: EventTimeline } | null = null;

  /** `scores`: standardized errors on held-out data, per target window, oldest first. */
  constructor(
    private readonly state: CalibratedState,
    private readonly predictor: Predictor,
    scores: readonly { window: TargetWindow; scores: ArrayLike<number> }[],
  ) {
    this.family = state.family;
    this.highest = state.highest;
    this.contextBins = state.contextBins;
    for (const { window, scores: past } of scores)
      this.targets.set(keyOf(window), {
        window,
        calibration: new ScoreCalibration(optionsFor(window, state.calibration), past),
        pending: [],
      });
  }

  forecast(recent: DemandSeries, query: ForecastQuery, context: ForecastContext): Forecast {
    const view = new DemandView(recent, this.state.offset, this.timelineOf(recent, context));
    this.learnFrom(view);
    // Old maxima are known from the fit or from earlier calls; a day is more than production may miss.
    this.highest = Math.max(this.highest, view.max(view.length - recentMaximum, view.length) || this.highest);
    const measured = view.level(view.length, this.state.keep);
    const level = Number.isNaN(measured) ? this.state.lastLevel : measured;
    const windows = [peakWindow(query.leadBins), ...query.horizonBins.map(horizonWindow)];
    const estimates = this.predictor.estimate(view, windows, level);
    const originMs = seriesEndMs(recent);
    const quantiles = windows.map((window, index) =>
      this.quantiles(
        this.targetOf(window),
        bounded(estimates[index]!, level),
        originMs,
        recent,
        query.probabilities,
      ),
    );
    return { originMs, horizons: quantiles.slice(1), peak: quantiles[0]! };
  }

  /** The scores that each target's calibration holds, for a model that starts with them. */
  calibrationScores(): { window: TargetWindow; scores: number[] }[] {
    return [...this.targets.values()].map(({ window, calibration }) => ({
      window,
      scores: calibration.scores(),
    }));
  }

  keepCalibrationOf(previous: FittedModel): void {
    if (!(previous instanceof CalibratedModel)) return;
    for (const [key, { window, calibration, pending }] of previous.targets)
      if (!calibration.isEmpty)
        this.targets.set(key, {
          window,
          calibration: this.copyFor(window, calibration),
          pending: [...pending],
        });
  }

  serialize(): Json {
    return {
      ...this.state,
      highest: this.highest,
      kinds: [...this.state.kinds],
      calibration: { ...this.state.calibration },
      predictor: this.predictor.serialize(),
      targets: [...this.targets.values()].map(({ window, calibration, pending }) => ({
        from: window.from,
        to: window.to,
        calibration: calibration.serialize(),
        pending: pending.map(({ originMs, estimate: { center, spread, tail }, thetas }) => [
          originMs,
          center,
          spread,
          tail,
          ...thetas,
        ]),
      })),
    };
  }

  /** The inverse of `serialize`; `loadPredictor` reads the family's own part. */
  static load(
    json: Json,
    family: string,
    version: number,
    loadPredictor: (state: Json | undefined, common: CalibratedState) => Predictor,
  ): CalibratedModel {
    const state = stateObject(json, family, version);
    const { offset, keep, lastLevel, fittedBins, highest, contextBins, kinds, calibration, targets } = state;
    const numbers = [offset, keep, lastLevel, fittedBins, highest, contextBins].every(
      (value) => typeof value === 'number',
    );
    if (!numbers || !Array.isArray(kinds) || !Array.isArray(targets) || !isObject(calibration))
      throw new PamError('INVALID_DATA', `model state of family "${family}" is incomplete; train again`);
    const common: CalibratedState = {
      family,
      version,
      offset: Number(offset),
      keep: Number(keep),
      lastLevel: Number(lastLevel),
      fittedBins: Number(fittedBins),
      highest: Number(highest),
      contextBins: Number(contextBins),
      kinds: kinds.map(String),
      calibration: {
        memory: Number(calibration.memory),
        peakMemory: Number(calibration.peakMemory),
        rate: Number(calibration.rate),
      },
    };
    const model = new CalibratedModel(common, loadPredictor(state.predictor, common), []);
    for (const target of targets) {
      if (!isObject(target) || !Array.isArray(target.pending))
        throw new PamError(
          'INVALID_DATA',
          `model state of family "${family}": a target is incomplete; train again`,
        );
      const window = { from: Number(target.from), to: Number(target.to) };
      model.targets.set(keyOf(window), {
        window,
        calibration: ScoreCalibration.load(target.calibration, optionsFor(window, common.calibration)),
        pending: target.pending.map((entry) => {
          const [originMs = 0, center = 0, spread = 1, tail = 1, ...thetas] = (
            Array.isArray(entry) ? entry : []
          ).map(Number);
          return { originMs, estimate: { center, spread, tail }, thetas };
        }),
      });
    }
    return model;
  }

  /** Takes the outcomes that the view now holds; each forecast is counted once, since it is dropped with its outcome. */
  private learnFrom(view: DemandView): void {
    const { counts, startMs, clock } = view.series;
    for (const target of this.targets.values()) {
      const { window, calibration } = target;
      target.pending = target.pending.filter(({ originMs, estimate, thetas }) => {
        const index = Math.round((originMs - startMs) / clock.binMs);
        if (index + window.to >= view.length) return true;
        const actual = index < 0 ? Number.NaN : actualOf(counts, index, window);
        if (!Number.isNaN(actual)) {
          const log = Math.log(actual + this.state.offset);
          calibration.learn(scoreOf(estimate, log), thetas);
          this.predictor.learn?.(view, index, window, log);
        }
        return false;
      });
    }
  }

  private quantiles(
    target: Target,
    estimate: Estimate,
    originMs: number,
    { clock, counts }: DemandSeries,
    probabilities: readonly number[],
  ): Quantiles {
    const { calibration, pending, window } = target;
    const last = pending.at(-1)?.originMs ?? Number.NEGATIVE_INFINITY;
    const strideMs = Math.max(1, Math.ceil((window.to + 1) / mostPending)) * clock.binMs;
    if (originMs >= last + strideMs && counts.length > 0)
      pending.push({ originMs, estimate, thetas: Array.from(calibration.tracked()) });
    const ceiling = Math.max(this.highest + this.marginAbove(clock), estimate.center + estimate.spread);
    let floor = 0;
    return probabilities.map((probability) => {
      const log = Math.min(logAt(estimate, calibration.quantile(probability)), ceiling);
      floor = Math.max(floor, Math.exp(log) - this.state.offset);
      return floor;
    });
  }

  /**
   * How far above the highest demand ever seen a quantile may go, in logs. The less was seen, the further, but at most to
   * twice the highest demand: a larger peak that was never seen is not worth hundreds of nodes.
   */
  private marginAbove({ binMs, dayMs }: BinClock): number {
    return 0.1 + Math.min(0.6, dayMs / (this.state.fittedBins * binMs));
  }

  /** A window that was not fitted starts with the calibration of the most similar one. */
  private targetOf(window: TargetWindow): Target {
    const key = keyOf(window);
    const known = this.targets.get(key);
    if (known) return known;
    const alike = [...this.targets.values()].sort(
      (a, b) => distance(a.window, window) - distance(b.window, window),
    )[0];
    const calibration = alike
      ? this.copyFor(window, alike.calibration)
      : new ScoreCalibration(optionsFor(window, this.state.calibration));
    const target = { window, calibration, pending: [] };
    this.targets.set(key, target);
    return target;
  }

  private copyFor(window: TargetWindow, calibration: ScoreCalibration): ScoreCalibration {
    return ScoreCalibration.load(calibration.serialize(), optionsFor(window, this.state.calibration));
  }

  private timelineOf({ clock }: DemandSeries, { events }: ForecastContext): EventTimeline {
    if (this.timeline?.of !== events || this.timeline.dayMs !== clock.dayMs)
      this.timeline = {
        of: events,
        dayMs: clock.dayMs,
        timeline: new EventTimeline(events, clock.dayMs, this.state.kinds),
      };
    return this.timeline.timeline;
  }
}

const keyOf = ({ from, to }: TargetWindow) => `${from}-${to}`;

/** The memory that a window's calibration has. */
function optionsFor(window: TargetWindow, { memory, peakMemory, rate }: CalibrationOptions): ScoreOptions {
  return { memory: window.from === window.to ? memory : peakMemory, rate };
}

/** A single bin is most similar to a single bin, a window to a window; then the nearest end decides. */
function distance(a: TargetWindow, b: TargetWindow): number {
  const kind = (a.from === a.to) === (b.from === b.to) ? 0 : 1e6;
  return kind + Math.abs(a.to - b.to);
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
