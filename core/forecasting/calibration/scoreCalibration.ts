/**
 * Standardized errors of past forecasts → the standardized quantile to forecast with, so that the share of outcomes
 * above it is the accepted one, also after a shift.
 *
 * Two parts: the quantile of the latest scores (split conformal prediction, Vovk et al. 2005), and per probability an
 * offset that follows its own misses (quantile tracking, Angelopoulos, Candès and Tibshirani 2023, "Conformal PID
 * control", eq. 4): e ← e + η (1{s > θ} − (1 − p)), whose long-run miss rate is 1 − p whatever the data do.
 */
import { PamError } from '../../errors';
import { heavyTailedQuantile } from '../../statistics/orderStatistics';
import { decodeFloats, encodeFloats } from '../encoding';
import type { Json } from '../model';

export const trackedProbabilities = [
  0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.985, 0.99, 0.995, 0.997, 0.999,
] as const;

export interface ScoreOptions {
  /** How many of the latest scores count. */
  readonly memory: number;
  /** η at a risk of 1, in units of the distance to the quantile at half the risk; it grows as risk^(−1/3), since misses get rare. */
  readonly rate: number;
}

/** For a model: `memory` is that of a single bin ahead. */
export interface CalibrationOptions extends ScoreOptions {
  /** The same for the peak of the lead window, whose rare misses decide about nodes. */
  readonly peakMemory: number;
}

/**
 * For all families. The peak remembers two weeks of minutes: what is missed at a risk of 0.3 % comes in whole days (a
 * match, a burst), and a few days hold none of them or too many.
 */
export const usualCalibration: CalibrationOptions = { memory: 4_000, peakMemory: 20_000, rate: 0.02 };

export class ScoreCalibration {
  private readonly ring: Float32Array;
  private readonly sorted: Float32Array;
  private size = 0;
  private next = 0;
  private readonly offsets: Float64Array;

  constructor(
    private readonly options: ScoreOptions,
    scores: ArrayLike<number> = [],
    offsets: ArrayLike<number> = new Float64Array(trackedProbabilities.length),
  ) {
    this.ring = new Float32Array(options.memory);
    this.sorted = new Float32Array(options.memory);
    this.offsets = Float64Array.from(offsets);
    const kept = Math.min(scores.length, options.memory);
    for (let index = 0; index < kept; index++) {
      this.ring[index] = scores[scores.length - kept + index]!;
      this.sorted[index] = this.ring[index]!;
    }
    this.size = kept;
    this.next = kept % options.memory;
    this.sorted.subarray(0, kept).sort();
  }

  /** The standardized quantile θ(p) to forecast with now. */
  quantile(probability: number): number {
    return this.scoreQuantile(probability) + this.offsetAt(probability);
  }

  /** θ at every tracked probability, to be handed back with the score it was used for. */
  tracked(): Float64Array {
    return Float64Array.from(trackedProbabilities, (probability) => this.quantile(probability));
  }

  /** Learns from one outcome: its score and the θ's that were in force when the forecast was made. */
  learn(score: number, thetas: ArrayLike<number>): void {
    trackedProbabilities.forEach((probability, index) => {
      const risk = 1 - probability;
      // The step is in a local unit of the scores: how much further out the quantile at half the risk lies.
      const unit = Math.max(1e-6, this.scoreQuantile(1 - risk / 2) - this.scoreQuantile(probability));
      const missed = score > thetas[index]! ? 1 : 0;
      const step = this.options.rate * risk ** (-1 / 3) * unit * (missed - risk);
      this.offsets[index] = Math.fround(this.offsets[index]! + step);
    });
    this.insert(Math.fround(score));
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** What is remembered, oldest first. */
  scores(): number[] {
    const { memory } = this.options;
    if (this.size < memory) return Array.from(this.ring.subarray(0, this.size));
    return [...this.ring.subarray(this.next), ...this.ring.subarray(0, this.next)];
  }

  serialize(): Json {
    return { scores: encodeFloats(this.scores()), offsets: encodeFloats(this.offsets) };
  }

  static load(state: Json | undefined, options: ScoreOptions): ScoreCalibration {
    if (state === null || typeof state !== 'object' || Array.isArray(state))
      throw new PamError('INVALID_DATA', 'model state: a calibration should be an object');
    const offsets = decodeFloats(state.offsets, 'calibration offsets');
    if (offsets.length !== trackedProbabilities.length)
      throw new PamError(
        'INVALID_DATA',
        `model state: expected ${trackedProbabilities.length} calibration offsets, found ${offsets.length}`,
      );
    return new ScoreCalibration(options, decodeFloats(state.scores, 'calibration scores'), offsets);
  }

  private scoreQuantile(probability: number): number {
    return this.size === 0 ? 0 : heavyTailedQuantile(this.sorted.subarray(0, this.size), probability);
  }

  private offsetAt(probability: number): number {
    const last = trackedProbabilities.length - 1;
    if (probability <= trackedProbabilities[0]) return this.offsets[0]!;
    if (probability >= trackedProbabilities[last]!) return this.offsets[last]!;
    let above = 1;
    while (trackedProbabilities[above]! < probability) above++;
    const low = trackedProbabilities[above - 1]!;
    const share = (probability - low) / (trackedProbabilities[above]! - low);
    return this.offsets[above - 1]! * (1 - share) + this.offsets[above]! * share;
  }

  private insert(score: number): void {
    let size = this.size;
    if (size === this.options.memory) {
      const oldest = this.position(this.ring[this.next]!, size);
      this.sorted.copyWithin(oldest, oldest + 1, size);
      size--;
    }
    const at = this.position(score, size);
    this.sorted.copyWithin(at + 1, at, size);
    this.sorted[at] = score;
    this.ring[this.next] = score;
    this.next = (this.next + 1) % this.options.memory;
    this.size = size + 1;
  }

  /** How many of the first `size` sorted scores are below `score`. */
  private position(score: number, size: number): number {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! < score) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
